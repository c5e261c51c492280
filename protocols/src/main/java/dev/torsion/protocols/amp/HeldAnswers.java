package dev.torsion.protocols.amp;

import dev.torsion.reactor.Bytes;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.Consumer;

/// Answers that wait for the peer to decide on a change, in order.
final class HeldAnswers {
    private final Queue<Bytes> boxes = new ArrayDeque<>();
    private long bytes;

    /// Takes one more, unless there were more than `mostBoxes` then, or more than `mostBytes`.
    ///
    /// @return whether it has
    boolean add(Bytes box, int mostBoxes, int mostBytes) {
        if (boxes.size() >= mostBoxes || bytes + box.size() > mostBytes) {
            return false;
        }
        boxes.add(box);
        bytes += box.size();
        return true;
    }

    void forEach(Consumer<Bytes> action) {
        boxes.forEach(action);
    }

    @Override
    public String toString() {
        return "%d answers of %d bytes".formatted(boxes.size(), bytes);
    }
}
