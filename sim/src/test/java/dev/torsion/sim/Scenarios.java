package dev.torsion.sim;

import static dev.torsion.bus.DropReason.LINK_FULL;
import static dev.torsion.bus.Overflow.DROP_NEWEST;

import dev.torsion.bus.Draft;
import dev.torsion.bus.DropReason;
import dev.torsion.bus.EventBus;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import dev.torsion.sim.Happening.Lived;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/// What the product is put through: public, so that it also runs on a product with a planted bug.
public final class Scenarios {
    private static final Duration SETTLES = Duration.ofSeconds(60);

    private Scenarios() {}

    /// Publishing, groups and questions between five nodes, while everything goes wrong.
    public static void chaos(Simulation sim) {
        run(sim, 5, Faults.swarm(), Duration.ofSeconds(60));
    }

    /// The same with no faults: what is lost here is lost for no reason.
    public static void calm(Simulation sim) {
        run(sim, 3, Faults.none(), Duration.ofSeconds(10));
    }

    /// Connections that break and come back at once, again and again.
    public static void flapping(Simulation sim) {
        Faults faults =
                Faults.none()
                        .withKinds(Set.copyOf(EnumSet.of(Faults.Kind.RESET, Faults.Kind.KILL)))
                        .withBetween(Duration.ofSeconds(1))
                        .withLongest(Duration.ofSeconds(2));
        run(sim, 3, faults, Duration.ofSeconds(30));
    }

    /// Nodes that lose their power and are back at once, while what they said before is still
    /// underway.
    public static void overtaken(Simulation sim) {
        Faults faults =
                Faults.none()
                        .withKinds(
                                Set.copyOf(
                                        EnumSet.of(
                                                Faults.Kind.POWER_LOSS,
                                                Faults.Kind.HALF_OPEN,
                                                Faults.Kind.SLOW,
                                                Faults.Kind.LOSSY)))
                        .withBetween(Duration.ofMillis(700))
                        .withLongest(Duration.ofSeconds(3));
        run(sim, 3, faults, Duration.ofSeconds(30));
    }

    /// Little is said, and ways are cut for long: links die of silence, and nodes are forgotten and
    /// must be found again.
    public static void parted(Simulation sim) {
        Faults faults =
                Faults.none()
                        .withKinds(
                                Set.copyOf(
                                        EnumSet.of(
                                                Faults.Kind.PARTITION,
                                                Faults.Kind.ONE_WAY,
                                                Faults.Kind.HALF_OPEN,
                                                Faults.Kind.POWER_LOSS,
                                                Faults.Kind.RESTART,
                                                Faults.Kind.PAUSE)))
                        .withBetween(Duration.ofSeconds(12))
                        .withLongest(Duration.ofSeconds(45));
        List<SimulatedNode> nodes =
                sim.nodes(
                        4,
                        node ->
                                node.watch("news.>", SubscribeOptions.defaults())
                                        .clusterOptions(
                                                it -> it.withForgetAfter(Duration.ofSeconds(12))));
        for (SimulatedNode node : nodes) {
            Client client = sim.client("client of " + node.name(), node);
            client.every(
                    Duration.ofSeconds(8),
                    () -> client.publish(Draft.to("news." + node.name()).withText("…")));
        }
        sim.settle(SETTLES);
        sim.runFor(Duration.ofSeconds(15));
        sim.faults(faults);
        sim.runFor(Duration.ofMinutes(2));
        sim.healAndSettle(SETTLES);
        sim.history().holds();
    }

    /// More than the queues can hold, on a network that stands still now and then.
    public static void crowded(Simulation sim) {
        Faults faults =
                Faults.none()
                        .withKinds(
                                Set.copyOf(
                                        EnumSet.of(
                                                Faults.Kind.PAUSE,
                                                Faults.Kind.ONE_WAY,
                                                Faults.Kind.SLOW,
                                                Faults.Kind.RESET)))
                        .withLongest(Duration.ofSeconds(6));
        boolean large = sim.random("sizes").nextBoolean();
        int longest = large ? 64 << 10 : 4 << 10;
        int queue = large ? 512 << 10 : 32 << 10;
        SubscribeOptions narrow = SubscribeOptions.defaults().withCapacity(3);
        List<SimulatedNode> nodes =
                sim.nodes(
                        3,
                        node -> {
                            node.watch("bulk.>", narrow)
                                    .clusterOptions(it -> it.withBytes(longest, queue));
                            if (!node.name().equals("n1")) { // of one queue the bound shows exactly
                                node.watch("bulk.>", narrow.withGroup("workers"))
                                        .watch("bulk.>", narrow.withOverflow(DROP_NEWEST));
                            }
                        });
        for (SimulatedNode node : nodes) {
            Client client = sim.client("client of " + node.name(), node);
            client.every(
                    Duration.ofMillis(50),
                    () -> {
                        int burst = client.random().nextInt(8) == 0 ? 8 : 1;
                        for (int i = 0; i < burst; i++) {
                            client.publish(
                                    Draft.to("bulk." + node.name())
                                            .withText(
                                                    "x".repeat(length(longest, client.random()))));
                        }
                    });
        }
        sim.settle(SETTLES);
        sim.faults(faults);
        sim.runFor(Duration.ofSeconds(30));
        sim.healAndSettle(SETTLES);
        sim.history().holds();
        sim.sometimes("a link is full", dropped(sim, LINK_FULL));
        sim.sometimes("a watch misses", met(sim, it -> it instanceof Happening.Missed));
    }

    /// Up to what just fits into a frame, and a little more.
    private static int length(int longest, RandomGenerator random) {
        return random.nextInt(8) == 0 ? longest - random.nextInt(200) : random.nextInt(3000);
    }

    private static void run(Simulation sim, int count, Faults faults, Duration time) {
        List<SimulatedNode> nodes = sim.nodes(count, Scenarios::makeUp);
        for (SimulatedNode node : nodes) {
            drive(sim, node);
        }
        sim.settle(SETTLES);
        sim.runFor(Duration.ofSeconds(2));
        sim.faults(faults);
        sim.runFor(time);
        sim.healAndSettle(SETTLES);
        sim.history().holds().answeredInTheCalm();
        answersFit(sim);
        causesAreNamed(sim);
        if (!faults.kinds().isEmpty()) {
            tellWhatWasMet(sim);
        }
    }

    private static void tellWhatWasMet(Simulation sim) {
        sim.sometimes("a node lives again", met(sim, it -> it instanceof Lived l && again(l)));
        sim.sometimes("a question fails", met(sim, it -> it instanceof Happening.Unanswered));
        sim.sometimes("a question is answered", met(sim, it -> it instanceof Happening.Answered));
    }

    private static boolean again(Lived lived) {
        return lived.started() && lived.incarnation() > 1;
    }

    private static boolean met(Simulation sim, Predicate<Happening> condition) {
        return sim.history().happenings().stream().anyMatch(condition);
    }

    private static void makeUp(SimulatedNode node) {
        SubscribeOptions each = SubscribeOptions.defaults();
        node.watch("orders.>", each)
                .watch("orders.>", each.withGroup("workers"))
                .watch("orders.*.new", each)
                .watch("echoes", each)
                .watchNowAndThen("extras", each, Duration.ofSeconds(3))
                .watchNowAndThen("orders.>", each.withGroup("helpers"), Duration.ofSeconds(4))
                .busOptions(it -> it.withMaxRequests(16))
                .atStart(Scenarios::answerQuestions)
                .atStart(Scenarios::echo);
    }

    /// Says which event is its cause, so that the name of the cause can be held against it.
    private static void echo(EventBus bus) {
        bus.subscribe(
                new TopicPattern("orders.*.new"),
                event -> bus.publish(Draft.to("echoes").withText(event.id())),
                SubscribeOptions.defaults().withGroup("echoes"));
    }

    private static void causesAreNamed(Simulation sim) {
        for (Happening happening : sim.history().happenings()) {
            if (happening instanceof Happening.Delivered it
                    && it.event().topic().name().equals("echoes")) {
                sim.claim(
                        "causes are named",
                        it.event().text().equals(it.event().cause()),
                        it.event() + " names another cause");
            }
        }
    }

    private static void answersFit(Simulation sim) {
        Map<Long, String> asked = new LinkedHashMap<>();
        for (Happening happening : sim.history().happenings()) {
            if (happening instanceof Happening.Asked it) {
                asked.put(it.number(), "re: " + it.text());
            } else if (happening instanceof Happening.Answered it) {
                sim.claim(
                        "answers fit their questions",
                        it.answer().text().equals(asked.get(it.number())),
                        asked.get(it.number()) + " is not " + it.answer());
            }
        }
    }

    /// Says the question again, so that an answer shows what it answers.
    private static void answerQuestions(EventBus bus) {
        bus.subscribe(
                new TopicPattern("questions"),
                question ->
                        bus.publish(Draft.answering(question).withText("re: " + question.text())),
                SubscribeOptions.defaults().withGroup("answerers"));
    }

    private static void drive(Simulation sim, SimulatedNode node) {
        Client client = sim.client("client of " + node.name(), node);
        String topic = "orders." + node.name();
        client.every(
                Duration.ofMillis(100),
                () -> {
                    boolean fresh = client.random().nextInt(4) == 0;
                    client.publish(
                            Draft.to(fresh ? topic + ".new" : topic)
                                    .withText("x".repeat(client.random().nextInt(200)))
                                    .withAttribute("subject", "s" + client.random().nextInt(10))
                                    .withHeader("h", "v"));
                });
        client.every(
                Duration.ofMillis(200), () -> client.publish(Draft.to("extras").withText("…")));
        client.every(
                Duration.ofMillis(700),
                () ->
                        client.ask(
                                Draft.to("questions")
                                        .withText("what is " + client.random().nextInt()),
                                Duration.ofSeconds(2)));
    }

    private static boolean dropped(Simulation sim, DropReason reason) {
        return sim.allNodes().stream()
                .flatMap(node -> node.cluster().links().stream())
                .anyMatch(link -> link.dropped().containsKey(reason));
    }
}
