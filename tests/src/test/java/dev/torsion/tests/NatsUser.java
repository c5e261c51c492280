package dev.torsion.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.nats.client.Connection;
import io.nats.client.ConnectionListener.Events;
import io.nats.client.Dispatcher;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// A program that uses a node through the public NATS client.
final class NatsUser implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Connection connection;
    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    private final CompletableFuture<Events> closed = new CompletableFuture<>();

    private NatsUser(NodeProcess node) throws Exception {
        connection =
                Nats.connect(
                        Options.builder()
                                .server("nats://" + node.port("nats"))
                                .noReconnect()
                                .connectionTimeout(PATIENCE)
                                .errorListener(new ErrorListener() {})
                                .connectionListener((_, event) -> happened(event))
                                .build());
    }

    static NatsUser at(NodeProcess node) throws Exception {
        return new NatsUser(node);
    }

    private void happened(Events event) {
        if (event == Events.CLOSED) {
            closed.complete(event);
        }
    }

    /// Hears what is published there, as a member of the group if it is not empty, and answers on
    /// `topic`.ping.
    NatsUser listenTo(String topic, String group, String name) throws Exception {
        Dispatcher listener =
                connection.createDispatcher(
                        message -> heard.add(new String(message.getData(), UTF_8)));
        if (group.isEmpty()) {
            listener.subscribe(topic);
        } else {
            listener.subscribe(topic, group);
        }
        // Asked for later than the topic, so known to other nodes later: who gets an answer knows
        // that the topic's listener is known as well.
        connection
                .createDispatcher(
                        message -> connection.publish(message.getReplyTo(), message.getData()))
                .subscribe("ping." + name);
        connection.flush(PATIENCE);
        return this;
    }

    /// Waits until this user's node knows that listener.
    void awaitListener(String name) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            try {
                connection.request("ping." + name, new byte[0]).get(1, TimeUnit.SECONDS);
                return;
            } catch (ExecutionException | TimeoutException | CancellationException e) {
                Thread.onSpinWait(); // nobody listens there yet
            }
        }
        throw new AssertionError("no answer of " + name + " within " + PATIENCE);
    }

    /// Publishes numbered events, and waits until the node has them.
    void publish(String topic, int from, int to) throws Exception {
        for (int i = from; i < to; i++) {
            connection.publish(topic, ("" + i).getBytes(UTF_8));
        }
        connection.flush(PATIENCE);
    }

    /// The next events that were heard.
    List<String> next(int count) throws InterruptedException {
        List<String> events = new ArrayList<>();
        while (events.size() < count) {
            String event = heard.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            assertThat(event).as("after " + events.size() + " of " + count).isNotNull();
            events.add(event);
        }
        return events;
    }

    /// What was heard until the node ended the connection.
    List<String> rest() throws Exception {
        closed.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        List<String> events = new ArrayList<>();
        heard.drainTo(events);
        return events;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
