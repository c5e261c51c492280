package dev.torsion.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The demo, or a command that it tells people to type, as a process of its own.
final class DemoProcess implements AutoCloseable {
    private final Process process;
    private final ProcessHandle handle; // which ends it, and leaves its output to the reader
    private final List<String> seen = new ArrayList<>();
    private final BlockingQueue<String> output = new LinkedBlockingQueue<>();

    private DemoProcess(Process process) {
        this.process = process;
        handle = process.toHandle();
        Thread.ofVirtual().start(() -> process.inputReader().lines().forEach(output::add));
    }

    /// @param home the folder with the demo's configuration
    static DemoProcess start(Path home, List<String> arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Dtorsion.home=" + home,
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.torsion.node.Main"));
        command.addAll(arguments);
        return new DemoProcess(
                new ProcessBuilder(command)
                        .directory(home.toFile())
                        .redirectErrorStream(true)
                        .start());
    }

    /// Waits for a line in which the pattern is found, the lines before it being read for good.
    MatchResult await(String pattern) throws InterruptedException {
        while (true) {
            String line = output.poll(60, TimeUnit.SECONDS);
            assertThat(line).as("no \"%s\" in %s", pattern, seen).isNotNull();
            seen.add(line);
            Matcher matcher = Pattern.compile(pattern).matcher(line);
            if (matcher.find()) {
                return matcher.toMatchResult();
            }
        }
    }

    /// The node with that process id.
    static ProcessHandle handle(String pid) {
        return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    }

    /// As Ctrl-C does.
    void terminate() {
        handle.destroy();
    }

    /// As `kill -9` does.
    void kill() {
        handle.destroyForcibly();
    }

    int exitCode() throws InterruptedException {
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
        return process.exitValue();
    }

    @Override
    public void close() {
        handle.destroyForcibly();
    }
}
