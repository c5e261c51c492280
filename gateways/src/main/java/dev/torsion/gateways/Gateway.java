package dev.torsion.gateways;

import dev.torsion.reactor.ProtocolFactory;

/// What a node's configuration opens on a port: a protocol whose happenings become events, and, if
/// it says so, the other way round. The class named in the configuration has a public constructor
/// without arguments.
public interface Gateway {

    /// Called once, when the node starts, before the port is opened.
    ///
    /// @return makes the protocol of each connection, on the thread of that connection's reactor
    /// @throws dev.torsion.bus.SettingsException if a setting is missing or wrong: the node does
    ///   not start
    ProtocolFactory open(GatewayContext context);

    /// The node stops and the port accepts no more; connections are drained by their reactors.
    /// Called once.
    default void close() {}
}
