package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.PeerCredentials;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class PoliciesTest {
    private static final Address.Inet ONE = Address.of("192.0.2.1", 1000);
    private static final Address.Inet OTHER = Address.of("192.0.2.2", 1000);
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualReactor reactor = new ManualReactor();
    private final List<String> told = new ArrayList<>();

    private class Told implements Protocol {
        @Override
        public void connectionMade(Transport transport) {
            told.add("made");
        }

        @Override
        public void dataReceived(Bytes data) {
            told.add(data.utf8());
        }

        @Override
        public void writableAgain() {
            told.add("again");
        }

        @Override
        public void connectionLost(CloseReason reason) {
            told.add("lost: " + reason);
        }
    }

    @Test
    @SuppressWarnings("NullAway") // what callers without it do
    void failTheirConnectionForNoMissingReason() {
        List<Transport> transports = new ArrayList<>();
        Protocol remembering =
                new Protocol() {
                    @Override
                    public void connectionMade(Transport made) {
                        transports.add(made);
                    }
                };
        MemoryTransport below =
                accept(
                        new TrafficLog(
                                new RateLimit(
                                        new IdleTimeout(_ -> remembering, SECOND), 1000, 1000),
                                told::add),
                        ONE);
        for (Transport each = transports.getFirst(); each != null; each = each.beneath()) {
            Transport transport = each;
            assertThatThrownBy(() -> transport.failConnection(null))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage("cause");
        }

        assertThat(below.closeReason()).isNull();
    }

    @Test
    void aConnectionLimitRefusesOneTooManyUntilOneIsLost() {
        ConnectionLimit limit = new ConnectionLimit(_ -> new Told(), 2, 2);
        MemoryTransport first = accept(limit, ONE);
        accept(limit, OTHER);

        assertThat(limit.buildProtocol(ONE)).isNull();
        assertThat(limit.open()).isEqualTo(2);
        assertThat(limit.refused()).isEqualTo(1);

        first.peerClosed();
        assertThat(limit.open()).isEqualTo(1);
        assertThat(limit.buildProtocol(ONE)).isNotNull();
    }

    @Test
    void aConnectionLimitTakesAllWhoComeThroughUnixSocketsForOneHost() {
        ConnectionLimit limit = new ConnectionLimit(_ -> new Told(), 10, 1);
        accept(limit, Address.unix(""));

        assertThat(limit.buildProtocol(Address.unix("/run/a.sock"))).isNull();
        assertThat(limit.buildProtocol(ONE)).isNotNull();
    }

    @Test
    void aConnectionLimitRefusesOneTooManyFromOneHostWhateverItsPort() {
        ConnectionLimit limit = new ConnectionLimit(_ -> new Told(), 10, 1);
        MemoryTransport first = accept(limit, ONE);

        assertThat(limit.buildProtocol(Address.of(ONE.host(), 2000))).isNull();
        assertThat(limit.buildProtocol(OTHER)).isNotNull();

        first.peerReset();
        assertThat(limit.buildProtocol(ONE)).isNotNull();
    }

    @Test
    void aConnectionLimitDoesNotCountWhatTheWrappedFactoryRefuses() {
        List<@Nullable Protocol> answers = new ArrayList<>();
        answers.add(null);
        ConnectionLimit refusing = new ConnectionLimit(_ -> answers.getFirst(), 1, 1);
        assertThat(refusing.buildProtocol(ONE)).isNull();
        ConnectionLimit throwing =
                new ConnectionLimit(
                        _ -> {
                            throw new IllegalStateException("as asked");
                        },
                        1,
                        1);
        assertThatThrownBy(() -> throwing.buildProtocol(ONE)).hasMessage("as asked");

        assertThat(refusing.open()).isZero();
        assertThat(refusing.refused()).isZero();
        assertThat(throwing.open()).isZero();
    }

    @Test
    void aConnectionLimitDoesNotCountWhatCannotBeWrapped() {
        ConnectionLimit hosts = new ConnectionLimit(_ -> new Told(), 10, 1);
        ConnectionLimit all = new ConnectionLimit(hosts, 1, 1);
        ProtocolFactory throwing =
                WrappingProtocol.around(
                        all,
                        _ -> {
                            throw new IllegalStateException("as asked");
                        });
        assertThatThrownBy(() -> throwing.buildProtocol(ONE)).hasMessage("as asked");

        assertThat(all.open()).isZero();
        assertThat(hosts.open()).isZero();
        assertThat(all.buildProtocol(ONE)).isNotNull();
    }

    @Test
    void anAcceptRateHoldsInAnySecondWhereverItBegins() {
        AcceptRate rate = new AcceptRate(_ -> new Told(), 2, reactor);
        accept(rate, ONE);
        reactor.advance(Duration.ofMillis(900));
        accept(rate, ONE);
        assertThat(rate.buildProtocol(ONE)).isNull();

        reactor.advance(Duration.ofMillis(100));
        accept(rate, ONE);
        assertThat(rate.buildProtocol(ONE)).isNull();

        reactor.advance(Duration.ofMillis(900));
        accept(rate, ONE);
        assertThat(rate.buildProtocol(ONE)).isNull();
        assertThat(rate.refused()).isEqualTo(3);
    }

    @Test
    void anAcceptRateDoesNotCountWhomTheWrappedFactoryRefuses() {
        ConnectionLimit limit = new ConnectionLimit(_ -> new Told(), 10, 1);
        AcceptRate rate = new AcceptRate(limit, 2, reactor);
        accept(rate, ONE);
        for (int i = 0; i < 5; i++) {
            assertThat(rate.buildProtocol(ONE)).isNull();
        }
        assertThat(limit.refused()).isEqualTo(5);
        accept(rate, OTHER);
        assertThat(rate.buildProtocol(Address.of("192.0.2.3", 1000))).isNull();
        assertThat(rate.refused()).isEqualTo(1);

        AcceptRate throwing =
                new AcceptRate(
                        _ -> {
                            throw new IllegalStateException("as asked");
                        },
                        1,
                        reactor);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> throwing.buildProtocol(ONE)).hasMessage("as asked");
        }
    }

    /// Two loops at a time, the one within the other's call.
    @Test
    void anAcceptRateKeepsAPlaceForWhoIsAboutToGetIn() {
        List<AcceptRate> rates = new ArrayList<>();
        List<@Nullable Protocol> others = new ArrayList<>();
        rates.add(
                new AcceptRate(
                        peer -> {
                            if (peer.equals(ONE)) {
                                others.add(rates.getFirst().buildProtocol(OTHER));
                            }
                            return new Told();
                        },
                        2,
                        reactor));
        AcceptRate rate = rates.getFirst();
        for (int i = 0; i < 3; i++) {
            accept(rate, ONE);
            assertThat(others).last().isNotNull();
            assertThat(rate.buildProtocol(OTHER)).isNull();
            reactor.advance(Duration.ofMillis(999));
            assertThat(rate.buildProtocol(OTHER)).isNull();
            reactor.advance(Duration.ofMillis(1));
        }
        assertThat(rate.refused()).isEqualTo(6);
    }

    @Test
    void anIdleTimeoutClosesWhenNothingIsReadOrWritten() {
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
    void anIdleTimeoutStartsAnewWithEveryRead() {
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
    void anIdleTimeoutStartsAnewWithEveryWrite() {
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
    void anIdleTimeoutOfReadingClosesThoughMuchIsWritten() {
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
    void anIdleTimeoutOfReadingStartsAnewWithEveryRead() {
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
    void anIdleTimeoutIsMoreThanZero() {
        for (Duration none : List.of(Duration.ZERO, Duration.ofNanos(-1))) {
            assertThatThrownBy(() -> IdleTimeout.ofReading(_ -> new Told(), none))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("an idle timeout");
        }
    }

    @Test
    void anIdleTimeoutLeavesNoTimerBehind() {
        accept(new IdleTimeout(_ -> new Told(), SECOND), ONE).peerClosed();

        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void aTotalTimeoutClosesHoweverBusyTheConnectionIs() {
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
    void timeoutsCountNobodyWhoClosesWithoutThem() {
        IdleTimeout idle = new IdleTimeout(_ -> closing(), SECOND);
        TotalTimeout total = new TotalTimeout(_ -> closing(), SECOND);
        for (ProtocolFactory factory : List.of(idle, total)) {
            MemoryTransport transport = accept(factory, ONE);
            transport.writable(false);
            transport.receive(Bytes.utf8("x"));
            reactor.advance(Duration.ofSeconds(5));
            assertThat(transport.closeReason()).isNull();

            reactor.advance(Duration.ofSeconds(5));
            assertThat(transport.closeReason()).isInstanceOf(CloseReason.Aborted.class);
        }
        assertThat(idle.timedOut()).isZero();
        assertThat(total.timedOut()).isZero();
    }

    /// Writes back what comes, and closes.
    private Protocol closing() {
        return new Pausing() {
            @Override
            public void dataReceived(Bytes data) {
                transport().write(data);
                transport().loseConnection();
            }
        };
    }

    @Test
    void aTotalTimeoutLeavesNoTimerBehind() {
        accept(new TotalTimeout(_ -> new Told(), SECOND), ONE).peerClosed();

        assertThat(reactor.pendingTimers()).isZero();
    }

    // ---- rates ----

    @Test
    void aRateLimitPausesReadingUntilTheRateHasCaughtUp() {
        RateLimit rate = new RateLimit(_ -> new Told(), 1000, Long.MAX_VALUE);
        MemoryTransport transport = accept(rate, ONE);

        // A tenth of a second is free, the rest takes 0.9 s.
        transport.receive(Bytes.wrap(new byte[1000]));
        transport.receive(Bytes.utf8("next"));
        assertThat(transport.isPaused()).isTrue();
        assertThat(told).containsExactly("made", "\0".repeat(100));

        reactor.advance(Duration.ofMillis(899));
        assertThat(transport.isPaused()).isTrue();
        assertThat(told).hasSize(10).doesNotContain("next");
        reactor.advance(Duration.ofMillis(6));
        assertThat(told).hasSize(12).endsWith("\0".repeat(100), "next");
        assertThat(transport.isPaused()).isFalse();
        assertThat(rate.pauses()).isEqualTo(2);
    }

    @Test
    void aTimeoutWithinARateLimitTakesNoBusyPeerForASilentOne() {
        List<Integer> sizes = new ArrayList<>();
        Protocol counting =
                new Told() {
                    @Override
                    public void dataReceived(Bytes data) {
                        sizes.add(data.size());
                    }
                };
        RateLimit rate =
                new RateLimit(new IdleTimeout(_ -> counting, SECOND), 10_000, Long.MAX_VALUE);
        MemoryTransport transport = accept(rate, ONE);
        transport.receive(Bytes.wrap(new byte[Transport.LARGEST_READ]));
        assertThat(sizes).containsExactly(1000);

        reactor.advance(Duration.ofSeconds(27));
        assertThat(transport.isClosing()).isFalse();
        assertThat(sizes.stream().mapToInt(Integer::intValue).sum())
                .isEqualTo(Transport.LARGEST_READ);
        reactor.advance(SECOND);
        assertThat(told).containsExactly("made", "lost: closed cleanly");
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void aRateLimitHandsOnWhatCameBeforeALoss() {
        MemoryTransport transport = accept(new RateLimit(_ -> new Told(), 40, 40), ONE);
        transport.receive(Bytes.utf8("the peer's last words"));
        transport.peerReset();

        assertThat(told)
                .containsExactly(
                        "made",
                        "the ",
                        "peer's last words",
                        "lost: connection lost: connection reset by peer");
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void aRateLimitHandsOnNothingMoreToWhoHasClosedPausedOrFailed() {
        Map<Consumer<Transport>, String> ends =
                Map.of(
                        Transport::pauseReading,
                        "lost: connection lost: connection reset by peer",
                        Transport::loseConnection,
                        "lost: closed cleanly",
                        Transport::abortConnection,
                        "lost: aborted",
                        _ -> {
                            throw new IllegalStateException("as asked");
                        },
                        "lost: failed: as asked");
        ends.forEach((end, lost) -> {
            for (int part : List.of(1, 2)) {
                told.clear();
                Pausing ending =
                        new Pausing() {
                            @Override
                            public void dataReceived(Bytes data) {
                                super.dataReceived(data);
                                if (told.size() == part) {
                                    end.accept(transport());
                                }
                            }
                        };
                MemoryTransport transport = accept(new RateLimit(_ -> ending, 10, 10), ONE);
                transport.receive(Bytes.utf8("abcdef"));
                reactor.advance(SECOND);
                transport.peerReset();
                assertThat(told)
                        .containsExactlyElementsOf(
                                part == 1 ? List.of("a", lost) : List.of("a", "b", lost));
                assertThat(reactor.pendingTimers()).isZero();
            }
        });
    }

    @Test
    void aRateLimitHandsOnTheRestToWhoReadsAgain() {
        Pausing pausing =
                new Pausing() {
                    @Override
                    public void dataReceived(Bytes data) {
                        super.dataReceived(data);
                        transport().pauseReading();
                    }
                };
        MemoryTransport transport = accept(new RateLimit(_ -> pausing, 10, 10), ONE);
        transport.receive(Bytes.utf8("abc"));
        transport.receive(Bytes.utf8("d"));
        for (String seen : List.of("a", "ab", "abc", "abcd")) {
            reactor.advance(SECOND);
            assertThat(String.join("", told)).isEqualTo(seen);
            pausing.transport().resumeReading();
            pausing.transport().resumeReading();
        }
        reactor.advance(SECOND);
        assertThat(transport.isPaused()).isFalse();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void aRateLimitLeavesAPausedProtocolPaused() {
        Pausing pausing = new Pausing();
        MemoryTransport transport = accept(new RateLimit(_ -> pausing, 1000, 1000), ONE);
        transport.receive(Bytes.wrap(new byte[200]));
        pausing.transport().pauseReading();
        reactor.advance(SECOND);
        assertThat(transport.isPaused()).isTrue();

        pausing.transport().resumeReading();
        reactor.runUntilIdle();
        assertThat(transport.isPaused()).isFalse();
    }

    @Test
    void aRateLimitDoesNotReadSoonerBecauseTheProtocolResumes() {
        Pausing pausing = new Pausing();
        MemoryTransport transport = accept(new RateLimit(_ -> pausing, 1000, 1000), ONE);
        transport.receive(Bytes.wrap(new byte[200]));
        pausing.transport().pauseReading();
        pausing.transport().resumeReading();
        assertThat(transport.isPaused()).isTrue();

        reactor.advance(SECOND);
        assertThat(transport.isPaused()).isFalse();
    }

    @Test
    void aRateLimitHoldsBackWhatIsWrittenAndKeepsItsOrder() {
        Pausing writer = new Pausing();
        MemoryTransport transport = accept(new RateLimit(_ -> writer, 1000, 10_000), ONE);
        StringBuilder sent = new StringBuilder();
        StringBuilder received = new StringBuilder();
        for (int i = 0; i < 4000; i++) {
            String piece = String.valueOf(i);
            sent.append(piece);
            writer.transport().write(Bytes.utf8(piece));
        }
        assertThat(writer.transport().pendingBytes()).isEqualTo(sent.length());

        for (int tenths = 1; received.length() < sent.length(); tenths++) {
            received.append(transport.takeWrittenText());
            assertThat(received.length()).isLessThanOrEqualTo(tenths * 1000);
            reactor.advance(Duration.ofMillis(100));
        }
        assertThat(received.toString()).isEqualTo(sent.toString());
        assertThat(reactor.pendingTimers()).isZero();
    }

    /// Each of them for itself would take fifty times the memory that its bytes are counted as.
    @Test
    void aRateLimitJoinsSmallWritesThatWait() {
        Pausing writer = new Pausing();
        MemoryTransport transport =
                accept(
                        _ ->
                                new WrappingProtocol(
                                        requireNonNull(
                                                new RateLimit(_ -> writer, 1, 1)
                                                        .buildProtocol(ONE))) {
                                    @Override
                                    public void connectionMade(Transport made) {
                                        super.connectionMade(new Counting(made));
                                    }
                                },
                        ONE);
        for (int i = 0; i < 10_000; i++) {
            writer.transport().write(Bytes.utf8("" + i % 10));
        }
        writer.transport().write(Bytes.wrap(new byte[5000]));
        writer.transport().write(Bytes.utf8("end"));
        assertThat(writer.transport().pendingBytes()).isEqualTo(15_003);

        var _ = reactor.stop();
        reactor.runUntilIdle();
        assertThat(told).hasSizeLessThan(10);
        assertThat(transport.takeWrittenText())
                .isEqualTo("0123456789".repeat(1000) + "\0".repeat(5000) + "end");
    }

    /// Tells the size of each write.
    private final class Counting extends ForwardingTransport {
        Counting(Transport transport) {
            super(transport);
        }

        @Override
        public boolean write(Bytes data) {
            told.add(String.valueOf(data.size()));
            return super.write(data);
        }
    }

    @Test
    void aRateLimitSendsNoScrapsWhileMoreWaits() {
        Pausing writer = new Pausing();
        MemoryTransport transport = accept(new RateLimit(_ -> writer, 1, 10_000), ONE);
        writer.transport().write(Bytes.wrap(new byte[1000]));
        writer.transport().write(Bytes.utf8("\r\n"));
        writer.transport().write(Bytes.wrap(new byte[5000]));
        assertThat(transport.takeWritten().size()).isEqualTo(1000);

        reactor.advance(Duration.ofMillis(99));
        assertThat(transport.takeWritten().isEmpty()).isTrue();
        reactor.advance(Duration.ofMillis(1));
        assertThat(transport.takeWritten().size()).isEqualTo(1000);
    }

    @Test
    void aRateLimitSaysWhenTooMuchWaitsAndWhenItMayBeWrittenAgain() {
        Pausing writer = new Pausing();
        RateLimit rate = new RateLimit(_ -> writer, 1000, 100_000);
        accept(rate, ONE);
        assertThat(writer.transport().write(Bytes.wrap(new byte[60_000]))).isTrue();
        assertThat(writer.transport().write(Bytes.wrap(new byte[60_000]))).isFalse();

        // Over 32 KiB wait until 0.78 s have passed: 110,000 bytes waited at first.
        reactor.advance(Duration.ofMillis(770));
        assertThat(told).doesNotContain("again");
        reactor.advance(Duration.ofMillis(30));
        assertThat(told).containsOnlyOnce("again");
        reactor.advance(SECOND);
        assertThat(rate.pauses()).isEqualTo(1);
    }

    @Test
    void aRateLimitSaysOnceThatAPeerReadsAgain() {
        Pausing writer = new Pausing();
        MemoryTransport transport =
                accept(new RateLimit(_ -> writer, Long.MAX_VALUE, Long.MAX_VALUE), ONE);
        transport.writable(false);
        assertThat(writer.transport().write(Bytes.utf8("a"))).isFalse();
        assertThat(writer.transport().write(Bytes.utf8("b"))).isFalse();
        reactor.advance(SECOND);
        assertThat(told).isEmpty();

        transport.writable(true);
        assertThat(told).containsExactly("again");
        assertThat(transport.takeWrittenText()).isEqualTo("ab");
        assertThat(writer.transport().write(Bytes.utf8("c"))).isTrue();
    }

    @Test
    void aRateLimitFailsAConnectionThatWritesOnAndOn() {
        Pausing writer = new Pausing();
        MemoryTransport transport = accept(new RateLimit(_ -> writer, 1000, 1), ONE);
        Bytes mebibyte = Bytes.wrap(new byte[1 << 20]);
        for (int i = 0; i < 64; i++) {
            writer.transport().write(mebibyte);
        }
        assertThat(transport.isAborted()).isFalse();

        assertThat(writer.transport().write(mebibyte)).isFalse();
        assertThat(writer.transport().write(mebibyte)).isFalse();
        reactor.advance(Duration.ZERO);
        assertThat(told).last().asString().contains("failed", "past the hard limit");
        assertThat(writer.transport().pendingBytes()).isZero();
    }

    @Test
    void aRateLimitSendsWhatWaitsBeforeItCloses() {
        Pausing writer = new Pausing();
        MemoryTransport transport = accept(new RateLimit(_ -> writer, 1000, 1000), ONE);
        writer.transport().write(Bytes.wrap(new byte[1000]));
        writer.transport().loseConnection();
        writer.transport().write(Bytes.utf8("ignored"));
        transport.receive(Bytes.utf8("nobody's"));
        assertThat(transport.isClosing()).isFalse();

        reactor.advance(SECOND);
        assertThat(transport.takeWritten().size()).isEqualTo(1000);
        assertThat(told).containsExactly("lost: closed cleanly");
        assertThat(reactor.pendingTimers()).isZero();
    }

    /// What is to be handed on has a timer, and so has what is to be sent.
    @Test
    void aRateLimitKeepsNothingForWhoHasClosed() {
        Pausing writer = new Pausing();
        MemoryTransport transport = accept(new RateLimit(_ -> writer, 10, 10), ONE);
        transport.receive(Bytes.utf8("abc"));
        writer.transport().write(Bytes.wrap(new byte[100]));
        assertThat(reactor.pendingTimers()).isEqualTo(2);

        writer.transport().loseConnection();
        writer.transport().resumeReading();
        transport.receive(Bytes.utf8("nobody's"));
        assertThat(reactor.pendingTimers()).isEqualTo(2); // what is to be sent, and its deadline

        reactor.advance(Duration.ofSeconds(10));
        assertThat(transport.takeWritten().size()).isEqualTo(100);
        assertThat(told).containsExactly("a", "lost: closed cleanly");
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void aRateLimitSendsWhatWaitsAlthoughThePeerHasEndedItsDirection() {
        Pausing writer = new Pausing();
        MemoryTransport transport = accept(new RateLimit(_ -> writer, 1000, 1000), ONE);
        writer.transport().write(Bytes.wrap(new byte[500]));
        transport.peerClosed();
        assertThat(told).isEmpty();

        reactor.advance(SECOND);
        assertThat(transport.takeWritten().size()).isEqualTo(500);
        assertThat(told).containsExactly("lost: closed cleanly");
    }

    @Test
    void aRateLimitSendsWhatWaitsAtOnceWhenTheReactorStops() {
        Pausing writer = new Pausing();
        Staying peer = new Staying();
        wire(peer, new RateLimit(_ -> writer, 1000, 1000));
        writer.transport().write(Bytes.wrap(new byte[100_000]));
        writer.transport().loseConnection();

        var stopped = reactor.stop();
        reactor.runUntilIdle();
        assertThat(peer.received).isEqualTo(100_000);
        assertThat(told).containsExactly("lost: closed cleanly");
        assertThat(stopped).isCompleted();
    }

    @Test
    void aRateLimitHoldsBackNoGoodbyeAndReadsTheAnswerWhenTheReactorStops() {
        Pausing goodbye =
                new Pausing() {
                    @Override
                    public void closeAsked(Transport transport) {
                        assertThat(transport.write(Bytes.wrap(new byte[10_000]))).isTrue();
                    }

                    @Override
                    public void dataReceived(Bytes data) {
                        told.add(data.size() + " bytes");
                        if (data.size() < 1000) {
                            transport().loseConnection();
                        }
                    }
                };
        Staying peer = new Staying();
        wire(peer, new RateLimit(_ -> goodbye, 10_000, 1000));
        peer.transport().write(Bytes.wrap(new byte[1000]));
        reactor.runUntilIdle();
        peer.transport().write(Bytes.utf8("goodbye"));

        var stopped = reactor.stop();
        reactor.runUntilIdle();
        assertThat(peer.received).isEqualTo(10_000);
        assertThat(told).containsExactly("1000 bytes", "7 bytes", "lost: closed cleanly");
        assertThat(stopped).isCompleted();
    }

    @Test
    void aRateLimitEndsItsDirectionWhenAllIsSent() {
        Pausing writer = new Pausing();
        MemoryTransport transport = accept(new RateLimit(_ -> writer, 1000, 1000), ONE);
        writer.transport().write(Bytes.wrap(new byte[500]));
        writer.transport().loseWriteConnection();
        assertThat(transport.isWriteEnded()).isFalse();

        reactor.advance(SECOND);
        assertThat(transport.isWriteEnded()).isTrue();
    }

    @Test
    void ratesAreOneByteASecondOrMore() {
        assertThatThrownBy(() -> new RateLimit(_ -> new Told(), 0, 1))
                .hasMessage("a rate is 1 byte per second or more, not 0 and 1");
    }

    // ---- traffic ----

    @Test
    void aTrafficLogTellsHowMuchPassesAndNothingOfIt() {
        List<String> lines = new ArrayList<>();
        Pausing writer = new Pausing();
        MemoryTransport transport = accept(new TrafficLog(_ -> writer, lines::add), ONE);
        transport.receive(Bytes.utf8("password"));
        writer.transport().write(Bytes.utf8("secret"));
        writer.transport().loseConnection();
        reactor.runUntilIdle();

        assertThat(lines)
                .containsExactly(
                        "192.0.2.1:1000 made",
                        "192.0.2.1:1000 received 8 bytes",
                        "192.0.2.1:1000 sent 6 bytes",
                        "192.0.2.1:1000 closing",
                        "192.0.2.1:1000 lost: closed cleanly");
    }

    @Test
    void aTrafficLogShowsContentOnlyWhenToldAndNeverMoreThanItsBound() {
        List<String> lines = new ArrayList<>();
        ProtocolFactory texts =
                new TrafficLog(_ -> new Told(), TrafficLog.Content.TEXT, 12, lines::add);
        accept(texts, ONE).receive(Bytes.utf8("a\\b\r\n\t\u0000é and more"));
        ProtocolFactory digits =
                new TrafficLog(_ -> new Told(), TrafficLog.Content.HEX, 2, lines::add);
        accept(digits, ONE).receive(Bytes.wrap(new byte[] {0, -1, 2}));

        assertThat(lines)
                .containsExactly(
                        "192.0.2.1:1000 made",
                        "192.0.2.1:1000 received 18 bytes:"
                                + " a\\\\b\\r\\n\\t\\x00\\xc3\\xa9 an… and 6 more",
                        "192.0.2.1:1000 made",
                        "192.0.2.1:1000 received 3 bytes: 00ff… and 1 more");
    }

    /// Quotes the peer in what it throws, as parsers do.
    private static final class Parsing implements Protocol {
        @Override
        public void dataReceived(Bytes data) {
            var _ = Integer.parseInt(data.utf8());
        }
    }

    @Test
    void aTrafficLogTellsNoWordOfAReasonUnlessItMayShowContent() {
        List<String> lines = new ArrayList<>();
        accept(new TrafficLog(_ -> new Parsing(), lines::add), ONE).receive(Bytes.utf8("secret"));
        reactor.runUntilIdle();
        MemoryTransport broken = accept(new TrafficLog(_ -> new Told(), lines::add), ONE);
        broken.peerReset();
        MemoryTransport aborted = accept(new TrafficLog(_ -> new Told(), lines::add), ONE);
        aborted.abortConnection();
        reactor.runUntilIdle();

        assertThat(lines)
                .containsSubsequence(
                        "192.0.2.1:1000 received 6 bytes",
                        "192.0.2.1:1000 lost: failed: java.lang.NumberFormatException",
                        "192.0.2.1:1000 lost: connection lost: java.io.IOException",
                        "192.0.2.1:1000 lost: aborted");
    }

    @Test
    void aTrafficLogLetsNobodyForgeALine() {
        List<String> lines = new ArrayList<>();
        ProtocolFactory texts =
                new TrafficLog(_ -> new Parsing(), TrafficLog.Content.TEXT, 3, lines::add);
        accept(texts, Address.unix("/run/\nforged"))
                .receive(Bytes.utf8("7\n192.0.2.9:1 made" + "!".repeat(300)));
        reactor.runUntilIdle();

        assertThat(lines)
                .containsExactly(
                        "unix:/run/\\nforged made",
                        "unix:/run/\\nforged received 318 bytes: 7\\n1… and 315 more",
                        "unix:/run/\\nforged lost: failed: For input string: \"7\\n192.0.2.9:1 made"
                                + "!".repeat(155)
                                + "… and 146 more");
    }

    @Test
    void aTrafficLogWhoseLastLineFailsLetsTheProtocolHearOfItsEnd() {
        ProtocolFactory failing =
                new TrafficLog(
                        _ -> new Told(),
                        line -> {
                            if (line.contains("lost")) {
                                throw new IllegalStateException("the disk is full");
                            }
                        });
        accept(failing, ONE).peerClosed();

        assertThat(told).containsExactly("made", "lost: closed cleanly");
    }

    @Test
    void aTrafficLogTellsOfARefusal() {
        List<String> lines = new ArrayList<>();

        assertThat(new TrafficLog(_ -> null, lines::add).buildProtocol(ONE)).isNull();
        assertThat(lines).containsExactly("192.0.2.1:1000 refused");
    }

    // ---- together ----

    private List<UnaryOperator<ProtocolFactory>> policies() {
        return List.of(
                factory -> new IdleTimeout(factory, SECOND),
                factory -> IdleTimeout.ofReading(factory, SECOND),
                factory -> new TotalTimeout(factory, SECOND),
                factory -> new RateLimit(factory, 1000, 1000),
                factory -> RateLimit.sharing(factory, new SharedRate(1000, 1000, reactor)),
                factory -> new TrafficLog(factory, _ -> {}),
                factory -> new ConnectionLimit(factory, 1, 1),
                factory -> new ConnectionGroup<>((_, peer) -> factory.buildProtocol(peer)),
                factory -> new AcceptRate(factory, 1, reactor),
                factory -> new ProxySender(factory, new ProxyHeader.Unknown().version1()),
                factory -> new ProxyProtocol(factory, SECOND),
                factory -> WrappingProtocol.around(factory, PoliciesTest::inCapitals));
    }

    @Test
    void everyPolicyTellsAndChangesTheSocketOptionsOfItsConnection() {
        SocketOptions slow = SocketOptions.DEFAULT.withNoDelay(false);
        for (UnaryOperator<ProtocolFactory> policy : policies()) {
            Pausing inner = new Pausing();
            MemoryTransport below = accept(policy.apply(_ -> inner), ONE);
            below.receive(new ProxyHeader.Unknown().version1());
            assertThat(inner.transport().socketOptions()).isEqualTo(SocketOptions.DEFAULT);

            inner.transport().setSocketOptions(slow);
            assertThat(inner.transport().socketOptions()).isEqualTo(slow);
            assertThat(below.socketOptions()).isEqualTo(slow);
        }
    }

    @Test
    void everyPolicyTellsWhoIsAtTheOtherEndOfItsConnection() {
        PeerCredentials who = new PeerCredentials(1001, 100, 4711);
        reactor.credentials(who);
        for (UnaryOperator<ProtocolFactory> policy : policies()) {
            Pausing inner = new Pausing();
            Address peer = Address.unix("");
            Protocol outer = requireNonNull(policy.apply(_ -> inner).buildProtocol(peer));
            Address host = Address.unix("/run/app.sock");
            MemoryTransport below = MemoryTransport.connect(reactor, outer, peer, host);
            below.receive(new ProxyHeader.Unknown().version1());
            assertThat(inner.transport().peerCredentials()).isEqualTo(who);
        }
    }

    @Test
    void everyPolicyLeavesAHalfCloseableProtocolHalfCloseable() {
        for (UnaryOperator<ProtocolFactory> policy : policies()) {
            told.clear();
            HalfClosing half = new HalfClosing();
            MemoryTransport transport =
                    accept(policy.apply(new IdleTimeout(_ -> half, SECOND)), ONE);
            transport.receive(new ProxyHeader.Unknown().version1());
            transport.peerClosed();
            assertThat(told).endsWith("end");

            half.transport().loseConnection();
            reactor.runUntilIdle();
            assertThat(told).endsWith("end", "lost: closed cleanly");
        }
    }

    private static WrappingProtocol inCapitals(Protocol wrapped) {
        return new Rewriting(wrapped, text -> text.toUpperCase(Locale.ROOT));
    }

    @Test
    void aPolicyOfOnesOwnSeesWhatIsWrittenAndRefusesWhomTheWrappedFactoryRefuses() {
        Pausing inner = new Pausing();
        MemoryTransport transport =
                accept(WrappingProtocol.around(_ -> inner, PoliciesTest::inCapitals), ONE);
        inner.transport().write(Bytes.utf8("hello"));
        assertThat(transport.takeWrittenText()).isEqualTo("HELLO");
        assertThat(inner.transport().beneath()).isSameAs(transport);

        inner.transport().loseConnection();
        reactor.runUntilIdle();
        assertThat(told).endsWith("lost: closed cleanly");
        assertThat(WrappingProtocol.around(_ -> null, PoliciesTest::inCapitals).buildProtocol(ONE))
                .isNull();
    }

    /// Gives its transport away.
    private class Pausing extends Told {
        private @Nullable Transport transport;

        Transport transport() {
            return requireNonNull(transport);
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }
    }

    /// A peer that is not asked to close.
    private static final class Staying implements Protocol {
        private @Nullable Transport transport;
        private int received;

        Transport transport() {
            return requireNonNull(transport);
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(Bytes data) {
            received += data.size();
        }

        @Override
        public void closeAsked(Transport asked) {}
    }

    private final class HalfClosing extends Pausing implements HalfCloseable {
        @Override
        public void readConnectionLost() {
            told.add("end");
        }
    }

    @Test
    void policiesStandOneInAnother() {
        ProtocolFactory door =
                new ConnectionLimit(
                        new AcceptRate(new IdleTimeout(_ -> new Told(), SECOND), 5, reactor), 2, 2);
        MemoryTransport transport = accept(door, ONE);
        transport.receive(Bytes.utf8("hello"));
        transport.writable(false);
        transport.write(Bytes.utf8("x"));
        transport.writable(true);
        transport.peerClosed();

        assertThat(told).containsExactly("made", "hello", "again", "lost: closed cleanly");
    }

    @Test
    void timeoutsLeaveARateLimitItsTimeToSendWhatWaits() {
        for (UnaryOperator<ProtocolFactory> timeout :
                List.<UnaryOperator<ProtocolFactory>>of(
                        factory -> new TotalTimeout(factory, SECOND),
                        factory -> new IdleTimeout(factory, SECOND))) {
            told.clear();
            Protocol talker =
                    new Told() {
                        @Override
                        public void connectionMade(Transport transport) {
                            transport.write(Bytes.wrap(new byte[5_000]));
                        }
                    };
            MemoryTransport transport =
                    accept(timeout.apply(new RateLimit(_ -> talker, Long.MAX_VALUE, 1_000)), ONE);
            reactor.advance(Duration.ofSeconds(20));

            assertThat(transport.takeWritten().size()).isEqualTo(5_000);
            assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
        }
    }

    /// One that asks somebody first whether it may.
    private static final class NeverMade extends WrappingProtocol {
        NeverMade(Protocol wrapped) {
            super(wrapped);
        }

        @Override
        public void connectionMade(Transport transport) {}
    }

    @Test
    void timeoutsAndAStopCloseWhatAPolicyWithinHasNotPassedOnYet() {
        ProtocolFactory pending = WrappingProtocol.around(_ -> new Told(), NeverMade::new);
        TotalTimeout total = new TotalTimeout(pending, SECOND);
        IdleTimeout idle = new IdleTimeout(pending, SECOND);
        for (ProtocolFactory factory : List.of(total, idle)) {
            MemoryTransport transport = accept(factory, ONE);
            reactor.advance(SECOND);
            assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
        }
        assertThat(total.timedOut()).isEqualTo(1);
        assertThat(idle.timedOut()).isEqualTo(1);

        MemoryTransport transport = accept(pending, ONE);
        reactor.stop();
        reactor.runUntilIdle();
        assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
        assertThat(reactor.failures()).isEmpty();
    }

    @Test
    void aPolicyThatHalfClosesHearsOfTheEndWhateverIsBehindIt() {
        final class Watch extends WrappingProtocol implements HalfCloseable {
            Watch(Protocol behind) {
                super(behind);
            }

            @Override
            public void readConnectionLost() {
                told.add("seen");
                passOnReadConnectionLost();
            }
        }
        MemoryTransport half =
                accept(WrappingProtocol.around(_ -> new HalfClosing(), Watch::new), ONE);
        half.peerClosed();
        assertThat(told).endsWith("seen", "end");
        assertThat(half.closeReason()).isNull();

        MemoryTransport whole = accept(WrappingProtocol.around(_ -> new Told(), Watch::new), ONE);
        whole.peerClosed();
        reactor.runUntilIdle();
        assertThat(told).endsWith("seen", "lost: closed cleanly");
        assertThat(whole.closeReason()).isEqualTo(new CloseReason.Done());
    }

    private void wire(Protocol client, RateLimit server) {
        reactor.wire(client, requireNonNull(server.buildProtocol(ONE)));
    }

    private MemoryTransport accept(ProtocolFactory factory, Address peer) {
        return MemoryTransport.connect(
                reactor, requireNonNull(factory.buildProtocol(peer), "refused"));
    }
}
