package dev.torsion.sim;

import dev.torsion.bus.Draft;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.reactor.Bytes;
import java.time.Duration;
import java.util.List;
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
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/// A simulated cluster of five nodes, each of which publishes 100 events a second: how many seconds
/// of it go by in a second, on one thread, with all claims made at the end. One run (a seed) is two
/// minutes, so seeds per second are a hundred-and-twentieth of that.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 5)
@Measurement(iterations = 5, time = 5)
@Fork(
        value = 2,
        jvmArgsAppend = {"-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=off"})
public class SimulationBenchmark {
    private static final int SECONDS = 120;
    private static final Duration SETTLES = Duration.ofSeconds(60);

    /// Who hears an event: `each` node, or `one` of them.
    @Param({"one", "each"})
    public String heardBy = "one";

    @Param({"none", "swarm"})
    public String faults = "none";

    private final Draft draft = Draft.to("orders.new").withData(Bytes.wrap(new byte[100]));
    private long seed;

    @Benchmark
    @OperationsPerInvocation(SECONDS)
    public long simulatedSeconds() {
        Campaign.Outcome outcome = Campaign.of(++seed, 1).run(this::run);
        if (outcome.failure() != null) {
            throw new AssertionError(outcome.failure().describe());
        }
        return outcome.fingerprint();
    }

    private void run(Simulation sim) {
        SubscribeOptions each = SubscribeOptions.defaults();
        SubscribeOptions how = heardBy.equals("one") ? each.withGroup("workers") : each;
        List<SimulatedNode> nodes = sim.nodes(5, node -> node.watch("orders.>", how));
        for (SimulatedNode node : nodes) {
            Client client = sim.client("client of " + node.name(), node);
            client.every(Duration.ofMillis(10), () -> client.publish(draft));
        }
        sim.settle(SETTLES);
        sim.faults(faults.equals("swarm") ? Faults.swarm() : Faults.none());
        sim.runFor(Duration.ofSeconds(SECONDS - 6));
        sim.healAndSettle(SETTLES);
        sim.history().holds();
    }
}
