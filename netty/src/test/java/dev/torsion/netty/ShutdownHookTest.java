package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.Transport;
import java.io.BufferedReader;
import java.io.DataInputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Processes of their own, because signals end them.
@Timeout(300)
@EnabledOnOs(value = OS.LINUX, disabledReason = "sends signals as Linux's tools do")
final class ShutdownHookTest {
    private static final int SIZE = 16 << 20;

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @CsvSource({
        "own, TERM, 143",
        "here, TERM, 143",
        "group, TERM, 143",
        "own, INT, 130",
        "here, INT, 130",
        "group, INT, 130"
    })
    void aSignalLetsConnectionsFlushBeforeTheProcessEnds(String where, String signal, int exit)
            throws Exception {
        try (ChildJvm program = start(where);
                Socket peer = connect(program.output())) {
            BufferedReader output = program.output();
            DataInputStream input = new DataInputStream(peer.getInputStream());
            input.readByte();
            ChildJvm.send(signal, program.process().toHandle());
            assertThat(output.readLine()).isEqualTo("goodbye");
            input.skipNBytes(SIZE - 1);
            assertThat(input.read()).isEqualTo(-1);
            assertThat(output.readLine()).isEqualTo("lost: closed cleanly");
            assertThat(output.readLine()).isEqualTo("gone");
            assertThat(program.exit()).isEqualTo(exit);
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void isNotThereForAReactorThatDoesWithoutIt() throws Exception {
        try (ChildJvm program = start("alone")) {
            BufferedReader output = program.output();
            assertThat(output.readLine()).matches("\\d+");
            ChildJvm.send("TERM", program.process().toHandle());
            assertThat(output.lines()).isEmpty();
            assertThat(program.exit()).isEqualTo(143);
        }
    }

    @Test
    @Execution(ExecutionMode.CONCURRENT)
    void doesNotWaitForALoopThatEndsTheProcessItself() throws Exception {
        try (ChildJvm program = start("own", ProcessBuilder.Redirect.PIPE);
                Socket peer = connect(program.output())) {
            peer.getOutputStream().write('x');
            assertThat(program.exit()).isEqualTo(3);
            assertThat(program.process().errorReader().lines())
                    .anyMatch(line ->
                            line.contains("has called System.exit itself")
                                    && line.contains("1 connection(s) are cut off"))
                    .anyMatch(line ->
                            line.contains("BEFORE_SHUTDOWN \"goodbye\"")
                                    && line.contains("AFTER_SHUTDOWN \"gone\""));
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"own", "here", "group"})
    void stopsInOrderWhenWorkInAThreadEndsTheProcess(String where) throws Exception {
        try (ChildJvm program = start(where);
                Socket peer = connect(program.output())) {
            BufferedReader output = program.output();
            peer.getOutputStream().write('w');
            assertThat(output.readLine()).isEqualTo("goodbye");
            DataInputStream input = new DataInputStream(peer.getInputStream());
            input.skipNBytes(SIZE);
            assertThat(input.read()).isEqualTo(-1);
            assertThat(output.readLine()).isEqualTo("lost: closed cleanly");
            assertThat(output.readLine()).isEqualTo("gone");
            assertThat(program.exit()).isEqualTo(4);
        }
    }

    @ParameterizedTest
    @Execution(ExecutionMode.CONCURRENT)
    @ValueSource(strings = {"late own", "late here", "late group"})
    void runsUntilItHasStoppedAtOnceWhenTheProcessIsEndingAlready(String where) throws Exception {
        try (ChildJvm program = start(where)) {
            assertThat(program.output().lines().skip(1)).containsExactly("goodbye", "gone", "over");
            assertThat(program.exit()).isZero();
        }
    }

    private static ChildJvm start(String where) throws Exception {
        return start(where, ProcessBuilder.Redirect.INHERIT);
    }

    private static ChildJvm start(String where, ProcessBuilder.Redirect errors) throws Exception {
        // What is started in the background of a shell may have been told to ignore SIGINT.
        List<String> launcher = List.of("env", "--default-signal=INT,TERM");
        return ChildJvm.start(
                ChildJvm.launched(launcher, Program.class, where).redirectError(errors));
    }

    private static Socket connect(BufferedReader output) throws Exception {
        return new Socket(InetAddress.getLoopbackAddress(), Integer.parseInt(output.readLine()));
    }

    /// Sends much to whom connects, and ends with 3 when it is sent anything, but with 4, in a
    /// thread beside the loop, when it is sent `w`. "Late" it comes to run only when the process
    /// ends.
    static final class Program implements Protocol {
        @SuppressWarnings("NullAway.Init") // by connectionMade
        private Reactor reactor;

        private Program() {}

        public static void main(String[] arguments) {
            if (arguments[0].startsWith("late ")) {
                Runtime.getRuntime()
                        .addShutdownHook(
                                new Thread(() -> {
                                    run(arguments[0].substring("late ".length()));
                                    System.out.println("over");
                                }));
                System.exit(0);
            }
            run(arguments[0]);
        }

        private static void run(String where) {
            ReactorOptions options =
                    ReactorOptions.DEFAULT
                            .withIo(ReactorOptions.Io.NIO)
                            .withShutdownDeadline(Duration.ofHours(1))
                            .withCloseDeadline(Duration.ofHours(1));
            ReactorGroup group =
                    switch (where) {
                        case "here" -> ReactorGroup.of(NettyReactor.createHere(options));
                        case "alone" ->
                                ReactorGroup.of(
                                        NettyReactor.create(options.withStopsAtExit(false)));
                        case "group" -> NettyReactorGroup.create(2, options);
                        default -> ReactorGroup.of(NettyReactor.create(options));
                    };
            say(group, Phase.BEFORE_SHUTDOWN, "goodbye");
            say(group, Phase.AFTER_SHUTDOWN, "gone");
            System.out.println(group.reactors().getLast().listenTcp(0, _ -> new Program()).port());
            group.run();
        }

        /// The last of the group is the one that has the port.
        private static void say(ReactorGroup group, Phase phase, String what) {
            group.reactors()
                    .getLast()
                    .at(
                            phase,
                            what,
                            () -> {
                                System.out.println(what);
                                return null;
                            });
        }

        @Override
        public void connectionMade(Transport transport) {
            reactor = transport.reactor();
            transport.write(Bytes.wrap(new byte[SIZE]));
        }

        @Override
        public void dataReceived(Bytes data) {
            if (data.utf8().equals("w")) {
                var _ = reactor.callInThread(() -> exit(4));
            } else {
                exit(3);
            }
        }

        private static boolean exit(int code) {
            System.exit(code);
            return true;
        }

        @Override
        public void connectionLost(CloseReason reason) {
            System.out.println("lost: " + reason);
        }
    }
}
