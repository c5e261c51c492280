package dev.torsion.node;

import dev.torsion.bus.BusOptions;
import dev.torsion.bus.EventBus;
import dev.torsion.bus.Topic;
import dev.torsion.cluster.Cluster;
import dev.torsion.cluster.ClusterOptions;
import dev.torsion.netty.NettyReactorGroup;
import dev.torsion.netty.ReactorOptions;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Endpoint;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// One end of the benchmark: a bus and its links, nothing else.
final class BenchNode implements AutoCloseable {
    static final String PUBLISHER = "publisher";
    static final String COUNTER = "counter";

    /// What is measured. The data begins with the time the event was due, as [#clock()] tells it.
    static final Topic EVENT = Topic.of("bench.event");

    /// Begins a new histogram; answered when it has.
    static final Topic RESET = Topic.of("bench.reset");

    /// Answered with the count so far in 8 bytes, and the histogram of latencies, encoded.
    static final Topic REPORT = Topic.of("bench.report");

    /// Told by the counter now and then: how many it has counted, as text.
    static final Topic COUNTED = Topic.of("bench.counted");

    /// How many events may be under way. Queues hold more, so none is ever full.
    static final int WINDOW = 16_384;

    static final int QUEUE = 4 * WINDOW;

    private static final int PATIENCE_SECONDS = 30;

    private final NettyReactorGroup reactors;
    private final EventBus bus;
    private final Cluster cluster;

    private BenchNode(NettyReactorGroup reactors, EventBus bus, Cluster cluster) {
        this.reactors = reactors;
        this.bus = bus;
        this.cluster = cluster;
    }

    /// @param first is done before there is a link, so that the other end sees it from the start
    static BenchNode start(String name, List<Address.Inet> seeds, Consumer<EventBus> first) {
        NettyReactorGroup reactors = NettyReactorGroup.create(2, ReactorOptions.DEFAULT);
        EventBus bus = new EventBus(BusOptions.of(name, System.currentTimeMillis()), reactors);
        first.accept(bus);
        ClusterOptions options = ClusterOptions.at(Endpoint.tcp(0)).withSeeds(seeds);
        return new BenchNode(
                reactors, bus, Cluster.start(options, bus, reactors.reactors().getFirst()));
    }

    /// The time of day in nanoseconds: the one clock that two JVMs share.
    static long clock() {
        Instant now = Instant.now();
        return now.getEpochSecond() * 1_000_000_000L + now.getNano();
    }

    EventBus bus() {
        return bus;
    }

    Cluster cluster() {
        return cluster;
    }

    /// Waits for what must come soon.
    ///
    /// @throws CommandFailedException if it does not
    static <T> T await(CompletionStage<T> stage, String what) throws InterruptedException {
        try {
            return stage.toCompletableFuture().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new CommandFailedException(what + ": " + e, e);
        }
    }

    @Override
    public void close() {
        try {
            await(cluster.stop(), "closing the link");
            bus.close();
            await(reactors.stop(), "stopping");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
