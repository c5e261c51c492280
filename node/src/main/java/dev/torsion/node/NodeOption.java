package dev.torsion.node;

import dev.torsion.reactor.Address;
import picocli.CommandLine.Option;

/// The option that says which node to talk to.
final class NodeOption {
    @Option(
            names = "--node",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:4222",
            converter = Converters.OfAddress.class,
            description = "The node's NATS door (${DEFAULT-VALUE}).")
    @SuppressWarnings("NullAway.Init") // picocli sets it
    private Address.Inet address;

    Address.Inet address() {
        return address;
    }
}
