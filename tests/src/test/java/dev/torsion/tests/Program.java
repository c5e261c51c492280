package dev.torsion.tests;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A program that nobody here wrote, with its standard streams. Skips the test, or fails it, where
/// the machine does not have it.
final class Program implements AutoCloseable {
    private final Process process;
    private final BufferedReader output;
    private final Writer input;

    private Program(Process process) {
        this.process = process;
        output = process.inputReader(UTF_8);
        input = process.outputWriter(UTF_8);
    }

    /// @param remedy how to get it
    static Program start(String remedy, Path folder, List<String> command) throws IOException {
        if (!Interop.succeeds("which", command.getFirst())) {
            Interop.missing("no program " + command.getFirst() + "; " + remedy);
        }
        return new Program(
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true)
                        .start());
    }

    /// Types a line.
    void type(String line) throws IOException {
        input.write(line + "\n");
        input.flush();
    }

    /// Ends its standard input.
    void endInput() throws IOException {
        input.close();
    }

    /// What it prints up to and with the first line that has this in it; the test's own time limit
    /// ends a wait in vain.
    List<String> linesTo(String last) throws IOException {
        List<String> lines = new ArrayList<>();
        String line;
        do {
            line = output.readLine();
            if (line == null) {
                throw new IOException("it ended without " + last + ", after " + lines);
            }
            lines.add(line);
        } while (!line.contains(last));
        return lines;
    }

    /// All it still prints, when it has ended.
    String rest() throws IOException {
        StringBuilder rest = new StringBuilder();
        output.lines().forEach(line -> rest.append(line).append('\n'));
        return rest.toString();
    }

    /// Its exit code, when it has ended.
    int exitCode() {
        return process.onExit().orTimeout(60, TimeUnit.SECONDS).join().exitValue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        process.onExit().orTimeout(20, TimeUnit.SECONDS).join();
    }
}
