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
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

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
        SubscribeOptions narrow = SubscribeOptions.defaults().withCapacity(3);
        List<SimulatedNode> nodes =
                sim.nodes(
                        3,
                        node ->
                                node.watch("bulk.>", narrow)
                                        .watch("bulk.>", narrow.withGroup("workers"))
                                        .watch("bulk.>", narrow.withOverflow(DROP_NEWEST))
                                        .clusterOptions(it -> it.withBytes(64 << 10, 32 << 10)));
        for (SimulatedNode node : nodes) {
            Client client = sim.client("client of " + node.name(), node);
            client.every(
                    Duration.ofMillis(50),
                    () -> {
                        int burst = client.random().nextInt(8) == 0 ? 8 : 1;
                        for (int i = 0; i < burst; i++) {
                            client.publish(
                                    Draft.to("bulk." + node.name())
                                            .withText("x".repeat(client.random().nextInt(3000))));
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
        sim.history().holds();
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
                .atStart(Scenarios::answerQuestions);
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
                                    .withText("x".repeat(client.random().nextInt(200))));
                });
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
