package dev.torsion.reactor;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// How a [ClientService] keeps its connection.
///
/// @param connectTimeout how long one attempt to connect may take; null for what the connector was
///   made with: `timeout=` of its endpoint
/// @param delay how long to wait between two attempts
/// @param preparation what is done with a new connection before it counts
/// @param preparationTimeout how long that may take; the connection is aborted then
public record ClientOptions(
        @Nullable Duration connectTimeout,
        ReconnectDelay delay,
        Preparation preparation,
        Duration preparationTimeout) {

    /// Makes a connection ready for those who wait for it: logs in, say, or subscribes anew.
    @FunctionalInterface
    public interface Preparation {

        /// Called on the loop, when the protocol's `connectionMade` has returned.
        ///
        /// @return completes when the connection may be used; if it fails, the connection is
        ///   aborted and the attempt has failed; it is cancelled if it takes too long, or the
        ///   connection is lost, or the client is stopped
        CompletionStage<?> prepare(Protocol protocol);
    }

    /// The connector's own timeout, [ReconnectDelay#standard()], nothing to prepare.
    public static final ClientOptions DEFAULT =
            new ClientOptions(
                    null,
                    ReconnectDelay.standard(),
                    _ -> CompletableFuture.completedFuture(null),
                    Duration.ofSeconds(30));

    public ClientOptions {
        if (connectTimeout != null) {
            Delays.requirePositive("a timeout", connectTimeout);
        }
        Delays.requirePositive("a timeout", preparationTimeout);
    }

    public ClientOptions withConnectTimeout(@Nullable Duration connectTimeout) {
        return new ClientOptions(connectTimeout, delay, preparation, preparationTimeout);
    }

    public ClientOptions withDelay(ReconnectDelay delay) {
        return new ClientOptions(connectTimeout, delay, preparation, preparationTimeout);
    }

    public ClientOptions withPreparation(Preparation preparation, Duration preparationTimeout) {
        return new ClientOptions(connectTimeout, delay, preparation, preparationTimeout);
    }
}
