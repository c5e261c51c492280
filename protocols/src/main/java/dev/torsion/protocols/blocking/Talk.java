package dev.torsion.protocols.blocking;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.Transport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The side of a [Conversation] that lives on the loop: feeds its protocol, starts its thread, and
/// closes the connection when that has ended. It half-closes, so that the peer's end is the end of
/// the conversation's input and not of its output.
final class Talk<M> implements HalfCloseable {
    private static final Logger log = LoggerFactory.getLogger(Conversation.class);

    private final Conversation<M> conversation;
    private final BlockingConnection<M> peer;
    private final Framing.Framed<M> framed;
    private @Nullable Transport transport;
    private @Nullable Throwable failure;
    private boolean lost;

    Talk(Framing<M> framing, Conversation<M> conversation) {
        this.conversation = conversation;
        peer = new BlockingConnection<>();
        framed = framing.protocol(peer.inbox());
    }

    @Override
    public void connectionMade(Transport made) {
        transport = made;
        peer.begin(made, framed);
        framed.connectionMade(made);
        var _ =
                made.reactor()
                        .callInThread(() -> {
                            peer.takenBy(Thread.currentThread());
                            conversation.talk(peer);
                            return true;
                        })
                        .whenComplete((_, thrown) -> over(thrown));
    }

    private void over(@Nullable Throwable thrown) {
        Transport open = requireNonNull(transport);
        if (thrown == null) {
            open.loseConnection();
        } else if (!lost) {
            failure = thrown;
            open.failConnection(thrown);
        } else if (!(thrown instanceof ConnectionLostException)) {
            log.error("the conversation with {} failed after its end", open.peer(), thrown);
        }
    }

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
    public void readConnectionLost() {
        peer.inputEnded();
    }

    @Override
    public void closeAsked(Transport asked) {
        framed.closeAsked(asked);
    }

    @Override
    public void connectionLost(CloseReason reason) {
        lost = true;
        CloseReason why = failure == null ? reason : new CloseReason.Failed(failure);
        peer.lost(why);
        framed.connectionLost(why);
    }
}
