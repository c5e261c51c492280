package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.DatagramOptions;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.LoopMeter;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.DatagramProbe;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ServerSocketChannel;
import java.io.BufferedReader;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A process of its own, because it uses up every file descriptor it may have.
@Timeout(300)
final class FileDescriptorsTest {
    /// Without it Netty calls the C library, and has it looked for at the start.
    private static final List<String> ALLOWED = List.of("--sun-misc-unsafe-memory-access=allow");

    private static final String NONE_LEFT =
            "no file descriptor is left: raise the limit (ulimit -n)";

    @Execution(ExecutionMode.CONCURRENT)
    @EnumSource(names = "AUTO", mode = EnumSource.Mode.EXCLUDE)
    @Retention(RetentionPolicy.RUNTIME)
    private @interface WithEveryIo {}

    @EnabledOnOs(value = OS.LINUX, disabledReason = "limits file descriptors with a shell's ulimit")
    @Retention(RetentionPolicy.RUNTIME)
    private @interface Limited {}

    @ParameterizedTest
    @WithEveryIo
    @Limited
    void acceptsAgainWhenThereAreFileDescriptorsAgain(ReactorOptions.Io io) throws Exception {
        RealWorld.requireHere(io);
        try (ChildJvm program = start(Hungry.class, io)) {
            BufferedReader output = program.output();
            assertThat(output.readLine()).contains("cannot accept connections").contains(NONE_LEFT);
            program.process().getOutputStream().write('\n');
            program.process().getOutputStream().flush();
            assertThat(output.readLine()).contains("accepts connections again");
            assertThat(output.readLine()).isEqualTo("accepted");
        }
    }

    @ParameterizedTest
    @WithEveryIo
    @Limited
    void connectsAgainWhenThereAreFileDescriptorsAgain(ReactorOptions.Io io) throws Exception {
        RealWorld.requireHere(io);
        try (ChildJvm program = start(HungryClient.class, io)) {
            // Its port may log that it cannot accept, meanwhile.
            Iterator<String> told =
                    program.output()
                            .lines()
                            .filter(line -> !line.startsWith("[reactor]"))
                            .iterator();
            assertThat(told.next()).startsWith("REFUSED");
            assertThat(told.next()).startsWith("UNREACHABLE").contains(NONE_LEFT);
            assertThat(told.next()).isEqualTo("connected");
        }
    }

    @ParameterizedTest
    @WithEveryIo
    @Limited
    void saysAtOnceThatThereIsNoFileDescriptorForDatagrams(ReactorOptions.Io io) throws Exception {
        RealWorld.requireHere(io);
        try (ChildJvm program = start(HungryForDatagrams.class, io)) {
            BufferedReader output = program.output();
            assertThat(output.readLine()).startsWith("cannot listen on UDP");
            assertThat(output.readLine()).startsWith("UNREACHABLE");
            assertThat(output.readLine()).startsWith("cannot listen on UDP").contains(NONE_LEFT);
            assertThat(output.readLine()).startsWith("UNREACHABLE").contains(NONE_LEFT);
        }
    }

    @ParameterizedTest
    @WithEveryIo
    @Limited
    void saysAtOnceThatThereIsNoFileDescriptorForAPort(ReactorOptions.Io io, @TempDir Path folder)
            throws Exception {
        RealWorld.requireHere(io);
        try (ChildJvm program =
                start(HungryForPorts.class, io, folder.resolve("unix").toString())) {
            BufferedReader output = program.output();
            assertThat(output.readLine()).contains("address already in use");
            assertThat(output.readLine()).startsWith("cannot listen on unix:");
            assertThat(output.readLine()).startsWith("REFUSED_BY_FACTORY: ");
            assertThat(output.readLine()).startsWith("REFUSED: ");
            assertThat(output.readLine()).startsWith("cannot listen on tcp:0").contains(NONE_LEFT);
            assertThat(output.readLine()).startsWith("cannot listen on unix:").contains(NONE_LEFT);
            assertThat(output.readLine()).startsWith("UNREACHABLE").contains(NONE_LEFT);
        }
    }

    @ParameterizedTest
    @WithEveryIo
    @Limited
    void areNotMissingToServeTheFirstConnectionThatTakesTheLast(ReactorOptions.Io io)
            throws Exception {
        RealWorld.requireHere(io);
        try (ChildJvm program = start(HungryServer.class, io)) {
            // Its port may log that it cannot accept, meanwhile.
            assertThat(program.output().lines().filter(line -> !line.startsWith("[reactor]")))
                    .containsExactly("served", "Done", "served");
        }
    }

    @ParameterizedTest
    @WithEveryIo
    void needsNoneForTheClassesOfAConnection(ReactorOptions.Io io) throws Exception {
        RealWorld.requireHere(io);
        ProcessBuilder ending = ChildJvm.of(List.of("-Xlog:class+load"), Ending.class, io.name());
        try (ChildJvm program = ChildJvm.start(ending.redirectErrorStream(true))) {
            List<String> told = program.output().lines().toList();
            assertThat(told).contains("Done, Lost, Aborted, Failed, Done, Done, Done");
            // What comes from a folder takes a descriptor; what comes from a jar has that.
            assertThat(told.subList(told.indexOf("begins"), told.size()))
                    .noneMatch(line ->
                            line.contains(" dev.torsion.")
                                    && line.contains("source: file:")
                                    && !line.contains("test-classes")
                                    && !line.contains("-tests.jar"));
        }
    }

    @ParameterizedTest
    @WithEveryIo
    @Limited
    void triesToAcceptNoMoreUntilItIsToldTo(ReactorOptions.Io io) throws Exception {
        RealWorld.requireHere(io);
        try (ChildJvm program = start(HungryListener.class, io)) {
            assertThat(program.output().lines()).containsExactly("failed 1 time", "accepted");
        }
    }

    @Test
    @Limited
    void areEnoughForAProgramOrNoneIsStarted() throws Exception {
        try (ChildJvm program = start(HungryForPrograms.class, ReactorOptions.Io.NIO)) {
            assertThat(program.output().lines())
                    .containsExactly(
                            "not started: too few file descriptors are left to start a program:"
                                    + " raise the limit (ulimit -n)",
                            "exited with code 0");
        }
    }

    private static ChildJvm start(Class<?> program, ReactorOptions.Io io, String... more)
            throws IOException {
        List<String> limited = List.of("sh", "-c", "ulimit -n 200 && exec \"$@\"", "sh");
        String[] arguments =
                Stream.concat(Stream.of(io.name()), Stream.of(more)).toArray(String[]::new);
        return ChildJvm.start(
                ChildJvm.launched(limited, ALLOWED, program, arguments).redirectErrorStream(true));
    }

    private static NettyReactor reactor(String[] arguments) {
        return NettyReactor.create(
                ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.valueOf(arguments[0])));
    }

    /// The loop may load a class yet, or close a socket: it is given turns to do so.
    private static void settle(NettyReactor reactor) throws Exception {
        for (int i = 0; i < 10; i++) {
            CompletableFuture<Void> turn = new CompletableFuture<>();
            reactor.callFromThread(() -> turn.complete(null));
            awaited(turn);
        }
    }

    /// All descriptors that the process may still have.
    private static final class Eaten implements AutoCloseable {
        private final List<InputStream> files = new ArrayList<>();

        Eaten() {
            try {
                while (true) {
                    files.add(new FileInputStream(new File("/dev/null")));
                }
            } catch (IOException noMore) {
                return;
            }
        }

        void giveBack(int count) throws IOException {
            for (int i = 0; i < count; i++) {
                files.removeLast().close();
            }
        }

        @Override
        public void close() throws IOException {
            giveBack(files.size());
        }
    }

    private static <T> T awaited(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    /// Says why it could not.
    private static void sayWhyNot(CompletionStage<?> connecting) throws Exception {
        try {
            awaited(connecting);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof ConnectFailedException why) {
                System.out.println(why.kind() + ": " + why.getMessage());
            }
        }
    }

    static final class HungryClient {
        private HungryClient() {}

        public static void main(String[] arguments) throws Exception {
            NettyReactor reactor = reactor(arguments);
            Recorder first = new Recorder();
            Queue<Recorder> servers = new ArrayDeque<>(List.of(first, new Recorder()));
            Address server = reactor.listenTcp(0, _ -> servers.remove()).address();
            ListeningPort gone = reactor.listenTcp(0, _ -> new Recorder());
            awaited(gone.stopListening());
            // Both load classes, and from a folder each takes a descriptor.
            sayWhyNot(connect(reactor, gone.address()));
            var _ = Deferred.failed(reactor, new IOException()).handle((_, failure) -> failure);
            awaited(connect(reactor, server));
            first.transport(); // accepted: what is eaten now is not missing there
            try (Eaten _ = new Eaten()) {
                sayWhyNot(connect(reactor, server));
            }
            awaited(connect(reactor, server));
            System.out.println("connected");
        }

        private static CompletionStage<?> connect(NettyReactor reactor, Address server) {
            return reactor.connect(server, _ -> new Recorder(), Duration.ofMinutes(1));
        }
    }

    static final class HungryForDatagrams {
        private HungryForDatagrams() {}

        public static void main(String[] arguments) throws Exception {
            NettyReactor reactor = reactor(arguments);
            Address.Inet taken = reactor.listenUdp(0, new DatagramProbe()).address();
            fail(reactor, taken); // loads classes, and from a folder each takes a descriptor
            settle(reactor);
            try (Eaten _ = new Eaten()) {
                fail(reactor, Address.of("127.0.0.1", 0));
            }
            System.exit(0);
        }

        private static void fail(NettyReactor reactor, Address.Inet listen) throws Exception {
            try {
                reactor.listenUdp(listen, new DatagramProbe(), DatagramOptions.DEFAULT);
            } catch (RuntimeException why) {
                System.out.println(why.getMessage());
            }
            Address.Inet everybody = Address.of("255.255.255.255", 9); // to whom it may not send
            sayWhyNot(
                    reactor.connectUdp(
                            everybody,
                            new DatagramProbe(),
                            DatagramOptions.DEFAULT,
                            Duration.ofDays(1)));
        }
    }

    static final class HungryForPorts {
        private HungryForPorts() {}

        public static void main(String[] arguments) throws Exception {
            NettyReactor reactor = reactor(arguments);
            int taken = reactor.listenTcp(0, _ -> null).port();
            Endpoint unix = Endpoint.unix(arguments[1]);
            ClientEndpoint toUnix = ClientEndpoint.unix(arguments[1]);
            // These load classes, and from a folder each takes a descriptor.
            fail(reactor, Endpoint.tcp(taken));
            fail(reactor, Endpoint.unix(arguments[1] + "/of-no-folder"));
            ListeningPort gone = reactor.listen(unix, _ -> null);
            sayWhyNot(reactor.connect(toUnix.withTimeout(Duration.ofMinutes(1)), _ -> null));
            awaited(gone.stopListening());
            sayWhyNot(reactor.connect(toUnix.withTimeout(Duration.ofMinutes(1)), _ -> null));
            settle(reactor);
            try (Eaten _ = new Eaten()) {
                fail(reactor, Endpoint.tcp(0));
                fail(reactor, unix);
                sayWhyNot(reactor.connect(toUnix.withTimeout(Duration.ofMinutes(1)), _ -> null));
            }
            System.exit(0);
        }

        private static void fail(NettyReactor reactor, Endpoint endpoint) {
            try {
                reactor.listen(endpoint, _ -> null);
            } catch (CannotListenException why) {
                System.out.println(why.getMessage());
            }
        }
    }

    static final class Ending {
        private Ending() {}

        private static final class HalfClosing extends Recorder implements HalfCloseable {
            @Override
            public void readConnectionLost() {
                made.join().loseConnection();
            }
        }

        private static final class Throwing extends Recorder {
            @Override
            public void dataReceived(Bytes data) {
                throw new IllegalStateException("as asked");
            }
        }

        public static void main(String[] arguments) throws Exception {
            NettyReactor reactor = reactor(arguments);
            List<Recorder> servers =
                    List.of(
                            new Recorder(),
                            new Recorder(),
                            new Recorder(),
                            new Throwing(),
                            new HalfClosing(),
                            new Recorder(),
                            new Recorder());
            Iterator<Recorder> next = servers.iterator();
            int port = reactor.listenTcp(0, _ -> next.next()).port();
            System.out.println("begins");
            List<Socket> clients = new ArrayList<>();
            for (Recorder server : servers) {
                clients.add(new Socket(InetAddress.getLoopbackAddress(), port));
                server.onLoop(_ -> {});
            }
            clients.get(0).getOutputStream().write('x');
            servers.get(0).received(1);
            clients.get(0).shutdownOutput();
            clients.get(1).setSoLinger(true, 0);
            clients.get(1).close();
            servers.get(2).onLoop(Transport::abortConnection);
            clients.get(3).getOutputStream().write('x');
            clients.get(4).shutdownOutput();
            servers.get(5).onLoop(Transport::loseConnection);
            byte[] much = new byte[10_000_000]; // more than the system takes at once
            servers.get(6)
                    .onLoop(transport -> {
                        transport.write(Bytes.wrap(much));
                        transport.loseConnection();
                    });
            clients.get(6).getInputStream().readAllBytes();
            clients.get(6).close();
            List<String> reasons = new ArrayList<>();
            for (Recorder server : servers) {
                reasons.add(server.lost().getClass().getSimpleName());
            }
            System.out.println(String.join(", ", reasons));
        }
    }

    /// Starts a program with few file descriptors left, and with enough.
    static final class HungryForPrograms {
        private HungryForPrograms() {}

        public static void main(String[] arguments) throws Exception {
            NettyReactor reactor = reactor(arguments);
            Program nothing = Program.of("true");
            try (Eaten eaten = new Eaten()) {
                eaten.giveBack(8); // fewer than a start needs
                IO.println(awaited(reactor.runProgram(nothing)).end());
            }
            IO.println(awaited(reactor.runProgram(nothing)).end());
            awaited(reactor.stop());
        }
    }

    /// A listening socket below what a port makes of it.
    static final class HungryListener extends ChannelInboundHandlerAdapter {
        private final CompletableFuture<Void> failed = new CompletableFuture<>();
        private final CompletableFuture<Void> accepted = new CompletableFuture<>();
        private int failures; // of the loop

        private HungryListener() {}

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            failures++;
            context.channel().config().setAutoRead(false);
            failed.complete(null);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object connection) {
            accepted.complete(null);
        }

        private int failures() {
            return failures;
        }

        public static void main(String[] arguments) throws Exception {
            Sockets sockets = SocketsChoice.of(ReactorOptions.Io.valueOf(arguments[0])).sockets();
            Loop loop =
                    new Loop(
                            turns -> new Thread(turns, "hungry").start(),
                            sockets.watcher(),
                            new LoopMeter(Duration.ofMinutes(1), System::nanoTime),
                            _ -> {});
            HungryListener listener = new HungryListener();
            ServerSocketChannel port = sockets.server();
            port.pipeline().addLast(listener);
            loop.register(port).get(60, TimeUnit.SECONDS);
            port.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                    .get(60, TimeUnit.SECONDS);
            try (Socket client = new Socket()) {
                client.setTcpNoDelay(
                        true); // makes the socket: connecting needs no more descriptors
                int failures;
                try (Eaten _ = new Eaten()) {
                    client.connect(port.localAddress());
                    awaited(listener.failed);
                    // A loop that tries again and again does so thousands of times in this while.
                    failures =
                            loop.schedule(listener::failures, 50, TimeUnit.MILLISECONDS)
                                    .get(60, TimeUnit.SECONDS);
                }
                System.out.println("failed " + failures + " time");
                loop.execute(() -> port.config().setAutoRead(true));
                awaited(listener.accepted);
                System.out.println("accepted");
            }
            System.exit(0);
        }
    }

    /// Its first connection gets the only file descriptor that is left.
    static final class HungryServer {
        private HungryServer() {}

        public static void main(String[] arguments) throws Exception {
            NettyReactor reactor = reactor(arguments);
            Recorder server = new Recorder();
            Recorder later = new Recorder();
            Queue<Recorder> servers = new ArrayDeque<>(List.of(server, later));
            int port = reactor.listenTcp(0, _ -> servers.remove()).port();
            InetSocketAddress address =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            try (Socket client = new Socket()) {
                client.setTcpNoDelay(
                        true); // makes the socket: connecting needs no more descriptors
                try (Eaten eaten = new Eaten()) {
                    eaten.giveBack(1);
                    client.connect(address);
                    client.getOutputStream().write('x');
                    server.received(1);
                    System.out.println("served");
                    client.shutdownOutput();
                    System.out.println(server.lost().getClass().getSimpleName());
                }
            }
            try (Socket client = new Socket(address.getAddress(), port)) {
                client.getOutputStream().write('x');
                later.received(1);
                System.out.println("served");
                System.exit(0);
            }
        }
    }

    static final class Hungry {
        private Hungry() {}

        public static void main(String[] arguments) throws Exception {
            NettyReactor reactor = reactor(arguments);
            Recorder server = new Recorder();
            int port = reactor.listenTcp(0, _ -> server).port();
            InetSocketAddress address =
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            try (Socket client = new Socket()) {
                client.setTcpNoDelay(
                        true); // makes the socket: connecting needs no more descriptors
                try (Eaten _ = new Eaten()) {
                    client.connect(address);
                    System.in.read();
                }
                server.transport();
                System.out.println("accepted");
            }
        }
    }
}
