package dev.torsion.reactor.testing;

import java.lang.reflect.Constructor;
import java.util.Arrays;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// Virtual threads that run in turns of a [Timeline], on its own thread, one at a time: so that
/// code that waits is as deterministic as code that does not.
///
/// A virtual thread that waits gives its turn back, and gets another when what it waits for has
/// happened. What wakes it must itself be a turn: whatever is woken by another thread (by
/// `Thread.sleep`, `Object.wait`, a timeout that passes) comes at a moment that no seed decides,
/// and fails the process with the name of the code. A `synchronized` that another thread holds for
/// a moment, as a log's, is waited for within the turn; one that stays held fails too.
///
/// It needs `--add-opens java.base/java.lang=ALL-UNNAMED`: the JDK lets nobody else choose where
/// virtual threads run.
final class VirtualTurns {
    private static final @Nullable Constructor<?> BUILDER = builder();

    /// The JDK's own, which lets those go on that have waited to enter a monitor.
    private static final String UNBLOCKER = "VirtualThread-unblocker";

    private static final int MOST_MILLIS_HELD = 1000;

    private final Timeline timeline;
    private final ManualReactor process;

    VirtualTurns(Timeline timeline, ManualReactor process) {
        this.timeline = timeline;
        this.process = process;
    }

    private static @Nullable Constructor<?> builder() {
        try {
            Constructor<?> constructor =
                    Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder")
                            .getDeclaredConstructor(Executor.class);
            return constructor.trySetAccessible() ? constructor : null;
        } catch (ReflectiveOperationException _) {
            return null;
        }
    }

    /// Whether the JVM lets us.
    static boolean available() {
        return BUILDER != null;
    }

    Thread start(Runnable work) {
        Guest guest = new Guest();
        Thread thread = guest.builder().start(work);
        guest.thread = thread;
        return thread;
    }

    private final class Guest {
        private @Nullable Thread thread;

        /// Where it waits, told before anybody can wake it: to ask for its stack while it is being
        /// woken would wake it again.
        private volatile String waitsAt = "code on a virtual thread";

        private volatile boolean woken; // since its turn began, by anybody but the unblocker
        private boolean entering; // its turn waits for a monitor; guarded by this, as is the next
        private @Nullable Runnable entered;

        private Thread.Builder.OfVirtual builder() {
            if (BUILDER == null) {
                throw new IllegalStateException("virtual threads cannot run in turns here");
            }
            try {
                Executor scheduler = this::ready;
                return (Thread.Builder.OfVirtual) BUILDER.newInstance(scheduler);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("virtual threads cannot run in turns here", e);
            }
        }

        /// It may go on: it begins, or what it waited for has happened.
        private void ready(Runnable continuation) {
            if (timeline.isOwner()) {
                woken = true;
                process.queue(() -> run(continuation));
                return;
            }
            String waker = Thread.currentThread().getName();
            if (waker.equals(UNBLOCKER) && takesPart(continuation)) {
                return;
            }
            woken = true;
            String where = waitsAt;
            timeline.fromOtherThread(() -> {
                process.failed(
                        new NondeterminismError(
                                where + " was woken by the thread \"" + waker + "\""));
                process.queue(() -> run(continuation));
            });
        }

        private void run(Runnable continuation) {
            if (thread == null) {
                throw new AssertionError("a thread that runs was started");
            }
            Runnable next = continuation;
            while (next != null) {
                begin();
                timeline.host(thread, next);
                next = awaitMonitor(thread);
            }
            if (thread.getState() != Thread.State.TERMINATED) {
                waitsAt = where();
            }
            String waiting =
                    switch (thread.getState()) {
                        case BLOCKED -> "waits to enter \"synchronized\"";
                        case TIMED_WAITING -> isIn("sleep") ? "sleeps" : waitsForNotify();
                        case WAITING -> waitsForNotify();
                        case NEW, RUNNABLE, TERMINATED -> "";
                    };
            if (!waiting.isEmpty()) {
                process.failed(new NondeterminismError(waitsAt + " " + waiting));
            }
        }

        private synchronized void begin() {
            woken = false;
            entering = true;
            entered = null;
        }

        /// Whether its turn goes on with `continuation`.
        private synchronized boolean takesPart(Runnable continuation) {
            if (entering) {
                entered = continuation;
                notifyAll();
            }
            return entering;
        }

        /// Waits for the monitor that it waits to enter, if that is what it does.
        ///
        /// @return what goes on; null if it does something else, or waits too long
        private synchronized @Nullable Runnable awaitMonitor(Thread waiting) {
            for (int i = 0; entered == null && isEntering(waiting) && i < MOST_MILLIS_HELD; i++) {
                try {
                    wait(1);
                } catch (InterruptedException _) {
                    Thread.currentThread().interrupt();
                    break;
                }
            }
            entering = false;
            return entered;
        }

        private boolean isEntering(Thread waiting) {
            return switch (waiting.getState()) {
                case BLOCKED -> true;
                case RUNNABLE -> !woken; // it may enter, and is told so in a moment
                case NEW, TERMINATED, TIMED_WAITING, WAITING -> false;
            };
        }

        private String waitsForNotify() {
            return isIn("wait0") ? "waits in Object.wait" : "";
        }

        private boolean isIn(String method) {
            return thread != null
                    && Arrays.stream(thread.getStackTrace())
                            .anyMatch(frame ->
                                    frame.getClassName().startsWith("java.lang.")
                                            && frame.getMethodName().equals(method));
        }

        /// The innermost code that is not the JDK's.
        private String where() {
            if (thread == null) {
                return "code on a virtual thread";
            }
            for (StackTraceElement frame : thread.getStackTrace()) {
                if (!frame.getClassName().startsWith("java.")
                        && !frame.getClassName().startsWith("jdk.")) {
                    return frame.toString();
                }
            }
            return "code on a virtual thread";
        }
    }
}
