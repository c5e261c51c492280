package dev.torsion.sim.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.util.List;

/// Keeps what is written, and looks like a pipe, or like a terminal.
final class TestTerminal {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final Terminal terminal;

    TestTerminal(boolean live) {
        terminal =
                new Terminal(
                        new PrintStream(out, true, UTF_8), new PrintStream(err, true, UTF_8), live);
    }

    /// What a command in a pipe prints and returns.
    static TestTerminal of(String... arguments) {
        TestTerminal terminal = new TestTerminal(false);
        terminal.code = Main.run(terminal.terminal, arguments);
        return terminal;
    }

    private int code = -1;

    int code() {
        return code;
    }

    Terminal terminal() {
        return terminal;
    }

    List<String> out() {
        return out.toString(UTF_8).lines().toList();
    }

    List<String> err() {
        return err.toString(UTF_8).lines().toList();
    }
}
