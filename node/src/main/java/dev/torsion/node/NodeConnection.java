package dev.torsion.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.torsion.reactor.Address;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener.Events;
import io.nats.client.Consumer;
import io.nats.client.ErrorListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A command's connection to a node, through the node's NATS door. It does not come back when it
/// breaks: what was missed meanwhile could not be told, so the command ends and says so.
final class NodeConnection implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final Address.Inet node;
    private final Troubles troubles = new Troubles();
    private final Connection connection;

    private NodeConnection(Address.Inet node) throws InterruptedException {
        this.node = node;
        this.connection = connect();
    }

    /// Connects.
    ///
    /// @throws CommandFailedException if the node cannot be reached
    static NodeConnection open(Address.Inet node) throws InterruptedException {
        return new NodeConnection(node);
    }

    private Connection connect() throws InterruptedException {
        Options options =
                Options.builder()
                        .server("nats://" + node)
                        .connectionName("torsion")
                        .connectionTimeout(PATIENCE)
                        .noReconnect()
                        .reportNoResponders()
                        .errorListener(troubles)
                        .connectionListener((_, event) -> troubles.happened(event))
                        .build();
        try {
            return Nats.connect(options);
        } catch (IOException e) {
            Exception why = troubles.lastException == null ? e : troubles.lastException;
            throw new CommandFailedException(
                    "cannot reach a node at "
                            + node
                            + ": "
                            + reason(why)
                            + "; is one running? (./torsion node)",
                    why);
        }
    }

    private static String reason(Exception failure) {
        return switch (failure) {
            case UnknownHostException _, UnresolvedAddressException _ -> "the host is not known";
            case SocketTimeoutException _ -> "no answer in " + PATIENCE.toSeconds() + " s";
            case ConnectException e when String.valueOf(e.getMessage()).contains("refused") ->
                    "connection refused";
            default -> {
                String message = failure.getMessage();
                yield message == null ? "what answers there is no NATS door" : message;
            }
        };
    }

    Connection nats() {
        return connection;
    }

    /// The data that an argument stands for: itself, or all of standard input if it is `-`.
    ///
    /// @throws CommandFailedException if that is more than the node takes
    byte[] data(String argument, Console console) {
        long most = connection.getMaxPayload();
        byte[] data;
        try {
            data =
                    argument.equals("-")
                            ? console.in().readNBytes((int) Math.min(most + 1, Integer.MAX_VALUE))
                            : argument.getBytes(UTF_8);
        } catch (IOException e) {
            throw new CommandFailedException("cannot read standard input: " + e.getMessage(), e);
        }
        if (data.length > most) {
            throw new CommandFailedException(
                    "an event's data is at most " + most + " bytes at this node", null);
        }
        return data;
    }

    /// Waits until the node has read all that was sent.
    ///
    /// @throws CommandFailedException if it refused any of it, or is gone
    void flush() throws InterruptedException {
        try {
            connection.flush(PATIENCE);
        } catch (TimeoutException | IllegalStateException e) {
            throw failed(e);
        }
        if (troubles.error != null) {
            throw failed(null);
        }
    }

    /// What the user is told when the connection is of no more use.
    CommandFailedException failed(@Nullable Throwable cause) {
        String error = troubles.error;
        return new CommandFailedException(
                error == null
                        ? "lost the connection to the node at " + node
                        : "the node at " + node + " says: " + error,
                cause);
    }

    /// Whether the node still answers.
    boolean isOpen() {
        return connection.getStatus() == Connection.Status.CONNECTED && troubles.error == null;
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Keeps the last of what went wrong, where the client's own listener would log it all.
    private static final class Troubles implements ErrorListener {
        private volatile @Nullable Exception lastException;
        private volatile @Nullable String error;

        void happened(Events event) {
            if (event == Events.CONNECTED) {
                lastException = null;
            }
        }

        @Override
        public void exceptionOccurred(@Nullable Connection connection, Exception exception) {
            lastException = exception;
        }

        @Override
        public void errorOccurred(@Nullable Connection connection, String text) {
            error = text;
        }

        /// The subscription counts what it dropped; the command reads that.
        @Override
        public void slowConsumerDetected(Connection connection, Consumer consumer) {}
    }
}
