package dev.torsion.gateways.nats;

import static java.util.Objects.requireNonNull;

import dev.torsion.bus.Draft;
import dev.torsion.bus.Event;
import dev.torsion.bus.EventBus;
import dev.torsion.bus.Header;
import dev.torsion.bus.LimitReachedException;
import dev.torsion.bus.Overflow;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.Subscription;
import dev.torsion.bus.Topic;
import dev.torsion.bus.TopicPattern;
import dev.torsion.gateways.nats.ClientCommand.Connect;
import dev.torsion.gateways.nats.ClientCommand.Invalid;
import dev.torsion.gateways.nats.ClientCommand.Ping;
import dev.torsion.gateways.nats.ClientCommand.Pong;
import dev.torsion.gateways.nats.ClientCommand.Publish;
import dev.torsion.gateways.nats.ClientCommand.Subscribe;
import dev.torsion.gateways.nats.ClientCommand.Unsubscribe;
import dev.torsion.protocols.FramingProtocol;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.DelayedCall;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One client: does what it says, and writes it what it subscribed. Every message it publishes
/// becomes an event, or is answered with an error.
final class ClientConnection extends FramingProtocol {
    private static final Logger log = LoggerFactory.getLogger(NatsDoor.class);

    private final NatsDoor door;
    private final EventBus bus;
    private final NatsOptions limits;
    private final long id;
    private final String source;
    private final ClientParser parser;
    private final OwnEvents ownEvents;
    private final Map<String, ClientSubscription> bySid = new LinkedHashMap<>();
    private final Map<ClientSubscription, Subscription> open = new LinkedHashMap<>();
    private ConnectOptions options = ConnectOptions.DEFAULTS;
    private CompletionStage<Void> drains = CompletableFuture.completedStage(null);
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private @Nullable Outbox outbox;
    private @Nullable DelayedCall pingTimer;
    private boolean heard;
    private boolean leaving;
    private int pingsOut;
    private boolean over;

    ClientConnection(NatsDoor door, long id) {
        this.door = door;
        this.bus = door.bus();
        this.limits = door.options();
        this.id = id;
        this.source = "/" + bus.options().node() + "/nats/" + id;
        this.parser = new ClientParser(limits.maxControlLine(), maxPayload(), this::obey);
        this.ownEvents = new OwnEvents(source);
    }

    private int maxPayload() {
        return bus.options().maxDataBytes();
    }

    // ---- life ----

    @Override
    protected void connected() {
        outbox = new Outbox(transport());
        String refusal = door.join(id, this);
        if (!refusal.isEmpty()) {
            fail(refusal);
            return;
        }
        writeInfo(false);
        pingLater();
    }

    private void writeInfo(boolean lameDuck) {
        answer(
                ServerMessages.info(
                        limits,
                        maxPayload(),
                        id,
                        transport().host(),
                        transport().peer(),
                        lameDuck));
    }

    private void pingLater() {
        pingTimer = transport().reactor().callLater(limits.pingInterval(), this::silenceChecked);
    }

    private void silenceChecked() {
        if (heard) {
            pingsOut = 0;
        } else if (pingsOut == limits.maxPingsOut()) {
            door.books().staleConnections.increment();
            fail("Stale Connection");
            return;
        } else {
            pingsOut++;
            answer(ServerMessages.PING);
        }
        heard = false;
        pingLater();
    }

    /// The node is about to leave: refuses what the client publishes. Thread-safe.
    ///
    /// @return completes when the last message that was taken is on the bus
    CompletionStage<Void> takeNoMore() {
        CompletableFuture<Void> done = new CompletableFuture<>();
        onLoop(() -> {
            sayThatTheNodeLeaves();
            done.complete(null);
        });
        return done;
    }

    private void sayThatTheNodeLeaves() {
        boolean first = !leaving;
        leaving = true;
        if (first && !over && options.protocol() > 0) {
            writeInfo(true);
        }
    }

    /// The node leaves. Thread-safe.
    ///
    /// @return completes when all that waited has been written
    CompletionStage<Void> leave() {
        onLoop(() -> {
            if (over) {
                return;
            }
            sayThatTheNodeLeaves();
            List.copyOf(bySid.values()).forEach(this::drain);
            drains.thenRunAsync(() -> outbox().whenEmpty(this::end), this::onLoop);
        });
        return gone.copy();
    }

    @Override
    protected int unfinishedBytes() {
        return parser.unfinishedBytes();
    }

    @Override
    protected void disconnected(CloseReason reason) {
        log.debug("NATS client {} ({}) is gone: {}", id, options.name(), reason);
        end();
    }

    private void fail(String error) {
        log.debug("NATS client {} ({}) is disconnected: {}", id, options.name(), error);
        door.books().dropped.add(outbox().drop());
        outbox().write(Text.error(error));
        end();
    }

    private void end() {
        if (over) {
            return;
        }
        over = true;
        door.left(id);
        if (pingTimer != null) {
            pingTimer.cancel();
        }
        bySid.clear();
        List.copyOf(open.values()).forEach(Subscription::close);
        open.clear();
        door.books().dropped.add(outbox().drop());
        transport().loseConnection();
        gone.complete(null);
    }

    private Outbox outbox() {
        return requireNonNull(outbox, "no connection was made yet");
    }

    private void onLoop(Runnable action) {
        transport().reactor().callFromThread(action);
    }

    @Override
    protected void roomAgain() {
        outbox().writableAgain();
    }

    // ---- what the client says ----

    @Override
    protected int consume(Bytes chunk, int from) {
        heard = true;
        return parser.consume(chunk, from);
    }

    private void obey(ClientCommand command) {
        switch (command) {
            case Connect connect -> connect(connect.options());
            case Publish publish -> publish(publish);
            case Subscribe subscribe -> subscribe(subscribe);
            case Unsubscribe unsubscribe -> unsubscribe(unsubscribe);
            case Ping _ -> answerPing();
            case Pong _ -> {}
            case Invalid invalid -> fail(invalid.error());
        }
    }

    private void connect(ConnectOptions told) {
        options = told;
        if (told.noResponders() && !told.headers()) {
            fail("no responders requires headers support");
            return;
        }
        done();
    }

    private void done() {
        if (options.verbose()) {
            answer(ServerMessages.OK);
        }
    }

    private void refuse(String error) {
        answer(Text.error(error));
    }

    private void answer(Bytes bytes) {
        outbox().write(bytes);
        checkPending();
    }

    private void publish(Publish message) {
        if (leaving) {
            door.books().refused.increment();
            refuse("Server Shutdown: the node is leaving and takes no more messages");
            return;
        }
        Bytes block = message.headerBlock();
        if (block != null && !options.headers()) {
            door.books().refused.increment();
            fail("message headers not supported: CONNECT did not say headers");
            return;
        }
        String wrong = "Invalid Publish Subject";
        try {
            Topic topic = Topic.of(message.subject());
            String reply = message.replyTo();
            Topic replyTo = reply == null ? null : Topic.of(reply);
            wrong = "Invalid Message";
            List<Header> headers = block == null ? List.of() : HeaderBlock.parse(block);
            publish(CloudEventHeaders.draft(topic, replyTo, source, headers, message.payload()));
        } catch (IllegalArgumentException e) {
            door.books().refused.increment();
            refuse(wrong + ": " + e.getMessage());
        }
    }

    private void publish(Draft draft) {
        Event event = bus.publish(draft);
        if (!options.echo()) {
            ownEvents.add(event);
        }
        door.books().published.increment();
        done();
    }

    /// A second SUB with the same sid changes nothing, as in nats-server.
    private void subscribe(Subscribe wish) {
        if (!bySid.containsKey(wish.sid())) {
            try {
                open(wish);
            } catch (LimitReachedException e) {
                refuse("maximum subscriptions exceeded: " + e.getMessage());
                return;
            } catch (IllegalArgumentException e) {
                refuse("Invalid Subject: " + e.getMessage());
                return;
            }
        }
        done();
    }

    private void open(Subscribe wish) {
        if (bySid.size() >= limits.maxSubscriptions()) {
            throw new LimitReachedException(
                    "a client may have " + limits.maxSubscriptions() + " at once");
        }
        TopicPattern pattern = new TopicPattern(wish.subject());
        SubscribeOptions how =
                new SubscribeOptions(
                        wish.group(), limits.maxPendingEvents(), Overflow.CLOSE, this::onLoop);
        ClientSubscription subscription =
                new ClientSubscription(this, wish.sid(), wish.group() != null, pattern);
        open.put(subscription, bus.subscribe(pattern, subscription, how));
        bySid.put(wish.sid(), subscription);
    }

    /// What was published before it is still written.
    private void unsubscribe(Unsubscribe wish) {
        ClientSubscription subscription = bySid.get(wish.sid());
        if (subscription != null) {
            if (wish.max() == 0) {
                drain(subscription);
            } else if (subscription.endAfter(wish.max())) {
                close(subscription);
            }
        }
        done();
    }

    private void drain(ClientSubscription subscription) {
        bySid.remove(subscription.sid());
        Subscription draining = open.get(subscription);
        if (draining != null) {
            CompletionStage<Void> drained = draining.drain();
            drained.thenRunAsync(() -> open.remove(subscription), this::onLoop);
            drains = drains.thenCombine(drained, (_, _) -> null);
        }
    }

    private void close(ClientSubscription subscription) {
        bySid.remove(subscription.sid(), subscription);
        Subscription closing = open.remove(subscription);
        if (closing != null) {
            closing.close();
        }
    }

    /// PONG says that all before PING is done: it comes after what unsubscribing still had to
    /// write.
    private void answerPing() {
        drains.thenRunAsync(() -> answer(ServerMessages.PONG), this::onLoop);
    }

    // ---- what the client is told ----

    void deliver(ClientSubscription subscription, Event event) {
        boolean status = event.type().equals(EventBus.NO_LISTENERS_TYPE);
        if (status
                ? !(options.noResponders() && subscription.takesStatus())
                : isEcho(subscription, event)) {
            door.books().withheld.increment();
            return;
        }
        outbox().writeMessage(message(event, subscription.sid(), status));
        door.books().written.increment();
        if (subscription.countWritten()) {
            close(subscription);
        }
        checkPending();
    }

    private boolean isEcho(ClientSubscription subscription, Event event) {
        return !options.echo() && !subscription.shared() && ownEvents.contains(event);
    }

    private Bytes message(Event event, String sid, boolean status) {
        if (status) {
            return ServerMessages.noResponders(event, sid);
        }
        return options.headers()
                ? ServerMessages.messageWithHeaders(event, sid)
                : ServerMessages.message(event, sid);
    }

    private void checkPending() {
        long waiting = outbox().waitingCost();
        if (waiting > limits.maxPendingBytes()) {
            slowConsumer(waiting + " bytes wait to be read");
        }
    }

    void slowConsumer(String why) {
        if (!over) {
            log.warn(
                    "NATS client {} ({}, {}) does not read fast enough: {}",
                    id,
                    options.name(),
                    transport().peer(),
                    why);
            door.books().slowConsumers.increment();
            fail("Slow Consumer");
        }
    }
}
