package dev.torsion.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.testing.ManualReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class MembershipTest {
    private final ManualReactor reactor = new ManualReactor();
    private final List<NodeIdentity> forgotten = new ArrayList<>();
    private final Membership membership =
            new Membership(reactor, Duration.ofSeconds(60), forgotten::add);

    @Test
    void remembersABoundedNumberOfTheDeparted() {
        for (int i = 0; i < 5000; i++) {
            NodeIdentity node = RawPeer.identity("n" + i, 1);
            membership.linked(node);
            membership.departed(node);
        }

        assertThat(membership.all()).isEmpty();
        assertThat(reactor.pendingTimers()).isEqualTo(4096);
        assertThat(membership.told(RawPeer.identity("n4999", 1))).isFalse();
    }

    @Test
    void forgetsAtOnceWhoGoesWhenTooManyAreKnown() {
        for (int i = 0; i < 5000; i++) {
            NodeIdentity node = RawPeer.identity("n" + i, 1);
            membership.linked(node);
            membership.lost(node);
        }

        assertThat(membership.all()).hasSize(4096);
        assertThat(forgotten).hasSize(5000 - 4096);
        reactor.advance(Duration.ofSeconds(60));
        assertThat(membership.all()).isEmpty();
    }
}
