package dev.torsion.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.netty.NettyReactor;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ProcessEnd;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.ProcessTransport;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Signal;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The same five programs, run by the real Twisted and by us.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TwistedProcessTest {
    private static final List<String> PROGRAMS =
            List.of(
                    "nothing|true",
                    "echo|cat",
                    "killed|sleep|1000",
                    "close_out|sh|-c|exec >&-; read x; exit 4",
                    "leave|sh|-c|sleep 1000 & echo $!; read x; exit 5");

    private final NettyReactor reactor = RealReactor.create();

    @AfterEach
    void stop() {
        reactor.stop().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    /// Streams that are lost one after the other are compared in one order: neither promises any,
    /// nor whether what dies by a signal is told before them, since the system tells all that at
    /// once.
    @Test
    void tellsOfProgramsInTwistedsOrder() throws IOException {
        List<List<String>> ours = new ArrayList<>();
        for (String program : PROGRAMS) {
            ours.add(run(program));
        }
        List<List<String>> twisteds = new ArrayList<>();
        try (TwistedPeer twisted = TwistedPeer.start("process_order.py", PROGRAMS.toArray())) {
            for (int i = 0; i < PROGRAMS.size(); i++) {
                twisteds.add(normal(List.of(twisted.line().split(" ", -1))));
            }
        }

        assertThat(ours).isEqualTo(twisteds);
    }

    private List<String> run(String program) {
        List<String> words = List.of(program.split("\\|", -1));
        String[] command = words.subList(1, words.size()).toArray(String[]::new);
        Journal journal = new Journal(words.getFirst());
        reactor.spawn(Program.of(command), journal)
                .toCompletableFuture()
                .orTimeout(60, TimeUnit.SECONDS)
                .join();
        return normal(journal.calls);
    }

    private static List<String> normal(List<String> calls) {
        List<String> normal = new ArrayList<>();
        List<String> lost = new ArrayList<>();
        for (String call : calls) {
            if (call.endsWith("-lost") || call.startsWith("killed:")) {
                lost.add(call);
            } else {
                lost.stream().sorted().forEach(normal::add);
                lost.clear();
                normal.add(call);
            }
        }
        return normal;
    }

    /// Does what the one of `process_order.py` does.
    private static final class Journal implements ProcessProtocol {
        private final String name;
        private final List<String> calls = new ArrayList<>();
        private String output = "";
        private @Nullable ProcessTransport transport;

        Journal(String name) {
            this.name = name;
            calls.add(name);
        }

        @Override
        public void connectionMade(ProcessTransport made) {
            transport = made;
            calls.add("made");
            if (name.equals("echo")) {
                made.write(Bytes.utf8("hello"));
            } else if (name.equals("killed")) {
                made.signal(Signal.KILL);
            }
        }

        @Override
        public void outReceived(Bytes data) {
            if (!calls.getLast().equals("out")) {
                calls.add("out");
            }
            output += data.utf8();
            if (name.equals("echo") && output.equals("hello") && transport != null) {
                transport.closeStdin();
            } else if (name.equals("leave") && output.endsWith("\n") && transport != null) {
                transport.write(Bytes.utf8("go\n"));
            }
        }

        @Override
        public void errReceived(Bytes data) {
            calls.add("err");
        }

        @Override
        public void inConnectionLost() {
            calls.add("in-lost");
        }

        @Override
        public void outConnectionLost() {
            calls.add("out-lost");
            if (name.equals("close_out") && transport != null) {
                transport.write(Bytes.utf8("go\n"));
            }
        }

        @Override
        public void errConnectionLost() {
            calls.add("err-lost");
        }

        @Override
        public void processExited(ProcessEnd end) {
            calls.add(
                    switch (end) {
                        case ProcessEnd.Exited exited -> "exited:" + exited.code();
                        case ProcessEnd.Killed killed -> "killed:" + killed.signal();
                        case ProcessEnd.NotStarted never -> never.toString();
                    });
            if (name.equals("leave")) {
                ProcessHandle.of(Long.parseLong(output.strip()))
                        .ifPresent(ProcessHandle::destroyForcibly);
            }
        }

        @Override
        public void processEnded(ProcessEnd end) {
            calls.add("ended");
        }
    }
}
