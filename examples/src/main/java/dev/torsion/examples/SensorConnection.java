package dev.torsion.examples;

import dev.torsion.bus.Event;
import dev.torsion.bus.EventHandler;
import dev.torsion.bus.Gap;
import dev.torsion.bus.LimitReachedException;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.Subscription;
import dev.torsion.bus.TopicPattern;
import dev.torsion.gateways.GatewayContext;
import dev.torsion.protocols.LineEnd;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import java.util.LinkedHashSet;
import java.util.SequencedSet;
import org.jspecify.annotations.Nullable;

/// One connection of a [SensorGateway]. Lines, alarms and timers all come on the thread of its
/// reactor.
final class SensorConnection extends LineProtocol {
    private static final int MAX_LINE = 256;
    private static final TopicPattern ALARMS = new TopicPattern("alarms.*");

    private final GatewayContext context;
    private final int remember;
    private final SequencedSet<String> recent = new LinkedHashSet<>();
    private @Nullable Subscription alarms;

    SensorConnection(GatewayContext context, int remember) {
        super(LineEnd.CR_LF_OR_LF, MAX_LINE);
        this.context = context;
        this.remember = remember;
    }

    @Override
    protected void connected() {
        SubscribeOptions here =
                SubscribeOptions.defaults().withLane(transport().reactor()::callFromThread);
        try {
            alarms = context.bus().subscribe(ALARMS, new AlarmWriter(), here);
        } catch (LimitReachedException e) {
            answer("try again later: " + e.getMessage());
            transport().loseConnection();
        }
    }

    @Override
    protected void lineReceived(Bytes line) {
        Reading reading = Reading.parse(line.utf8());
        if (reading == null) {
            answer("expected a sensor and a number, such as: sensor-7 21.5");
            return;
        }
        Event event =
                context.bus().publish(reading.draft().withAttribute("source", context.source()));
        recent.add(event.id());
        if (recent.size() > remember) {
            recent.removeFirst();
        }
    }

    @Override
    protected void lineLengthExceeded() {
        answer("expected a line of at most " + MAX_LINE + " bytes, such as: sensor-7 21.5");
    }

    @Override
    protected void disconnected(CloseReason reason) {
        if (alarms != null) {
            alarms.close();
        }
    }

    /// A peer that does not read its answers is not read either.
    private void answer(String text) {
        if (!sendLine(Bytes.utf8(text))) {
            transport().pauseReading();
        }
    }

    @Override
    protected void roomAgain() {
        transport().resumeReading();
    }

    private final class AlarmWriter implements EventHandler {
        @Override
        public void handle(Event alarm) {
            String cause = alarm.cause();
            if (cause != null && recent.contains(cause)) {
                String sensor = alarm.topic().tokens().getLast();
                String what = alarm.text().lines().findFirst().orElse("");
                answer("ALARM " + sensor + " " + what);
            }
        }

        @Override
        public void missed(Gap gap) {
            answer("missed up to " + gap.count() + " alarms: " + gap.reason().label());
        }
    }
}
