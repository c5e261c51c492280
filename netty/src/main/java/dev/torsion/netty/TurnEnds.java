package dev.torsion.netty;

import dev.torsion.reactor.Thrown;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The connections whose writes leave at the end of this turn of a loop.
///
/// **Thread:** loop only.
final class TurnEnds {
    private static final Logger log = LoggerFactory.getLogger(TurnEnds.class);

    private final Executor loop;
    private final Runnable end = this::end;
    private List<Ender> toCome = new ArrayList<>();
    private List<Ender> ending = new ArrayList<>();

    /// A connection that has something to send when the turn ends.
    interface Ender {
        void endTurn();

        /// Its end of the turn has thrown `thrown`.
        void endOfTurnFailed(Throwable thrown);
    }

    TurnEnds(Executor loop) {
        this.loop = loop;
    }

    void add(Ender ender) {
        if (toCome.isEmpty()) {
            loop.execute(end);
        }
        toCome.add(ender);
    }

    private void end() {
        List<Ender> enders = toCome;
        toCome = ending;
        ending = enders;
        try {
            for (Ender ender : enders) {
                end(ender);
            }
        } finally {
            enders.clear(); // or no later end would be queued
        }
    }

    /// The others have their turn, whatever it throws.
    private static void end(Ender ender) {
        try {
            ender.endTurn();
        } catch (Throwable thrown) {
            try {
                ender.endOfTurnFailed(thrown);
            } catch (Throwable another) {
                Thrown.log(log, "a connection could not be ended", another);
            }
        }
    }
}
