package dev.torsion.gateways;

import dev.torsion.bus.EventBus;
import dev.torsion.bus.Settings;

/// What a gateway gets from its node.
///
/// @param name the gateway's name, unique on its node
/// @param settings what the configuration says about it; a key that [Gateway#open] does not read is
///   an error
public record GatewayContext(String name, EventBus bus, Settings settings) {

    /// The CloudEvents source of what comes in through this gateway: `/node/name`.
    public String source() {
        return "/" + bus.options().node() + "/" + name;
    }
}
