package dev.torsion.bus;

import dev.torsion.netty.NettyReactor;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ReactorGroup;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Events from one publishing thread to handlers on a reactor's thread, in this JVM: events
/// published per second, all of them delivered to every subscriber.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class LocalBusBenchmark {
    private static final int BATCH = 10_000;

    @Param({"1", "10"})
    public int subscribers;

    private final NettyReactor reactor = NettyReactor.create();
    private final EventBus bus = new EventBus(BusOptions.of("bench", 1), ReactorGroup.of(reactor));
    private final Draft draft = Draft.to("readings.sensor-7").withData(Bytes.wrap(new byte[100]));
    private CountDownLatch batchHandled = new CountDownLatch(0);
    private int handled; // on the loop

    @Setup
    public void subscribe() {
        for (int i = 0; i < subscribers; i++) {
            bus.subscribe(
                    new TopicPattern("readings.*"),
                    this::handle,
                    SubscribeOptions.defaults().withCapacity(BATCH));
        }
    }

    private void handle(Event event) {
        if (++handled == BATCH * subscribers) {
            handled = 0;
            batchHandled.countDown();
        }
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void publish() throws InterruptedException {
        batchHandled = new CountDownLatch(1);
        for (int i = 0; i < BATCH; i++) {
            bus.publish(draft);
        }
        batchHandled.await();
    }

    @TearDown
    public void stop() {
        if (bus.stats().droppedTotal() > 0) {
            throw new AssertionError("a figure without what was dropped: " + bus.stats());
        }
        bus.close();
        reactor.stop().toCompletableFuture().join();
    }
}
