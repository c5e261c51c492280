package dev.torsion.sim;

import dev.torsion.bus.Draft;
import java.time.Duration;
import java.util.random.RandomGenerator;

/// Somebody who publishes and asks, on the bus of one node, and whose doings are written down. It
/// does nothing while its node is down or stands still.
public final class Client {
    private final Simulation sim;
    private final String name;
    private final SimulatedNode node;
    private final RandomGenerator random;

    Client(Simulation sim, String name, SimulatedNode node) {
        this.sim = sim;
        this.name = name;
        this.node = node;
        this.random = sim.random("client " + name);
    }

    public String name() {
        return name;
    }

    public SimulatedNode node() {
        return node;
    }

    /// Chance of its own.
    public RandomGenerator random() {
        return random;
    }

    /// Does something again and again, on the node's loop, until the world settles for good.
    public void every(Duration interval, Runnable action) {
        Runnable again =
                new Runnable() {
                    @Override
                    public void run() {
                        if (!sim.isOver()) {
                            once(action);
                            sim.memory().callLater(interval, this);
                        }
                    }
                };
        sim.memory().callLater(interval, again);
    }

    private void once(Runnable action) {
        if (isThere()) {
            node.reactor().callFromThread(action);
        }
    }

    /// Publishes, if its node is there.
    public void publish(Draft draft) {
        if (isThere()) {
            sim.history().published(node, name, node.life().bus().publish(draft));
            sim.vigil().published(node);
        }
    }

    /// Asks, if its node is there.
    public void ask(Draft draft, Duration deadline) {
        if (isThere()) {
            long number = sim.history().asked(node, name, draft, deadline);
            String at = node.name();
            node.takesMore();
            node.life()
                    .bus()
                    .request(draft, deadline)
                    .whenComplete((answer, failure) -> {
                        if (answer != null) {
                            sim.history().answered(at, number, answer);
                        } else {
                            sim.history().unanswered(at, number, failure);
                        }
                    });
        }
    }

    private boolean isThere() {
        return node.isUp() && !node.isPaused();
    }
}
