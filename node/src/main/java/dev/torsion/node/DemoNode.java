package dev.torsion.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/// One node of the demo: a JVM of its own, which ends when this one does, even if this one is
/// killed.
final class DemoNode {
    private static final int START_SECONDS = 60;
    private static final int STOP_SECONDS = 15;
    private static final int LINK_SECONDS = 10;
    static final String READY = "ready ";
    private static final String LINKED = "linked to ";

    private final String name;
    private final List<String> arguments;
    private final Process process;
    private final CompletableFuture<Void> ready = new CompletableFuture<>();
    private final CountDownLatch links = new CountDownLatch(2);
    private volatile String lastLine = "it said nothing";

    private DemoNode(String name, List<String> arguments, Process process) {
        this.name = name;
        this.arguments = arguments;
        this.process = process;
    }

    /// Starts a node.
    ///
    /// @param home the project's folder
    /// @param flags besides its configuration
    /// @param output is given each line the node prints, on a thread of its own
    static DemoNode start(String name, Path home, List<String> flags, Consumer<String> output)
            throws IOException {
        List<String> arguments =
                new ArrayList<>(List.of("node", "--config", "examples/demo/" + name + ".yaml"));
        arguments.addAll(flags);
        List<String> command = new ArrayList<>(jvm(home));
        command.addAll(arguments);
        // Its input is a pipe that breaks when this JVM is gone.
        command.add("--until-input-ends");
        Process process =
                new ProcessBuilder(command)
                        .directory(home.toFile())
                        .redirectErrorStream(true)
                        .start();
        DemoNode node = new DemoNode(name, arguments, process);
        Thread.ofVirtual().name("output of " + name).start(() -> node.read(output));
        return node;
    }

    private static List<String> jvm(Path home) {
        String log = "-Dorg.slf4j.simpleLogger.";
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-Xmx256m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dtorsion.home=" + home,
                log + "showDateTime=false",
                log + "showShortLogName=false",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName());
    }

    private void read(Consumer<String> output) {
        try (BufferedReader lines = process.inputReader(UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                lastLine = line;
                output.accept(line);
                if (line.startsWith(READY)) {
                    ready.complete(null);
                } else if (line.contains(LINKED) && !line.contains("no longer")) {
                    links.countDown();
                }
            }
        } catch (IOException _) {
            // The pipe is closed when the process is told to end.
        } finally {
            ready.completeExceptionally(new IllegalStateException("it ended"));
        }
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    /// What a person types to start it again.
    String command() {
        return "./torsion " + String.join(" ", arguments);
    }

    /// Waits until everything it has listens.
    ///
    /// @throws CommandFailedException if it ends before that, or takes longer than a minute
    void awaitReady() throws InterruptedException {
        try {
            ready.get(START_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new CommandFailedException(
                    name + " did not start: " + lastLine.replaceFirst("^torsion: ", ""), e);
        }
    }

    /// Waits until it is linked to the two others.
    ///
    /// @return whether it is, within ten seconds
    boolean awaitLinked() throws InterruptedException {
        return links.await(LINK_SECONDS, TimeUnit.SECONDS);
    }

    /// Calls `action` when the process has ended.
    void onExit(Runnable action) {
        var _ = process.onExit().thenRun(action);
    }

    /// Asks it to drain and end. Idempotent.
    void stop() {
        process.destroy();
    }

    /// Waits for the end, and brings it about if it does not come.
    void awaitStopped() {
        try {
            if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
