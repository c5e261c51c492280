package dev.torsion.node;

import dev.torsion.bus.BusStats;
import dev.torsion.cluster.LinkStats;
import dev.torsion.reactor.Address;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// Measures what goes over a link between two JVMs on this machine.
@Command(
        name = "bench",
        description = {
            "Measures events between two JVMs on this machine: one publishes, one counts, over a"
                    + " link; first as fast as it goes, then at a fixed rate.",
            "At most 16384 events are under way, so nothing need be lost; what is lost is counted,"
                    + " and makes the exit code 1. Latency is from when an event was due to its"
                    + " handler."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  ./torsion bench",
            "  ./torsion bench --events 500000 --size 1024 --duration 5"
        })
final class BenchCommand implements Callable<Integer> {
    private static final int LEAST_SIZE = 8;
    private static final int MOST_SIZE = 65_536;

    private final Console console;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--events",
            paramLabel = "N",
            defaultValue = "2000000",
            description = "How many at full speed (${DEFAULT-VALUE}).")
    private long events;

    @Option(
            names = "--size",
            paramLabel = "BYTES",
            defaultValue = "128",
            description = "An event's data, 8 to 65536 (${DEFAULT-VALUE}).")
    private int size;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "20000",
            description = "How many a second at the fixed rate (${DEFAULT-VALUE}).")
    private long rate;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            defaultValue = "10",
            description = "How long at the fixed rate (${DEFAULT-VALUE}).")
    private long duration;

    /// The other JVM is this command too.
    @Option(names = "--count-for", hidden = true, converter = Converters.OfAddress.class)
    private Address.@Nullable Inet publisher;

    BenchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (publisher != null) {
            BenchCounter.run(publisher, console.in());
            return 0;
        }
        require("--events", events, 1, 10_000_000_000L);
        require("--size", size, LEAST_SIZE, MOST_SIZE);
        require("--rate", rate, 1, 100_000_000);
        require("--duration", duration, 1, 86_400);
        try (BenchNode node = BenchNode.start(BenchNode.PUBLISHER, List.of(), _ -> {})) {
            Process counter = startCounter(node.cluster().address());
            try {
                BenchNode.await(
                        node.cluster().whenLinked(BenchNode.COUNTER),
                        "the second JVM made no link");
                return measure(node);
            } finally {
                end(counter);
            }
        }
    }

    private static void end(Process counter) throws IOException, InterruptedException {
        counter.getOutputStream().close();
        if (!counter.waitFor(10, TimeUnit.SECONDS)) {
            counter.destroyForcibly();
        }
    }

    private void require(String option, long value, long least, long most) {
        if (value < least || value > most) {
            throw new ParameterException(
                    spec.commandLine(),
                    option + ": expected " + least + " to " + most + ", not " + value);
        }
    }

    /// It ends when its input does, and so with this JVM.
    private static Process startCounter(Address.Inet publisher) throws IOException {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseG1GC",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName(),
                        "bench",
                        "--count-for",
                        publisher.toString())
                .redirectOutput(ProcessBuilder.Redirect.INHERIT)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private int measure(BenchNode node) throws InterruptedException {
        console.print("machine         " + machine());
        console.print(
                "events          %,d bytes of data, at most %,d under way"
                        .formatted(size, BenchNode.WINDOW));
        BenchPublisher bench = new BenchPublisher(node, size);
        var warm = bench.run(Math.min(events, 500_000), 0, progress("warming up", 500_000));
        var fast = bench.run(events, 0, progress("full speed", events));
        tell("full speed", fast);
        long steady = Math.multiplyExact(rate, duration);
        var even = bench.run(steady, rate, progress("fixed rate", steady));
        tell("%,d a second".formatted(rate), even);
        return account(node, List.of(warm, fast, even));
    }

    private LongConsumer progress(String what, long whole) {
        return done -> {
            if (console.colours()) {
                console.err().printf("\r%-12s%3d %%\033[K\r", what, 100 * done / whole);
            }
        };
    }

    private void tell(String what, BenchPublisher.Result result) {
        Histogram latencies = result.latencies();
        console.print(
                "%-16s%,d events in %.2f s: %,d events/s"
                        .formatted(
                                what, result.counted(), result.nanos() / 1e9, result.perSecond()));
        console.print(
                "                latency p50 %s  p99 %s  p99.9 %s  max %s"
                        .formatted(
                                millis(latencies.getValueAtPercentile(50)),
                                millis(latencies.getValueAtPercentile(99)),
                                millis(latencies.getValueAtPercentile(99.9)),
                                millis(latencies.getMaxValue())));
    }

    private static String millis(long nanos) {
        return String.format(Locale.ROOT, "%.3f ms", nanos / 1e6);
    }

    /// Says what was lost, and where.
    private int account(BenchNode node, List<BenchPublisher.Result> results) {
        long published = results.stream().mapToLong(BenchPublisher.Result::published).sum();
        long counted = results.stream().mapToLong(BenchPublisher.Result::counted).sum();
        BusStats bus = node.bus().stats();
        console.print(
                "lost            %,d: published %,d (to warm up, too), counted %,d; dropped %,d by the link, %,d by the bus"
                        .formatted(
                                published - counted,
                                published,
                                counted,
                                node.cluster().links().stream()
                                        .mapToLong(LinkStats::droppedTotal)
                                        .sum(),
                                bus.droppedTotal()));
        return published == counted ? 0 : 1;
    }

    private static String machine() {
        Runtime runtime = Runtime.getRuntime();
        String memory =
                ManagementFactory.getOperatingSystemMXBean()
                                instanceof com.sun.management.OperatingSystemMXBean system
                        ? ", %.0f GB".formatted(system.getTotalMemorySize() / 1e9)
                        : "";
        return "%d cores%s, JDK %s (%s), %s %s"
                .formatted(
                        runtime.availableProcessors(),
                        memory,
                        Runtime.version(),
                        System.getProperty("java.vendor"),
                        System.getProperty("os.name"),
                        System.getProperty("os.version"));
    }
}
