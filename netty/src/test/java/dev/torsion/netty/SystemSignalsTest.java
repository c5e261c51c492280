package dev.torsion.netty;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Phase;
import dev.torsion.reactor.Registration;
import dev.torsion.reactor.Signal;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;
import java.util.Scanner;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Processes of their own, because signals end them.
@Timeout(300)
@EnabledOnOs(value = OS.LINUX, disabledReason = "sends signals as Linux's tools do")
final class SystemSignalsTest {

    /// What `nohup` starts, or a shell in its background, has been told to ignore some.
    private static final List<String> IGNORING_NONE =
            List.of("env", "--default-signal=HUP,INT,TERM,USR1");

    private static ChildJvm start(List<String> launcher, Signal signal) throws IOException {
        return ChildJvm.start(
                ChildJvm.launched(launcher, Server.class, signal.name())
                        .redirectError(ProcessBuilder.Redirect.INHERIT));
    }

    private static void send(Signal signal, ChildJvm program) throws IOException {
        ChildJvm.send(signal.name(), program.process().toHandle());
    }

    @ParameterizedTest
    @CsvSource({"HUP, 129", "USR1, 138"})
    void areToldInsteadOfEndingTheProcessUntilNobodyWantsThem(Signal signal, int exit)
            throws Exception {
        try (ChildJvm program = start(IGNORING_NONE, signal)) {
            BufferedReader output = program.output();
            assertThat(output.readLine()).isEqualTo("ready");
            for (int i = 0; i < 2; i++) {
                send(signal, program);
                assertThat(output.readLine()).isEqualTo("told on the loop: true");
            }
            program.process().outputWriter().append("enough\n").flush();
            assertThat(output.readLine()).isEqualTo("removed: true");
            send(signal, program);
            assertThat(program.exit()).isEqualTo(exit);
        }
    }

    @ParameterizedTest
    @CsvSource({"TERM, 143", "INT, 130"})
    void leaveTheOrderlyEndAsItIs(Signal signal, int exit) throws Exception {
        try (ChildJvm program = start(IGNORING_NONE, Signal.HUP)) {
            BufferedReader output = program.output();
            assertThat(output.readLine()).isEqualTo("ready");
            send(signal, program);
            assertThat(output.readLine()).isEqualTo("stopped");
            assertThat(program.exit()).isEqualTo(exit);
        }
    }

    @Test
    void areRefusedByAProcessThatIgnoresThem() throws Exception {
        try (ChildJvm program = start(List.of("env", "--ignore-signal=HUP"), Signal.HUP)) {
            assertThat(program.output().readLine())
                    .isEqualTo(
                            "SIGHUP cannot be had here: this process was started to ignore it, as"
                                    + " nohup does; start it without, or by"
                                    + " env --default-signal=HUP");
            assertThat(program.exit()).isEqualTo(1);
        }
    }

    /// Says that it is told of a signal, until it reads a line.
    static final class Server {
        private Server() {}

        public static void main(String[] arguments) {
            Signal signal = Signal.valueOf(arguments[0]);
            NettyReactor reactor =
                    NettyReactor.createHere(ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
            reactor.at(Phase.STARTUP, "say so", () -> say("ready"));
            reactor.at(Phase.AFTER_SHUTDOWN, "say so", () -> say("stopped"));
            try {
                Registration registration =
                        reactor.onSignal(
                                signal, () -> say("told on the loop: " + reactor.inLoop()));
                Thread.ofPlatform().daemon().start(() -> removeWhenAsked(registration));
            } catch (IllegalArgumentException refused) {
                say(String.valueOf(refused.getMessage()));
                System.exit(1);
            }
            reactor.run();
        }

        private static void removeWhenAsked(Registration registration) {
            if (new Scanner(System.in, UTF_8).hasNextLine()) {
                say("removed: " + registration.remove());
            }
        }

        private static @Nullable CompletionStage<?> say(String what) {
            System.out.println(what);
            return null;
        }
    }
}
