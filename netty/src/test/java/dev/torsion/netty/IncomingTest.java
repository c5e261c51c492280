package dev.torsion.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.Transport;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class IncomingTest {
    private final List<String> told = new ArrayList<>();
    private final CompletableFuture<CloseReason> lost = new CompletableFuture<>();

    private final class Paused implements HalfCloseable {
        @Override
        public void connectionMade(Transport transport) {
            transport.pauseReading();
            ChannelPipeline pipeline = ((Connection) transport).channel().pipeline();
            transport
                    .reactor()
                    .callFromThread(() -> {
                        pipeline.fireChannelRead(Unpooled.copiedBuffer("upload", UTF_8));
                        pipeline.fireUserEventTriggered(ChannelInputShutdownEvent.INSTANCE);
                        pipeline.fireUserEventTriggered(new LateLoss(new IOException("reset")));
                        told.add("resumed");
                        transport.resumeReading();
                    });
        }

        @Override
        public void dataReceived(Bytes data) {
            told.add(data.utf8());
        }

        @Override
        public void readConnectionLost() {
            told.add("end");
        }

        @Override
        public void connectionLost(CloseReason reason) {
            lost.complete(reason);
        }
    }

    @Test
    void deliversWhatHadComeWholeBeforeItTellsThatThePeerIsLost() throws Exception {
        NettyReactor reactor =
                NettyReactor.create(ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
        int port = reactor.listenTcp(0, _ -> new Paused()).port();
        try (Socket _ = new Socket(InetAddress.getLoopbackAddress(), port)) {
            assertThat(lost.get(60, TimeUnit.SECONDS)).isInstanceOf(CloseReason.Lost.class);
        }
        reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
        assertThat(told).containsExactly("resumed", "upload", "end");
    }
}
