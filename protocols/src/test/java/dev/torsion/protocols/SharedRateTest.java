package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryNetwork;
import dev.torsion.reactor.testing.MemoryTransport;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Connections on two loops, and through two doors, that share 10,000 bytes a second each way.
final class SharedRateTest {
    private static final Address PEER = Address.of("192.0.2.1", 1000);
    private static final int RATE = 10_000;
    private static final int BURST = RATE / 10;
    private static final int TURN = 1 << 10; // what each gets in turn
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final MemoryNetwork network = new MemoryNetwork(1);
    private final ManualReactor one = network.reactor("one");
    private final ManualReactor two = network.reactor("two");
    private final SharedRate rate = new SharedRate(RATE, RATE, one);

    /// A connection, and the peer that it has.
    private final class Held implements Protocol {
        private final MemoryTransport below;
        private @Nullable Transport transport;
        private int sent;
        private int received;

        Held(ManualReactor reactor) {
            RateLimit door = RateLimit.sharing(_ -> this, rate);
            below = MemoryTransport.connect(reactor, requireNonNull(door.buildProtocol(PEER)));
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(Bytes data) {
            received += data.size();
        }

        Transport transport() {
            return requireNonNull(transport);
        }

        void write(int count) {
            transport().write(Bytes.wrap(new byte[count]));
        }

        /// How much has left so far.
        int sent() {
            sent += below.takeWritten().size();
            return sent;
        }
    }

    @Test
    void boundsWhatAllWriteTogether() {
        Held first = new Held(one);
        Held second = new Held(two);
        first.write(100_000);
        second.write(100_000);

        for (int seconds = 1; seconds <= 5; seconds++) {
            one.advance(SECOND);
            assertThat(first.sent() + second.sent())
                    .isBetween(seconds * RATE - TURN, seconds * RATE + BURST);
        }
    }

    @Test
    void boundsWhatAllReadTogether() {
        Held first = new Held(one);
        Held second = new Held(two);
        first.below.receive(Bytes.wrap(new byte[100_000]));
        second.below.receive(Bytes.wrap(new byte[100_000]));

        for (int seconds = 1; seconds <= 5; seconds++) {
            one.advance(SECOND);
            assertThat(first.received + second.received)
                    .isBetween(seconds * RATE - TURN, seconds * RATE + BURST);
        }
        assertThat(first.received).isCloseTo(second.received, within(BURST + TURN));
    }

    @Test
    void givesTheSameToAllWhoWaitHoweverMuchWaitsAtEach() {
        Held first = new Held(one);
        first.write(1_000_000);
        one.advance(SECOND);
        int before = first.sent();
        Held second = new Held(two);
        Held third = new Held(one);
        second.write(50_000);
        third.write(50_000);

        one.advance(Duration.ofSeconds(6));

        assertThat(first.sent() - before).isCloseTo(2 * RATE, within(2 * TURN));
        assertThat(second.sent()).isCloseTo(2 * RATE, within(2 * TURN));
        assertThat(third.sent()).isCloseTo(2 * RATE, within(2 * TURN));
    }

    @Test
    void letsLittleWaitForOneTurnOfEachOther() {
        Held first = new Held(one);
        Held second = new Held(two);
        first.write(100_000);
        second.write(100_000);
        one.advance(SECOND);
        Held third = new Held(one);

        third.write(10);
        one.advance(Duration.ofMillis(3L * TURN * 1000 / RATE));

        assertThat(third.sent()).isEqualTo(10);
    }

    @Test
    void passesAtOnceWhatIsAllowedWhileNobodyWaits() {
        Held first = new Held(one);

        first.write(BURST);

        assertThat(first.sent()).isEqualTo(BURST);
        assertThat(one.pendingTimers()).isZero();
    }

    @Test
    void keepsTheTurnOfWhoPausesForAMoment() {
        Held first = new Held(one);
        Held second = new Held(two);
        first.below.receive(Bytes.wrap(new byte[100_000]));
        second.below.receive(Bytes.wrap(new byte[100_000]));

        for (int i = 0; i < 250; i++) {
            first.transport().pauseReading();
            first.transport().resumeReading();
            one.advance(Duration.ofMillis(20));
        }

        assertThat(first.received).isCloseTo(second.received, within(BURST + TURN));
    }

    /// Each hands on what waits, the second finds nothing.
    @Test
    void isWaitedForByNobodyWhoResumedTwice() {
        Held first = new Held(one);
        first.below.receive(Bytes.wrap(new byte[BURST + 1]));
        first.transport().pauseReading();
        one.advance(SECOND);

        first.transport().resumeReading();
        first.transport().resumeReading();
        one.runUntilIdle();

        assertThat(first.received).isEqualTo(BURST + 1);
        assertThat(rate.reading().share().whole(RATE)).isEqualTo(SECOND);
    }

    @Test
    void givesToTheOthersWhatOneWhoPausesCannotUse() {
        Held first = new Held(one);
        Held second = new Held(two);
        first.below.receive(Bytes.wrap(new byte[100_000]));
        second.below.receive(Bytes.wrap(new byte[100_000]));
        first.transport().pauseReading();
        one.advance(SECOND);
        int before = second.received;

        one.advance(Duration.ofSeconds(5));

        assertThat(second.received - before).isCloseTo(5 * RATE, within(TURN));
    }

    @Test
    void givesToTheOthersWhatOneThatIsGoneWaitedFor() {
        Held first = new Held(one);
        Held second = new Held(two);
        first.write(100_000);
        second.write(100_000);
        one.advance(SECOND);
        first.transport().abortConnection();
        one.runUntilIdle();
        int before = second.sent();

        one.advance(Duration.ofSeconds(5));

        assertThat(first.below.closeReason()).isInstanceOf(CloseReason.Aborted.class);
        assertThat(second.sent() - before).isCloseTo(5 * RATE, within(TURN));
    }

    @Test
    void givesToTheOthersWhatOneWhosePeerDoesNotReadCannotUse() {
        Held first = new Held(one);
        Held second = new Held(two);
        first.write(100_000);
        second.write(100_000);
        first.below.writable(false);
        one.advance(SECOND);
        int before = second.sent();

        one.advance(Duration.ofSeconds(5));

        assertThat(second.sent() - before).isCloseTo(5 * RATE, within(TURN));
    }

    @Test
    void sendsWhatWaitsBeforeItClosesThoughOthersTakeTheirShare() {
        Held first = new Held(one);
        Held second = new Held(one);
        first.write(200_000);
        second.write(300_000);
        first.transport().loseConnection();

        one.advance(Duration.ofSeconds(45)); // alone it would be 20 s, and aborted after 30

        assertThat(first.sent()).isEqualTo(200_000);
        assertThat(first.below.closeReason()).isEqualTo(new CloseReason.Done());
    }

    /// Alone at the rate it would be 25 s, and 10 s more for its peer.
    @Test
    void leavesWhoClosesNoMoreTimeForThoseThatWaitForNothing() {
        Held first = closingAmongIdleOnes();
        for (int i = 0; i < 3; i++) {
            one.advance(Duration.ofSeconds(9));
            first.below.writable(true);
            first.below.writable(false);
        }
        one.advance(Duration.ofSeconds(7));
        assertThat(first.below.closeReason()).isNull();

        one.advance(SECOND);
        assertThat(first.below.closeReason()).isInstanceOf(CloseReason.Aborted.class);
        assertThat(one.pendingTimers()).isZero();
    }

    @Test
    void abortsWhoClosesAndWhosePeerTakesNothingForTenSeconds() {
        Held first = closingAmongIdleOnes();

        one.advance(Duration.ofSeconds(9));
        assertThat(first.below.closeReason()).isNull();
        one.advance(SECOND);

        assertThat(first.below.closeReason()).isInstanceOf(CloseReason.Aborted.class);
        assertThat(one.pendingTimers()).isZero();
    }

    private Held closingAmongIdleOnes() {
        Held first = new Held(one);
        for (int i = 0; i < 100; i++) {
            var _ = new Held(two);
        }
        first.below.writable(false);
        first.write(250_000);
        first.transport().loseConnection();
        return first;
    }

    /// It was alone when it closed: 10 s at the rate.
    @Test
    void sendsWhatWaitsBeforeItClosesThoughOthersCameLater() {
        Held first = new Held(one);
        first.write(100_000);
        first.transport().loseConnection();
        for (int i = 0; i < 4; i++) {
            new Held(two).write(300_000);
        }

        one.advance(Duration.ofSeconds(55));

        assertThat(first.sent()).isEqualTo(100_000);
        assertThat(first.below.closeReason()).isEqualTo(new CloseReason.Done());
    }

    @Test
    void endsForAReactorThatStopsAlone() {
        Held first = new Held(one);
        Held second = new Held(two);
        first.write(50_000);
        second.write(50_000);

        one.stop();
        one.runUntilIdle();

        assertThat(first.sent()).isEqualTo(50_000);
        assertThat(second.sent()).isLessThan(BURST + TURN);
    }

    /// What the two have taken is what the third has to wait for, to the byte; its time stands
    /// still.
    @Test
    void losesNothingOfWhatTwoThreadsTakeAtOnce() throws InterruptedException {
        int takes = 100_000;
        Runnable taking =
                () -> {
                    TokenBucket.Share share = rate.writing().share();
                    for (int i = 0; i < takes; i++) {
                        share.take(1);
                    }
                };
        List<Thread> takers =
                List.of(Thread.ofPlatform().start(taking), Thread.ofPlatform().start(taking));
        for (Thread taker : takers) {
            taker.join();
        }

        assertThat(rate.writing().share().until(1))
                .isCloseTo(
                        Duration.ofSeconds(2L * takes - BURST + 1).dividedBy(RATE),
                        Duration.ofNanos(1000));
    }

    @Test
    void isOneByteASecondOrMore() {
        assertThatIllegalArgumentException().isThrownBy(() -> new SharedRate(0, 1, one));
        assertThatIllegalArgumentException().isThrownBy(() -> new SharedRate(1, 0, one));
    }
}
