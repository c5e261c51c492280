package dev.torsion.netty;

import static java.util.concurrent.TimeUnit.SECONDS;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A program of the tests that needs a process of its own: the JVM of this one, and its class path.
/// It lives for a second or two: with the quick compiler alone it starts and ends the sooner.
final class ChildJvm implements AutoCloseable {
    private final Process process;

    private ChildJvm(Process process) {
        this.process = process;
    }

    /// A program.
    ///
    /// @param options of the JVM, which hold before those by default
    static ProcessBuilder of(List<String> options, Class<?> main, String... arguments) {
        return launched(List.of(), options, main, arguments);
    }

    /// A program that another one starts.
    ///
    /// @param launcher a program that is given the command line of the JVM behind its own arguments
    static ProcessBuilder launched(List<String> launcher, Class<?> main, String... arguments) {
        return launched(launcher, List.of(), main, arguments);
    }

    static ProcessBuilder launched(
            List<String> launcher, List<String> options, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(launcher);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"));
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.addAll(options);
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }

    static ChildJvm start(ProcessBuilder program) throws IOException {
        return new ChildJvm(program.start());
    }

    /// Sends a signal of this name to a program.
    ///
    /// @throws IOException if there is nothing here to send it with
    static void send(String signal, ProcessHandle program) throws IOException {
        new ProcessBuilder("kill", "-s", signal, Long.toString(program.pid())).start();
    }

    Process process() {
        return process;
    }

    /// What it writes.
    BufferedReader output() {
        return process.inputReader();
    }

    /// Waits until it has ended by itself.
    ///
    /// @return its exit code
    int exit() {
        return process.onExit().orTimeout(60, SECONDS).join().exitValue();
    }

    /// Kills it, if it has not ended.
    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        exit();
        output().close();
    }
}
