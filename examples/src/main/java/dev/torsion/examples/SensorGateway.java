package dev.torsion.examples;

import dev.torsion.gateways.Gateway;
import dev.torsion.gateways.GatewayContext;
import dev.torsion.reactor.ProtocolFactory;

/// A door for sensors that speak in lines: `sensor-7 21.5` becomes an event on `readings.sensor-7`,
/// and an alarm that one of a connection's readings caused, anywhere in the cluster, is written
/// back to it: `ALARM sensor-7 93.1 is above 80`.
///
/// Settings: `remember`, how many of its latest readings a connection gets alarms for (1,000).
public final class SensorGateway implements Gateway {

    @Override
    public ProtocolFactory open(GatewayContext context) {
        int remember = (int) context.settings().integer("remember", 1000, 1, 1_000_000);
        return peer -> new SensorConnection(context, remember);
    }
}
