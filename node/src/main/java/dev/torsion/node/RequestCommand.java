package dev.torsion.node;

import dev.torsion.bus.Durations;
import io.nats.client.JetStreamStatusException;
import io.nats.client.Message;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Asks, and prints the answer.
@Command(
        name = "request",
        description = "Publishes a request and prints the data of the first answer.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  ./torsion request prices.eu apples",
            "  ./torsion request prices.eu apples --timeout 500ms --node 127.0.0.1:4223",
        })
final class RequestCommand implements Callable<Integer> {
    private final Console console;

    @Option(
            names = "--timeout",
            paramLabel = "TIME",
            defaultValue = "2s",
            converter = Converters.OfDuration.class,
            description =
                    "How long to wait for the answer, such as 250ms or 2s (${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Duration timeout;

    @Mixin private final EventArguments event = new EventArguments();

    @Mixin private final NodeOption node = new NodeOption();

    RequestCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (NodeConnection connection = NodeConnection.open(node.address())) {
            console.print(EventText.safe(ask(connection).getData()));
        }
        return 0;
    }

    private Message ask(NodeConnection connection) throws InterruptedException {
        Duration patience = timeout.plusSeconds(1); // the client's own clock-keeping is coarse
        try {
            return connection
                    .nats()
                    .requestWithTimeout(
                            event.topic().name(), event.data(connection, console), patience)
                    .get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new CommandFailedException(
                    "no answer on " + event.topic() + " within " + Durations.text(timeout), e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof JetStreamStatusException
                    ? new CommandFailedException("nobody listens on " + event.topic(), e)
                    : connection.failed(e);
        } catch (IllegalStateException e) {
            throw connection.failed(e);
        }
    }
}
