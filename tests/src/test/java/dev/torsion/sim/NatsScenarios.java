package dev.torsion.sim;

import dev.torsion.bus.SubscribeOptions;
import dev.torsion.sim.NatsProgram.Manners;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// What the NATS door is put through, by clients that speak its protocol over the simulated
/// network: public, so that it also runs on a product with a planted bug.
public final class NatsScenarios {
    private static final Duration SETTLES = Duration.ofSeconds(60);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    private static final Manners USUAL = new Manners(Duration.ofMillis(60), 3, false, false);

    private NatsScenarios() {}

    /// No faults: what is lost here is lost for no reason.
    public static void calm(Simulation sim) {
        run(sim, 2, USUAL, Faults.none(), Duration.ofSeconds(8));
    }

    /// Everything goes wrong: with the nodes, with the clients, and between them.
    public static void chaos(Simulation sim) {
        Faults faults =
                Faults.swarm()
                        .withBetween(Duration.ofSeconds(2))
                        .withLongest(Duration.ofSeconds(8));
        Manners rough = new Manners(Duration.ofMillis(80), 3, true, true);
        NatsRecord record = run(sim, 3, rough, faults, Duration.ofSeconds(20));
        sim.sometimes("a connection breaks", record.hasBroken());
        sim.sometimes("nobody responds", record.heard(true));
        sim.sometimes("a question is answered", record.heard(false));
    }

    /// Connections that break, and clients that start again, all the time.
    public static void flapping(Simulation sim) {
        Faults faults =
                Faults.none()
                        .withKinds(
                                Set.copyOf(
                                        EnumSet.of(
                                                Faults.Kind.RESET,
                                                Faults.Kind.HALF_OPEN,
                                                Faults.Kind.KILL)))
                        .withBetween(Duration.ofSeconds(1))
                        .withLongest(Duration.ofSeconds(2));
        run(sim, 2, USUAL, faults, Duration.ofSeconds(15));
    }

    /// Clients that stop reading, and that say what is too large, on a network that is whole: every
    /// message dropped must stand in the door's books, and every client sent away be told why.
    public static void crowded(Simulation sim) {
        Manners rough = new Manners(Duration.ofMillis(50), 30, true, true);
        NatsRecord record = run(sim, 2, rough, Faults.none(), Duration.ofSeconds(7));
        sim.claim(
                "nobody who reads is sent away without a word",
                !record.hasBrokenWhileRead(),
                "a connection broke on a network that is whole");
        sim.sometimes("a client is slow", record.wasTold("Slow Consumer"));
        sim.sometimes("a payload is too large", record.wasTold("Maximum Payload Violation"));
    }

    private static NatsRecord run(
            Simulation sim, int count, Manners manners, Faults faults, Duration time) {
        NatsRecord record = new NatsRecord(sim);
        List<SimulatedNode> nodes =
                sim.nodes(
                        count,
                        node ->
                                node.watch("news.>", SubscribeOptions.defaults())
                                        .busOptions(it -> it.withMaxDataBytes(NatsRecord.LARGEST))
                                        .listen(
                                                NatsProgram.PORT,
                                                bus -> record.opens(node, bus, 500, 20_000)));
        sim.settle(SETTLES);
        List<SimulatedProgram> clients = new ArrayList<>();
        for (int i = 1; i <= count + 1; i++) {
            clients.add(NatsProgram.start(sim, record, "client" + i, nodes, manners));
        }
        sim.runFor(Duration.ofSeconds(2));
        sim.faults(faults);
        sim.runFor(time);
        sim.healAndSettle(SETTLES);
        sim.runFor(LONGEST_PAUSE);
        sim.history().atMostOnce().nothingInvented().booksBalance();
        record.holds();
        record.nothingLostSince(faults.kinds().isEmpty() ? Duration.ZERO : settled(sim));
        clients.forEach(client -> sim.inject(new Fault.Kill(sim.now(), SETTLES, client.name())));
        sim.runFor(Duration.ofSeconds(2));
        return record.leavesNothingBehind();
    }

    /// When the world was whole again.
    private static Duration settled(Simulation sim) {
        long nanos = 0;
        for (Happening happening : sim.history().happenings()) {
            if (happening instanceof Happening.Settled) {
                nanos = happening.nanos();
            }
        }
        return Duration.ofNanos(nanos);
    }
}
