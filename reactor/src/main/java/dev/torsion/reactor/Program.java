package dev.torsion.reactor;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// What [Reactor#spawn] starts: `Program.of("sort", "-n")`.
///
/// @param command the program and its arguments; a program named without a `/` is looked for in
///   this process's `PATH`. No shell is involved
/// @param directory where it runs; null for this process's own
/// @param inheritsEnvironment whether it gets this process's environment
/// @param environment variables added to that, or put in the place of those of the same name
/// @param standardError what becomes of its standard error
public record Program(
        List<String> command,
        @Nullable Path directory,
        boolean inheritsEnvironment,
        Map<String, String> environment,
        StandardError standardError) {

    /// What becomes of what a program writes to its standard error.
    public enum StandardError {
        /// It is [ProcessProtocol#errReceived], beside the standard output.
        SEPARATE,
        /// It is part of the standard output, in the order written.
        MERGED,
        /// It goes where this process's own goes.
        INHERITED,
        /// Nobody sees it.
        DISCARDED
    }

    /// @throws IllegalArgumentException if the command is empty, or something in it or in the
    ///   environment is what no operating system can be given
    public Program {
        command = List.copyOf(command);
        if (command.isEmpty() || command.getFirst().isEmpty()) {
            throw new IllegalArgumentException("a command names a program first: " + command);
        }
        for (int i = 0; i < command.size(); i++) {
            requireNoNul(i == 0 ? "the program's name" : "argument " + i, command.get(i));
        }
        environment.forEach(Program::requireVariable);
        environment = Map.copyOf(environment);
    }

    /// A program with this process's directory and environment, and its standard error separate.
    public static Program of(String... command) {
        return new Program(List.of(command), null, true, Map.of(), StandardError.SEPARATE);
    }

    /// This program, run in `directory`.
    public Program withDirectory(Path directory) {
        return new Program(command, directory, inheritsEnvironment, environment, standardError);
    }

    /// This program, with nothing in its environment but what [#withVariable] has put there.
    public Program withoutInheritedEnvironment() {
        return new Program(command, directory, false, environment, standardError);
    }

    /// This program, with one more variable, in the place of one of the same name.
    public Program withVariable(String name, String value) {
        Map<String, String> more = new TreeMap<>(environment);
        more.put(name, value);
        return new Program(command, directory, inheritsEnvironment, more, standardError);
    }

    public Program withStandardError(StandardError standardError) {
        return new Program(command, directory, inheritsEnvironment, environment, standardError);
    }

    private static void requireVariable(String name, String value) {
        if (name.isEmpty() || name.indexOf('=') >= 0) {
            throw new IllegalArgumentException(
                    "a variable's name is not empty and holds no \"=\": \"" + name + "\"");
        }
        requireNoNul("a variable's name", name);
        requireNoNul("the variable " + name, value);
    }

    private static void requireNoNul(String what, String text) {
        int at = text.indexOf('\0');
        if (at >= 0) {
            throw new IllegalArgumentException(
                    "%s holds a NUL character (at %d), which ends a string of the operating system"
                            .formatted(what, at));
        }
    }

    /// The program's name, without its arguments, which may be secret.
    @Override
    public String toString() {
        return command.getFirst();
    }
}
