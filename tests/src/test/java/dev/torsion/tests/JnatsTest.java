package dev.torsion.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.bus.Draft;
import dev.torsion.bus.Event;
import dev.torsion.bus.Header;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.ConnectionListener.Events;
import io.nats.client.Dispatcher;
import io.nats.client.ErrorListener;
import io.nats.client.Message;
import io.nats.client.Nats;
import io.nats.client.Options;
import io.nats.client.Subscription;
import io.nats.client.impl.Headers;
import io.nats.client.impl.NatsMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The public NATS client for Java at a node's door.
@Timeout(300)
final class JnatsTest {
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final int MAX_PAYLOAD = 1 << 20;

    private final NatsDoorSetting node = new NatsDoorSetting();
    private final List<Connection> connections = new ArrayList<>();
    private final BlockingQueue<Events> happenings = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> errors = new LinkedBlockingQueue<>();

    @AfterEach
    void stop() throws Exception {
        for (Connection connection : connections) {
            connection.close();
        }
        node.close();
    }

    private Connection connect() throws Exception {
        return connect(new Options.Builder());
    }

    private Connection connect(Options.Builder options) throws Exception {
        ErrorListener errorListener =
                new ErrorListener() {
                    @Override
                    public void errorOccurred(Connection connection, String error) {
                        errors.add(error);
                    }
                };
        ConnectionListener connectionListener =
                (Connection connection, Events event) -> happenings.add(event);
        Connection connection =
                Nats.connect(
                        options.server(node.url())
                                .reconnectWait(Duration.ofMillis(20))
                                .errorListener(errorListener)
                                .connectionListener(connectionListener)
                                .build());
        connections.add(connection);
        return connection;
    }

    private void awaitHappening(Events wanted) throws InterruptedException {
        Events found = happenings.poll(60, TimeUnit.SECONDS);
        while (found != null && found != wanted) {
            found = happenings.poll(60, TimeUnit.SECONDS);
        }
        assertThat(found).isEqualTo(wanted);
    }

    private static String text(@Nullable Message message) {
        return new String(requireNonNull(message, "no message came").getData(), UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Test
    void publishesAndSubscribes() throws Exception {
        Connection connection = connect();
        Subscription subscription = connection.subscribe("readings.>");
        connection.publish("other", bytes("not this"));
        connection.publish("readings.sensor-7", bytes("21.5"));
        Message message = subscription.nextMessage(LONG);
        assertThat(message.getSubject()).isEqualTo("readings.sensor-7");
        assertThat(text(message)).isEqualTo("21.5");
        assertThat(connection.getServerInfo().getServerName()).isEqualTo("edge");
    }

    @Test
    void keepsTheOrderOfAPublisherAndLosesNothing() throws Exception {
        Subscription subscription = connect().subscribe("numbers");
        flush(connections.getFirst());
        Connection publisher = connect();
        for (int i = 0; i < 20_000; i++) {
            publisher.publish("numbers", bytes(Integer.toString(i)));
        }
        for (int i = 0; i < 20_000; i++) {
            assertThat(text(subscription.nextMessage(LONG))).isEqualTo(Integer.toString(i));
        }
        assertThat(node.bus().stats().droppedTotal()).isZero();
        assertThat(node.door().stats().published()).isEqualTo(20_000);
    }

    @Test
    void meetsTheComponentsOfTheNode() throws Exception {
        BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        node.bus().subscribe(new TopicPattern("to-node"), events::add, SubscribeOptions.defaults());
        Connection connection = connect();
        Subscription subscription = connection.subscribe("to-client");
        connection.publish("to-node", bytes("hello"));
        Event event = events.poll(60, TimeUnit.SECONDS);
        assertThat(event).isNotNull();
        assertThat(event.text()).isEqualTo("hello");
        Event sent =
                node.bus()
                        .publish(
                                Draft.to("to-client").withText("hi").withAttribute("subject", "ä"));
        Headers headers = subscription.nextMessage(LONG).getHeaders();
        assertThat(headers.getFirst("ce-id")).isEqualTo(sent.id());
        assertThat(headers.getFirst("ce-source")).isEqualTo("/edge");
        assertThat(headers.getFirst("ce-subject")).isEqualTo("%C3%A4");
    }

    @Test
    void sharesTheWorkOfAQueueGroup() throws Exception {
        int members = 4;
        int messages = 1_000;
        List<AtomicInteger> counts = new ArrayList<>();
        BlockingQueue<String> received = new LinkedBlockingQueue<>();
        for (int i = 0; i < members; i++) {
            AtomicInteger count = new AtomicInteger();
            counts.add(count);
            Connection member = connect();
            Dispatcher dispatcher =
                    member.createDispatcher(message -> {
                        count.incrementAndGet();
                        received.add(text(message));
                    });
            dispatcher.subscribe("jobs", "workers");
            flush(member);
        }
        Connection publisher = connect();
        for (int i = 0; i < messages; i++) {
            publisher.publish("jobs", bytes("job " + i));
        }
        List<String> all = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            all.add(received.poll(60, TimeUnit.SECONDS));
        }
        assertThat(all).doesNotContainNull().doesNotHaveDuplicates();
        assertThat(counts)
                .allSatisfy(count -> assertThat(count.get()).isEqualTo(messages / members));
    }

    @Test
    void carriesHeaders() throws Exception {
        BlockingQueue<Event> events = new LinkedBlockingQueue<>();
        node.bus().subscribe(new TopicPattern("sales"), events::add, SubscribeOptions.defaults());
        Connection connection = connect();
        Subscription subscription = connection.subscribe("sales");
        Headers headers =
                new Headers()
                        .put("ce-type", "sold")
                        .put("ce-subject", "till%204")
                        .add("Trace", "one", "two words")
                        .put("empty", "");
        connection.publish("sales", headers, bytes("17"));
        Headers back = subscription.nextMessage(LONG).getHeaders();
        assertThat(back.get("Trace")).containsExactly("one", "two words");
        assertThat(back.get("empty")).containsExactly("");
        assertThat(back.get("ce-type")).containsExactly("sold");
        assertThat(back.get("ce-subject")).containsExactly("till%204");
        Event event = events.poll(60, TimeUnit.SECONDS);
        assertThat(event).isNotNull();
        assertThat(event.type()).isEqualTo("sold");
        assertThat(event.attributes()).containsEntry("subject", "till 4");
        assertThat(event.headers())
                .contains(new Header("Trace", "one"), new Header("Trace", "two words"));
    }

    @Test
    void asksAndAnswers() throws Exception {
        Connection service = connect();
        service.createDispatcher(question ->
                        service.publish(
                                question.getReplyTo(), bytes("answer to " + text(question))))
                .subscribe("questions");
        flush(service);
        Message answer = connect().request("questions", bytes("one"), LONG);
        assertThat(text(answer)).isEqualTo("answer to one");
        Event fromNode =
                node.bus()
                        .request(Draft.to("questions").withText("two"), LONG)
                        .toCompletableFuture()
                        .get(60, TimeUnit.SECONDS);
        assertThat(fromNode.text()).isEqualTo("answer to two");
    }

    @Test
    void hearsAtOnceThatNobodyAnswers() throws Exception {
        Connection connection = connect();
        assertThatThrownBy(() -> connection.request("nobody", bytes("?")).get(60, TimeUnit.SECONDS))
                .isInstanceOfAny(CancellationException.class, ExecutionException.class);
        Connection reporting = connect(new Options.Builder().reportNoResponders());
        assertThatThrownBy(() -> reporting.request("nobody", bytes("?")).get(60, TimeUnit.SECONDS))
                .hasMessageContaining("503");
    }

    @Test
    void unsubscribesAfterSoMany() throws Exception {
        Connection connection = connect();
        Subscription subscription = connection.subscribe("numbers");
        subscription.unsubscribe(3);
        for (int i = 0; i < 10; i++) {
            connection.publish("numbers", bytes(Integer.toString(i)));
        }
        flush(connection);
        for (int i = 0; i < 3; i++) {
            assertThat(text(subscription.nextMessage(LONG))).isEqualTo(Integer.toString(i));
        }
        assertThat(subscription.isActive()).isFalse();
        assertThat(node.door().stats().written()).isEqualTo(3);
    }

    @Test
    void drainsWithoutLosingWhatWasPublishedBefore() throws Exception {
        Connection connection = connect();
        AtomicInteger received = new AtomicInteger();
        connection.createDispatcher(_ -> received.incrementAndGet()).subscribe("numbers");
        flush(connection);
        for (int i = 0; i < 5_000; i++) {
            node.bus().publish(Draft.to("numbers"));
        }
        assertThat(connection.drain(LONG).get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(received).hasValue(5_000);
    }

    @Test
    void carriesTheLargestPayload() throws Exception {
        Connection connection = connect();
        assertThat(connection.getMaxPayload()).isEqualTo(MAX_PAYLOAD);
        Subscription subscription = connection.subscribe("large");
        byte[] data = new byte[MAX_PAYLOAD];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) (i * 31);
        }
        for (int i = 0; i < 5; i++) {
            connection.publish("large", data);
        }
        for (int i = 0; i < 5; i++) {
            assertThat(subscription.nextMessage(LONG).getData()).isEqualTo(data);
        }
    }

    @Test
    void isToldThatAPayloadIsTooLarge() throws Exception {
        Connection connection = connect(new Options.Builder().clientSideLimitChecks(false));
        connection.publish("large", new byte[MAX_PAYLOAD + 1]);
        assertThat(errors.poll(60, TimeUnit.SECONDS)).contains("Maximum Payload Violation");
    }

    @Test
    void isToldThatASubjectCannotBe() throws Exception {
        Connection connection = connect();
        connection.publish(
                NatsMessage.builder().subject("a.".repeat(70) + "a").data("x", UTF_8).build());
        assertThat(errors.poll(60, TimeUnit.SECONDS))
                .contains("Invalid Publish Subject")
                .contains("more than 64 tokens");
        flush(connection);
    }

    @Test
    void comesBackAfterTheDoorWasClosed() throws Exception {
        Connection connection = connect(new Options.Builder().maxReconnects(-1));
        Subscription subscription = connection.subscribe("news");
        flush(connection);
        node.restart();
        awaitHappening(Events.LAME_DUCK);
        awaitHappening(Events.RECONNECTED);
        awaitHappening(Events.RESUBSCRIBED);
        flush(connection);
        node.bus().publish(Draft.to("news").withText("again"));
        assertThat(text(subscription.nextMessage(LONG))).isEqualTo("again");
        assertThat(connection.getServerInfo().getServerId()).isEqualTo("edge-2");
    }

    private static void flush(Connection connection) throws Exception {
        connection.flush(LONG);
    }
}
