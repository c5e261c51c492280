package dev.torsion.node;

import dev.torsion.bus.Draft;
import dev.torsion.bus.Event;
import dev.torsion.bus.EventBus;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/// The end that counts what comes, and how long it took. One subscription takes it all, so nothing
/// here is called concurrently.
final class BenchCounter {
    private static final int TELL_EVERY = BenchNode.WINDOW / 8;

    private final EventBus bus;
    private final Histogram latencies = new Histogram(TimeUnit.MINUTES.toNanos(1), 3);
    private long counted;

    private BenchCounter(EventBus bus) {
        this.bus = bus;
    }

    /// Counts for the node at `publisher` until `input` ends.
    static void run(Address.Inet publisher, InputStream input) throws IOException {
        try (BenchNode _ =
                BenchNode.start(BenchNode.COUNTER, List.of(publisher), BenchCounter::subscribe)) {
            input.transferTo(OutputStream.nullOutputStream());
        }
    }

    private static void subscribe(EventBus bus) {
        bus.subscribe(
                new TopicPattern("bench.*"),
                new BenchCounter(bus)::received,
                SubscribeOptions.defaults().withCapacity(BenchNode.QUEUE));
    }

    private void received(Event event) {
        if (event.topic().equals(BenchNode.EVENT)) {
            count(event.data());
        } else if (event.topic().equals(BenchNode.RESET)) {
            latencies.reset();
            bus.publish(Draft.answering(event));
        } else if (event.topic().equals(BenchNode.REPORT)) {
            bus.publish(Draft.answering(event).withData(report()));
        }
    }

    private void count(Bytes data) {
        long due = ByteBuffer.wrap(data.slice(0, Long.BYTES).toArray()).getLong();
        long latency = Math.max(0, BenchNode.clock() - due);
        latencies.recordValue(Math.min(latency, latencies.getHighestTrackableValue()));
        if (++counted % TELL_EVERY == 0) {
            bus.publish(Draft.to(BenchNode.COUNTED).withText(Long.toString(counted)));
        }
    }

    private Bytes report() {
        ByteBuffer report =
                ByteBuffer.allocate(Long.BYTES + latencies.getNeededByteBufferCapacity());
        report.putLong(counted);
        latencies.encodeIntoByteBuffer(report);
        return Bytes.wrap(report.array(), 0, report.position());
    }
}
