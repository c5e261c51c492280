package dev.torsion.bus;

import dev.torsion.reactor.Reactor;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Runs what may block, one at a time and in order, on virtual threads of a reactor.
///
/// It has no bound of its own, because what it is given has: a turn for each subscription, however
/// many events wait there ([BusOptions#maxSubscriptions]), the answer of each request that waits
/// ([BusOptions#maxRequests]) or that its component has just made in vain, and the due timers of
/// its component ([ComponentContext#callLater]).
final class VirtualLane implements Executor {
    private static final Logger log = LoggerFactory.getLogger(Component.class);

    private final Reactor reactor;
    private final Queue<Runnable> actions = new ArrayDeque<>(); // guarded by itself
    private boolean running; // guarded by actions

    VirtualLane(Reactor reactor) {
        this.reactor = reactor;
    }

    @Override
    public void execute(Runnable action) {
        synchronized (actions) {
            actions.add(action);
            if (running) {
                return;
            }
            running = true;
        }
        var _ = reactor.callInThread(this::runAll);
    }

    private boolean runAll() {
        while (true) {
            Runnable action;
            synchronized (actions) {
                action = actions.poll();
                if (action == null) {
                    running = false;
                    return true;
                }
            }
            try {
                action.run();
            } catch (Throwable thrown) {
                log.error("an action on a virtual thread threw", thrown);
            }
        }
    }
}
