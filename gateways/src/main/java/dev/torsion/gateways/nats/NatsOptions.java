package dev.torsion.gateways.nats;

import java.time.Duration;

/// Who a NATS door is, and its bounds. The largest payload is the bus's
/// ([dev.torsion.bus.BusOptions#maxDataBytes()]).
///
/// @param serverName the node's name
/// @param serverId differs for each life of a node
/// @param maxConnections clients at once; one more is answered `maximum connections exceeded`
/// @param maxSubscriptions of one client; one more is answered `maximum subscriptions exceeded`
/// @param maxControlLine bytes of a command's line; a longer one is answered `Maximum Control Line
///   Exceeded` and ends the connection
/// @param maxPendingEvents events that wait, per subscription, for their turn to be written
/// @param maxPendingBytes bytes that wait, per client, for the transport to take them, 64 being
///   added for each message or answer; at this bound, and at the one before, the client is a `Slow
///   Consumer` and is disconnected
/// @param pingInterval how long a silence is before the client is pinged
/// @param maxPingsOut pings without a sign of life; instead of one more, the connection is ended as
///   a `Stale Connection`
public record NatsOptions(
        String serverName,
        String serverId,
        int maxConnections,
        int maxSubscriptions,
        int maxControlLine,
        int maxPendingEvents,
        long maxPendingBytes,
        Duration pingInterval,
        int maxPingsOut) {

    public NatsOptions {
        if (maxConnections < 1
                || maxSubscriptions < 1
                || maxControlLine < 64
                || maxPendingEvents < 1
                || maxPendingBytes < 1
                || maxPingsOut < 1
                || pingInterval.isNegative()
                || pingInterval.isZero()) {
            throw new IllegalArgumentException(
                    "the bounds of a NATS door are positive, and a control line has room for 64"
                            + " bytes");
        }
    }

    /// The default bounds: those of nats-server where it has them (65,536 clients, lines of 4,096
    /// bytes, a ping after two minutes, two of them), 65,536 subscriptions per client, 65,536
    /// events waiting per subscription and 128 MiB per client.
    public static NatsOptions of(String serverName, String serverId) {
        return new NatsOptions(
                serverName,
                serverId,
                65_536,
                65_536,
                4_096,
                65_536,
                128L << 20,
                Duration.ofMinutes(2),
                2);
    }

    public NatsOptions withMaxConnections(int connections) {
        return new NatsOptions(
                serverName,
                serverId,
                connections,
                maxSubscriptions,
                maxControlLine,
                maxPendingEvents,
                maxPendingBytes,
                pingInterval,
                maxPingsOut);
    }

    public NatsOptions withMaxSubscriptions(int subscriptions) {
        return new NatsOptions(
                serverName,
                serverId,
                maxConnections,
                subscriptions,
                maxControlLine,
                maxPendingEvents,
                maxPendingBytes,
                pingInterval,
                maxPingsOut);
    }

    public NatsOptions withMaxPending(int events, long bytes) {
        return new NatsOptions(
                serverName,
                serverId,
                maxConnections,
                maxSubscriptions,
                maxControlLine,
                events,
                bytes,
                pingInterval,
                maxPingsOut);
    }

    public NatsOptions withPings(Duration interval, int maxOut) {
        return new NatsOptions(
                serverName,
                serverId,
                maxConnections,
                maxSubscriptions,
                maxControlLine,
                maxPendingEvents,
                maxPendingBytes,
                interval,
                maxOut);
    }
}
