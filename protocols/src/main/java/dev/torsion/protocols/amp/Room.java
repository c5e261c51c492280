package dev.torsion.protocols.amp;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/// What an AMP connection writes, and those who tell the peer something and wait while the
/// transport has no room for more.
final class Room {
    private final Transport transport;
    private final List<Tell> waiting = new ArrayList<>(); // the hard limit is theirs too
    private long written;
    private long taken; // by the peer, when that was last looked at

    /// Something that was written when there was no room.
    private record Tell(String command, Deferred<Void> outcome) {}

    Room(Transport transport) {
        this.transport = transport;
    }

    /// Writes it at once.
    ///
    /// @return as [Transport#write]
    boolean write(Bytes box) {
        written += box.size();
        return transport.write(box);
    }

    /// Writes it at once.
    ///
    /// @return completes when there is room for more
    CompletionStage<Void> tell(String command, Bytes box) {
        if (write(box)) {
            return Deferred.succeeded(transport.reactor(), null);
        }
        Deferred<Void> outcome = new Deferred<>(transport.reactor());
        var _ = outcome.handle((_, _) -> true); // who does not wait does not want to know
        waiting.add(new Tell(command, outcome));
        return outcome;
    }

    /// Whether the peer has taken something of what was written since this was last asked.
    boolean isTaken() {
        long before = taken;
        taken = Math.max(before, written - transport.pendingBytes());
        return taken > before;
    }

    /// There is room; or nobody will say when there is, as the connection changes.
    void again() {
        takeWaiting().forEach(tell -> tell.outcome.succeed(null));
    }

    /// There will be none.
    ///
    /// @param why makes the failure, given the command's name
    void lost(Function<String, AmpException> why) {
        takeWaiting().forEach(tell -> tell.outcome.failUnlessGivenUp(why.apply(tell.command)));
    }

    private List<Tell> takeWaiting() {
        List<Tell> all = List.copyOf(waiting);
        waiting.clear();
        return all;
    }
}
