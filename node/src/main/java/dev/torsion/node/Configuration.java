package dev.torsion.node;

import dev.torsion.bus.Settings;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Endpoint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a node is told to be. Checked: whoever holds one may act on it.
///
/// @param name the node's name, unique in its cluster
/// @param nats where programs that speak NATS come in, or null for nowhere
/// @param link where other nodes come in, or null for a node alone
/// @param seeds nodes to join through
/// @param gateways the user's own ports
/// @param components the user's own behaviour
record Configuration(
        String name,
        @Nullable Endpoint nats,
        @Nullable Endpoint link,
        List<Address> seeds,
        List<GatewayPart> gateways,
        List<ComponentPart> components) {

    Configuration {
        seeds = List.copyOf(seeds);
        gateways = List.copyOf(gateways);
        components = List.copyOf(components);
    }

    /// A class that the configuration names.
    ///
    /// @param where the line that names it, for messages: `torsion.yaml:14`
    record ClassName(String name, String where) {}

    /// A port with a protocol of the user's.
    record GatewayPart(String name, Endpoint listen, ClassName type, Settings settings) {}

    /// A component and its settings.
    record ComponentPart(String name, ClassName type, boolean blocking, Settings settings) {}

    /// What the command line says; null or empty where it says nothing.
    record Flags(
            @Nullable String name,
            @Nullable String nats,
            @Nullable String link,
            List<String> seeds) {
        static final Flags NONE = new Flags(null, null, null, List.of());
    }
}
