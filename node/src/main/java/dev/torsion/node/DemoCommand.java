package dev.torsion.node;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// Three nodes in three JVMs: a door for sensors, averages, alarms. They end with this command,
/// however it ends.
@Command(
        name = "demo",
        description = {
            "Starts three linked nodes on this machine, each in a JVM of its own: edge takes sensor"
                    + " readings as lines of text, work averages them, watch raises alarms, which"
                    + " edge writes back to the sensor.",
            "Says what to try next. Ctrl-C ends it."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  ./torsion demo",
            "  ./torsion demo --no-feed    with no readings but yours",
            "",
            "The nodes are configured in examples/demo/edge.yaml, work.yaml and watch.yaml."
        })
final class DemoCommand implements Callable<Integer> {
    private static final List<String> NAMES = List.of("edge", "work", "watch");
    private static final int ATTEMPTS = 3;
    private static final List<String> COLOURS = List.of("36", "32", "35"); // cyan, green, magenta

    private final Console console;
    private final List<DemoNode> nodes = new CopyOnWriteArrayList<>();
    private final BlockingQueue<DemoNode> ended = new LinkedBlockingQueue<>();
    private final List<String> held = new ArrayList<>(); // guarded by itself
    private volatile boolean started;
    private volatile boolean ending;

    @Option(names = "--no-feed", description = "Leave the three built-in sensors out.")
    private boolean noFeed;

    @Option(
            names = "--any-ports",
            description = "Take free ports in place of 8888, 4222 to 4224 and 7400 to 7402.")
    private boolean anyPorts;

    DemoCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (var _ = SignalExit.with(this::end)) {
            DemoPorts ports = startAll();
            console.print(guide(ports));
            started = true;
            tellWhoEnds();
        } finally {
            end();
        }
        return 0;
    }

    /// Starts the nodes, on other ports if free ones are taken meanwhile.
    private DemoPorts startAll() throws InterruptedException {
        for (int attempt = 1; true; attempt++) {
            DemoPorts ports = anyPorts ? DemoPorts.free() : DemoPorts.USUAL;
            try {
                startAll(ports);
                return ports;
            } catch (CommandFailedException e) {
                boolean taken = String.valueOf(e.getMessage()).contains("in use");
                if (!taken || !anyPorts || attempt == ATTEMPTS) {
                    throw failed(e, taken);
                }
                stopAll();
                nodes.clear();
                ended.clear();
                synchronized (held) {
                    held.clear();
                }
            }
        }
    }

    /// What the user is told; all that the nodes said too, unless the reason is plain.
    private CommandFailedException failed(CommandFailedException e, boolean taken) {
        if (taken) {
            return new CommandFailedException(
                    e.getMessage() + " (./torsion demo --any-ports takes free ones)", e);
        }
        synchronized (held) {
            held.forEach(console::print);
        }
        return e;
    }

    private void startAll(DemoPorts ports) throws InterruptedException {
        Path home = Path.of(System.getProperty("torsion.home", "")).toAbsolutePath();
        for (int i = 0; i < NAMES.size(); i++) {
            List<String> flags = new ArrayList<>(anyPorts ? ports.flags(i) : List.of());
            if (noFeed && i == 0) {
                flags.addAll(List.of("--without", "feed"));
            }
            start(i, home, flags);
        }
        for (DemoNode node : nodes) {
            node.awaitReady();
        }
        for (DemoNode node : nodes) {
            if (!node.awaitLinked()) {
                console.print(node.name() + " has not found both others yet");
            }
        }
    }

    private void start(int index, Path home, List<String> flags) {
        String prefix = paint(COLOURS.get(index), "%-5s │ ".formatted(NAMES.get(index)));
        try {
            DemoNode node =
                    DemoNode.start(NAMES.get(index), home, flags, line -> show(prefix, line));
            nodes.add(node);
            node.onExit(() -> ended.add(node));
        } catch (IOException e) {
            throw new CommandFailedException("cannot start a JVM: " + e.getMessage(), e);
        }
    }

    /// While they start they complain that they cannot find each other; that is of interest only if
    /// they do not start.
    private void show(String prefix, String line) {
        String shown = prefix + line.replaceFirst("^INFO ", "");
        if (started || line.startsWith(DemoNode.READY)) {
            console.print(shown);
        } else {
            synchronized (held) {
                held.add(shown);
            }
        }
    }

    /// The others go on when one dies. The demo is over when all have.
    private void tellWhoEnds() throws InterruptedException {
        for (int left = NAMES.size() - 1; left >= 0; left--) {
            DemoNode gone = ended.take();
            if (ending) {
                return;
            }
            console.print("");
            console.print(
                    bold(gone.name() + " has ended")
                            + (left == 0 ? ", and the demo with it." : "; the rest goes on."));
            if (left > 0) {
                console.print("Start it again, in another terminal:  " + gone.command());
            }
            console.print("");
        }
    }

    private String guide(DemoPorts ports) {
        DemoNode work = nodes.get(1);
        String node = anyPorts ? " --node 127.0.0.1:" + ports.nats().getFirst() : "";
        return """

        %s

          edge   pid %-8d takes readings as lines on port %d
          work   pid %-8d says what each sensor's last ten are on average
          watch  pid %-8d raises an alarm above 80, which edge tells the sensor

        %s

          nc 127.0.0.1 %d
              be a sensor: type  sensor-7 95  and the alarm comes back
          ./torsion subscribe 'averages.>'%s
              see what work publishes
          kill -9 %d
              work is gone, averages stop; alarms still come
          %s
              and they are back

        Ctrl-C ends it all.
        """
                .formatted(
                        bold("Three nodes are up, in three JVMs, each linked to the others."),
                        nodes.get(0).pid(),
                        ports.sensors(),
                        work.pid(),
                        nodes.get(2).pid(),
                        bold("Try next, in another terminal:"),
                        ports.sensors(),
                        node,
                        work.pid(),
                        work.command());
    }

    private String bold(String text) {
        return paint("1", text);
    }

    private String paint(String code, String text) {
        return console.colours() ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }

    /// Ends what was started.
    ///
    /// @return the exit code
    private int end() {
        ending = true;
        stopAll();
        return 0;
    }

    private void stopAll() {
        nodes.forEach(DemoNode::stop);
        nodes.forEach(DemoNode::awaitStopped);
    }
}
