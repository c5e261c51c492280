package dev.torsion.node;

import dev.torsion.bus.Topic;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// Publishes one event.
@Command(
        name = "publish",
        description =
                "Publishes one event and waits until the node has it. Live events are not kept: who"
                        + " subscribes later does not see it.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  ./torsion publish orders.eu.placed '{\"id\": 7}'",
            "  ./torsion publish photos.new - < photo.jpg",
        })
final class PublishCommand implements Callable<Integer> {
    private final Console console;

    @Parameters(
            index = "0",
            paramLabel = "TOPIC",
            converter = Converters.OfTopic.class,
            description = "Where to publish: dot-separated tokens, such as orders.eu.placed.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Topic topic;

    @Parameters(
            index = "1",
            paramLabel = "DATA|-",
            description = "The event's data; - reads all of standard input as one event.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String data;

    @Mixin private final NodeOption node = new NodeOption();

    PublishCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (NodeConnection connection = NodeConnection.open(node.address())) {
            connection.nats().publish(topic.name(), connection.data(data, console));
            connection.flush();
        }
        return 0;
    }
}
