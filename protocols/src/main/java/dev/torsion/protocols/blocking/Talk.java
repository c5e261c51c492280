package dev.torsion.protocols.blocking;

import static java.util.Objects.requireNonNull;

import dev.torsion.protocols.FramingProtocol;
import dev.torsion.protocols.Layer;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The side of a [Conversation] that lives on the loop: feeds its protocol, starts its thread, and
/// closes the connection when that has ended. It half-closes, so that the peer's end is the end of
/// the conversation's input and not of its output.
///
/// From the start of TLS on the connection feeds a layer, and that a protocol of its own, made by
/// the same framing: no byte of what came in plain text can be in it.
final class Talk<M> implements HalfCloseable {
    private static final Logger log = LoggerFactory.getLogger(Conversation.class);

    private final Framing<M> framing;
    private final Conversation<M> conversation;
    private final BlockingConnection<M> peer;
    private Framing.Framed<M> framed;
    private @Nullable Transport connection;
    private @Nullable Transport transport; // the connection, or what goes through the layer
    private @Nullable Protocol layer;
    private @Nullable Throwable failure;
    private boolean tellsBetween; // the framing, whether it is between two messages
    private boolean lost;
    private volatile boolean returned; // or has thrown

    Talk(Framing<M> framing, Conversation<M> conversation) {
        this.framing = framing;
        this.conversation = conversation;
        peer = new BlockingConnection<>(this::startTls);
        framed = framing.protocol(peer.inbox());
    }

    @Override
    public void connectionMade(Transport made) {
        connection = made;
        goThrough(made);
        var _ =
                made.reactor()
                        .callInThread(() -> {
                            peer.takenBy(Thread.currentThread());
                            try {
                                conversation.talk(peer);
                                return true;
                            } finally {
                                returned = true;
                            }
                        })
                        .whenComplete((_, thrown) -> over(thrown));
    }

    private void goThrough(Transport made) {
        transport = made;
        peer.begin(made, framed);
        framed.connectionMade(made);
        tellsBetween = framed instanceof FramingProtocol || framed.isBetweenMessages();
    }

    private void over(@Nullable Throwable thrown) {
        Transport open = requireNonNull(transport);
        if (thrown == null) {
            open.loseConnection();
        } else if (!returned || peer.isPeers(thrown)) {
            // The reactor, which gives up what goes on at its deadline, has told of that itself.
            failure = thrown;
            if (!lost) {
                open.abortConnection();
            }
            log.debug("the conversation with {} ends: {}", open.peer(), thrown.getMessage());
        } else if (!lost) {
            failure = thrown;
            open.failConnection(thrown);
        } else {
            log.error(
                    "the conversation with {} failed when its connection was gone",
                    open.peer(),
                    thrown);
        }
    }

    /// See [BlockingConnection#startTls].
    ///
    /// @return completes when the handshake is over; not if the connection is lost before
    private Deferred<Boolean> startTls(@Nullable M last, Layer tls) throws IOException {
        Transport plain = requireNonNull(connection);
        if (lost) {
            return new Deferred<>(plain.reactor());
        }
        if (layer != null) {
            throw new IllegalStateException("TLS was started on this connection before");
        }
        try {
            peer.requireNothingUnread(framed);
        } catch (IOException unread) {
            plain.abortConnection();
            throw unread;
        }
        if (last != null) {
            framed.send(last);
        }
        Framing.Framed<M> before = framed;
        Deferred<Boolean> up = new Deferred<>(plain.reactor());
        Protocol fed = tls.under(new OverLayer(up));
        layer = fed;
        framed = framing.protocol(peer.inbox());
        before.connectionLost(new CloseReason.Done());
        fed.connectionMade(plain);
        return up;
    }

    @Override
    public void dataReceived(Bytes data) {
        (layer == null ? framed : layer).dataReceived(data);
    }

    @Override
    public void writableAgain() {
        if (layer == null) {
            roomAgain();
        } else {
            layer.writableAgain();
        }
    }

    private void roomAgain() {
        framed.writableAgain();
        peer.writableAgain();
    }

    /// Of TLS there is no half.
    @Override
    public void readConnectionLost() {
        if (layer == null) {
            if (framed instanceof FramingProtocol cutting) {
                cutting.inputEnded();
            }
            if (framed instanceof HalfCloseable half) {
                half.readConnectionLost();
            }
            lookForTheRest();
            peer.inputEnded();
        } else {
            requireNonNull(connection).loseConnection();
        }
    }

    /// Of a message that has begun to arrive no more will come, whether the framing says so or not.
    private void lookForTheRest() {
        boolean between =
                framed instanceof FramingProtocol cutting
                        ? cutting.isBetweenUnits()
                        : framed.isBetweenMessages();
        if (tellsBetween && !between) {
            peer.cutOff();
        }
    }

    @Override
    public void closeAsked(Transport asked) {
        (layer == null ? framed : layer).closeAsked(asked);
    }

    @Override
    public void connectionLost(CloseReason reason) {
        if (layer == null) {
            ended(reason, connection != null);
        } else {
            layer.connectionLost(reason);
        }
    }

    /// @param made whether the protocol was told of a connection
    private void ended(CloseReason reason, boolean made) {
        lost = true;
        CloseReason why = failure == null ? reason : new CloseReason.Failed(failure);
        try {
            if (made) {
                try {
                    if (!(why instanceof CloseReason.Failed)
                            && framed instanceof FramingProtocol cutting) {
                        peer.takesTheRest();
                        cutting.inputEnded();
                    }
                } finally {
                    framed.connectionLost(why);
                    lookForTheRest();
                }
            }
        } finally {
            peer.lost(why);
        }
    }

    /// What goes through the layer.
    private final class OverLayer implements Protocol {
        private final Deferred<Boolean> up;
        private boolean made;

        OverLayer(Deferred<Boolean> up) {
            this.up = up;
        }

        @Override
        public void connectionMade(Transport secured) {
            made = true;
            goThrough(secured);
            up.succeed(true);
        }

        @Override
        public void dataReceived(Bytes data) {
            framed.dataReceived(data);
        }

        @Override
        public void writableAgain() {
            roomAgain();
        }

        @Override
        public void closeAsked(Transport asked) {
            framed.closeAsked(asked);
        }

        @Override
        public void connectionLost(CloseReason reason) {
            ended(reason, made);
        }
    }
}
