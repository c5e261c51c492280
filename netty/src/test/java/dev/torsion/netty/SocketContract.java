package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What holds on real sockets, however they are watched.
abstract class SocketContract {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @SuppressWarnings("NullAway.Init") // JUnit calls start() first
    private NettyReactor reactor;

    abstract ReactorOptions.Io io();

    @BeforeEach
    void start() {
        reactor = NettyReactor.create(options());
    }

    @AfterEach
    void stop() throws Exception {
        reactor.stop().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private ReactorOptions options() {
        return ReactorOptions.DEFAULT.withIo(io());
    }

    @Test
    void echoesTenMebibytesUnchanged() throws Exception {
        byte[] sent = new byte[10 * 1024 * 1024];
        new Random(7).nextBytes(sent);
        ListeningPort port = reactor.listenTcp(0, _ -> new Echo());
        Recorder client = connect(port);
        client.onLoop(transport -> transport.write(Bytes.wrap(sent)));
        assertThat(client.received(sent.length)).isEqualTo(sent);
    }

    @Test
    void losesTheConnectionWhenThePeerResetsIt() throws Exception {
        Recorder server = new Recorder();
        ListeningPort port = reactor.listenTcp(0, _ -> server);
        try (Socket peer = plain(port)) {
            server.transport();
            peer.setSoLinger(true, 0);
        }
        assertThat(server.lost()).isInstanceOf(CloseReason.Lost.class);
    }

    private Recorder connect(ListeningPort port) throws Exception {
        Recorder client = new Recorder();
        reactor.connect(port.address(), _ -> client, PATIENCE)
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS);
        return client;
    }

    private static Socket plain(ListeningPort port) throws Exception {
        return new Socket(InetAddress.getLoopbackAddress(), port.address().port());
    }

    @SuppressWarnings("NullAway.Init") // connectionMade comes first
    private static final class Echo implements Protocol {
        private Transport transport;

        @Override
        public void connectionMade(Transport transport) {
            this.transport = transport;
        }

        @Override
        public void dataReceived(Bytes data) {
            transport.write(data);
        }
    }
}
