package dev.torsion.reactor.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.List;

/// What was logged, as warnings and worse.
public final class Logged {
    private Logged() {}

    /// What is done meanwhile.
    @FunctionalInterface
    public interface Action<E extends Exception> {
        void run() throws E;
    }

    /// The lines that are logged while `action` runs, by whatever thread.
    public static List<String> during(Runnable action) {
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        into(new PrintStream(captured, true, UTF_8), action::run);
        return captured.toString(UTF_8).lines().toList();
    }

    /// Nothing can be logged while `action` runs, by whatever thread, as when memory is short.
    public static <E extends Exception> void inVain(Action<E> action) throws E {
        into(
                new PrintStream(OutputStream.nullOutputStream()) {
                    @Override
                    public void println(String line) {
                        throw new OutOfMemoryError("of the log");
                    }

                    @Override
                    public void println(Object line) {
                        throw new OutOfMemoryError("of the log");
                    }
                },
                action);
    }

    private static <E extends Exception> void into(PrintStream log, Action<E> action) throws E {
        PrintStream before = System.err;
        System.setErr(log);
        try {
            action.run();
        } finally {
            System.setErr(before);
        }
    }
}
