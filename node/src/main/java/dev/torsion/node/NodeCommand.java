package dev.torsion.node;

import dev.torsion.node.Configuration.Flags;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Starts a node and stays until it is told to stop.
@Command(
        name = "node",
        description = {
            "Starts one node: links to other nodes, a door for NATS clients, and the gateways and"
                    + " components of its configuration.",
            "Reads torsion.yaml in the working directory, if there is one; flags win over it. When"
                    + " everything listens, one line on standard output begins with \"ready\"."
                    + " Ctrl-C drains and ends it."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  ./torsion node",
            "  ./torsion node --name b --nats tcp:4223 --link tcp:7402 --seed 127.0.0.1:7400",
            "  ./torsion node --config examples/demo/edge.yaml",
            "",
            "Classes that the configuration names are found on TORSION_CLASSPATH."
        })
final class NodeCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "The configuration (torsion.yaml, if that is there).")
    private @Nullable Path config;

    @Option(names = "--name", paramLabel = "NAME", description = "The node's name (a).")
    private @Nullable String name;

    @Option(
            names = "--nats",
            paramLabel = "ENDPOINT",
            description = "Where NATS clients come in, or off (tcp:4222).")
    private @Nullable String nats;

    @Option(
            names = "--link",
            paramLabel = "ENDPOINT",
            description = "Where other nodes come in, or off (tcp:7400).")
    private @Nullable String link;

    @Option(
            names = "--seed",
            paramLabel = "HOST:PORT",
            description = "A node of the cluster to join; may be given more than once.")
    private List<String> seeds = List.of();

    @Option(
            names = "--port",
            paramLabel = "GATEWAY=PORT",
            description = "Another port for a gateway than the configuration says.")
    private Map<String, Integer> ports = Map.of();

    @Option(
            names = "--without",
            paramLabel = "NAME",
            description = "Leave this gateway or component of the configuration out.")
    private List<String> without = List.of();

    /// For a parent whose death closes the pipe, however it died.
    @Option(names = "--until-input-ends", hidden = true)
    private boolean untilInputEnds;

    NodeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        Configuration configuration =
                ConfigurationReader.read(file(), new Flags(name, nats, link, seeds))
                        .withPorts(ports)
                        .without(without);
        Node node = new Node(configuration);
        try (var _ = SignalExit.with(() -> node.stop() ? 0 : 1)) {
            console.print(node.start().toString());
            if (untilInputEnds) {
                Thread.ofVirtual().start(() -> stopWhenInputEnds(node));
            }
            node.awaitStopped();
        }
        return 0;
    }

    private void stopWhenInputEnds(Node node) {
        try {
            console.in().transferTo(OutputStream.nullOutputStream());
        } catch (IOException _) {
            // That is an end too.
        }
        node.stop();
    }

    private @Nullable Path file() {
        Path usual = Path.of(ConfigurationReader.DEFAULT_FILE);
        return config == null && Files.exists(usual) ? usual : config;
    }
}
