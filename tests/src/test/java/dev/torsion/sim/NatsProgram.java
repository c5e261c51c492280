package dev.torsion.sim;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.testing.ManualReactor;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A program on a machine of its own that speaks NATS to the doors of the nodes, one after the
/// other: publishes, subscribes, asks and answers, until the world settles for good.
///
/// What it does in one life is written down in the [NatsRecord].
final class NatsProgram {
    static final int PORT = 4222;
    private static final Duration TIMEOUT = Duration.ofSeconds(3);
    private static final String CONNECT =
            "CONNECT {\"verbose\":false,\"headers\":true,\"no_responders\":true,\"protocol\":1}";

    /// How it behaves.
    ///
    /// @param every it does something this often
    /// @param burst messages it may publish at once
    /// @param pauses whether it stops reading now and then
    /// @param blunders whether it publishes something too large now and then
    record Manners(Duration every, int burst, boolean pauses, boolean blunders) {}

    private final Simulation sim;
    private final NatsRecord record;
    private final String name;
    private final List<String> nodes;
    private final Manners manners;
    private final ManualReactor reactor;
    private final RandomGenerator chance;
    private @Nullable NatsSession session;
    private int counted;

    private NatsProgram(
            Simulation sim,
            NatsRecord record,
            String name,
            List<String> nodes,
            Manners manners,
            ManualReactor reactor) {
        this.sim = sim;
        this.record = record;
        this.name = name;
        this.nodes = nodes;
        this.manners = manners;
        this.reactor = reactor;
        this.chance = reactor.random();
    }

    static SimulatedProgram start(
            Simulation sim,
            NatsRecord record,
            String name,
            List<SimulatedNode> nodes,
            Manners manners) {
        List<String> names = nodes.stream().map(SimulatedNode::name).toList();
        return sim.program(
                name,
                reactor -> {
                    NatsProgram program =
                            new NatsProgram(sim, record, name, names, manners, reactor);
                    record.livesAgain(name);
                    program.connect();
                    program.later();
                });
    }

    private void connect() {
        String node = nodes.get(chance.nextInt(nodes.size()));
        NatsSession fresh = record.newSession(name, this::greeted, _ -> again());
        reactor.connect(Address.of(node, PORT), _ -> fresh, TIMEOUT)
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        again();
                    }
                });
    }

    private void again() {
        session = null;
        if (!sim.isOver()) {
            reactor.callLater(Duration.ofMillis(100 + chance.nextInt(400)), this::connect);
        }
    }

    private void greeted(NatsSession fresh) {
        fresh.onMessage(heard -> answer(fresh, heard));
        fresh.say(CONNECT);
        fresh.subscribe("all", NatsRecord.NEWS, null);
        fresh.subscribe("share", NatsRecord.NEWS, "workers");
        fresh.subscribe("inbox", NatsRecord.inbox(fresh) + ".*", null);
        fresh.subscribe("questions", NatsRecord.QUESTIONS, "answerers");
        fresh.ping(() -> session = fresh);
    }

    private static void answer(NatsSession fresh, NatsSession.Heard heard) {
        String replyTo = heard.replyTo();
        if (heard.sid().equals("questions") && replyTo != null) {
            fresh.publish(replyTo, null, NatsRecord.answerTo(heard.text()));
            fresh.ping(() -> {});
        }
    }

    private void later() {
        reactor.callLater(
                manners.every(),
                () -> {
                    NatsSession open = session;
                    if (open != null && open.isOpen() && !sim.isOver()) {
                        act(open);
                    }
                    later();
                });
    }

    private void act(NatsSession open) {
        switch (chance.nextInt(24)) {
            case 0, 1 -> record.asks(open, NatsRecord.QUESTIONS);
            case 2 -> record.asks(open, NatsRecord.NOBODY);
            case 3 -> record.publishes(open, NatsRecord.LARGEST);
            case 4 -> subscribeForAWhile(open);
            case 5 -> pause(open);
            case 6 -> {
                if (manners.blunders() && chance.nextInt(4) == 0) {
                    record.blunders(open);
                }
            }
            default -> {
                for (int i = chance.nextInt(manners.burst()); i >= 0; i--) {
                    record.publishes(open, 40 + chance.nextInt(60));
                }
            }
        }
    }

    private void subscribeForAWhile(NatsSession open) {
        String sid = "counted" + ++counted;
        open.subscribe(sid, NatsRecord.NEWS, null);
        open.unsubscribe(sid, 1 + chance.nextInt(6));
    }

    private void pause(NatsSession open) {
        if (manners.pauses()) {
            open.pauseReading();
            reactor.callLater(
                    Duration.ofMillis(200 + chance.nextInt(3000)),
                    () -> {
                        if (open.isOpen()) {
                            open.resumeReading();
                        }
                    });
        }
    }
}
