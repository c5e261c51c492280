package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.tls.TlsClient;
import dev.torsion.protocols.tls.TlsClientOptions;
import dev.torsion.protocols.tls.TlsIdentity;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsServerOptions;
import dev.torsion.protocols.tls.TlsTrust;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import dev.torsion.reactor.testing.OffTheLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// [Transport]: "a call from another thread throws", of the views of one too, before it changes
/// anything.
final class OffTheLoopTest {
    private static final Path PEM =
            Path.of(System.getProperty("basedir", "protocols"), "src/test/pem");

    private final List<Transport> seen = new ArrayList<>();
    private final List<String> received = new ArrayList<>();

    private class Keeping implements Protocol {
        @Override
        public void connectionMade(Transport transport) {
            seen.add(transport);
        }

        @Override
        public void dataReceived(Bytes data) {
            received.add(data.utf8());
        }

        @Override
        public void connectionLost(CloseReason reason) {}
    }

    private MemoryTransport made(Protocol protocol) {
        return MemoryTransport.connect(protocol);
    }

    private MemoryTransport accepted(ProtocolFactory factory) throws Exception {
        return made(requireNonNull(factory.buildProtocol(Address.of("127.0.0.1", 1))));
    }

    private void refusesAll(MemoryTransport below) {
        Transport transport = seen.getLast();
        long pending = transport.pendingBytes();
        OffTheLoop.refuses(transport);
        assertThat(transport.pendingBytes()).isEqualTo(pending);
        below.reactor().runUntilIdle();
        assertThat(below.isClosing()).isFalse();
        assertThat(below.isPaused()).isFalse();
        assertThat(transport.write(Bytes.utf8("y"))).isTrue();
    }

    @Test
    void aConnectionInMemoryRefusesCalls() {
        refusesAll(made(new Keeping()));
    }

    @Test
    void aRateLimitRefusesCallsEvenWithSomethingQueued() throws Exception {
        MemoryTransport below = accepted(new RateLimit(_ -> new Keeping(), 1000, 1000));
        seen.getLast().write(Bytes.utf8("x".repeat(5000)));
        OffTheLoop.refuses(seen.getLast());
        assertThat(seen.getLast().pendingBytes()).isPositive();
        assertThat(below.isClosing()).isFalse();
    }

    @Test
    void policiesThatWrapRefuseCalls() throws Exception {
        refusesAll(accepted(new IdleTimeout(_ -> new Keeping(), Duration.ofHours(1))));
        refusesAll(accepted(new RateLimit(_ -> new Keeping(), 1000, 1000)));
        refusesAll(accepted(new TrafficLog(_ -> new Keeping(), _ -> {})));
    }

    @Test
    void aFramingProtocolRefusesCallsWhileItsLayerComesUp() {
        Starting framing = new Starting();
        MemoryTransport below = made(framing);
        refusesAll(below);
        framing.start();
        refusesAll(below);
        assertThat(below.takeWritten().isEmpty()).isFalse(); // from before the layer alone
    }

    @Test
    void aFramingProtocolBeginsNoLayerAndIsNotHandedOver() {
        Starting framing = new Starting();
        MemoryTransport below = made(framing);
        OffTheLoop.refused("FramingProtocol.startTls", framing::start);
        OffTheLoop.refused("FramingProtocol.handOver", framing::handOver);
        assertThat(seen).hasSize(1);
        assertThat(seen.getLast().write(Bytes.utf8("as plain as before"))).isTrue();
        assertThat(below.takeWritten().utf8()).isEqualTo("as plain as before");
    }

    @Test
    void framingProtocolsKeepTheirState() {
        Starting framing = new Starting();
        MemoryTransport below = made(framing);
        OffTheLoop.refused("FramingProtocol.inputEnded", framing::inputEnded);
        OffTheLoop.refused("FramingProtocol.isBetweenUnits", framing::isBetweenUnits);
        OffTheLoop.refused("FramingProtocol.isListening", framing::isListening);
        OffTheLoop.refused("FramingProtocol.isOverLayer", framing::isOverLayer);
        OffTheLoop.refused("FramingProtocol.holdReading", framing::holdReading);
        OffTheLoop.refused("FramingProtocol.releaseReading", framing::releaseReading);
        assertThat(below.isPaused()).isFalse();
    }

    @Test
    void aLineProtocolChangesNoModeButMayBegin() {
        Modes lines = new Modes();
        lines.rawMode();
        MemoryTransport below = made(lines);
        OffTheLoop.refused("LineProtocol.lineMode", lines::lineMode);
        below.receive(Bytes.utf8("raw\r\n"));
        lines.lineMode();
        OffTheLoop.refused("LineProtocol.rawMode", lines::rawMode);
        below.receive(Bytes.utf8("line\r\n"));
        assertThat(received).containsExactly("raw\r\n", "line");
    }

    private final class Modes extends LineProtocol {
        @Override
        protected void lineReceived(Bytes line) {
            received.add(line.utf8());
        }

        @Override
        protected int rawReceived(Bytes data) {
            received.add(data.utf8());
            return data.size();
        }
    }

    @Test
    void aFrameProtocolKeepsItsLimitButMayBeginWithAnother() {
        Frames frames = new Frames();
        frames.limitFrames(2);
        MemoryTransport below = made(frames);
        OffTheLoop.refused("FrameProtocol.limitFrames", () -> frames.limitFrames(1));
        below.receive(Bytes.utf8("\0\0\0\2ab"));
        assertThat(received).containsExactly("ab");
    }

    private final class Frames extends FrameProtocol {
        Frames() {
            super(1);
        }

        @Override
        protected void frameReceived(Bytes frame) {
            received.add(frame.utf8());
        }
    }

    // ---- TLS ----

    private static TlsServer server() throws IOException {
        return new TlsServer(
                TlsServerOptions.of(
                        TlsIdentity.read(PEM.resolve("server.crt"), PEM.resolve("server.key"))));
    }

    private static TlsClient client() throws IOException {
        return new TlsClient(
                TlsClientOptions.trusting(TlsTrust.read(PEM.resolve("authority.crt"))));
    }

    @Test
    void connectionsOverTlsRefuseCalls() throws Exception {
        ManualReactor reactor = new ManualReactor();
        ListeningPort port = reactor.listenTcp(0, server().around(_ -> new Keeping()));
        Connector below = Connector.to(reactor, port.address());
        var _ =
                client().around(reactor, below, Address.of("server.example", 443))
                        .connect(_ -> new Keeping(), Duration.ofSeconds(30));
        reactor.runUntilIdle();
        refuseAllAtBothEnds(reactor);
    }

    @Test
    void streamsThatGoOnOverTlsRefuseCalls() throws Exception {
        ManualReactor reactor = new ManualReactor();
        reactor.wire(
                new Upgrading(client().layer("server.example")), new Upgrading(server().layer()));
        refuseAllAtBothEnds(reactor);
    }

    private void refuseAllAtBothEnds(ManualReactor reactor) {
        assertThat(seen).hasSize(2);
        for (Transport transport : seen) {
            OffTheLoop.refuses(transport);
        }
        for (Transport transport : seen) {
            assertThat(transport.pendingBytes()).isZero();
            assertThat(transport.write(Bytes.utf8("still here"))).isTrue();
        }
        reactor.runUntilIdle();
        assertThat(received).containsExactly("still here", "still here");
    }

    private final class Upgrading extends FramingProtocol {
        private final Layer tls;

        Upgrading(Layer tls) {
            this.tls = tls;
        }

        @Override
        protected void connected() {
            seen.add(transport());
            var _ = startTls(tls);
        }

        @Override
        protected int consume(Bytes chunk, int from) {
            received.add(chunk.slice(from, chunk.size()).utf8());
            return chunk.size();
        }

        @Override
        protected int unfinishedBytes() {
            return 0;
        }
    }

    private final class Starting extends FramingProtocol {
        @Override
        protected void connected() {
            seen.add(transport());
        }

        @Override
        protected int consume(Bytes chunk, int from) {
            return chunk.size();
        }

        @Override
        protected int unfinishedBytes() {
            return 0;
        }

        void handOver() {
            handOver(new Keeping(), transport());
        }

        void start() {
            var _ =
                    startTls(_ ->
                            new Keeping() {
                                @Override
                                public void connectionMade(Transport transport) {} // never comes up
                            });
        }
    }
}
