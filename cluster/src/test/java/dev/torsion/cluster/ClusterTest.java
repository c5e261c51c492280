package dev.torsion.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.cluster.World.Inbox;
import dev.torsion.cluster.World.Node;
import org.junit.jupiter.api.Test;

final class ClusterTest {
    private final World world = new World(7);

    @Test
    void carriesEventsToTheNodesThatWantThem() {
        Node a = world.node("a");
        Node b = world.node("b", "a");
        world.meshed(a, b);
        Inbox inbox = b.subscribe("orders.>");
        world.network.runUntilIdle();

        a.publish("orders.eu", "1");
        a.publish("readings.x", "2");
        world.network.runUntilIdle();

        assertThat(inbox.texts()).containsExactly("1");
        assertThat(a.linkTo("b").sent()).isEqualTo(1);
        assertThat(a.reactor().failures()).isEmpty();
    }
}
