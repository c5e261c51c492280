package dev.torsion.netty;

import java.io.Closeable;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// The file descriptors of the process, for the programs that it starts. Thread-safe.
final class Descriptors {
    /// Three pipes, and one more to hear of a failure, with room for what other threads open.
    private static final int OF_A_PROGRAM = 16;

    private static final File NOTHING = new File("/dev/null");

    /// Those of this process.
    static final Descriptors SYSTEM =
            new Descriptors(() -> new FileInputStream(NOTHING), Duration.ofSeconds(2));

    private final Opener opener;
    private final Duration patience;
    private final ReentrantLock starting = new ReentrantLock();

    /// Takes one descriptor, until it is closed.
    interface Opener {
        Closeable open() throws IOException;
    }

    /// What wants some.
    interface Start {
        Process start() throws IOException;
    }

    /// @param patience how long a start waits for the one before it, which takes milliseconds. One
    ///   that takes longer, as from a file system that does not answer, is not waited for: nothing
    ///   could be started any more
    Descriptors(Opener opener, Duration patience) {
        this.opener = opener;
        this.patience = patience;
    }

    /// Starts a program, or refuses to where there are too few left. A JDK that runs out of them in
    /// the middle of a start closes some that are not its own (25.0.3): whatever connection has got
    /// those since is cut off, and nobody hears of it. One is started after the other: together
    /// they would want many times as many as are enough in turn.
    Process start(Start program) throws IOException {
        boolean inTurn = awaitTurn();
        try {
            requireForProgram();
            return program.start();
        } finally {
            if (inTurn) {
                starting.unlock();
            }
        }
    }

    private boolean awaitTurn() {
        try {
            return starting.tryLock(patience.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt(); // the start itself takes no notice of it
            return false;
        }
    }

    private void requireForProgram() throws IOException {
        if (!NOTHING.exists()) {
            return;
        }
        List<Closeable> reserve = new ArrayList<>();
        try {
            for (int i = 0; i < OF_A_PROGRAM; i++) {
                reserve.add(opener.open());
            }
        } catch (IOException none) {
            throw new IOException(
                    "too few file descriptors are left to start a program: raise the limit"
                            + " (ulimit -n)",
                    none);
        } finally {
            for (Closeable each : reserve) {
                each.close();
            }
        }
    }
}
