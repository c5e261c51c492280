package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.ProcessTransport;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Signal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ManualProcessTest extends ProcessContract {

    @Override
    protected World world() {
        MemoryNetwork network = new MemoryNetwork(1);
        return new World() {
            @Override
            public Reactor reactor() {
                ManualReactor reactor = network.reactor("localhost");
                reactor.programs(ManualProcessTest::find);
                return reactor;
            }

            @Override
            public <T> T await(CompletionStage<T> stage) {
                return network.await(stage, Duration.ofMinutes(1));
            }

            @Override
            public Program program(Behaviour behaviour) {
                return Program.of(behaviour.toString());
            }
        };
    }

    private static @Nullable ScriptedProgram find(Program program) {
        return switch (program.toString()) {
            case "echo" -> new Echo();
            case "talk" -> new Talk();
            case "nothing" -> new Nothing();
            case "close_out" -> new CloseOut();
            case "close_in" -> new CloseIn();
            case "wait" -> new Wait();
            case "stubborn" -> new Stubborn();
            case "much" -> new Much();
            case "leave" -> new Leave();
            default -> null;
        };
    }

    private static final class Echo extends ScriptedProgram {
        @Override
        protected void inputReceived(Bytes data) {
            writeOut(data);
        }

        @Override
        protected void inputEnded() {
            exit(0);
        }
    }

    @Test
    void readsItsInputAgainWhenThatIsResumed() {
        ManualReactor reactor = new ManualReactor();
        List<String> read = new ArrayList<>();
        reactor.programs(_ -> new Slow(read));
        ProcessProtocol asking =
                new ProcessProtocol() {
                    @Override
                    public void connectionMade(ProcessTransport transport) {
                        transport.write(Bytes.utf8("hello"));
                    }
                };
        var _ = reactor.spawn(Program.of("slow"), asking);
        reactor.runUntilIdle();
        assertThat(read).isEmpty();

        reactor.advance(Duration.ofSeconds(1));
        assertThat(read).containsExactly("hello");
    }

    private static final class Slow extends ScriptedProgram {
        private final List<String> read;

        private Slow(List<String> read) {
            this.read = read;
        }

        @Override
        protected void started() {
            pauseInput();
            reactor().callLater(Duration.ofSeconds(1), this::resumeInput);
        }

        @Override
        protected void inputReceived(Bytes data) {
            read.add(data.utf8());
        }
    }

    private static final class Talk extends ScriptedProgram {
        @Override
        protected void started() {
            writeOut(Bytes.utf8("hello"));
            writeErr(Bytes.utf8("oops"));
            exit(3);
        }
    }

    private static final class Nothing extends ScriptedProgram {
        @Override
        protected void started() {
            exit(0);
        }
    }

    private static final class CloseOut extends ScriptedProgram {
        @Override
        protected void started() {
            closeOut();
        }

        @Override
        protected void inputReceived(Bytes data) {
            exit(4);
        }
    }

    private static final class CloseIn extends ScriptedProgram {
        @Override
        protected void started() {
            closeInput();
            writeOut(Bytes.utf8("ready\n"));
        }
    }

    private static class Wait extends ScriptedProgram {
        @Override
        protected void started() {
            pauseInput();
            writeOut(Bytes.utf8("ready\n"));
        }
    }

    private static final class Stubborn extends Wait {
        @Override
        protected void signalled(Signal signal) {
            if (signal != Signal.TERM) {
                super.signalled(signal);
            }
        }
    }

    private static final class Much extends ScriptedProgram {
        private int left = 50_000_000;

        @Override
        protected void started() {
            outputTaken();
        }

        @Override
        protected void outputTaken() {
            boolean room = true;
            while (room && left > 0) {
                int count = Math.min(left, 10_000);
                left -= count;
                room = writeOut(Bytes.wrap(new byte[count]));
            }
            if (left == 0) {
                exit(0);
            }
        }
    }

    private static final class Leave extends ScriptedProgram {
        @Override
        protected void inputReceived(Bytes data) {
            exitLeavingOutputs(5);
            goOn();
        }

        private void goOn() {
            if (writeOut(Bytes.utf8("late\n"))) {
                reactor().callLater(Duration.ofMillis(50), this::goOn);
            }
        }
    }
}
