package dev.torsion.bus;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/// What it costs to find out who wants a topic, among 100,000 patterns of which one in ten has a
/// wildcard.
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
public class TopicIndexBenchmark {
    private static final int PATTERNS = 100_000;
    private static final int TOPICS = 4096;
    private static final List<String> METRICS = List.of("temperature", "pressure", "state", "log");

    private final TopicIndex<TopicPattern> index = new TopicIndex<>();
    private final List<TopicPattern> patterns = new ArrayList<>();
    private final List<Topic> topics = new ArrayList<>();
    private final Map<Topic, Route> routes = new ConcurrentHashMap<>();
    private int next;

    @Setup
    public void fill() {
        SplittableRandom random = new SplittableRandom(1);
        for (int i = 0; i < PATTERNS; i++) {
            TopicPattern pattern = new TopicPattern(pattern(random));
            patterns.add(pattern);
            index.add(pattern, pattern);
        }
        for (int i = 0; i < TOPICS; i++) {
            Topic topic = Topic.of(literal(random));
            topics.add(topic);
            routes.put(topic, Route.of(List.of(), new GroupTurns()));
        }
    }

    private static String pattern(SplittableRandom random) {
        String literal = literal(random);
        List<String> tokens = Topic.of(literal).tokens();
        return switch (random.nextInt(30)) {
            case 0 -> literal.replace(tokens.get(4), "*");
            case 1 -> "sites.*.devices." + tokens.get(3) + "." + tokens.get(4);
            case 2 -> "sites." + tokens.get(1) + ".devices." + tokens.get(3) + ".>";
            default -> literal;
        };
    }

    private static String literal(SplittableRandom random) {
        return "sites.s%d.devices.d%d.%s"
                .formatted(
                        random.nextInt(100),
                        random.nextInt(1000),
                        METRICS.get(random.nextInt(METRICS.size())));
    }

    private Topic topic() {
        next = (next + 1) % TOPICS;
        return topics.get(next);
    }

    /// The trie: what an event costs whose topic was not seen since somebody last subscribed.
    @Benchmark
    public void match(Blackhole found) {
        index.match(topic(), found::consume);
    }

    /// The route kept for a topic: what every other event costs.
    @Benchmark
    public @Nullable Object keptRoute() {
        return routes.get(topic());
    }

    /// Each pattern asked in turn: what there would be without the trie.
    @Benchmark
    public void scan(Blackhole found) {
        Topic topic = topic();
        for (TopicPattern pattern : patterns) {
            if (pattern.matches(topic)) {
                found.consume(pattern);
            }
        }
    }
}
