package dev.torsion.node;

import dev.torsion.bus.Topic;
import picocli.CommandLine.Parameters;

/// The event that `publish` and `request` send.
final class EventArguments {
    @Parameters(
            index = "0",
            paramLabel = "TOPIC",
            converter = Converters.OfTopic.class,
            description = "The topic: tokens with dots between them, as in orders.eu.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Topic topic;

    @Parameters(
            index = "1",
            paramLabel = "DATA|-",
            description = "The event's data; - reads all of standard input.")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private String data;

    Topic topic() {
        return topic;
    }

    /// The data, as the connection allows it.
    byte[] data(NodeConnection connection, Console console) {
        return connection.data(data, console);
    }
}
