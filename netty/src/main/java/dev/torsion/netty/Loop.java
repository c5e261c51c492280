package dev.torsion.netty;

import dev.torsion.reactor.LoopMeter;
import dev.torsion.reactor.Thrown;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.SingleThreadIoEventLoop;
import io.netty.util.concurrent.RejectedExecutionHandlers;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Netty's loop, with an eye on the end of each turn. It turns on the thread on which its starter
/// lets it, which may be the thread that made it.
final class Loop extends SingleThreadIoEventLoop {

    private static final Logger log = LoggerFactory.getLogger(Loop.class);

    /// How long it may run queued calls before it looks at its sockets again.
    private static final long LONGEST_TURN_MILLIS = 10;

    /// The threads on which a loop turns now.
    private static final ThreadLocal<Boolean> TURNS = ThreadLocal.withInitial(() -> false);

    private final LoopMeter meter;
    private final Consumer<Throwable> dies;
    private boolean ready;
    private volatile @Nullable Thread home;
    private volatile @Nullable Thread turning;

    /// @param starter is given, at the first use, what turns the loop until it is shut down
    /// @param dies is told on the loop what it is dying of, before its sockets are closed
    Loop(Executor starter, IoHandlerFactory watcher, LoopMeter meter, Consumer<Throwable> dies) {
        super(
                null,
                starter,
                watcher,
                Integer.MAX_VALUE,
                RejectedExecutionHandlers.reject(),
                LONGEST_TURN_MILLIS);
        this.meter = meter;
        this.dies = dies;
    }

    /// Makes the caller's thread this loop's own before it turns, so that sockets may be opened on
    /// it already. The starter gets its turns now, for that thread to run.
    void settle() {
        execute(() -> {});
        becomeReady();
        meter.holdTurns();
        home = Thread.currentThread();
    }

    @Override
    public boolean inEventLoop(Thread thread) {
        return super.inEventLoop(thread) || thread == home;
    }

    /// For what would wait on a loop for another one: two that did so would wait for ever.
    ///
    /// @param what in words, with the other
    /// @throws IllegalStateException on the thread of a loop that turns
    static void forbidToWait(String what) {
        if (TURNS.get()) {
            throw new IllegalStateException(
                    "the loop on "
                            + Thread.currentThread().getName()
                            + " cannot stop to "
                            + what
                            + "; go through Reactor.callFromThread, or do it in a thread of"
                            + " Reactor.callInThread");
        }
    }

    /// As its parent does, but ready once only, and ready before if [#settle]d.
    @Override
    protected void run() {
        turning = Thread.currentThread();
        TURNS.set(true);
        becomeReady();
        meter.beginTurns();
        try {
            do {
                runIo();
                if (isShuttingDown()) {
                    ioHandler().prepareToDestroy();
                }
                runAllTasks(TimeUnit.MILLISECONDS.toNanos(LONGEST_TURN_MILLIS));
            } while (!confirmShutdown());
        } catch (Throwable thrown) {
            closeAll(thrown);
            throw thrown;
        } finally {
            home = null;
            TURNS.remove();
        }
    }

    private void closeAll(Throwable diesOf) {
        try {
            dies.accept(diesOf);
        } catch (Throwable another) {
            Thrown.log(log, "a loop that died could not end what it had begun", another);
        }
        try {
            ioHandler().prepareToDestroy();
        } catch (Throwable another) {
            Thrown.log(log, "a loop that died could not close its sockets", another);
        }
    }

    private void becomeReady() {
        if (!ready) {
            ready = true;
            ioHandler().initialize();
        }
    }

    @Override
    protected void afterRunningAllTasks() {
        super.afterRunningAllTasks();
        meter.endTurn();
    }

    /// Where its thread is, innermost call first; empty if it has not turned yet.
    StackTraceElement[] stack() {
        Thread thread = turning;
        return thread == null ? new StackTraceElement[0] : thread.getStackTrace();
    }
}
