package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// In a process of its own: with assertions, as in tests, each read allocates its window, and with
/// leak detection each buffer a record.
@Timeout(300)
final class AllocationTest {
    private static final int MESSAGES = 10_000;

    /// The smallest object takes 16 bytes: half of that for each message is none for most.
    private static final long NONE = 8L * MESSAGES;

    @Test
    void echoingAMessageAllocatesNothing() throws Exception {
        assertThat(measured(ReactorOptions.Io.NIO)).isLessThan(NONE);
    }

    @Test
    void norWithEpoll() throws Exception {
        RealWorld.requireHere(ReactorOptions.Io.EPOLL);
        assertThat(measured(ReactorOptions.Io.EPOLL)).isLessThan(NONE);
    }

    /// Bytes that the loop's thread allocates for [#MESSAGES] echoes.
    private static long measured(ReactorOptions.Io io) throws Exception {
        ProcessBuilder measured =
                ChildJvm.of(
                        List.of(
                                "-Dio.netty.leakDetection.level=disabled",
                                "--sun-misc-unsafe-memory-access=allow"),
                        Measured.class,
                        io.name());
        try (ChildJvm program =
                ChildJvm.start(measured.redirectError(ProcessBuilder.Redirect.INHERIT))) {
            return Long.parseLong(program.output().readLine());
        }
    }

    static final class Measured {
        private Measured() {}

        public static void main(String[] arguments) throws Exception {
            ReactorOptions.Io io = ReactorOptions.Io.valueOf(arguments[0]);
            NettyReactor reactor = NettyReactor.create(ReactorOptions.DEFAULT.withIo(io));
            int port = reactor.listenTcp(0, _ -> new Echo()).port();
            long least = Long.MAX_VALUE; // of some rounds: compiling takes some too
            for (int round = 0; round < 30 && least >= NONE; round++) {
                least = Math.min(least, allocated(port, reactor::callFromThread));
            }
            System.out.println(least);
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
