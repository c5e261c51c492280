package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.PeerCredentials;
import dev.torsion.reactor.Transport;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class MemoryTransportTest {
    private final Probe protocol = new Probe();
    private final MemoryTransport transport = MemoryTransport.connect(protocol);

    @Test
    void callsConnectionMadeWithItself() {
        assertThat(protocol.transport()).isSameAs(transport);
    }

    @Test
    void hasTheEndsThatTheTestChooses() {
        assertThat(transport.peer()).isEqualTo(Address.of("127.0.0.1", 50_000));
        assertThat(transport.host()).isEqualTo(Address.of("127.0.0.1", 8888));

        Probe other = new Probe();
        Address peer = Address.of("192.0.2.7", 4711);
        Address host = Address.unix("/run/app.sock");
        MemoryTransport.connect(new ManualReactor(), other, peer, host);
        assertThat(other.transport().peer()).isEqualTo(peer);
        assertThat(other.transport().host()).isEqualTo(host);
    }

    @Test
    void hasThePeerThatTheTestIsToBeOverAUnixSocket() {
        assertThat(transport.peerCredentials()).isNull();

        ManualReactor reactor = new ManualReactor();
        PeerCredentials stranger = new PeerCredentials(1001, 100, 4711);
        reactor.credentials(stranger);
        Address host = Address.unix("/run/app.sock");
        var unix = MemoryTransport.connect(reactor, new Probe(), Address.unix(""), host);
        assertThat(unix.peerCredentials()).isEqualTo(stranger);
    }

    @Test
    void showsWhatWasWrittenOnce() {
        transport.write(Bytes.utf8("hel"));
        transport.write(Bytes.utf8("lo"));

        assertThat(transport.takeWrittenText()).isEqualTo("hello");
        assertThat(transport.takeWrittenText()).isEmpty();
    }

    @Test
    void hasWrittenEvenWhatTheProtocolBorrowed() {
        protocol.onData(transport::write);

        transport.receive(Bytes.utf8("echo"));

        assertThat(transport.takeWrittenText()).isEqualTo("echo");
    }

    @Test
    void lendsBytesForTheCallOnly() {
        Bytes[] kept = new Bytes[3];
        protocol.onData(data -> {
            kept[0] = data;
            kept[1] = data.slice(1, 2);
            kept[2] = data.owned();
        });

        transport.receive(Bytes.utf8("abc"));

        assertThatThrownBy(() -> kept[0].at(0)).hasMessageContaining("owned()");
        assertThatThrownBy(() -> kept[0].size()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> kept[1].utf8()).isInstanceOf(IllegalStateException.class);
        assertThat(kept[2].utf8()).isEqualTo("abc");
    }

    @Test
    void feedsOneByteACall() {
        transport.receiveOneByOne(Bytes.utf8("abc"));

        assertThat(protocol.happenings()).containsExactly("made", "a", "b", "c");
    }

    @Test
    void readsNoMoreAtOnceThanSocketsDo() {
        transport.receive(Bytes.utf8("x".repeat(Transport.LARGEST_READ + 1)));
        transport.reactor().runUntilIdle();

        assertThat(protocol.happenings())
                .extracting(String::length)
                .containsExactly("made".length(), Transport.LARGEST_READ, 1);
    }

    @Test
    void keepsBytesWhileReadingIsPaused() {
        transport.pauseReading();
        transport.receive(Bytes.utf8("late"));
        assertThat(protocol.happenings()).containsExactly("made");

        transport.resumeReading();
        assertThat(protocol.happenings()).containsExactly("made");
        transport.reactor().runUntilIdle();
        assertThat(protocol.happenings()).containsExactly("made", "late");
    }

    @Test
    void losesTheConnectionOnceWhenThePeerClosesTwice() {
        transport.peerClosed();
        transport.peerReset();
        transport.reactor().runUntilIdle();

        assertThat(protocol.happenings()).containsExactly("made", "lost: closed cleanly");
    }

    @Test
    void losesTheConnectionWhenThePeerClosesHoweverMuchWaitedToBeRead() {
        transport.pauseReading();
        for (int i = 0; i < 100; i++) {
            transport.receive(Bytes.utf8("x"));
        }
        transport.resumeReading();
        transport.peerClosed();

        assertThat(protocol.text()).hasSize(100);
        assertThat(protocol.happenings()).last().isEqualTo("lost: closed cleanly");
    }

    @Test
    void tellsAReset() {
        transport.peerReset();

        assertThat(transport.closeReason()).isInstanceOf(CloseReason.Lost.class);
    }

    @Test
    void closesInAComingTurn() {
        transport.loseConnection();
        transport.receive(Bytes.utf8("too late"));
        assertThat(transport.isClosing()).isTrue();
        assertThat(transport.isAborted()).isFalse();
        assertThat(protocol.happenings()).containsExactly("made");

        transport.reactor().runUntilIdle();
        assertThat(protocol.happenings()).containsExactly("made", "lost: closed cleanly");
    }

    @Test
    void abortsInAComingTurn() {
        transport.write(Bytes.utf8("never sent"));
        transport.abortConnection();
        assertThat(transport.isAborted()).isTrue();
        assertThat(protocol.happenings()).containsExactly("made");

        transport.reactor().runUntilIdle();
        assertThat(transport.closeReason()).isEqualTo(new CloseReason.Aborted(null));
        assertThat(transport.takeWrittenText()).isEmpty();
    }

    @Test
    void closesWithTheExceptionOfTheProtocol() {
        var broken = new IllegalStateException("broken");
        protocol.onData(_ -> {
            throw broken;
        });

        transport.receive(Bytes.utf8("x"));

        assertThat(transport.closeReason()).isEqualTo(new CloseReason.Failed(broken));
        assertThat(transport.isAborted()).isTrue();
    }

    @Test
    void keepsBytesWhileThePeerTakesNone() {
        transport.writable(false);

        assertThat(transport.write(Bytes.utf8("waits"))).isFalse();
        transport.reactor().runUntilIdle();
        assertThat(transport.takeWrittenText()).isEmpty();
        assertThat(transport.pendingBytes()).isEqualTo(5);

        transport.writable(true);
        assertThat(transport.takeWrittenText()).isEqualTo("waits");
        assertThat(protocol.happenings()).containsExactly("made", "writable again");
    }

    @Test
    void abortsAtTheCloseDeadlineWhenThePeerTakesNone() {
        transport.writable(false);
        transport.write(Bytes.utf8("waits"));
        transport.loseConnection();

        transport.reactor().advance(Duration.ofMillis(9999));
        assertThat(transport.closeReason()).isNull();
        transport.reactor().advance(Duration.ofMillis(1));
        assertThat(transport.closeReason()).isInstanceOf(CloseReason.Aborted.class);
    }
}
