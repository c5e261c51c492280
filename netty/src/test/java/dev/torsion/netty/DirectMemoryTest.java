package dev.torsion.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A process of its own, because it uses up all the memory that buffers for sockets may have.
@Timeout(300)
final class DirectMemoryTest {
    private static final int MOST = 16 << 20;

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void failsAConnectionThatWritesMoreThanThereIs(ReactorOptions.Io io) throws Exception {
        says(Writing.class, io, "write threw OutOfMemoryError", "Failed: OutOfMemoryError", "x");
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    void failsAConnectionThatThereIsNoneToReadFor(ReactorOptions.Io io) throws Exception {
        says(Reading.class, io, "Failed: OutOfMemoryError", "x");
    }

    private static void says(Class<?> program, ReactorOptions.Io io, String... lines)
            throws Exception {
        RealWorld.requireHere(io);
        List<String> options =
                List.of(
                        "-XX:MaxDirectMemorySize=" + MOST,
                        "-Dio.netty.maxDirectMemory=" + MOST,
                        "-Dio.netty.jfr.enabled=false"); // which would hold the loop for seconds
        ProcessBuilder limited = ChildJvm.of(options, program, io.name());
        try (ChildJvm child =
                ChildJvm.start(limited.redirectError(ProcessBuilder.Redirect.DISCARD))) {
            assertThat(child.output().lines()).containsExactly(lines);
        }
    }

    /// A server on a reactor, and its clients, each of which is one end of a socket.
    private static class Served {
        private final Queue<Recorder> next = new ArrayDeque<>();
        private final int port;

        Served(String[] arguments) {
            ReactorOptions.Io io = ReactorOptions.Io.valueOf(arguments[0]);
            NettyReactor reactor = NettyReactor.create(ReactorOptions.DEFAULT.withIo(io));
            port = reactor.listenTcp(0, _ -> next.remove()).port();
        }

        Socket connect(Recorder server) throws IOException {
            next.add(server);
            return new Socket(InetAddress.getLoopbackAddress(), port);
        }

        /// The server reads what a client sends.
        void sayWhatIsRead() throws Exception {
            Recorder server = new Recorder();
            try (Socket client = connect(server)) {
                client.getOutputStream().write('x');
                System.out.println(new String(server.received(1), UTF_8));
            }
        }

        static String of(CloseReason why) {
            return why instanceof CloseReason.Failed(Throwable thrown)
                    ? "Failed: " + kind(thrown)
                    : why.toString();
        }

        /// Netty has one of its own.
        static String kind(Throwable thrown) {
            return thrown instanceof OutOfMemoryError ? "OutOfMemoryError" : thrown.toString();
        }
    }

    /// To a peer that does not read, less than the hard limit of its connection.
    static final class Writing {
        private Writing() {}

        public static void main(String[] arguments) throws Exception {
            Served served = new Served(arguments);
            Recorder server = new Recorder();
            try (Socket _ = served.connect(server)) {
                server.onLoop(Writing::writeAll);
                System.out.println(Served.of(server.lost()));
            }
            served.sayWhatIsRead();
        }

        private static void writeAll(Transport transport) {
            try {
                for (int written = 0; written < 2 * MOST; written += 1 << 20) {
                    transport.write(Bytes.wrap(new byte[1 << 20]));
                }
            } catch (Throwable thrown) {
                System.out.println("write threw " + Served.kind(thrown));
            }
        }
    }

    /// When all is taken by others.
    static final class Reading {
        private Reading() {}

        public static void main(String[] arguments) throws Exception {
            Served served = new Served(arguments);
            Recorder server = new Recorder();
            try (ServerSocket warm = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                    Socket some = new Socket(warm.getInetAddress(), warm.getLocalPort())) {
                some.getOutputStream().write('x'); // the JDK keeps memory for this thread's next
            }
            List<ByteBuffer> ofTheJdk = new ArrayList<>();
            List<ByteBuf> ofNetty = new ArrayList<>();
            eat(() -> ofTheJdk.add(ByteBuffer.allocateDirect(1024)));
            eat(() -> ofNetty.add(UnpooledByteBufAllocator.DEFAULT.directBuffer(1024)));
            try (Socket client = served.connect(server)) {
                client.getOutputStream().write('x');
                System.out.println(Served.of(server.lost()));
            }
            ofNetty.forEach(ByteBuf::release);
            ofTheJdk.clear(); // the collector gives it back when it is asked for
            served.sayWhatIsRead();
        }

        private static void eat(Runnable some) {
            try {
                while (true) {
                    some.run();
                }
            } catch (OutOfMemoryError all) {
                return;
            }
        }
    }
}
