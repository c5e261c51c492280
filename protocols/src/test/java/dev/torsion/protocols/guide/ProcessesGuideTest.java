package dev.torsion.protocols.guide;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.LineProtocol;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ProcessEnd;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.ProcessTransport;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.ScriptedProgram;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The samples of `docs/guides/processes.md`: they run here, and the page shows nothing else.
final class ProcessesGuideTest {

    static CompletionStage<String> sort(Reactor reactor, String lines) {
        return reactor.runProgram(Program.of("sort", "-n"), Bytes.utf8(lines), 1 << 20)
                .thenApply(result -> result.orThrow().out().utf8());
    }

    static final class Counting implements ProcessProtocol {
        private long bytes;

        @Override
        public void connectionMade(ProcessTransport dump) {
            dump.closeStdin();
        }

        @Override
        public void outReceived(Bytes data) {
            bytes += data.size();
        }
    }

    static CompletionStage<Long> sizeOfDump(Reactor reactor) {
        var dump = new Counting();
        return reactor.spawn(Program.of("dump"), dump)
                .thenApply(end ->
                        switch (end) {
                            case ProcessEnd.Exited(int code) when code == 0 -> dump.bytes;
                            case ProcessEnd.Exited _,
                                    ProcessEnd.Killed _,
                                    ProcessEnd.NotStarted _ ->
                                    throw new IllegalStateException("dump " + end);
                        });
    }

    static final class Sort extends ScriptedProgram {
        private final ByteArrayOutputStream read = new ByteArrayOutputStream();

        @Override
        protected void inputReceived(Bytes data) {
            read.writeBytes(data.toArray());
        }

        @Override
        protected void inputEnded() {
            read.toString(UTF_8)
                    .lines()
                    .sorted()
                    .forEach(line -> writeOut(Bytes.utf8(line + "\n")));
            exit(0);
        }
    }

    @Test
    void sortsWithAProgram() {
        var reactor = new ManualReactor();
        reactor.programs(
                program -> program.command().getFirst().equals("sort") ? new Sort() : null);
        var sorted = sort(reactor, "3\n1\n2\n").toCompletableFuture();
        reactor.runUntilIdle();
        assertThat(sorted).isCompletedWithValue("1\n2\n3\n");
    }

    @Test
    void saysThatAProgramIsMissing() {
        var reactor = new ManualReactor();
        var sorted = sort(reactor, "3\n1\n2\n").toCompletableFuture();
        reactor.runUntilIdle();
        assertThat(sorted).isCompletedExceptionally();
    }

    static final class Refusing extends ScriptedProgram {
        @Override
        protected void started() {
            writeErr(
                    Bytes.utf8(
                            """
                            sort: invalid option -- 'q'
                            Try 'sort --help' for more information.
                            """));
            exit(2);
        }
    }

    @Test
    void saysWhatWentWrongWithAProgram() {
        var reactor = new ManualReactor();
        reactor.programs(_ -> new Refusing());
        var sorted = sort(reactor, "").toCompletableFuture();
        reactor.runUntilIdle();
        assertThat(sorted.exceptionNow())
                .hasMessage(
                        "sort exited with code 2: sort: invalid option -- 'q' / Try 'sort --help'"
                                + " for more information.");
    }

    static final class Dump extends ScriptedProgram {
        @Override
        protected void inputEnded() {
            writeOut(Bytes.utf8("much"));
            exit(0);
        }
    }

    @Test
    void countsWhatAProgramWrites() {
        var reactor = new ManualReactor();
        reactor.programs(_ -> new Dump());
        var size = sizeOfDump(reactor).toCompletableFuture();
        reactor.runUntilIdle();
        assertThat(size).isCompletedWithValue(4L);
    }

    static final class Shouting extends LineProtocol {
        final List<String> heard = new ArrayList<>();

        @Override
        protected void connected() {
            sendLine(Bytes.utf8("hello"));
        }

        @Override
        protected void lineReceived(Bytes line) {
            heard.add(line.utf8());
            transport().loseConnection();
        }
    }

    static final class Upper extends ScriptedProgram {
        @Override
        protected void inputReceived(Bytes data) {
            writeOut(Bytes.utf8(data.utf8().toUpperCase(Locale.ROOT)));
        }

        @Override
        protected void inputEnded() {
            exit(0);
        }
    }

    @Test
    void speaksLinesWithAProgram() {
        var reactor = new ManualReactor();
        reactor.programs(_ -> new Upper());
        var protocol = new Shouting();
        var end = reactor.spawn(Program.of("upper"), ProcessProtocol.of(protocol));
        reactor.runUntilIdle();
        assertThat(protocol.heard).containsExactly("HELLO");
        assertThat(end.toCompletableFuture()).isCompletedWithValue(new ProcessEnd.Exited(0));
    }

    static final class Patient implements ProcessProtocol {
        private final Duration patience;
        private @Nullable ProcessTransport transport;

        Patient(Duration patience) {
            this.patience = patience;
        }

        @Override
        public void connectionMade(ProcessTransport made) {
            transport = made;
            made.reactor().callLater(patience, this::enough);
        }

        private void enough() {
            requireNonNull(transport).terminate(Duration.ofSeconds(5));
        }
    }

    @Test
    void terminatesAProgramThatTakesTooLong() {
        var reactor = new ManualReactor();
        reactor.programs(_ -> new ScriptedProgram() {});
        var end = reactor.spawn(Program.of("slow"), new Patient(Duration.ofMinutes(1)));
        reactor.advance(Duration.ofMinutes(1));
        assertThat(end.toCompletableFuture()).isCompletedWithValue(new ProcessEnd.Killed(15));
    }

    @Test
    void areWhatThePageShows() throws Exception {
        Guide.showsOnlyWhatRuns("processes.md", "ProcessesGuideTest.java");
    }
}
