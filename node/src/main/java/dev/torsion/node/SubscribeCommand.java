package dev.torsion.node;

import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import io.nats.client.Message;
import io.nats.client.Subscription;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Prints events as they come.
@Command(
        name = "subscribe",
        description = {
            "Prints the events whose topic matches, one a line: the topic, two spaces, the data."
                    + " Ctrl-C ends it.",
            "Ends with exit code 1 if the node goes away: what is published meanwhile would be"
                    + " missed."
        },
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  ./torsion subscribe 'orders.*.placed'",
            "  ./torsion subscribe '>' --json | jq .source",
            "  ./torsion subscribe 'work.>' --group workers    one of the group gets each",
            "  ./torsion subscribe alarms.hall --count 1       waits for one, then ends",
        })
final class SubscribeCommand implements Callable<Integer> {
    /// How soon a lost connection is noticed.
    private static final Duration LOOK_AROUND = Duration.ofMillis(250);

    private final Console console;

    @Spec
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "PATTERN",
            converter = Converters.OfPattern.class,
            description = "Which topics: * stands for one token, a final > for the rest.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private TopicPattern pattern;

    @Option(
            names = "--group",
            paramLabel = "NAME",
            description = "Share the events with the other members of this group, cluster-wide.")
    private @Nullable String group;

    @Option(
            names = "--count",
            paramLabel = "N",
            description = "End after this many events (without end).")
    private @Nullable Integer count;

    @Option(names = "--json", description = "Print each as a CloudEvent in JSON, on one line.")
    private boolean json;

    @Mixin private final NodeOption node = new NodeOption();

    private long told;

    SubscribeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        checkOptions();
        try (var _ = SignalExit.with(() -> 0);
                NodeConnection connection = NodeConnection.open(node.address())) {
            Subscription subscription = subscribe(connection);
            connection.flush();
            console.tell("listening on " + pattern + " at " + node.address());
            printAll(connection, subscription);
        }
        return 0;
    }

    private void checkOptions() {
        if (count != null && count < 1) {
            throw wrong("'--count': expected 1 or more, not " + count);
        }
        try {
            var _ = SubscribeOptions.defaults().withGroup(group);
        } catch (IllegalArgumentException e) {
            throw wrong("'--group': " + e.getMessage());
        }
    }

    private ParameterException wrong(String problem) {
        return new ParameterException(spec.commandLine(), "Invalid value for option " + problem);
    }

    private Subscription subscribe(NodeConnection connection) {
        Subscription subscription =
                group == null
                        ? connection.nats().subscribe(pattern.text())
                        : connection.nats().subscribe(pattern.text(), group);
        // The node counts, so that a group's event never comes here to be thrown away.
        return count == null ? subscription : subscription.unsubscribe(count);
    }

    private void printAll(NodeConnection connection, Subscription subscription)
            throws InterruptedException {
        int printed = 0;
        while (count == null || printed < count) {
            Message message = next(connection, subscription);
            if (message != null) {
                if (!console.print(line(message))) {
                    return; // nobody reads any more: head, or a closed terminal
                }
                printed++;
            } else if (!connection.isOpen()) {
                throw connection.failed(null);
            }
            tellDropped(subscription);
        }
    }

    private @Nullable Message next(NodeConnection connection, Subscription subscription)
            throws InterruptedException {
        try {
            return subscription.nextMessage(LOOK_AROUND);
        } catch (IllegalStateException e) {
            throw connection.failed(e);
        }
    }

    private void tellDropped(Subscription subscription) {
        long dropped = subscription.getDroppedCount();
        if (dropped > told) {
            console.tell(
                    "torsion: missed "
                            + (dropped - told)
                            + " events: they come faster than they are read here");
            told = dropped;
        }
    }

    private String line(Message message) {
        if (json) {
            return EventJson.of(message);
        }
        String topic = message.getSubject();
        String shown = console.colours() ? "\u001b[1m" + topic + "\u001b[0m" : topic;
        return shown + "  " + EventText.safe(message.getData());
    }
}
