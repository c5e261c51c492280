package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.LoopMeter;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Sockets whose peer has ended its direction, one in a loop, below what a connection makes of
/// them.
@Timeout(300)
final class LateLossTest {
    /// In 50 ms of which nothing happens. A loop that spins looks thousands of times.
    private static final int FEW_LOOKS = 20;

    private final CompletableFuture<Void> inputEnded = new CompletableFuture<>();
    private final CompletableFuture<Throwable> lost = new CompletableFuture<>();

    @SuppressWarnings("NullAway.Init") // each test connects first
    private Loop loop;

    private int looks; // of the loop

    @AfterEach
    void stop() throws Exception {
        await(loop.shutdownGracefully(0, 0, TimeUnit.SECONDS));
    }

    private static void await(Future<?> future) throws Exception {
        future.get(60, TimeUnit.SECONDS);
    }

    /// How often the loop looks at its sockets while nothing happens.
    private int looksInAWhile() throws Exception {
        int before = loop.submit(() -> looks).get(60, TimeUnit.SECONDS);
        return loop.schedule(() -> looks - before, 50, TimeUnit.MILLISECONDS)
                .get(60, TimeUnit.SECONDS);
    }

    private io.netty.channel.socket.SocketChannel connect(
            ReactorOptions.Io io, InetSocketAddress place) throws Exception {
        RealWorld.requireHere(io);
        Sockets sockets = SocketsChoice.of(io).sockets();
        loop =
                new Loop(
                        turns -> new Thread(turns, "watched").start(),
                        executor -> new CountedHandler(sockets.watcher().newHandler(executor)),
                        new LoopMeter(Duration.ofMinutes(1), System::nanoTime),
                        _ -> {});
        io.netty.channel.socket.SocketChannel channel = sockets.client();
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.pipeline().addLast(new Listening());
        await(loop.register(channel));
        await(channel.connect(place));
        return channel;
    }

    private static InetSocketAddress addressOf(ServerSocketChannel port) throws IOException {
        return (InetSocketAddress)
                port.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                        .getLocalAddress();
    }

    @ParameterizedTest
    @EnumSource(
            value = ReactorOptions.Io.class,
            names = {"EPOLL", "IO_URING"})
    void areToldOfTheResetAloneAndBeforeThatOfNothing(ReactorOptions.Io io) throws Exception {
        try (ServerSocketChannel port = ServerSocketChannel.open()) {
            var _ = connect(io, addressOf(port));
            SocketChannel peer = port.accept();
            peer.shutdownOutput();
            inputEnded.get(60, TimeUnit.SECONDS);
            assertThat(looksInAWhile()).isLessThan(FEW_LOOKS);
            assertThat(lost).isNotDone();
            peer.setOption(StandardSocketOptions.SO_LINGER, 0);
            peer.close();

            assertThat(lost.get(60, TimeUnit.SECONDS))
                    .isInstanceOf(IOException.class)
                    .hasMessage("the peer had ended its direction, and is lost now");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = ReactorOptions.Io.class,
            names = {"NIO", "EPOLL", "IO_URING"})
    void areToldOfNoLossWhenBothEnd(ReactorOptions.Io io) throws Exception {
        try (ServerSocketChannel port = ServerSocketChannel.open()) {
            io.netty.channel.socket.SocketChannel channel = connect(io, addressOf(port));
            try (SocketChannel peer = port.accept()) {
                peer.shutdownOutput();
                inputEnded.get(60, TimeUnit.SECONDS);
                await(channel.shutdownOutput());
                assertThat(peer.read(ByteBuffer.allocate(1))).isNegative();
            }

            assertThat(looksInAWhile()).isLessThan(FEW_LOOKS);
            assertThat(lost).isNotDone();
        }
    }

    private final class Listening extends ChannelInboundHandlerAdapter {
        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof ChannelInputShutdownEvent) {
                inputEnded.complete(null);
            } else if (event instanceof LateLoss(IOException cause)) {
                lost.complete(cause);
            }
        }
    }

    private final class CountedHandler extends MendedIoHandler {
        private CountedHandler(IoHandler handler) {
            super(handler, IoHandler::register);
        }

        @Override
        public int run(IoHandlerContext context) {
            looks++;
            return super.run(context);
        }
    }
}
