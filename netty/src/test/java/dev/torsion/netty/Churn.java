package dev.torsion.netty;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.Transport;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A program that makes and ends connections, to itself, and says after each round what it holds.
final class Churn {
    private static final int AT_ONCE = 16;
    private static final Duration TIMEOUT = Duration.ofSeconds(10);
    static final Duration MOMENT = Duration.ofMillis(20);
    private static final int MOMENTS = 100;
    private static final int COLLECTIONS = 4;

    private static final int KIBIBYTE = 1024;
    private static final SocketOptions NARROW =
            SocketOptions.DEFAULT.withSendBuffer(4 * KIBIBYTE).withReceiveBuffer(4 * KIBIBYTE);

    /// More than such sockets hold, and less than may be buffered.
    private static final Bytes MUCH = Bytes.wrap(new byte[200 * KIBIBYTE]);

    private static final Bytes TOO_MUCH = Bytes.wrap(new byte[512 * KIBIBYTE]);

    private static final ReactorOptions OPTIONS =
            ReactorOptions.DEFAULT
                    .withCloseDeadline(MOMENT)
                    .withMarks(16 * KIBIBYTE, 32 * KIBIBYTE, 256 * KIBIBYTE);

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

    /// How a connection ends.
    enum End {
        CLIENT_CLOSES('c'),
        CLIENT_ABORTS('a'),
        CLIENT_ENDS_ITS_HALF('h'),
        CLIENT_THROWS('t'),
        CLIENT_CLOSES_UNHEARD('u'),
        SERVER_CLOSES('C'),
        SERVER_ABORTS('A'),
        SERVER_THROWS('T'),
        /// The server closes, and the client does not read.
        AT_THE_CLOSE_DEADLINE('D'),
        AT_THE_HARD_LIMIT('L'),

        /// The client says nothing, and the server wants nobody, as may be seen when it connects.
        UNWANTED('-'),
        /// The server stops accepting, and aborts whoever is there.
        DRAINED('-'),
        NEVER_MADE('-'),
        GIVEN_UP('-');

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

        boolean isOfConnect() {
            return this == NEVER_MADE || this == GIVEN_UP;
        }
    }

    /// How a connection begins and ends.
    record Way(Connector connector, End end) {

        /// All ends that a client and a server can make of a connection.
        static List<Way> through(Connector connector) {
            return EnumSet.range(End.CLIENT_CLOSES, End.AT_THE_HARD_LIMIT).stream()
                    .map(end -> new Way(connector, end))
                    .toList();
        }
    }

    /// What connections there are.
    interface Setting {

        /// Around the factory of the port.
        ProtocolFactory around(ProtocolFactory factory);

        /// To be taken in turn.
        ///
        /// @param port where that factory is
        List<Way> ways(NettyReactor reactor, Address.Inet port);
    }

    /// Connections over TCP.
    private record Plain(Address.Inet nobody, Address.Inet full, Address.Inet unwanted)
            implements Setting {
        @Override
        public ProtocolFactory around(ProtocolFactory factory) {
            return factory;
        }

        @Override
        public List<Way> ways(NettyReactor reactor, Address.Inet port) {
            List<Way> ways = new ArrayList<>(Way.through(to(reactor, port)));
            ways.add(new Way(to(reactor, unwanted), End.UNWANTED));
            ways.add(new Way(to(reactor, nobody), End.NEVER_MADE));
            ways.add(new Way(to(reactor, full).withTimeout(MOMENT), End.NEVER_MADE));
            ways.add(new Way(to(reactor, port), End.GIVEN_UP));
            return ways;
        }
    }

    private final long filesBefore = Look.openFiles();
    private final int connections;
    private final ListeningPort port;
    private final List<Way> ways;
    private final Map<Address, Transport> notReading = new HashMap<>();
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private int begun;
    private int clients;
    private int servers;
    private int staying;
    private boolean draining;

    private Churn(NettyReactor reactor, int connections, Setting setting) {
        this.connections = connections;
        Endpoint.Tcp endpoint = Endpoint.tcp(0).withOptions(NARROW);
        port = reactor.listen(endpoint, setting.around(_ -> new Server()));
        ways = setting.ways(reactor, (Address.Inet) port.address());
    }

    static Connector to(NettyReactor reactor, Address.Inet port) {
        return ClientEndpoint.tcp(port).withOptions(NARROW).withTimeout(TIMEOUT).connector(reactor);
    }

    /// A churn over TCP; its arguments are those of [#run].
    public static void main(String[] arguments) throws IOException {
        InetAddress here = InetAddress.getLoopbackAddress();
        try (Socket bound = new Socket();
                ServerSocket full = new ServerSocket(0, 1, here);
                Socket _ = new Socket(here, full.getLocalPort());
                Socket _ = new Socket(here, full.getLocalPort())) {
            bound.bind(new InetSocketAddress(here, 0));
            NettyReactor refusing = NettyReactor.create(options(arguments));
            Address.Inet unwanted = (Address.Inet) refusing.listenTcp(0, _ -> null).address();
            run(arguments, new Plain(at(bound.getLocalPort()), at(full.getLocalPort()), unwanted));
        }
    }

    private static Address.Inet at(int port) {
        return Address.of("127.0.0.1", port);
    }

    static ReactorOptions options(String[] arguments) {
        return OPTIONS.withIo(ReactorOptions.Io.valueOf(arguments[0]));
    }

    /// Prints a [Look] after each round, the first of which warms up, and ends the process.
    ///
    /// @param arguments way to watch sockets, rounds, connections of each
    static void run(String[] arguments, Setting setting) {
        NettyReactor reactor = NettyReactor.create(options(arguments));
        int rounds = Integer.parseInt(arguments[1]);
        try {
            for (int round = 0; round <= rounds; round++) {
                new Churn(reactor, Integer.parseInt(arguments[2]), setting).round(reactor);
            }
        } catch (CompletionException failed) {
            failed.printStackTrace();
            System.exit(1);
        }
        System.exit(0);
    }

    private void round(NettyReactor reactor) {
        reactor.callFromThread(this::goOn);
        over.join();
        settle(reactor);
        collectGarbage(reactor);
        Look look = Look.now();
        System.out.println(look.heap() + " " + look.buffers() + " " + look.files());
    }

    private void goOn() {
        while (begun < connections && clients < AT_ONCE) {
            begin(ways.get(begun++ % ways.size()));
        }
        if (begun == connections && clients == 0 && servers == 0) {
            if (draining) {
                over.complete(null);
                return;
            }
            draining = true;
            for (int i = 0; i < AT_ONCE; i++) {
                begin(new Way(ways.getFirst().connector(), End.DRAINED));
            }
        }
    }

    private void begin(Way way) {
        clients++;
        Connector connector = way.connector();
        CompletionStage<Protocol> connect =
                connector.connect(_ -> new Client(way.end()), connector.timeout());
        var _ = connect.whenComplete((_, failure) -> begun(way.end(), failure));
        if (way.end() == End.GIVEN_UP) {
            connect.toCompletableFuture().cancel(false);
        }
    }

    private void begun(End end, @Nullable Throwable failure) {
        boolean failed = failure != null;
        if (end != End.UNWANTED && end.isOfConnect() != failed) {
            over.completeExceptionally(new AssertionError(end + ": " + failure, failure));
        } else if (failed) {
            clients--;
            goOn();
        }
    }

    private void drainIfAllAreThere() {
        if (draining && staying == AT_ONCE && servers == AT_ONCE) {
            var _ = port.drain(Duration.ZERO);
        }
    }

    /// Sockets that were told of their end are closed by the next turns of the loop: gives it
    /// those, until as many files are open as before, or for as long as that may take.
    private void settle(NettyReactor reactor) {
        for (int i = 0; i < MOMENTS && Look.openFiles() > filesBefore; i++) {
            waitAMoment(reactor);
        }
    }

    /// What is told of garbage by a reference queue is garbage itself only then.
    private static void collectGarbage(NettyReactor reactor) {
        for (int i = 0; i < COLLECTIONS; i++) {
            System.gc();
            waitAMoment(reactor);
        }
    }

    private static void waitAMoment(NettyReactor reactor) {
        CompletableFuture<Void> moment = new CompletableFuture<>();
        reactor.callFromThread(() -> {
            var _ = reactor.callLater(MOMENT, () -> moment.complete(null));
        });
        moment.join();
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
            switch (end) {
                case CLIENT_CLOSES_UNHEARD -> made.loseConnection();
                case UNWANTED -> {}
                case DRAINED -> {
                    staying++;
                    drainIfAllAreThere();
                }
                case AT_THE_CLOSE_DEADLINE -> {
                    made.pauseReading();
                    notReading.put(made.host(), made);
                    ask(made);
                }
                default -> ask(made);
            }
        }

        private void ask(Transport made) {
            made.write(Bytes.wrap(new byte[] {end.code, 2, 3, 4, 5, 6}));
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
                default -> {}
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
            goOn();
        }
    }

    private final class Server implements Protocol {
        private @Nullable Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
            servers++;
            drainIfAllAreThere();
        }

        @Override
        public void dataReceived(Bytes data) {
            Transport made = transport;
            if (made == null) {
                return;
            }
            End end = End.of(data.at(0));
            made.write(data);
            switch (end) {
                case SERVER_CLOSES -> made.loseConnection();
                case SERVER_ABORTS -> made.abortConnection();
                case SERVER_THROWS -> throw new Thrown();
                case AT_THE_CLOSE_DEADLINE -> {
                    made.write(MUCH);
                    made.loseConnection();
                }
                case AT_THE_HARD_LIMIT -> made.write(TOO_MUCH);
                default -> {}
            }
        }

        @Override
        public void connectionLost(CloseReason reason) {
            servers--;
            Transport client = transport == null ? null : notReading.remove(transport.peer());
            if (client != null) {
                client.resumeReading(); // to be told
            }
            goOn();
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
