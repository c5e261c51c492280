package dev.torsion.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// A node in a JVM of its own, started by the command that users type.
final class NodeProcess implements AutoCloseable {
    private final Process process;
    private final String ready;
    private final Path log;

    private NodeProcess(Process process, String ready, Path log) {
        this.process = process;
        this.ready = ready;
        this.log = log;
    }

    /// Starts a node and waits until it is ready.
    ///
    /// @param folder where it works and keeps its log
    static NodeProcess start(Path folder, String name, String... flags) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "dev.torsion.node.Main",
                        "node",
                        "--name",
                        name));
        command.addAll(List.of(flags));
        Path log = Files.createTempFile(folder, name + "-", ".log");
        Process process =
                new ProcessBuilder(command)
                        .directory(folder.toFile())
                        .redirectError(log.toFile())
                        .start();
        BufferedReader output = process.inputReader();
        String line = output.readLine();
        assertThat(line).as(() -> read(log)).startsWith("ready name=" + name + " ");
        return new NodeProcess(process, line, log);
    }

    /// `HOST:PORT` of one of its ports.
    String port(String name) {
        return Stream.of(ready.split(" "))
                .filter(field -> field.startsWith(name + "="))
                .map(field -> field.substring(name.length() + 1))
                .findFirst()
                .orElseThrow();
    }

    /// The endpoint of one of its ports, for the node that takes its place.
    String endpoint(String name) {
        String port = port(name);
        return "tcp:" + port.substring(port.lastIndexOf(':') + 1);
    }

    /// As `kill -9` does.
    void kill() throws InterruptedException {
        process.destroyForcibly();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }

    /// As `kill` and Ctrl-C do.
    ///
    /// @return the exit code
    int terminate() throws InterruptedException {
        process.destroy();
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as(this::log).isTrue();
        return process.exitValue();
    }

    String log() {
        return read(log);
    }

    private static String read(Path log) {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "the log cannot be read: " + e;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }
}
