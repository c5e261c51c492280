package dev.torsion.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program of `src/test/python` that uses the real Twisted. It prints what happens to it, a line
/// each, and ends when its input does.
final class TwistedPeer implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;

    private TwistedPeer(Process process) {
        this.process = process;
        this.output = process.inputReader(UTF_8);
    }

    /// Skips the test, or fails it, where there is no Twisted.
    static TwistedPeer start(String script, Object... arguments) throws IOException {
        Path python = Interop.pythonWith("twisted", "on Debian: apt-get install python3-twisted");
        Path scripts = Path.of(System.getProperty("basedir", "tests"), "src/test/python");
        List<String> command = new ArrayList<>();
        command.add(python.toString());
        command.add(scripts.resolve(script).toString());
        for (Object argument : arguments) {
            command.add(argument.toString());
        }
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("PYTHONIOENCODING", "utf-8");
        return new TwistedPeer(builder.start());
    }

    /// What it prints next; the test's own time limit ends a wait in vain.
    String line() throws IOException {
        String line = output.readLine();
        if (line == null) {
            throw new IOException("Twisted ended with code " + process.onExit().join().exitValue());
        }
        return line;
    }

    /// What it prints up to and with the first line that begins so.
    List<String> linesTo(String last) throws IOException {
        List<String> lines = new ArrayList<>();
        do {
            lines.add(line());
        } while (!lines.getLast().startsWith(last));
        return lines;
    }

    /// The port of a server, which is the first thing it prints.
    int port() throws IOException {
        String line = line();
        if (!line.startsWith("port ")) {
            throw new IOException("expected a port, not: " + line);
        }
        return Integer.parseInt(line.substring("port ".length()));
    }

    /// Kills it, as an accident does; it is gone when this returns.
    void kill() {
        process.destroyForcibly();
        process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
    }

    /// Stops it in its tracks: its connections stay open, and nobody answers on them.
    void freeze() {
        if (!Interop.succeeds("kill", "-STOP", String.valueOf(process.pid()))) {
            throw new IllegalStateException("cannot stop process " + process.pid());
        }
    }

    @Override
    public void close() {
        kill();
    }
}
