package dev.torsion.protocols.amp;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;

/// What an AMP connection writes, and who waits while the transport has no room for more: those who
/// tell the peer something, and the peer, which is not read as long as it does not take its
/// answers.
final class Room {
    private final Transport transport;
    private final Runnable holdReading;
    private final Runnable releaseReading;
    private final List<Tell> waiting = new ArrayList<>(); // the hard limit is theirs too
    private long written;
    private long taken; // by the peer, when that was last looked at
    private boolean held;
    private boolean full;

    /// Something that was written when there was no room.
    private record Tell(String command, Deferred<Void> outcome) {}

    Room(Transport transport, Runnable holdReading, Runnable releaseReading) {
        this.transport = transport;
        this.holdReading = holdReading;
        this.releaseReading = releaseReading;
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

    /// The peer is not read until there is room.
    void hold() {
        if (!held) {
            held = true;
            taken = takenNow();
            holdReading.run();
        }
    }

    /// The peer is not read until there is room for another question: [#notFull].
    void holdFull() {
        full = true;
        holdReading.run();
    }

    void notFull() {
        if (full) {
            full = false;
            look();
        }
    }

    /// The peer is read whether there is room or not.
    void readOn() {
        held = false;
        full = false;
        look();
    }

    private void look() {
        if (!held && !full) {
            releaseReading.run();
        }
    }

    /// Whether it is not read for want of room for its questions.
    boolean isFull() {
        return full;
    }

    /// Whether the peer, which cannot be heard as it is not read, has taken something of what was
    /// written since this was last asked.
    boolean isTakenWhileHeld() {
        long before = taken;
        taken = Math.max(before, takenNow());
        return held && taken > before;
    }

    private long takenNow() {
        return written - transport.pendingBytes();
    }

    /// There is room; or nobody will say when there is, as the connection changes.
    void again() {
        held = false;
        look();
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
