package dev.torsion.node;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

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

    @Mixin private final EventArguments event = new EventArguments();

    @Mixin private final NodeOption node = new NodeOption();

    PublishCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws InterruptedException {
        try (NodeConnection connection = NodeConnection.open(node.address())) {
            connection.nats().publish(event.topic().name(), event.data(connection, console));
            connection.flush();
        }
        return 0;
    }
}
