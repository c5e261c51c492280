package dev.torsion.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/// Runs one of the small programs in `examples/`, in a JVM of its own.
@Command(
        name = "example",
        description =
                "Runs a small program from the examples folder, straight from its source:"
                        + " first-reactor is examples/FirstReactor.java. Without a name, lists them.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  ./torsion example",
            "  ./torsion example first-reactor         then try: nc 127.0.0.1 8888",
            "  ./torsion example first-reactor 9999    on another port"
        })
final class ExampleCommand implements Callable<Integer> {
    private static final String SUFFIX = ".java";
    private static final Pattern UNCAUGHT =
            Pattern.compile("Exception in thread \"main\" (?:[\\w.$]+Exception: )?(.*)");
    private static final Pattern TRACE =
            Pattern.compile("\\s+at |\\s*\\.\\.\\. \\d+ more|Caused by: ");

    /// The launcher says where the project is.
    private final Path folder = Path.of(System.getProperty("torsion.home", "."), "examples");

    private final Console console;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @ParentCommand
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Main main;

    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "NAME",
            defaultValue = "",
            description = "Which program.")
    private String name = "";

    @Parameters(
            index = "1",
            arity = "0..1",
            paramLabel = "PORT",
            defaultValue = "",
            description = "Where it listens, if not on its own port.")
    private String port = "";

    ExampleCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Map<String, Path> programs = programs();
        if (name.isEmpty()) {
            programs.keySet().forEach(console::print);
            return 0;
        }
        Path source = programs.get(name);
        if (source == null) {
            throw new ParameterException(
                    spec.commandLine(),
                    "no example \""
                            + name
                            + "\"; expected one of "
                            + String.join(", ", programs.keySet()));
        }
        checkPort();
        return run(source);
    }

    private void checkPort() {
        boolean sound = port.matches("[0-9]{1,5}") && Integer.parseInt(port) <= 65_535;
        if (!port.isEmpty() && !sound) {
            throw new ParameterException(
                    spec.commandLine(),
                    "expected ./torsion example %s [PORT] with a port from 0 to 65535, not \"%s\""
                            .formatted(name, port));
        }
    }

    private SortedMap<String, Path> programs() {
        try (Stream<Path> files = Files.list(folder)) {
            SortedMap<String, Path> programs = new TreeMap<>();
            files.filter(file -> file.toString().endsWith(SUFFIX))
                    .forEach(file -> programs.put(commandName(file), file));
            return programs;
        } catch (IOException e) {
            throw new CommandFailedException("cannot read the folder " + folder, e);
        }
    }

    private int run(Path source) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), source.toString()));
        if (!port.isEmpty()) {
            command.add(port);
        }
        Process program =
                new ProcessBuilder(command)
                        .inheritIO()
                        .redirectError(main.debug() ? Redirect.INHERIT : Redirect.PIPE)
                        .start();
        Runtime.getRuntime().addShutdownHook(new Thread(program::destroy, "end"));
        program.errorReader(UTF_8).lines().forEach(this::tell);
        return program.waitFor();
    }

    /// Passes a line of the program's errors on, a stack trace only by its first line.
    private void tell(String line) {
        Matcher uncaught = UNCAUGHT.matcher(line);
        if (uncaught.matches()) {
            String why = uncaught.group(1);
            boolean taken = why.endsWith("address already in use");
            console.tell(
                    "torsion: %s: %s%s"
                            .formatted(
                                    name,
                                    why,
                                    taken
                                            ? " (./torsion example "
                                                    + name
                                                    + " 0 takes a free port)"
                                            : ""));
        } else if (!TRACE.matcher(line).lookingAt()) {
            console.tell(line);
        }
    }

    /// `FirstReactor.java` → `first-reactor`.
    private static String commandName(Path source) {
        String file = String.valueOf(source.getFileName());
        return file.substring(0, file.length() - SUFFIX.length())
                .replaceAll("(?<=[a-z0-9])(?=[A-Z])", "-")
                .toLowerCase(Locale.ROOT);
    }
}
