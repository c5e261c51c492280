package dev.torsion.netty;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// A program that makes and ends connections, to itself, and says after each round what it holds.
final class Churn {
    private static final int AT_ONCE = 16;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Duration MOMENT = Duration.ofMillis(20);
    private static final int MOMENTS = 100;

    /// What the process holds while no connection is open, in bytes, and in open files.
    record Look(long heap, long buffers, long files) {
        static Look parse(String line) {
            String[] numbers = line.split(" ", -1);
            return new Look(
                    Long.parseLong(numbers[0]),
                    Long.parseLong(numbers[1]),
                    Long.parseLong(numbers[2]));
        }

        static Look now() {
            System.gc();
            MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
            var buffers = ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric();
            return new Look(
                    heap.getUsed(),
                    buffers.usedDirectMemory() + buffers.usedHeapMemory(),
                    openFiles());
        }

        static long openFiles() {
            var system = (UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            return system.getOpenFileDescriptorCount();
        }
    }

    /// How a connection ends; taken in turn.
    private enum End {
        CLIENT_CLOSES('c'),
        CLIENT_ABORTS('a'),
        CLIENT_ENDS_ITS_HALF('h'),
        CLIENT_THROWS('t'),
        SERVER_CLOSES('C'),
        SERVER_ABORTS('A');

        private final byte code;

        End(char code) {
            this.code = (byte) code;
        }

        static End of(byte code) {
            for (End end : values()) {
                if (end.code == code) {
                    return end;
                }
            }
            throw new IllegalArgumentException("no end is called " + code);
        }
    }

    private final NettyReactor reactor;
    private final int connections;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private Address server = Address.of("127.0.0.1", 1);
    private int begun;
    private int clients;
    private int servers;

    private Churn(NettyReactor reactor, int connections) {
        this.reactor = reactor;
        this.connections = connections;
    }

    /// Prints a [Look] after each round, the first of which warms up.
    ///
    /// @param arguments way to watch sockets, rounds, connections of each
    public static void main(String[] arguments) {
        NettyReactor reactor =
                NettyReactor.create(
                        ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.valueOf(arguments[0])));
        int rounds = Integer.parseInt(arguments[1]);
        for (int round = 0; round <= rounds; round++) {
            long before = Look.openFiles();
            Churn churn = new Churn(reactor, Integer.parseInt(arguments[2]));
            var port = reactor.listenTcp(0, _ -> churn.new Server());
            churn.server = port.address();
            reactor.callFromThread(churn::fill);
            churn.over.join();
            port.stopListening().toCompletableFuture().join();
            settle(reactor, before);
            Look look = Look.now();
            System.out.println(look.heap() + " " + look.buffers() + " " + look.files());
        }
        System.exit(0);
    }

    private void fill() {
        while (begun < connections && clients < AT_ONCE) {
            End end = End.values()[begun++ % End.values().length];
            clients++;
            var _ =
                    reactor.connect(server, _ -> new Client(end), TIMEOUT)
                            .whenComplete((_, failure) -> {
                                if (failure != null) {
                                    over.completeExceptionally(failure);
                                }
                            });
        }
        if (begun == connections && clients == 0 && servers == 0) {
            over.complete(null);
        }
    }

    /// Sockets that were told of their end are closed by the next turns of the loop: gives it
    /// those, until as many files are open as before, or for as long as that may take.
    private static void settle(NettyReactor reactor, long before) {
        for (int i = 0; i < MOMENTS && Look.openFiles() > before; i++) {
            CompletableFuture<Void> moment = new CompletableFuture<>();
            reactor.callFromThread(() -> {
                var _ = reactor.callLater(MOMENT, () -> moment.complete(null));
            });
            moment.join();
        }
    }

    private final class Client implements Protocol, HalfCloseable {
        private final End end;
        private @Nullable Transport transport;

        private Client(End end) {
            this.end = end;
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
            made.write(Bytes.wrap(new byte[] {end.code, 2, 3}));
        }

        @Override
        public void dataReceived(Bytes data) {
            Transport made = transport;
            if (made == null) {
                return;
            }
            switch (end) {
                case CLIENT_CLOSES -> made.loseConnection();
                case CLIENT_ABORTS -> made.abortConnection();
                case CLIENT_ENDS_ITS_HALF -> made.loseWriteConnection();
                case CLIENT_THROWS -> throw new Thrown();
                case SERVER_CLOSES, SERVER_ABORTS -> {}
            }
        }

        @Override
        public void readConnectionLost() {
            if (transport != null) {
                transport.loseConnection();
            }
        }

        @Override
        public void connectionLost(CloseReason reason) {
            clients--;
            fill();
        }
    }

    private final class Server implements Protocol {
        private @Nullable Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
            servers++;
        }

        @Override
        public void dataReceived(Bytes data) {
            Transport made = transport;
            if (made == null) {
                return;
            }
            End end = End.of(data.at(0));
            made.write(data);
            if (end == End.SERVER_CLOSES) {
                made.loseConnection();
            } else if (end == End.SERVER_ABORTS) {
                made.abortConnection();
            }
        }

        @Override
        public void connectionLost(CloseReason reason) {
            servers--;
            fill();
        }
    }

    /// What a protocol may throw by mistake; without a stack, of which the log is not to speak.
    private static final class Thrown extends RuntimeException {
        private static final long serialVersionUID = 1;

        private Thrown() {
            super("thrown on purpose", null, false, false);
        }
    }
}
