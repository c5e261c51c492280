package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.io.BufferedReader;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A process of its own, because with assertions, as in tests, each read allocates its window.
@Timeout(60)
final class AllocationTest {
    private static final int MESSAGES = 10_000;

    /// The smallest object takes 16 bytes: half of that for each message is none for most.
    private static final long NONE = 8L * MESSAGES;

    @Test
    void echoingAMessageAllocatesNothingBeyondNettysOwn() throws Exception {
        Process program =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-Dio.netty.leakDetection.level=disabled",
                                "-cp",
                                System.getProperty("java.class.path"),
                                Measured.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader output = program.inputReader()) {
            long ours = Long.parseLong(output.readLine());
            long nettys = Long.parseLong(output.readLine());
            assertThat(ours - nettys).isLessThan(NONE);
        } finally {
            program.destroyForcibly();
            assertThat(program.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    /// Prints the bytes that the loop's thread allocates for [#MESSAGES] echoes: ours, then those
    /// of Netty with nothing around it.
    static final class Measured {
        private Measured() {}

        public static void main(String[] arguments) throws Exception {
            NettyReactor reactor =
                    NettyReactor.create(ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
            int port = reactor.listenTcp(0, _ -> new Echo()).port();
            var loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
            Channel listening =
                    new ServerBootstrap()
                            .group(loop)
                            .channel(NioServerSocketChannel.class)
                            .childHandler(new RawEcho())
                            .bind(InetAddress.getLoopbackAddress(), 0)
                            .sync()
                            .channel();
            int rawPort = ((InetSocketAddress) listening.localAddress()).getPort();
            long ours = Long.MAX_VALUE; // the least of rounds in turn: compiling takes some
            long nettys = Long.MAX_VALUE;
            for (int round = 0; round < 30 && (round < 4 || ours - nettys >= NONE); round++) {
                ours = Math.min(ours, allocated(port, reactor::callFromThread));
                nettys = Math.min(nettys, allocated(rawPort, loop::execute));
            }
            System.out.println(ours);
            System.out.println(nettys);
            System.exit(0);
        }

        private static long allocated(int port, Consumer<Runnable> loop) throws Exception {
            try (Socket peer = new Socket(InetAddress.getLoopbackAddress(), port)) {
                peer.setTcpNoDelay(true);
                echo(peer);
                long before = allocated(loop);
                echo(peer);
                return allocated(loop) - before;
            }
        }

        private static void echo(Socket peer) throws Exception {
            byte[] message = new byte[64];
            for (int i = 0; i < MESSAGES; i++) {
                peer.getOutputStream().write(message);
                if (peer.getInputStream().readNBytes(message, 0, message.length) != 64) {
                    throw new AssertionError("the echo ended");
                }
            }
        }

        private static long allocated(Consumer<Runnable> loop) {
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            CompletableFuture<Long> bytes = new CompletableFuture<>();
            loop.accept(() -> bytes.complete(threads.getCurrentThreadAllocatedBytes()));
            return bytes.join();
        }
    }

    @ChannelHandler.Sharable
    private static final class RawEcho extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            var _ = context.write(message, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }

    private static final class Echo implements Protocol {
        private @Nullable Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(Bytes data) {
            if (transport != null) {
                transport.write(data);
            }
        }
    }
}
