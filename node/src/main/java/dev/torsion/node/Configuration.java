package dev.torsion.node;

import dev.torsion.bus.Settings;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Endpoint;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
        Endpoint.@Nullable Tcp link,
        List<Address.Inet> seeds,
        List<GatewayPart> gateways,
        List<ComponentPart> components) {

    Configuration {
        seeds = List.copyOf(seeds);
        gateways = List.copyOf(gateways);
        components = List.copyOf(components);
    }

    /// With other ports for these gateways, at the addresses they have.
    ///
    /// @throws ConfigurationException naming each gateway that is not there
    Configuration withPorts(Map<String, Integer> ports) {
        Set<String> unknown = new LinkedHashSet<>(ports.keySet());
        gateways.forEach(gateway -> unknown.remove(gateway.name()));
        failIfUnknown("--port", unknown);
        ports.forEach(Configuration::checkPort);
        List<GatewayPart> moved =
                gateways.stream()
                        .map(gateway -> gateway.withPort(ports.get(gateway.name())))
                        .toList();
        return new Configuration(name, nats, link, seeds, moved, components);
    }

    /// With fewer gateways and components.
    ///
    /// @throws ConfigurationException naming each one that is not there
    Configuration without(List<String> names) {
        Set<String> unknown = new LinkedHashSet<>(names);
        gateways.forEach(gateway -> unknown.remove(gateway.name()));
        components.forEach(component -> unknown.remove(component.name()));
        failIfUnknown("--without", unknown);
        return new Configuration(
                name,
                nats,
                link,
                seeds,
                gateways.stream().filter(part -> !names.contains(part.name())).toList(),
                components.stream().filter(part -> !names.contains(part.name())).toList());
    }

    private static void checkPort(String gateway, int port) {
        if (port < 0 || port > 65_535) {
            throw new ConfigurationException(
                    List.of("--port: " + gateway + ": expected 0 to 65535, not " + port));
        }
    }

    private static void failIfUnknown(String flag, Set<String> names) {
        if (!names.isEmpty()) {
            throw new ConfigurationException(
                    names.stream()
                            .map(each -> flag + ": the configuration has no \"" + each + "\"")
                            .toList());
        }
    }

    /// A class that the configuration names.
    ///
    /// @param where the line that names it, for messages: `torsion.yaml:14`
    record ClassName(String name, String where) {}

    /// A port with a protocol of the user's.
    record GatewayPart(String name, Endpoint listen, ClassName type, Settings settings) {
        GatewayPart withPort(@Nullable Integer port) {
            return port == null ? this : new GatewayPart(name, moved(port), type, settings);
        }

        private Endpoint moved(int port) {
            if (listen instanceof Endpoint.Tcp tcp) {
                return tcp.withPort(port);
            }
            throw new ConfigurationException(
                    List.of("--port: " + name + ": " + listen + " has no port to change"));
        }
    }

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
