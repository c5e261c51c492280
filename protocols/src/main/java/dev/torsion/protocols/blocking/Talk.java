package dev.torsion.protocols.blocking;

import static java.util.Objects.requireNonNull;

import dev.torsion.protocols.FramingProtocol;
import dev.torsion.protocols.Layer;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Thrown;
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
    private Protocol fed = new Messages(); // by the connection: or a layer, which feeds others
    private boolean overLayer;
    private Framing.Framed<M> framed;
    private @Nullable Transport connection;
    private @Nullable Transport transport; // the connection, or what goes through the layer
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
                        .callInThread(this::talk)
                        .whenComplete((ended, thrown) -> over(thrown == null ? ended : thrown));
    }

    /// In the thread.
    ///
    /// @return what ended it that is no failure of its own: a reactor that has given it up at the
    ///   shutdown deadline does not tell of that as of one
    private @Nullable Exception talk() throws Exception {
        peer.takenBy(Thread.currentThread());
        try {
            conversation.talk(peer);
            return null;
        } catch (Exception thrown) {
            if (isAsked(thrown) || peer.isPeers(thrown)) {
                return thrown;
            }
            throw thrown;
        } finally {
            returned = true;
        }
    }

    private void goThrough(Transport made) {
        transport = made;
        peer.begin(made, framed);
        framed.connectionMade(made);
        tellsBetween = framed instanceof FramingProtocol || framed.isBetweenMessages();
    }

    private void over(@Nullable Throwable thrown) {
        Transport open = requireNonNull(transport);
        if (thrown == null || isAsked(thrown)) {
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

    /// Whether that was the reactor's stop, whatever the conversation has put around it.
    private static boolean isAsked(Throwable thrown) {
        return Thrown.causes(thrown).stream().anyMatch(CloseAskedException.class::isInstance);
    }

    /// See [BlockingConnection#startTls].
    ///
    /// @return completes when the handshake is over; not if the connection is lost before
    private Deferred<Boolean> startTls(@Nullable M last, Layer tls) throws IOException {
        Transport plain = requireNonNull(connection);
        if (lost) {
            return new Deferred<>(plain.reactor());
        }
        if (overLayer) {
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
        Protocol layer = tls.under(new SecuredMessages(up));
        fed = layer;
        overLayer = true;
        framed = framing.protocol(peer.inbox());
        before.connectionLost(new CloseReason.Done());
        layer.connectionMade(plain);
        return up;
    }

    @Override
    public void dataReceived(Bytes data) {
        fed.dataReceived(data);
    }

    @Override
    public void writableAgain() {
        fed.writableAgain();
    }

    /// Of TLS there is no half.
    @Override
    public void readConnectionLost() {
        if (overLayer) {
            requireNonNull(connection).loseConnection();
            return;
        }
        if (framed instanceof FramingProtocol cutting) {
            cutting.inputEnded();
        }
        if (framed instanceof HalfCloseable half) {
            half.readConnectionLost();
        }
        lookForTheRest();
        peer.inputEnded();
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
        fed.closeAsked(asked);
    }

    @Override
    public void connectionLost(CloseReason reason) {
        fed.connectionLost(reason);
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

    /// The conversation as it is fed, by the connection or a layer.
    private class Messages implements Protocol {
        @Override
        public void dataReceived(Bytes data) {
            framed.dataReceived(data);
        }

        @Override
        public void writableAgain() {
            framed.writableAgain();
            peer.writableAgain();
        }

        @Override
        public void closeAsked(Transport asked) {
            peer.closeAsked();
        }

        @Override
        public void connectionLost(CloseReason reason) {
            ended(reason, connection != null);
        }
    }

    private final class SecuredMessages extends Messages {
        private final Deferred<Boolean> up;
        private boolean made;

        SecuredMessages(Deferred<Boolean> up) {
            this.up = up;
        }

        @Override
        public void connectionMade(Transport secured) {
            made = true;
            goThrough(secured);
            up.succeed(true);
        }

        @Override
        public void connectionLost(CloseReason reason) {
            ended(reason, made);
        }
    }
}
