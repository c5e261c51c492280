package dev.torsion.gateways.nats;

import dev.torsion.reactor.Bytes;
import org.jspecify.annotations.Nullable;

/// What a client says.
sealed interface ClientCommand {

    record Connect(ConnectOptions options) implements ClientCommand {}

    /// PUB, and HPUB with a header block. Both byte runs are owned.
    record Publish(
            String subject, @Nullable String replyTo, @Nullable Bytes headerBlock, Bytes payload)
            implements ClientCommand {}

    record Subscribe(String subject, @Nullable String group, String sid) implements ClientCommand {}

    /// UNSUB.
    ///
    /// @param max after so many messages in all; 0 for now
    record Unsubscribe(String sid, int max) implements ClientCommand {}

    record Ping() implements ClientCommand {}

    record Pong() implements ClientCommand {}

    /// Something that cannot be understood, after which nothing can: the connection has to end.
    ///
    /// @param error what to tell the client
    record Invalid(String error) implements ClientCommand {}
}
