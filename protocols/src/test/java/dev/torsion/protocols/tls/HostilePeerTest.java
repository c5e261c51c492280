package dev.torsion.protocols.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.Logged;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What a peer may do to a server with records of its own making.
final class HostilePeerTest {
    private final TlsServer server = new TlsServer(TlsServerOptions.of(Certificates.SERVER));
    private final List<String> told = new ArrayList<>();
    private final List<CloseReason> lost = new ArrayList<>();
    private final List<RawPeer> peers = new ArrayList<>();
    private @Nullable Transport connection; // the latest

    /// Answers everything with itself.
    private final class Echo implements Protocol {
        @SuppressWarnings("NullAway.Init") // by connectionMade
        private Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
            connection = made;
        }

        @Override
        public void dataReceived(Bytes data) {
            told.add(data.utf8());
            transport.write(data);
            if (data.utf8().equals("p")) {
                transport.pauseReading();
            }
        }

        @Override
        public void connectionLost(CloseReason reason) {
            lost.add(reason);
        }
    }

    private RawPeer open(TlsVersion version) throws SSLException {
        RawPeer peer = RawPeer.open(server.around(_ -> new Echo()), version);
        peers.add(peer);
        return peer;
    }

    private RawPeer stranger() {
        RawPeer peer = new RawPeer(server.around(_ -> new Echo()), TlsVersion.TLS_1_3);
        peers.add(peer);
        return peer;
    }

    @AfterEach
    void nothingIsLeftBehind() {
        for (RawPeer peer : peers) {
            peer.transport.peerReset();
            peer.reactor.runUntilIdle();
            assertThat(peer.reactor.pendingTimers()).isZero();
            assertThat(peer.reactor.failures()).isEmpty();
        }
    }

    private void isRefused(RawPeer peer, String why) {
        assertThat(peer.transport.isAborted()).isTrue();
        assertThat(lost).singleElement().isInstanceOf(CloseReason.Lost.class);
        assertThat(lost.getFirst().toString()).contains(why);
    }

    @Test
    void keyUpdatesAreAnsweredAndBoundedUnlessThereIsDataBetweenThem() throws SSLException {
        RawPeer peer = open(TlsVersion.TLS_1_3);
        for (int i = 0; i < 200; i++) {
            updateKeys(peer);
            if (i % 50 == 0) {
                peer.send(peer.record((byte) 'x'));
                assertThat(peer.read()).isEqualTo("x");
            }
        }
        assertThat(told).hasSize(4);
        assertThat(lost).isEmpty();

        for (int i = 0; i < 70; i++) {
            updateKeys(peer);
        }
        isRefused(peer, "64 records in a row without any data");
    }

    private static void updateKeys(RawPeer peer) throws SSLException {
        peer.engine.beginHandshake();
        peer.send(peer.record());
        peer.read();
    }

    @Test
    void aNewHandshakeOfTls12IsRefused() throws SSLException {
        RawPeer peer = open(TlsVersion.TLS_1_2);
        peer.engine.beginHandshake();
        peer.send(peer.record());

        isRefused(peer, "new handshake");
    }

    @ParameterizedTest
    @ValueSource(ints = {20, 21, 22, 23})
    void aRecordLongerThanTlsAllowsIsRefusedAsSoonAsItIsAnnounced(int type) throws SSLException {
        Bytes header = Bytes.wrap(new byte[] {(byte) type, 3, 3, 0x41, 0x41});
        RawPeer peer = open(TlsVersion.TLS_1_3);
        peer.send(header);
        isRefused(peer, "a record of 16705 bytes was announced; TLS allows 16704");

        RawPeer stranger = stranger();
        stranger.send(header);
        assertThat(stranger.transport.isClosing()).isTrue();
        assertThat(server.refused()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void aForgedOrRepeatedRecordIsRefusedWithAnAlert(TlsVersion version) throws SSLException {
        RawPeer forging = open(version);
        byte[] record = forging.record((byte) 'x').toArray();
        record[record.length - 1] ^= 1;
        forging.send(Bytes.wrap(record));
        assertThatThrownBy(forging::read).hasMessageContaining("fatal alert: bad_record_mac");

        RawPeer repeating = open(version);
        Bytes once = repeating.record((byte) 'y');
        repeating.send(once);
        repeating.send(once);
        assertThatThrownBy(repeating::read).hasMessageContaining("fatal alert: bad_record_mac");

        assertThat(told).containsExactly("y");
        assertThat(lost).hasSize(2).allMatch(CloseReason.Lost.class::isInstance);
    }

    @ParameterizedTest
    @EnumSource
    void nothingBehindACloseNotifyIsDelivered(TlsVersion version) throws SSLException {
        RawPeer peer = open(version);
        Bytes data = peer.record((byte) 'x');
        peer.engine.closeOutbound();
        peer.send(data.slice(0, 3));
        peer.send(Bytes.wrap(concat(data.slice(3, data.size()), peer.record(), data)));

        assertThat(told).containsExactly("x");
        assertThat(lost).containsExactly(new CloseReason.Done());
        assertThat(peer.read()).isEqualTo("x");
        assertThat(peer.engine.isInboundDone()).isTrue();
    }

    private static byte[] concat(Bytes... parts) {
        var all = new ByteArrayOutputStream();
        for (Bytes part : parts) {
            all.writeBytes(part.toArray());
        }
        return all.toByteArray();
    }

    @ParameterizedTest
    @EnumSource
    void anEndInsideARecordIsALoss(TlsVersion version) throws SSLException {
        RawPeer peer = open(version);
        Bytes data = peer.record((byte) 'x');
        peer.send(data.slice(0, data.size() - 1));
        peer.transport.peerClosed();

        assertThat(told).isEmpty();
        assertThat(lost).singleElement().isInstanceOf(CloseReason.Lost.class);
        assertThat(lost.getFirst().toString()).contains("close_notify");
    }

    @ParameterizedTest
    @EnumSource
    void whatCameBeforeAResetIsHandedOnToWhoReadsAgain(TlsVersion version) throws SSLException {
        RawPeer peer = open(version);
        Bytes whole = Bytes.concat(peer.record((byte) 'p'), peer.record((byte) 'x'));
        peer.send(Bytes.concat(whole, peer.record((byte) 'p'), peer.record((byte) 'y')));
        assertThat(told).containsExactly("p");
        requireNonNull(connection).resumeReading();
        peer.transport.peerReset();
        peer.reactor.runUntilIdle();

        assertThat(told).containsExactly("p", "x", "p");
        assertThat(lost).singleElement().isInstanceOf(CloseReason.Lost.class);
        assertThat(lost.getFirst().toString()).contains("reset");
    }

    @Test
    void aHandshakeThatNeverEndsIsRefused() throws SSLException {
        RawPeer peer = stranger();
        peer.engine.beginHandshake();
        Bytes hello = peer.record();
        // Its message in records of one byte each, again and again.
        for (int i = 0; i < 100_000 && !peer.transport.isClosing(); i++) {
            byte next = hello.at(5 + i % (hello.size() - 5));
            peer.send(Bytes.wrap(new byte[] {22, 3, 3, 0, 1, next}));
        }

        assertThat(peer.transport.isClosing()).isTrue();
        assertThat(server.refused()).isEqualTo(1);
        assertThat(told).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void littleIsKeptBehindAHelloWhileItIsAnswered(TlsVersion version) throws SSLException {
        for (int behind : new int[] {32 << 10, (32 << 10) + 1}) {
            RawPeer peer = new RawPeer(server.around(_ -> new Echo()), version);
            peers.add(peer);
            peer.engine.beginHandshake();
            peer.transport.receive(Bytes.wrap(concat(peer.record(), Bytes.wrap(new byte[behind]))));
            assertThat(peer.transport.isAborted()).isEqualTo(behind > 32 << 10);
        }
        assertThat(server.refused()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\0", "\u00ff", ".", "*", " ", "\n", "-", "_", "\u00c3\u00bc"})
    void aNameThatNoHostHasIsRefusedOrServedAsAnyOther(String letters) throws SSLException {
        RawPeer peer = stranger();
        peer.engine.beginHandshake();
        String hello = new String(peer.record().toArray(), ISO_8859_1);
        String name = "server.example";
        String odd = letters.repeat(name.length() / letters.length());
        assertThat(hello).contains(name);
        List<String> log =
                Logged.during(
                        () -> peer.send(Bytes.wrap(hello.replace(name, odd).getBytes(ISO_8859_1))));

        assertThat(log).isEmpty();
        assertThat(peer.transport.isClosing()).isEqualTo(server.refused() == 1);
        assertThat(peer.transport.takeWritten().size()).isPositive(); // an alert, or the answer
    }

    @Test
    void nothingThatAStrangerSendsIsAWarningInTheLog() {
        List<String> log =
                Logged.during(() -> {
                    for (String plain : List.of("GET / HTTP/1.1\r\n\r\n", "\26\3\1\0\5hello")) {
                        RawPeer stranger = stranger();
                        stranger.send(Bytes.utf8(plain));
                        assertThat(stranger.transport.isClosing()).isTrue();
                    }
                    RawPeer peer = sound();
                    peer.send(Bytes.utf8("\27\3\3\0\40" + "x".repeat(32)));
                    assertThat(peer.transport.isClosing()).isTrue();
                    peers.forEach(it -> it.reactor.stop());
                    peers.forEach(it -> it.reactor.runUntilIdle());
                });

        assertThat(log).isEmpty();
        assertThat(server.refused()).isEqualTo(2);
        assertThat(lost).singleElement().isInstanceOf(CloseReason.Lost.class);
    }

    private RawPeer sound() {
        try {
            return open(TlsVersion.TLS_1_3);
        } catch (SSLException broken) {
            throw new AssertionError(broken);
        }
    }

    @Test
    void dataInsteadOfAHandshakeIsRefused() {
        RawPeer peer = stranger();
        peer.send(Bytes.wrap(new byte[] {23, 3, 3, 0, 1, 'x'}));

        assertThat(peer.transport.isClosing()).isTrue();
        assertThat(server.refused()).isEqualTo(1);
        assertThat(told).isEmpty();
    }
}
