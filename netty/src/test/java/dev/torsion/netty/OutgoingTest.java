package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.Transport;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class OutgoingTest {

    private static final class Endless extends NioSocketChannel {
        @Override
        public ChannelFuture shutdownOutput() {
            return newFailedFuture(new IOException("by the test"));
        }
    }

    @Test
    void tellsWhyThePeerCouldNotBeToldOfItsEnd() throws Exception {
        NettyReactor reactor =
                NettyReactor.create(ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
        Recorder client = new Recorder();
        try (ServerSocket peer = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            ClientEndpoint there = ClientEndpoint.tcp(Address.of("127.0.0.1", peer.getLocalPort()));
            Dial dial = new Dial(reactor, there, _ -> client);
            reactor.callFromThread(() -> {
                Endless channel = new Endless();
                channel.pipeline().addLast(new Connection(reactor, channel, dial));
                var _ = reactor.loop().register(channel);
                var _ = channel.connect(peer.getLocalSocketAddress());
            });
            client.onLoop(Transport::loseWriteConnection);
            assertThat(client.lost()).hasToString("connection lost: by the test");
        }
        reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }
}
