package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.MemoryTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class RateLimitTest extends PolicySetting {
    @Test
    void pausesReadingUntilTheRateHasCaughtUp() {
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
    void letsATimeoutWithinTakeNoBusyPeerForASilentOne() {
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
    void handsOnWhatCameBeforeALoss() {
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
    void handsOnNothingMoreToWhoHasClosedPausedOrFailed() {
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
    void handsOnTheRestToWhoReadsAgain() {
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
    void leavesAPausedProtocolPaused() {
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
    void doesNotReadSoonerBecauseTheProtocolResumes() {
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
    void holdsBackWhatIsWrittenAndKeepsItsOrder() {
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
    void joinsSmallWritesThatWait() {
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
    void sendsNoScrapsWhileMoreWaits() {
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
    void saysWhenTooMuchWaitsAndWhenItMayBeWrittenAgain() {
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
    void saysOnceThatAPeerReadsAgain() {
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
    void failsAConnectionThatWritesOnAndOn() {
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
    void sendsWhatWaitsBeforeItCloses() {
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
    void keepsNothingForWhoHasClosed() {
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
    void sendsWhatWaitsAlthoughThePeerHasEndedItsDirection() {
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
    void sendsWhatWaitsAtOnceWhenTheReactorStops() {
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
    void holdsBackNoGoodbyeAndReadsTheAnswerWhenTheReactorStops() {
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
    void endsItsDirectionWhenAllIsSent() {
        Pausing writer = new Pausing();
        MemoryTransport transport = accept(new RateLimit(_ -> writer, 1000, 1000), ONE);
        writer.transport().write(Bytes.wrap(new byte[500]));
        writer.transport().loseWriteConnection();
        assertThat(transport.isWriteEnded()).isFalse();

        reactor.advance(SECOND);
        assertThat(transport.isWriteEnded()).isTrue();
    }

    @Test
    void isOneByteASecondOrMore() {
        assertThatThrownBy(() -> new RateLimit(_ -> new Told(), 0, 1))
                .hasMessage("a rate is 1 byte per second or more, not 0 and 1");
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

    private void wire(Protocol client, RateLimit server) {
        reactor.wire(client, requireNonNull(server.buildProtocol(ONE)));
    }
}
