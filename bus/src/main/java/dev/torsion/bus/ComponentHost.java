package dev.torsion.bus;

import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Reactor;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One running component: starts it on its lane, and stops it when its events are handled.
/// Thread-safe.
public final class ComponentHost {
    private static final Logger log = LoggerFactory.getLogger(Component.class);

    private final Component component;
    private final ComponentContext context;
    private final Executor lane;
    private final Deferred<Void> stopped;
    private final AtomicBoolean stopping = new AtomicBoolean();

    private ComponentHost(
            Component component, ComponentContext context, Reactor reactor, Executor lane) {
        this.component = component;
        this.context = context;
        this.lane = lane;
        this.stopped = new Deferred<>(reactor);
    }

    /// Starts a component.
    ///
    /// @param name unique on its node
    /// @param reactor whose thread is its lane, or lends it virtual threads if `blocking`
    /// @return completes when its `start` has returned, or with what that threw; cancelling it ends
    ///   the wait, not the start
    public static CompletionStage<ComponentHost> start(
            String name,
            Component component,
            EventBus bus,
            Reactor reactor,
            Settings settings,
            boolean blocking) {
        Executor lane = blocking ? new VirtualLane(reactor) : reactor::callFromThread;
        ComponentContext context = new ComponentContext(name, bus, reactor, lane, settings);
        ComponentHost host = new ComponentHost(component, context, reactor, lane);
        Deferred<ComponentHost> started = new Deferred<>(reactor);
        lane.execute(() -> {
            try {
                component.start(context);
                started.succeed(host);
            } catch (Throwable thrown) {
                context.close();
                started.fail(thrown);
            }
        });
        return started;
    }

    public String name() {
        return context.name();
    }

    /// Ends its subscriptions, lets it handle what it was given, then stops it. Idempotent.
    ///
    /// @return completes when its `stop` has returned; cancelling it ends the wait, not the stop
    public CompletionStage<Void> stop() {
        if (stopping.compareAndSet(false, true)) {
            lane.execute(() -> context.drain().thenRun(() -> lane.execute(this::stopNow)));
        }
        return stopped.copy();
    }

    private void stopNow() {
        try {
            component.stop();
        } catch (Throwable thrown) {
            log.error("component {}: stop threw", context.name(), thrown);
        }
        context.close();
        stopped.succeed(null);
    }
}
