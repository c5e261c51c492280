package dev.torsion.netty;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Answers on io_uring to peers that have ended their direction.
@Timeout(300)
final class HungUpSocketTest {
    private static final int ANSWER = 8 << 20; // more than a socket takes
    private static final int PEERS = 40;

    @SuppressWarnings("NullAway.Init") // JUnit calls start() first
    private NettyReactor reactor;

    private final CountDownLatch asked = new CountDownLatch(PEERS);

    @BeforeAll
    static void needsTheNativeLibrary() {
        RealWorld.requireHere(ReactorOptions.Io.IO_URING);
        IoUringSockets.ready().join(); // until then sockets block
    }

    @BeforeEach
    void start() {
        reactor = NettyReactor.create(ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.IO_URING));
    }

    @AfterEach
    void stop() throws Exception {
        reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    private final class Answering implements HalfCloseable {
        private @Nullable Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void readConnectionLost() {
            Transport to = requireNonNull(transport);
            to.write(Bytes.wrap(new byte[ANSWER]));
            to.loseWriteConnection();
            asked.countDown();
        }
    }

    @Test
    void holdNoThreadOfTheKernelOverTcp() throws Exception {
        ListeningPort port = reactor.listenTcp(0, _ -> new Answering());
        answerOthers(new InetSocketAddress(InetAddress.getLoopbackAddress(), port.port()));
    }

    @Test
    void holdNoThreadOfTheKernelOverAUnixSocket(@TempDir Path folder) throws Exception {
        Path path = folder.resolve("socket");
        reactor.listen(Endpoint.parse("unix:" + path), _ -> new Answering());
        answerOthers(UnixDomainSocketAddress.of(path));
    }

    private void answerOthers(SocketAddress place) throws Exception {
        List<SocketChannel> silent = new ArrayList<>();
        try {
            for (int i = 0; i < PEERS; i++) {
                silent.add(ask(place));
            }
            assertThat(asked.await(60, TimeUnit.SECONDS)).isTrue();
            try (SocketChannel reader = ask(place)) {
                assertThat(readAll(reader)).isEqualTo(ANSWER);
            }
            assertThat(threadsOfTheKernel()).isLessThan(PEERS / 4);
            assertThat(readAll(silent.getFirst())).isEqualTo(ANSWER);
        } finally {
            for (SocketChannel one : silent) {
                one.close();
            }
        }
    }

    private static SocketChannel ask(SocketAddress place) throws IOException {
        SocketChannel peer =
                place instanceof UnixDomainSocketAddress
                        ? SocketChannel.open(StandardProtocolFamily.UNIX)
                        : SocketChannel.open();
        peer.connect(place);
        return peer.shutdownOutput();
    }

    private static int readAll(SocketChannel peer) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
        int all = 0;
        for (int read; (read = peer.read(buffer.clear())) >= 0; ) {
            all += read;
        }
        return all;
    }

    private static long threadsOfTheKernel() throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            return tasks.filter(HungUpSocketTest::isOfTheKernel).count();
        }
    }

    private static boolean isOfTheKernel(Path task) {
        try {
            return Files.readString(task.resolve("comm")).startsWith("iou-wrk");
        } catch (IOException ended) {
            return false;
        }
    }
}
