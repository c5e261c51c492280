package dev.torsion.netty;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Programs of the tests that need a process of their own: the JVM of this one, and its class path.
final class ChildJvm {
    private ChildJvm() {}

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

    private static ProcessBuilder launched(
            List<String> launcher, List<String> options, Class<?> main, String... arguments) {
        List<String> command = new ArrayList<>(launcher);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.add("--enable-native-access=ALL-UNNAMED");
        command.add("-cp");
        command.add(System.getProperty("java.class.path"));
        command.addAll(options);
        command.add(main.getName());
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command);
    }
}
