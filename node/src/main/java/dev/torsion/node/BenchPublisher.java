package dev.torsion.node;

import dev.torsion.bus.Draft;
import dev.torsion.bus.Event;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.Topic;
import dev.torsion.bus.TopicPattern;
import dev.torsion.reactor.Bytes;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;

/// The end that publishes, never further ahead of the counter than the window.
final class BenchPublisher {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private final BenchNode node;
    private final int size;
    private long published;
    private volatile long counted; // what the counter told last

    /// @param size of an event's data, at least 8 bytes
    BenchPublisher(BenchNode node, int size) {
        this.node = node;
        this.size = size;
        node.bus()
                .subscribe(
                        new TopicPattern(BenchNode.COUNTED.name()),
                        event -> counted = Long.parseLong(event.text()),
                        SubscribeOptions.defaults().withCapacity(BenchNode.QUEUE));
    }

    /// What a run came to.
    ///
    /// @param nanos from the first event to the last one counted
    /// @param latencies in nanoseconds, from when an event was due to its handler
    record Result(long published, long counted, long nanos, Histogram latencies) {
        long perSecond() {
            return Math.round(counted * 1e9 / nanos);
        }
    }

    /// Publishes `events` events.
    ///
    /// @param perSecond how many are due in a second: one that leaves late is late by that, so that
    ///   a pause counts for all the events it held up; 0 for as many as the window lets through
    /// @param progress is told now and then how many are published
    Result run(long events, long perSecond, LongConsumer progress) throws InterruptedException {
        ask(BenchNode.RESET);
        long before = published;
        long start = BenchNode.clock();
        boolean heard = true;
        for (long i = 0; i < events && heard; i++) {
            long due = start + (perSecond == 0 ? 0 : i * TimeUnit.SECONDS.toNanos(1) / perSecond);
            awaitDue(perSecond == 0 ? start : due);
            heard = awaitWindow();
            publish(perSecond == 0 ? BenchNode.clock() : due);
            if (i % BenchNode.WINDOW == 0) {
                progress.accept(i);
            }
        }
        Report last = awaitAllCounted();
        long nanos = BenchNode.clock() - start;
        return new Result(published - before, last.counted - before, nanos, last.latencies);
    }

    /// A timer would be late by as much as is measured; so this asks the clock, and lets others
    /// run.
    @SuppressWarnings("ThreadPriorityCheck")
    private static void awaitDue(long due) {
        while (BenchNode.clock() < due) {
            Thread.yield();
        }
    }

    private void publish(long due) {
        byte[] data = new byte[size];
        ByteBuffer.wrap(data).putLong(due);
        node.bus().publish(Draft.to(BenchNode.EVENT).withData(Bytes.wrap(data)));
        published++;
    }

    /// Waits until one more may be under way; false if the counter has stopped telling.
    private boolean awaitWindow() {
        long since = BenchNode.clock();
        long known = counted;
        while (published - counted >= BenchNode.WINDOW) {
            LockSupport.parkNanos(20_000);
            if (counted != known) {
                known = counted;
                since = BenchNode.clock();
            } else if (BenchNode.clock() - since > PATIENCE_NANOS) {
                return false;
            }
        }
        return true;
    }

    private record Report(long counted, Histogram latencies) {}

    /// Waits until no event is under way, or none has come for a while: those are lost.
    private Report awaitAllCounted() throws InterruptedException {
        Report report = report();
        long since = BenchNode.clock();
        while (report.counted < published && BenchNode.clock() - since < PATIENCE_NANOS) {
            LockSupport.parkNanos(500_000);
            Report next = report();
            since = next.counted > report.counted ? BenchNode.clock() : since;
            report = next;
        }
        return report;
    }

    private Report report() throws InterruptedException {
        ByteBuffer data = ByteBuffer.wrap(ask(BenchNode.REPORT).data().toArray());
        long count = data.getLong();
        try {
            return new Report(count, Histogram.decodeFromByteBuffer(data, 1));
        } catch (RuntimeException e) {
            throw new CommandFailedException("the counter's report cannot be read: " + e, e);
        }
    }

    private Event ask(Topic what) throws InterruptedException {
        return BenchNode.await(
                node.bus().request(Draft.to(what), Duration.ofSeconds(10)),
                "the counter does not answer");
    }
}
