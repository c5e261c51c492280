package dev.torsion.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.MemoryTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class IdleTimeoutTest extends PolicySetting {
    @Test
    void closesWhenNothingIsReadOrWritten() {
        IdleTimeout idle = new IdleTimeout(_ -> new Told(), SECOND);
        MemoryTransport transport = accept(idle, ONE);
        reactor.advance(Duration.ofMillis(999));
        assertThat(transport.isClosing()).isFalse();

        reactor.advance(Duration.ofMillis(1));
        assertThat(told).containsExactly("made", "lost: closed cleanly");
        assertThat(idle.timedOut()).isEqualTo(1);
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void startsAnewWithEveryRead() {
        MemoryTransport transport = accept(new IdleTimeout(_ -> new Told(), SECOND), ONE);
        for (int i = 0; i < 5; i++) {
            reactor.advance(Duration.ofMillis(999));
            transport.receive(Bytes.utf8("x"));
        }
        reactor.advance(Duration.ofMillis(999));
        assertThat(transport.isClosing()).isFalse();

        reactor.advance(Duration.ofMillis(1));
        assertThat(transport.isClosing()).isTrue();
    }

    @Test
    void startsAnewWithEveryWrite() {
        List<Transport> seen = new ArrayList<>();
        Protocol writer =
                new Protocol() {
                    @Override
                    public void connectionMade(Transport transport) {
                        seen.add(transport);
                    }
                };
        MemoryTransport transport = accept(new IdleTimeout(_ -> writer, SECOND), ONE);
        reactor.advance(Duration.ofMillis(999));
        seen.getFirst().write(Bytes.utf8("x"));
        reactor.advance(Duration.ofMillis(999));
        assertThat(transport.isClosing()).isFalse();

        reactor.advance(Duration.ofMillis(1));
        assertThat(transport.isClosing()).isTrue();
    }

    @Test
    void ofReadingClosesThoughMuchIsWritten() {
        Pausing chatter = new Pausing();
        IdleTimeout idle = IdleTimeout.ofReading(_ -> chatter, SECOND);
        MemoryTransport transport = accept(idle, ONE);
        for (int i = 0; i < 9; i++) {
            reactor.advance(Duration.ofMillis(111));
            chatter.transport().write(Bytes.utf8("x"));
        }
        assertThat(transport.isClosing()).isFalse();

        reactor.advance(Duration.ofMillis(1));
        assertThat(transport.isClosing()).isTrue();
        assertThat(transport.takeWrittenText()).isEqualTo("xxxxxxxxx");
        assertThat(told).containsExactly("lost: closed cleanly");
        assertThat(idle.timedOut()).isEqualTo(1);
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void ofReadingStartsAnewWithEveryRead() {
        Pausing chatter = new Pausing();
        MemoryTransport transport = accept(IdleTimeout.ofReading(_ -> chatter, SECOND), ONE);
        for (int i = 0; i < 5; i++) {
            reactor.advance(Duration.ofMillis(999));
            transport.receive(Bytes.utf8("x"));
        }
        chatter.transport().write(Bytes.utf8("x"));
        reactor.advance(Duration.ofMillis(999));
        assertThat(transport.isClosing()).isFalse();

        reactor.advance(Duration.ofMillis(1));
        assertThat(transport.isClosing()).isTrue();
    }

    @Test
    void isMoreThanZero() {
        for (Duration none : List.of(Duration.ZERO, Duration.ofNanos(-1))) {
            assertThatThrownBy(() -> IdleTimeout.ofReading(_ -> new Told(), none))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("an idle timeout");
        }
    }

    @Test
    void leavesNoTimerBehind() {
        accept(new IdleTimeout(_ -> new Told(), SECOND), ONE).peerClosed();

        assertThat(reactor.pendingTimers()).isZero();
    }
}
