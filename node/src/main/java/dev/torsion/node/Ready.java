package dev.torsion.node;

import dev.torsion.reactor.Address;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;

/// Where a started node listens. Written as the line that says so: `ready name=a
/// nats=127.0.0.1:4222 link=off sensors=127.0.0.1:8888`.
///
/// @param ports by name: `nats`, `link`, then the gateways'; what is off has no address
record Ready(String name, Map<String, Optional<Address>> ports) {

    Ready {
        ports = new LinkedHashMap<>(ports);
    }

    /// Where that port is.
    Address port(String portName) {
        return ports.getOrDefault(portName, Optional.empty()).orElseThrow();
    }

    @Override
    public String toString() {
        StringJoiner line = new StringJoiner(" ");
        line.add("ready").add("name=" + name);
        ports.forEach((port, address) ->
                line.add(port + "=" + address.map(Address::toString).orElse("off")));
        return line.toString();
    }
}
