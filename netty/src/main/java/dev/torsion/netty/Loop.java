package dev.torsion.netty;

import dev.torsion.reactor.LoopMeter;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.util.concurrent.Executor;

/// Netty's loop, with an eye on the end of each turn.
final class Loop extends SingleThreadIoEventLoop {

    /// How long it may run queued calls before it looks at its sockets again.
    private static final long LONGEST_TURN_MILLIS = 10;

    private final LoopMeter meter;

    Loop(Executor starter, IoHandlerFactory watcher, LoopMeter meter) {
        super(
                null,
                starter,
                watcher,
                Integer.MAX_VALUE,
                RejectedExecutionHandlers.reject(),
                LONGEST_TURN_MILLIS);
        this.meter = meter;
    }

    @Override
    protected void afterRunningAllTasks() {
        super.afterRunningAllTasks();
        meter.endTurn(System.nanoTime());
    }
}
