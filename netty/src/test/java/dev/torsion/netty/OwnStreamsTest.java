package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ProcessEnd;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.ProcessProbe;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// A process of its own, whose standard streams are a connection to us.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class OwnStreamsTest {
    private final NettyReactor reactor =
            NettyReactor.create(ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
    private final ProcessProbe probe = new ProcessProbe();

    @AfterEach
    void stop() {
        reactor.stop().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
        assertThat(probe.broken()).isEmpty();
    }

    private ProcessEnd run() {
        Program program =
                Program.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Main.class.getName());
        return reactor.spawn(program, probe)
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void areAConnectionUntilTheInputEnds() {
        byte[] much =
                "0123456789abcdef"
                        .repeat(100_000)
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        probe.onMade(transport -> {
            transport.write(Bytes.wrap(much.clone()));
            transport.closeStdin();
        });

        assertThat(run()).isEqualTo(new ProcessEnd.Exited(0));

        assertThat(probe.outBytes()).isEqualTo(much);
        assertThat(probe.err()).endsWith("closed cleanly");
    }

    @Test
    void areClosedByLoseConnection() {
        probe.onMade(transport -> transport.write(Bytes.utf8("bye")));

        assertThat(run()).isEqualTo(new ProcessEnd.Exited(0));

        assertThat(probe.out()).isEqualTo("bye");
        assertThat(probe.err()).endsWith("closed cleanly");
    }

    /// Echoes; `bye` ends it, as the end of its input does.
    static final class Main implements Protocol {
        private @Nullable Transport transport;

        public static void main(String[] arguments) {
            NettyReactor reactor =
                    NettyReactor.create(ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
            reactor.openStandardStreams(new Main());
            reactor.run();
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(Bytes data) {
            Transport open = Objects.requireNonNull(transport);
            open.write(data);
            if (data.utf8().equals("bye")) {
                open.loseConnection();
            }
        }

        @Override
        public void connectionLost(CloseReason reason) {
            System.err.print(reason);
            Objects.requireNonNull(transport).reactor().stop();
        }
    }
}
