package dev.torsion.netty;

import dev.torsion.reactor.ProcessEnd.NotStarted;
import dev.torsion.reactor.ProcessEnd.NotStarted.Kind;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Thrown;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/// Finds out what kept a program from starting: the system's own word, "no such file or directory",
/// stands for three different things.
final class StartFailure {

    private StartFailure() {}

    static NotStarted explain(Program program, Exception refused) {
        Path directory = program.directory();
        if (directory != null && !Files.isDirectory(directory)) {
            return new NotStarted(
                    Kind.NO_DIRECTORY,
                    "there is no directory " + directory + " to run " + program + " in");
        }
        String message = Thrown.text(refused);
        if (message.contains("error=7,") || message.contains("error: 7 ")) { // E2BIG
            return new NotStarted(
                    Kind.TOO_LARGE,
                    "the arguments and the environment of %s are more than the system takes (%d characters)"
                            .formatted(program, size(program)));
        }
        return explain(program, candidates(program), message);
    }

    private static NotStarted explain(Program program, List<Path> candidates, String message) {
        List<Path> there = candidates.stream().filter(Files::exists).toList();
        if (there.isEmpty()) {
            return NotStarted.notFound(
                    program,
                    isPath(program)
                            ? "there is no program " + candidates.getFirst()
                            : "there is no program \"" + program + "\" in any directory of PATH");
        }
        Path found = there.getFirst();
        if (Files.isDirectory(found)) {
            return new NotStarted(Kind.NOT_EXECUTABLE, found + " is a directory, not a program");
        }
        if (there.stream().noneMatch(Files::isExecutable)) {
            return new NotStarted(Kind.NOT_EXECUTABLE, found + " may not be executed");
        }
        if (message.contains("error=2,") || message.contains("error: 2 ")) { // ENOENT
            return new NotStarted(
                    Kind.NOT_EXECUTABLE,
                    found + " needs an interpreter that is not there: look at its first line");
        }
        if (message.contains("error=8,") || message.contains("error: 8 ")) { // ENOEXEC
            return new NotStarted(
                    Kind.NOT_EXECUTABLE, found + " is no program that this system can execute");
        }
        return new NotStarted(Kind.REFUSED, message);
    }

    private static boolean isPath(Program program) {
        return program.command().getFirst().indexOf('/') >= 0;
    }

    /// Where the system may have looked. A path is taken from where the program was to run.
    private static List<Path> candidates(Program program) {
        String name = program.command().getFirst();
        if (isPath(program)) {
            Path directory = program.directory();
            return List.of(directory == null ? Path.of(name) : directory.resolve(name));
        }
        String path = Objects.requireNonNullElse(System.getenv("PATH"), "");
        return Stream.of(path.split(File.pathSeparator, -1))
                .map(where -> Path.of(where.isEmpty() ? "." : where, name))
                .toList();
    }

    private static long size(Program program) {
        return Stream.concat(
                        program.command().stream(),
                        program.environment().entrySet().stream().map(Object::toString))
                .mapToLong(text -> text.length() + 1L)
                .sum();
    }
}
