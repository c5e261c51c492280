package dev.torsion.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/// The command line. Exit codes: 0 done, 1 failed, 2 wrong use; an error is one line on standard
/// error.
@Command(
        name = "torsion",
        description = "An event-driven networking engine, grown into a distributed event system.",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footer = {
            "",
            "Try first:",
            "  ./torsion demo                       three nodes, sensors, alarms",
            "  ./torsion node                       one node with the default ports",
            "  ./torsion subscribe 'orders.>'       in a second terminal",
            "  ./torsion publish orders.eu hello    in a third",
            "  ./torsion sim --help                 a cluster simulated, with faults",
            "",
            "Exit codes: 0 done, 1 failed, 2 wrong use. Each command has --help."
        })
public final class Main implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Show where an error comes from (stack traces).")
    private boolean debug;

    private Main() {}

    /// Runs one command and ends the JVM with its exit code.
    public static void main(String[] arguments) {
        System.exit(run(Console.system(), arguments));
    }

    /// Runs one command.
    ///
    /// @return its exit code
    static int run(Console console, String... arguments) {
        return commandLine(console).execute(arguments);
    }

    /// All commands.
    static CommandLine commandLine(Console console) {
        Main main = new Main();
        return new CommandLine(main)
                .addSubcommand(new DemoCommand(console))
                .addSubcommand(new NodeCommand(console))
                .addSubcommand(new PublishCommand(console))
                .addSubcommand(new SubscribeCommand(console))
                .addSubcommand(new RequestCommand(console))
                .addSubcommand(new ExampleCommand(console))
                .addSubcommand(new BenchCommand(console))
                .setUsageHelpAutoWidth(true)
                .setOut(new PrintWriter(console.out(), true, UTF_8))
                .setErr(new PrintWriter(console.err(), true, UTF_8))
                .setParameterExceptionHandler((e, _) -> wrongUse(console, e))
                .setExecutionExceptionHandler((e, _, _) -> main.failed(console, e));
    }

    /// Whether the user wants to see where an error comes from.
    boolean debug() {
        return debug;
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "which command?");
    }

    private static int wrongUse(Console console, ParameterException e) {
        CommandLine line = e.getCommandLine();
        String command = line.getCommandSpec().qualifiedName();
        console.tell("torsion: " + problem(line, e) + " (./" + command + " --help says more)");
        return 2;
    }

    /// An option that nobody knows comes first: what else is wrong is often of its making.
    private static String problem(CommandLine line, ParameterException e) {
        List<String> unmatched = line.getUnmatchedArguments();
        for (String word : unmatched) {
            if (word.length() > 1 && word.startsWith("-")) {
                return "unknown option \"%s\"; expected one of %s"
                        .formatted(word.split("=", 2)[0], String.join(", ", options(line)));
            }
        }
        if (!(e instanceof UnmatchedArgumentException)) {
            return oneLine(e).replace("option option", "option"); // as picocli has it
        }
        return line.getParent() == null
                ? "no command \"%s\"; expected one of %s"
                        .formatted(
                                unmatched.getFirst(),
                                String.join(", ", line.getSubcommands().keySet()))
                : "expected nothing more, not \"%s\"; what has spaces in it stands in quotes"
                        .formatted(unmatched.getFirst());
    }

    /// The options that are shown: those of the command's own first, as in its help.
    private static List<String> options(CommandLine line) {
        return line.getCommandSpec().options().stream()
                .filter(option -> !option.hidden())
                .map(OptionSpec::longestName)
                .toList();
    }

    private int failed(Console console, Exception e) {
        if (debug) {
            e.printStackTrace(console.err());
        }
        return switch (e) {
            case ConfigurationException wrong -> {
                wrong.problems().forEach(problem -> console.tell("torsion: " + problem));
                yield 2;
            }
            case CommandFailedException _ -> {
                console.tell("torsion: " + oneLine(e));
                yield 1;
            }
            default -> {
                console.tell(
                        "torsion: unexpected: "
                                + e.getClass().getSimpleName()
                                + ": "
                                + oneLine(e)
                                + (debug ? "" : " (--debug says more)"));
                yield 1;
            }
        };
    }

    private static String oneLine(Throwable thrown) {
        String message = thrown.getMessage();
        return message == null
                ? ""
                : String.join("; ", message.lines().map(String::strip).toList());
    }

    /// Reads the version that the build wrote.
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            try (InputStream in = Main.class.getResourceAsStream("version.properties")) {
                Properties properties = new Properties();
                properties.load(in);
                return new String[] {"torsion " + properties.getProperty("version")};
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
