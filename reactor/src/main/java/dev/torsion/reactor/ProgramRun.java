package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// One program that is given its input, as fast as it reads, and whose output is kept to its end.
final class ProgramRun implements ProcessProtocol {
    /// How much is kept of one that was given no bound: 1 MiB.
    static final int DEFAULT_MOST_BYTES = 1 << 20;

    private static final int LARGEST_PIECE = 64 << 10;

    private final Program program;
    private final int mostBytes;
    private final BytesBuilder out = new BytesBuilder();
    private final BytesBuilder err = new BytesBuilder();
    private Bytes input; // what is not written yet
    private boolean tooMuch;
    private @Nullable ProcessTransport transport;

    /// Whether nothing more comes. A loop that has ended tells nothing, and the result is made on
    /// another thread then.
    private volatile boolean over;

    private ProgramRun(Program program, Bytes input, int mostBytes) {
        this.program = program;
        this.input = input;
        this.mostBytes = mostBytes;
    }

    /// As [Reactor#runProgram(Program, Bytes, int)].
    static CompletionStage<ProgramResult> start(
            Reactor reactor, Program program, Bytes input, int mostBytes) {
        requireNonNull(input, "input");
        if (mostBytes < 0) {
            throw new IllegalArgumentException("a bound of 0 bytes or more, not " + mostBytes);
        }
        ProgramRun run = new ProgramRun(program, input.owned(), mostBytes);
        return reactor.spawn(program, run).thenApply(run::result);
    }

    @Override
    public void connectionMade(ProcessTransport made) {
        transport = made;
        writableAgain();
    }

    @Override
    public void writableAgain() {
        ProcessTransport to = requireNonNull(transport);
        WriteMarks marks = to.reactor().writeMarks();
        int piece = Math.min(LARGEST_PIECE, marks.hard() - marks.high()); // never past the hard one
        boolean room = true;
        while (room && !input.isEmpty()) {
            int now = Math.min(input.size(), piece);
            room = to.write(input.slice(0, now));
            input = input.slice(now, input.size());
        }
        if (input.isEmpty()) {
            to.closeStdin();
        }
    }

    @Override
    public void outReceived(Bytes data) {
        keep(out, data);
    }

    @Override
    public void errReceived(Bytes data) {
        keep(err, data);
    }

    private void keep(BytesBuilder kept, Bytes data) {
        if (data.size() > mostBytes - out.size() - err.size()) {
            tooMuch = true;
            requireNonNull(transport).abortConnection();
        } else {
            kept.bytes(data);
        }
    }

    @Override
    public void processEnded(ProcessEnd end) {
        over = true;
    }

    private ProgramResult result(ProcessEnd end) {
        if (!over && !(end instanceof ProcessEnd.NotStarted)) {
            throw notWhole(end, "the loop ended before it had read all of it");
        }
        if (tooMuch) {
            throw new ProgramFailedException(
                    ("%s wrote more than the %d bytes that were to be kept of it, and was killed:"
                                    + " allow more, or take what it writes as it comes, by"
                                    + " Reactor.spawn")
                            .formatted(program, mostBytes));
        }
        if (transport instanceof ProcessLife life) {
            if (life.aborted() instanceof CloseReason.Failed(Throwable why)) {
                throw new ProgramFailedException(
                        "%s was killed, what it was given or wrote is not whole: %s"
                                .formatted(program, Thrown.text(why)));
            }
            if (life.cut()) {
                throw notWhole(end, "the reactor was stopped before its outputs had ended");
            }
        }
        return new ProgramResult(program, end, out.build(), err.build());
    }

    private ProgramFailedException notWhole(ProcessEnd end, String why) {
        return new ProgramFailedException(
                "%s %s, and what it wrote is not whole: %s".formatted(program, end, why));
    }
}
