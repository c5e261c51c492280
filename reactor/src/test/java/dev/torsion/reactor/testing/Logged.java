package dev.torsion.reactor.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;

/// What was logged, as warnings and worse.
public final class Logged {
    private Logged() {}

    /// The lines that are logged while `action` runs, by whatever thread.
    public static List<String> during(Runnable action) {
        PrintStream before = System.err;
        ByteArrayOutputStream captured = new ByteArrayOutputStream();
        System.setErr(new PrintStream(captured, true, UTF_8));
        try {
            action.run();
        } finally {
            System.setErr(before);
        }
        return captured.toString(UTF_8).lines().toList();
    }
}
