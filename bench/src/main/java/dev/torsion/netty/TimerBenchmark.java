package dev.torsion.netty;

import dev.torsion.reactor.DelayedCall;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
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

/// A delayed call set and cancelled, as an idle timeout is that never comes, while others wait:
/// time per call, on the loop.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class TimerBenchmark {
    private static final int BATCH = 10_000;

    @Param({"0", "10000"})
    public int waiting;

    private final NettyReactor reactor = NettyReactor.create();

    @Setup
    public void letOthersWait() {
        onLoop(() -> {
            for (int i = 0; i < waiting; i++) {
                var _ = reactor.callLater(Duration.ofHours(1).plusMillis(i), () -> {});
            }
        });
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void setAndCancel() {
        onLoop(() -> {
            for (int i = 0; i < BATCH; i++) {
                DelayedCall call = reactor.callLater(Duration.ofSeconds(30), () -> {});
                call.cancel();
            }
        });
    }

    @Benchmark
    @OperationsPerInvocation(BATCH)
    public void reset() {
        onLoop(() -> {
            DelayedCall call = reactor.callLater(Duration.ofSeconds(30), () -> {});
            for (int i = 0; i < BATCH; i++) {
                call.reset(Duration.ofSeconds(30));
            }
            call.cancel();
        });
    }

    private void onLoop(Runnable work) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        reactor.callFromThread(() -> {
            work.run();
            done.complete(null);
        });
        done.join();
    }

    @TearDown
    public void stop() {
        reactor.stop().toCompletableFuture().join();
    }
}
