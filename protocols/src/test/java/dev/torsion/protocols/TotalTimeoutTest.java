package dev.torsion.protocols;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.testing.MemoryTransport;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class TotalTimeoutTest extends PolicySetting {
    @Test
    void closesHoweverBusyTheConnectionIs() {
        TotalTimeout total = new TotalTimeout(_ -> new Told(), SECOND);
        MemoryTransport transport = accept(total, ONE);
        for (int i = 0; i < 9; i++) {
            reactor.advance(Duration.ofMillis(111));
            transport.receive(Bytes.utf8("x"));
        }
        assertThat(transport.isClosing()).isFalse();

        reactor.advance(Duration.ofMillis(1));
        assertThat(told).endsWith("x", "lost: closed cleanly");
        assertThat(total.timedOut()).isEqualTo(1);
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void leavesNoTimerBehind() {
        accept(new TotalTimeout(_ -> new Told(), SECOND), ONE).peerClosed();

        assertThat(reactor.pendingTimers()).isZero();
    }
}
