package dev.torsion.gateways.nats;

/// A NATS door's books at one moment.
///
/// @param connections clients there now
/// @param published messages of clients that became events
/// @param refused messages of clients that did not, each answered with an error
/// @param written messages written to clients
/// @param dropped of those, messages that still waited here when their client was disconnected
/// @param withheld events not written: a client's own that it did not want back, and word that
///   nobody answers to a client that did not ask for it
/// @param slowConsumers clients disconnected because they did not read fast enough
/// @param staleConnections clients disconnected because they answered no ping
public record NatsStats(
        long connections,
        long published,
        long refused,
        long written,
        long dropped,
        long withheld,
        long slowConsumers,
        long staleConnections) {}
