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

    /// A little of everything, for many seeds.
    public static void brief(Simulation sim) {
        Faults faults =
                Faults.swarm()
                        .withBetween(Duration.ofSeconds(1))
                        .withLongest(Duration.ofSeconds(5));
        List<SimulatedNode> nodes = sim.nodes(3, Scenarios::makeUp);
        for (SimulatedNode node : nodes) {
            drive(sim, node, 4);
        }
        sim.faults(faults);
        sim.runFor(Duration.ofSeconds(5));
        sim.healAndSettle(SETTLES);
        sim.history().holds();
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
        RandomGenerator random = sim.random("overtaken");
        for (int second = 10; second < 40; second += 3) {
            String place = "n" + (1 + random.nextInt(3));
            Duration at = Duration.ofSeconds(second);
            for (int other = 1; other <= 3; other++) {
                if (!place.equals("n" + other)) {
                    sim.inject(new Fault.Lossy(at, Duration.ofSeconds(2), place, "n" + other, 50));
                }
            }
            Duration down = Duration.ofMillis(1 + random.nextInt(20));
            sim.inject(new Fault.PowerLoss(at.plusSeconds(1), down, place));
        }
        run(sim, 3, Faults.none(), Duration.ofSeconds(40));
    }

    /// Nodes that leave in good order, while one of the others cannot hear the goodbye.
    public static void goodbyes(Simulation sim) {
        RandomGenerator random = sim.random("goodbyes");
        for (int second = 20; second < 100; second += 16) {
            int leaving = random.nextInt(5);
            int deaf = (leaving + 1 + random.nextInt(4)) % 5;
            Duration at = Duration.ofSeconds(second);
            sim.inject(
                    new Fault.OneWay(
                            at, Duration.ofSeconds(9), "n" + (leaving + 1), "n" + (deaf + 1)));
            sim.inject(
                    new Fault.Restart(
                            at.plusSeconds(1), Duration.ofSeconds(8), "n" + (leaving + 1)));
        }
        seldom(sim, 5, Faults.none(), Duration.ofSeconds(100), Duration.ofSeconds(60));
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
        seldom(sim, 4, faults, Duration.ofMinutes(2), Duration.ofSeconds(12));
    }

    private static void seldom(
            Simulation sim, int count, Faults faults, Duration time, Duration forgetAfter) {
        List<SimulatedNode> nodes =
                sim.nodes(
                        count,
                        node ->
                                node.watch("news.>", SubscribeOptions.defaults())
                                        .clusterOptions(it -> it.withForgetAfter(forgetAfter)));
        for (SimulatedNode node : nodes) {
            Client client = sim.client("client of " + node.name(), node);
            client.every(
                    Duration.ofSeconds(8),
                    () -> client.publish(Draft.to("news." + node.name()).withText("…")));
        }
        sim.settle(SETTLES);
        sim.runFor(Duration.ofSeconds(15));
        sim.faults(faults);
        sim.runFor(time);
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
            drive(sim, node, 1);
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

    /// @param slower how much more seldom than usual the client does something
    private static void drive(Simulation sim, SimulatedNode node, int slower) {
        Client client = sim.client("client of " + node.name(), node);
        String topic = "orders." + node.name();
        client.every(
                Duration.ofMillis(100).multipliedBy(slower),
                () -> {
                    boolean fresh = client.random().nextInt(4) == 0;
                    client.publish(
                            Draft.to(fresh ? topic + ".new" : topic)
                                    .withText("x".repeat(client.random().nextInt(200)))
                                    .withAttribute("subject", "s" + client.random().nextInt(10))
                                    .withHeader("h", "v"));
                });
        client.every(
                Duration.ofMillis(200).multipliedBy(slower),
                () -> client.publish(Draft.to("extras").withText("…")));
        client.every(
                Duration.ofMillis(700).multipliedBy(slower),
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
