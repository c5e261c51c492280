package dev.torsion.cluster;

import static dev.torsion.bus.PlainEvents.plain;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.DropReason;
import dev.torsion.bus.Event;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OutboxTest {
    private static final Event EVENT = plain("1", "/a", "t");

    private final Books books = new Books("b");
    private final List<Boolean> taken = new ArrayList<>();

    /// Whoever publishes while it closes comes as early as anybody can: when its loop is woken.
    private final Outbox outbox = new Outbox(books, 1000, 1000, this::publish);

    private void publish() {
        taken.add(outbox.offer(EVENT, true, List.of(), true));
    }

    @Test
    void takesNothingAfterItsLastFrame() {
        outbox.closeAfter(
                out -> FrameCodec.writeGoodbye(Farewell.STOPPING, "a", "the node stops", out));
        assertThat(taken).containsExactly(false);
        assertThat(books.snapshot().dropped()).containsEntry(DropReason.LINK_DOWN, 1L);
        assertThat(outbox.waitingEvents()).isZero();
    }
}
