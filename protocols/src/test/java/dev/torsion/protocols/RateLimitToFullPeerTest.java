package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A [RateLimit] whose peer reads nothing.
final class RateLimitToFullPeerTest {
    private static final Address PEER = Address.of("192.0.2.1", 1000);
    private static final int MEBIBYTE = 1 << 20;

    private final ManualReactor reactor = new ManualReactor();
    private final Writer writer = new Writer();
    private final MemoryTransport below =
            MemoryTransport.connect(
                    reactor,
                    requireNonNull(
                            new RateLimit(_ -> writer, MEBIBYTE, MEBIBYTE).buildProtocol(PEER)));

    private static final class Writer implements Protocol {
        private @Nullable Transport transport;
        private int again;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void writableAgain() {
            again++;
        }

        Transport transport() {
            return requireNonNull(transport);
        }

        boolean write(int size) {
            return transport().write(Bytes.wrap(new byte[size]));
        }
    }

    @BeforeEach
    void peerReadsNothing() {
        below.writable(false);
    }

    @Test
    void holdsBackWhatThePeerDoesNotTake() {
        for (int i = 0; i < 60; i++) {
            assertThat(writer.write(MEBIBYTE)).isFalse();
        }
        reactor.advance(Duration.ofMinutes(5));
        assertThat(below.pendingBytes()).isLessThan(MEBIBYTE);
        assertThat(writer.transport().pendingBytes()).isEqualTo(60L * MEBIBYTE);

        below.writable(true);
        reactor.advance(Duration.ofSeconds(30));
        assertThat(below.takeWritten().size()).isBetween(30 * MEBIBYTE, 31 * MEBIBYTE);
        assertThat(writer.again).isZero();
        reactor.advance(Duration.ofSeconds(30));
        assertThat(below.takeWritten().size()).isBetween(29 * MEBIBYTE, 30 * MEBIBYTE);
        assertThat(writer.again).isOne();
        assertThat(writer.write(1)).isTrue();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void failsAtTheHardLimitOfAllThatWaits() {
        for (int i = 0; i < 64; i++) {
            writer.write(MEBIBYTE);
            reactor.advance(Duration.ofSeconds(2));
        }
        assertThat(below.closeReason()).isNull();

        writer.write(1);
        assertThat(below.closeReason())
                .isInstanceOfSatisfying(
                        CloseReason.Failed.class,
                        failed ->
                                assertThat(failed.cause())
                                        .hasMessage(
                                                "wrote past the hard limit of 67108864 bytes: the"
                                                        + " peer does not read"));
    }

    @Test
    void abortsWhatClosesWhenThePeerTakesItMuchMoreSlowlyThanTheRateAllows() {
        writer.write(60 * MEBIBYTE);
        writer.transport().loseConnection();
        for (int i = 0; i < 7; i++) {
            reactor.advance(Duration.ofSeconds(9));
            assertThat(below.closeReason()).isNull();
            below.writable(true);
            below.writable(false);
        }
        reactor.advance(Duration.ofSeconds(7));

        assertThat(below.closeReason()).isInstanceOf(CloseReason.Aborted.class);
        assertThat(writer.transport().pendingBytes()).isZero();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void abortsWhatClosesWhenThePeerTakesNothingForTenSeconds() {
        writer.write(60 * MEBIBYTE);
        writer.transport().loseConnection();
        reactor.advance(Duration.ofSeconds(9));
        assertThat(below.closeReason()).isNull();

        reactor.advance(Duration.ofSeconds(2));
        assertThat(below.closeReason()).isInstanceOf(CloseReason.Aborted.class);
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void abortsNobodyWhoTakesLittleUntilHeTakesNothing() {
        var slow = new Slow(MemoryTransport.connect(reactor, new Protocol() {}));
        var limited = new RateLimit(_ -> writer, MEBIBYTE, MEBIBYTE).buildProtocol(PEER);
        requireNonNull(limited).connectionMade(slow);
        writer.write(60 * MEBIBYTE);
        writer.transport().loseConnection();
        for (int i = 0; i < 4; i++) {
            reactor.advance(Duration.ofSeconds(9));
            slow.taken++;
            reactor.advance(Duration.ofSeconds(1));
            assertThat(slow.aborted).isFalse();
        }
        reactor.advance(Duration.ofSeconds(10));

        assertThat(slow.aborted).isTrue();
    }

    /// A connection whose peer takes a byte now and then: never enough for room.
    private static final class Slow extends ForwardingTransport {
        private long written;
        private long taken;
        private boolean aborted;

        Slow(Transport beneath) {
            super(beneath);
        }

        @Override
        public boolean write(Bytes data) {
            written += data.size();
            return false;
        }

        @Override
        public long pendingBytes() {
            return written - taken;
        }

        @Override
        public void abortConnection() {
            aborted = true;
        }
    }

    @Test
    void sendsWhatClosesForAsLongAsThePeerTakesIt() {
        writer.write(60 * MEBIBYTE);
        writer.transport().loseConnection();
        reactor.advance(Duration.ofSeconds(5));
        below.writable(true);
        reactor.advance(Duration.ofSeconds(60));

        assertThat(below.takeWritten().size()).isEqualTo(60 * MEBIBYTE);
        assertThat(below.closeReason()).isEqualTo(new CloseReason.Done());
        assertThat(reactor.pendingTimers()).isZero();
    }
}
