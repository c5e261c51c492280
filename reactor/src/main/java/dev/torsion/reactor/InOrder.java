package dev.torsion.reactor;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Blocking work for the messages of one connection: done on virtual threads, its results given
/// back on the loop in the order the work was asked for, whichever was done first.
///
/// ```java
/// private void connected() {
///     work = new InOrder(transport(), 4, 64);
/// }
///
/// protected void lineReceived(Bytes line) {
///     String key = line.utf8();
///     work.call(() -> database.find(key)).whenComplete((found, failure) -> answer(found, failure));
/// }
///
/// protected void disconnected(CloseReason reason) {
///     work.close();
/// }
/// ```
///
/// While as much work is under way as it holds, the connection's reading is paused; so the protocol
/// must not pause and resume it for other reasons. **Thread:** loop only.
public final class InOrder {
    private final Transport transport;
    private final Reactor reactor;
    private final int atOnce;
    private final int most;
    private final ArrayDeque<Entry<?>> entries = new ArrayDeque<>(); // the oldest first
    private final ArrayDeque<Entry<?>> toStart = new ArrayDeque<>();
    private int running;
    private boolean goingOn;
    private boolean paused;
    private boolean closed;

    /// @param transport of the connection, as the protocol that asks was given it
    /// @param atOnce how many threads may work at the same time; 1 for one after the other
    /// @param most how much work may be under way, waiting, or done with its result held back,
    ///   until reading is paused; it is resumed at half of that
    public InOrder(Transport transport, int atOnce, int most) {
        if (atOnce < 1 || most < atOnce) {
            throw new IllegalArgumentException(
                    "at least 1 at once, and at least as many in all, not "
                            + atOnce
                            + " and "
                            + most);
        }
        this.transport = transport;
        this.reactor = transport.reactor();
        this.atOnce = atOnce;
        this.most = most;
    }

    /// How far the work of one entry is, on which its thread and the loop must agree:
    ///
    /// ```
    /// WAITING ─ the thread ─► GOING_ON ─ the thread ─► OVER
    ///    └───── the loop ─────► TOLD ◄──── the loop ────┘
    /// ```
    ///
    /// If it was told from `GOING_ON`, which is when it is given up, its thread frees the place
    /// when it ends, and else the loop does.
    private enum Progress {
        WAITING,
        GOING_ON,
        OVER,
        TOLD
    }

    private final class Entry<T> {
        private final Callable<T> work;
        private final AtomicReference<Progress> progress = new AtomicReference<>(Progress.WAITING);
        private final Deferred<T> outcome = new Deferred<>(reactor, this::givenUp);
        private @Nullable CompletableFuture<T> inThread;
        private @Nullable Runnable completion;

        Entry(Callable<T> work) {
            this.work = work;
        }

        void start() {
            CompletableFuture<T> begun;
            try {
                begun = reactor.callInThread(this::workInThread).toCompletableFuture();
            } catch (Throwable noThread) {
                completion = () -> outcome.fail(noThread);
                return;
            }
            running++;
            inThread = begun;
            var _ =
                    begun.whenComplete((result, failure) -> {
                        if (progress.getAndSet(Progress.TOLD) != Progress.GOING_ON) {
                            running--;
                        }
                        done(() -> {
                            if (failure == null) {
                                outcome.succeed(result);
                            } else {
                                outcome.fail(failure);
                            }
                        });
                    });
        }

        private T workInThread() throws Exception {
            if (!progress.compareAndSet(Progress.WAITING, Progress.GOING_ON)) {
                throw new CancellationException("given up before it began");
            }
            try {
                return work.call();
            } finally {
                if (!progress.compareAndSet(Progress.GOING_ON, Progress.OVER)) {
                    reactor.callFromThread(InOrder.this::threadIsFree);
                }
            }
        }

        private void givenUp() {
            toStart.remove(this);
            if (inThread == null) {
                done(() -> {});
            } else {
                inThread.cancel(false);
            }
        }

        private void done(Runnable how) {
            if (completion == null) {
                completion = how;
            }
            goOn();
        }
    }

    /// Has `work` done, after what was asked for before if as many as may are at work.
    ///
    /// @return completes on the loop, after all that were asked for before it have; cancelling it
    ///   interrupts the work, or keeps it from beginning; work that goes on all the same keeps its
    ///   place among those at once until it ends
    /// @throws IllegalStateException if this was closed
    public <T> CompletionStage<T> call(Callable<T> work) {
        reactor.requireLoop("InOrder.call");
        if (closed) {
            throw new IllegalStateException("the connection is lost, and its work given up");
        }
        Entry<T> entry = new Entry<>(work);
        entries.add(entry);
        toStart.add(entry);
        if (entries.size() >= most && !paused) {
            paused = true;
            transport.pauseReading();
        }
        goOn();
        return entry.outcome;
    }

    /// The connection is lost: cancels everything. Idempotent.
    public void close() {
        reactor.requireLoop("InOrder.close");
        closed = true;
        toStart.clear(); // or each end of what is at work would start the next
        List.copyOf(entries).forEach(entry -> entry.outcome.cancel(false));
    }

    private void threadIsFree() {
        running--;
        goOn();
    }

    /// Not anew for what is asked or given up by who is given a result: others wait for that one
    /// too, and the next result comes after it.
    private void goOn() {
        if (goingOn) {
            return;
        }
        goingOn = true;
        try {
            boolean more = true;
            while (more) {
                more = startNext() || giveNext();
            }
        } finally {
            goingOn = false;
        }
        if (paused && !closed && entries.size() <= most / 2) {
            paused = false;
            transport.resumeReading();
        }
    }

    private boolean startNext() {
        if (running == atOnce || toStart.isEmpty()) {
            return false;
        }
        toStart.remove().start();
        return true;
    }

    private boolean giveNext() {
        Entry<?> head = entries.peek();
        if (head == null || head.completion == null) {
            return false;
        }
        entries.remove();
        head.completion.run();
        return true;
    }
}
