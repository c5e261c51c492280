package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ProcessEnd;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.OffTheLoop;
import dev.torsion.reactor.testing.ProcessProbe;
import java.util.List;
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
        List<String> command = ChildJvm.of(List.of(), Main.class).command();
        return reactor.spawn(Program.of(command.toArray(String[]::new)), probe)
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

    @Test
    void belongToTheirLoop() {
        probe.onMade(transport -> transport.write(Bytes.utf8("elsewhere")));

        assertThat(run()).isEqualTo(new ProcessEnd.Exited(0));

        assertThat(probe.out()).isEqualTo("elsewhere");
        assertThat(probe.err()).endsWith("closed cleanly");
    }

    @Test
    void areLostWithoutAThreadToReadThemOn() throws Exception {
        Threads none =
                new Threads() {
                    @Override
                    public void start(String name, Runnable work) {
                        throw new OutOfMemoryError("by the test");
                    }
                };
        Recorder protocol = new Recorder();
        Programs programs = reactor.opened().programs();
        reactor.execute(() -> new OwnStreams(reactor, programs, protocol, none).start());

        assertThat(protocol.lost())
                .isInstanceOfSatisfying(
                        CloseReason.Lost.class,
                        lost ->
                                assertThat(lost.cause())
                                        .hasMessage(
                                                "not started: the system has no thread, or no"
                                                        + " memory, for standard input and output:"
                                                        + " java.lang.OutOfMemoryError: by the"
                                                        + " test"));
        assertThat(protocol.made).isNotDone();
    }

    /// Echoes; `bye` ends it, as the end of its input does, and so does `elsewhere` once nothing
    /// that another thread asked for was done.
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
            switch (data.utf8()) {
                case "bye" -> open.loseConnection();
                case "elsewhere" -> {
                    OffTheLoop.refuses(open);
                    open.loseConnection();
                }
                default -> {}
            }
        }

        @Override
        public void connectionLost(CloseReason reason) {
            System.err.print(reason);
            Objects.requireNonNull(transport).reactor().stop();
        }
    }
}
