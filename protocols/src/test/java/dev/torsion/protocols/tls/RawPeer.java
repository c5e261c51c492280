package dev.torsion.protocols.tls;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Objects;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;

/// A client of a server under test that sends whatever records the test wants.
final class RawPeer {
    private static final Address SOMEBODY = Address.parse("192.0.2.7:4711");

    final ManualReactor reactor = new ManualReactor();
    final MemoryTransport transport;
    final SSLEngine engine;
    private final ByteArrayOutputStream pending = new ByteArrayOutputStream();

    RawPeer(ProtocolFactory server, TlsVersion version) {
        TlsClientOptions options =
                TlsClientOptions.trusting(Certificates.TRUST).withVersions(Set.of(version));
        engine =
                TlsContext.clientEngine(
                        TlsContext.of(null, options.trust()), options, "server.example", 443);
        transport =
                MemoryTransport.connect(
                        reactor, Objects.requireNonNull(server.buildProtocol(SOMEBODY)));
    }

    /// A peer whose handshake is over.
    static RawPeer open(ProtocolFactory server, TlsVersion version) throws SSLException {
        RawPeer peer = new RawPeer(server, version);
        peer.engine.beginHandshake();
        while (peer.engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
            switch (peer.engine.getHandshakeStatus()) {
                case NEED_TASK -> peer.engine.getDelegatedTask().run();
                case NEED_WRAP -> peer.send(peer.record());
                default -> peer.read();
            }
        }
        peer.read();
        return peer;
    }

    /// The next record of the engine: what it has to say, or one with `data`.
    Bytes record(byte... data) throws SSLException {
        ByteBuffer record = ByteBuffer.allocate(20_000);
        var _ = engine.wrap(ByteBuffer.wrap(data), record);
        return Bytes.wrap(record.array(), 0, record.position()).owned();
    }

    void send(Bytes bytes) {
        transport.receive(bytes);
        reactor.runUntilIdle();
    }

    /// Takes what the server has sent, and gives what was in it.
    String read() throws SSLException {
        pending.writeBytes(transport.takeWritten().toArray());
        ByteBuffer sent = ByteBuffer.wrap(pending.toByteArray());
        pending.reset();
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        while (sent.hasRemaining()) {
            ByteBuffer plain = ByteBuffer.allocate(20_000);
            SSLEngineResult result = engine.unwrap(sent, plain);
            read.write(plain.array(), 0, plain.position());
            if (result.bytesConsumed() == 0) {
                Runnable task = engine.getDelegatedTask();
                if (task == null) {
                    pending.write(sent.array(), sent.position(), sent.remaining());
                    break;
                }
                task.run();
            }
        }
        return read.toString(java.nio.charset.StandardCharsets.UTF_8);
    }
}
