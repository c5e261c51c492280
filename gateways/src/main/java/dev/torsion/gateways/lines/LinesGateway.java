package dev.torsion.gateways.lines;

import dev.torsion.bus.Topic;
import dev.torsion.bus.TopicPattern;
import dev.torsion.gateways.Gateway;
import dev.torsion.gateways.GatewayContext;
import dev.torsion.reactor.ProtocolFactory;
import org.jspecify.annotations.Nullable;

/// Each line that a connection sends becomes an event; events, if asked for, are written back as
/// lines. For people with a terminal, and for devices that speak in lines.
///
/// Settings: `topic`, where lines are published; `subscribe` (optional), a pattern whose events are
/// written to every connection. With both on one topic, a chat room.
public final class LinesGateway implements Gateway {

    @Override
    public ProtocolFactory open(GatewayContext context) {
        Topic topic = context.settings().topic("topic");
        @Nullable TopicPattern wanted = context.settings().pattern("subscribe");
        return peer -> new LinesConnection(context, topic, wanted);
    }
}
