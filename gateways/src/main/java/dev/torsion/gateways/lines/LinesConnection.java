package dev.torsion.gateways.lines;

import dev.torsion.bus.Draft;
import dev.torsion.bus.Event;
import dev.torsion.bus.EventHandler;
import dev.torsion.bus.Gap;
import dev.torsion.bus.LimitReachedException;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.Subscription;
import dev.torsion.bus.Topic;
import dev.torsion.bus.TopicPattern;
import dev.torsion.gateways.GatewayContext;
import dev.torsion.protocols.LineEnd;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import org.jspecify.annotations.Nullable;

/// One connection of a [LinesGateway]. A peer that does not read what it is sent is cut off at the
/// transport's limit.
final class LinesConnection extends LineProtocol {
    private final GatewayContext context;
    private final Topic topic;
    private final @Nullable TopicPattern wanted;
    private @Nullable Subscription subscription;

    LinesConnection(GatewayContext context, Topic topic, @Nullable TopicPattern wanted) {
        super(LineEnd.CR_LF_OR_LF, MAX_LENGTH);
        this.context = context;
        this.topic = topic;
        this.wanted = wanted;
    }

    @Override
    protected void connected() {
        if (wanted == null) {
            return;
        }
        try {
            subscription =
                    context.bus()
                            .subscribe(
                                    wanted,
                                    new Writer(),
                                    SubscribeOptions.defaults()
                                            .withLane(transport().reactor()::callFromThread));
        } catch (LimitReachedException e) {
            refuse(e.getMessage());
        }
    }

    @Override
    protected void lineReceived(Bytes line) {
        try {
            context.bus()
                    .publish(
                            Draft.to(topic)
                                    .withData(line)
                                    .withAttribute("source", context.source()));
        } catch (IllegalArgumentException e) {
            sendLine(Bytes.utf8("error: " + e.getMessage()));
        }
    }

    @Override
    protected void lineLengthExceeded() {
        refuse("a line has at most " + MAX_LENGTH + " bytes");
    }

    private void refuse(@Nullable String why) {
        sendLine(Bytes.utf8("error: " + why));
        transport().loseConnection();
    }

    @Override
    protected void disconnected(CloseReason reason) {
        if (subscription != null) {
            subscription.close();
        }
    }

    private final class Writer implements EventHandler {
        /// Data of several lines is several lines.
        @Override
        public void handle(Event event) {
            if (event.data().isEmpty()) {
                sendLine(Bytes.empty());
            }
            event.text().lines().map(Bytes::utf8).forEach(LinesConnection.this::sendLine);
        }

        @Override
        public void missed(Gap gap) {
            sendLine(Bytes.utf8("error: missed " + gap.count() + " events"));
        }
    }
}
