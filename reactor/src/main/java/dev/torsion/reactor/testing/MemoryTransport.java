package dev.torsion.reactor.testing;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.PeerCredentials;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.Transport;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/// The connection of one protocol under test: the test plays the peer, hands bytes in, and looks at
/// what comes out.
///
/// ```java
/// var transport = MemoryTransport.connect(new Echo());
/// transport.receiveOneByOne(Bytes.utf8("hello"));
/// assertThat(transport.takeWrittenText()).isEqualTo("hello");
/// ```
///
/// It keeps the contract of [Transport], exceptions of the protocol included: they close the
/// connection, and [#closeReason()] tells. What the contract puts into a coming turn
/// (`connectionLost` after the protocol closes, `dataReceived` after it resumes reading) happens
/// when the reactor is run: `transport.reactor().runUntilIdle()`.
public final class MemoryTransport implements Transport {
    private static final Address PEER = Address.of("127.0.0.1", 50_000);
    private static final Address HOST = Address.of("127.0.0.1", 8888);

    private final Connection connection;
    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private boolean writable = true;
    private boolean reset;

    private MemoryTransport(ManualReactor reactor, Protocol protocol, Address peer, Address host) {
        this.connection =
                new Connection(
                        reactor,
                        host,
                        peer,
                        new Capture(),
                        Chunks.WHOLE,
                        reactor.network().newChance("chunks in memory"),
                        SocketOptions.DEFAULT,
                        reactor.credentials(),
                        protocol);
    }

    /// A connection on a reactor of its own; `connectionMade` has been called when this returns.
    public static MemoryTransport connect(Protocol protocol) {
        return connect(new ManualReactor(), protocol);
    }

    /// A connection on `reactor`, from 127.0.0.1:50000 to 127.0.0.1:8888; `connectionMade` has been
    /// called when this returns.
    public static MemoryTransport connect(ManualReactor reactor, Protocol protocol) {
        return connect(reactor, protocol, PEER, HOST);
    }

    /// A connection on `reactor` with ends that the test chooses, for a protocol that looks at
    /// them; `connectionMade` has been called when this returns. If `host` is a UNIX socket the
    /// peer has the [ManualReactor#credentials] of `reactor`.
    ///
    /// @param peer where the test is, as the protocol sees it
    /// @param host where the protocol is
    public static MemoryTransport connect(
            ManualReactor reactor, Protocol protocol, Address peer, Address host) {
        MemoryTransport transport = new MemoryTransport(reactor, protocol, peer, host);
        transport.connection.made(transport);
        return transport;
    }

    // ---- the test as the peer ----

    /// Hands `data` to the protocol, borrowed: using it after `dataReceived` throws. While reading
    /// is paused it waits; once the connection is closing it is dropped. More than
    /// [Transport#LARGEST_READ] come in pieces.
    public void receive(Bytes data) {
        if (!data.isEmpty()) {
            connection.arrived(data.owned());
        }
        readAll();
    }

    private void readAll() {
        while (connection.readable()) {
            connection.read();
        }
    }

    /// As [#receive], one byte a call.
    public void receiveOneByOne(Bytes data) {
        for (int i = 0; i < data.size(); i++) {
            receive(data.slice(i, i + 1));
        }
    }

    /// The peer ends the connection cleanly: `connectionLost` with [CloseReason.Done] has been
    /// called when this returns, unless reading is paused or bytes wait to be written. A
    /// [dev.torsion.reactor.HalfCloseable] has been told `readConnectionLost`.
    public void peerClosed() {
        connection.peerFinished();
        readAll();
        connection.flush();
        connection.tellLost();
    }

    /// The connection breaks: `connectionLost` with [CloseReason.Lost] has been called when this
    /// returns.
    public void peerReset() {
        connection.broken("connection reset by peer");
        connection.tellLost();
    }

    /// Whether the peer takes bytes (it does unless told otherwise). While it does not, `write`
    /// returns false and the bytes are [#pendingBytes()]; when it does again they are written, and
    /// `writableAgain` is called if a write was answered with false.
    public void writable(boolean taken) {
        writable = taken;
        connection.flush();
    }

    // ---- what the test looks at ----

    /// What was written since the last time this was asked, and is forgotten now.
    public Bytes takeWritten() {
        connection.flush();
        Bytes taken = Bytes.wrap(written.toByteArray());
        written.reset();
        return taken;
    }

    /// [#takeWritten()] as UTF-8 text.
    public String takeWrittenText() {
        return takeWritten().utf8();
    }

    /// Whether this side asked for the end, or the connection has ended.
    public boolean isClosing() {
        return connection.ending();
    }

    /// Whether this side asked for the end of its own direction, by `loseWriteConnection`.
    public boolean isWriteEnded() {
        return connection.writeEnded();
    }

    /// Whether this side broke the connection: aborted it, threw, or wrote past the hard limit.
    public boolean isAborted() {
        return reset;
    }

    public boolean isPaused() {
        return connection.paused();
    }

    /// Why it ended, or null while it has not.
    public @Nullable CloseReason closeReason() {
        return connection.reason();
    }

    // ---- Transport ----

    @Override
    public ManualReactor reactor() {
        return connection.reactor();
    }

    @Override
    public Address peer() {
        return connection.peer();
    }

    @Override
    public Address host() {
        return connection.host();
    }

    @Override
    public boolean write(Bytes data) {
        boolean belowHighMark = connection.write(data);
        if (!writable) {
            connection.markFull();
        }
        return belowHighMark && writable;
    }

    @Override
    public long pendingBytes() {
        return connection.pendingBytes();
    }

    @Override
    public void loseConnection() {
        connection.loseConnection();
    }

    @Override
    public void loseWriteConnection() {
        connection.loseWriteConnection();
    }

    @Override
    public void abortConnection() {
        connection.abortConnection();
    }

    @Override
    public void failConnection(Throwable cause) {
        connection.failConnection(cause);
    }

    @Override
    public void pauseReading() {
        connection.pauseReading();
    }

    @Override
    public void resumeReading() {
        connection.resumeReading();
    }

    @Override
    public @Nullable SocketOptions socketOptions() {
        return connection.socketOptions();
    }

    @Override
    public void setSocketOptions(SocketOptions options) {
        connection.setSocketOptions(options);
    }

    @Override
    public @Nullable PeerCredentials peerCredentials() {
        return connection.peerCredentials();
    }

    private final class Capture implements Outlet {
        @Override
        public int room() {
            return writable ? Integer.MAX_VALUE : 0;
        }

        @Override
        public void send(Bytes bytes) {
            written.writeBytes(bytes.toArray());
        }

        @Override
        public void finish() {}

        @Override
        public void reset() {
            reset = true;
        }

        @Override
        public void consumed(int count) {}
    }
}
