package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What [Reactor#callInThread] has under way, for whoever implements a [Reactor], which ends when
/// nothing is, or gives up what is at its shutdown deadline. Thread-safe.
public final class ThreadWork {
    private static final Logger log = LoggerFactory.getLogger(ThreadWork.class);
    private static final int MOST_NAMED = 10;

    private final Reactor reactor;
    private final Runnable oneLess;
    private final Set<Piece<?>> underWay = new LinkedHashSet<>(); // guarded by itself
    private boolean givenUp; // guarded by underWay

    /// @param oneLess is told on the loop that a piece of work has ended
    public ThreadWork(Reactor reactor, Runnable oneLess) {
        this.reactor = reactor;
        this.oneLess = oneLess;
    }

    /// As [Reactor#callInThread].
    ///
    /// @param start has what it is given run in a thread beside the loop
    public <T> CompletionStage<T> begin(Callable<T> work, Consumer<Runnable> start) {
        Piece<T> piece = new Piece<>(requireNonNull(work, "work"));
        synchronized (underWay) {
            if (givenUp) {
                String why = "the reactor has ended, or is past its shutdown deadline";
                return Deferred.failed(reactor, new IllegalStateException(why));
            }
            underWay.add(piece);
        }
        try {
            start.accept(piece);
        } catch (Throwable noThread) {
            remove(piece);
            throw noThread;
        }
        return piece.outcome;
    }

    /// Whether nothing is under way. What was cancelled is not, even if its thread goes on.
    public boolean isEmpty() {
        synchronized (underWay) {
            return underWay.isEmpty();
        }
    }

    /// What is under way, in words, oldest first.
    public List<String> underWay() {
        synchronized (underWay) {
            return underWay.stream().map(Piece::toString).toList();
        }
    }

    /// Waits no more for the work of those threads: it is interrupted by nobody, but keeps no
    /// reactor from its end, and who still waits for its result waits until it has one.
    public void leave(Predicate<Thread> which) {
        List<Piece<?>> left;
        synchronized (underWay) {
            left = underWay.stream().filter(piece -> piece.isDoneBy(which)).toList();
        }
        left.forEach(piece -> Loops.enter(reactor, piece::left));
    }

    private void remove(Piece<?> piece) {
        synchronized (underWay) {
            underWay.remove(piece);
        }
    }

    /// The shutdown deadline has passed, or the loop has ended: nothing is begun any more. Names in
    /// the log what is under way, at most ten pieces of it, interrupts their threads, and fails
    /// their stages with [IllegalStateException].
    public void giveUp() {
        List<Piece<?>> late;
        synchronized (underWay) {
            givenUp = true;
            late = List.copyOf(underWay);
        }
        if (late.isEmpty()) {
            return;
        }
        try {
            log.warn(
                    "at the end of {} {} calls in threads had not ended; they are interrupted, and"
                            + " their results fail: {}",
                    reactor,
                    late.size(),
                    late.stream().limit(MOST_NAMED).toList());
        } finally { // whether or not it could be logged
            late.forEach(Piece::giveUp);
        }
    }

    private final class Piece<T> implements Runnable {
        private final Callable<T> work;
        private final Deferred<T> outcome = new Deferred<>(reactor, this::cancelled);
        private final long begun = reactor.nanoTime();
        private volatile @Nullable Thread thread; // while it runs

        private Piece(Callable<T> work) {
            this.work = work;
        }

        @Override
        public void run() {
            thread = Thread.currentThread();
            Runnable completion = () -> {};
            try {
                if (!outcome.isDone()) {
                    T result = work.call();
                    completion = () -> outcome.succeed(result);
                }
            } catch (Throwable thrown) {
                completion = () -> outcome.fail(thrown);
            } finally {
                leaveThread();
            }
            if (outcome.isDone()) {
                completion.run(); // which logs what cannot be told any more
            } else {
                ended(completion);
            }
        }

        /// The thread goes on with something else, which must not be interrupted.
        private synchronized void leaveThread() {
            thread = null;
        }

        private boolean isDoneBy(Predicate<Thread> which) {
            Thread running = thread;
            return running != null && which.test(running);
        }

        private void ended(Runnable completion) {
            Loops.enter(
                    reactor,
                    () -> {
                        completion.run();
                        left();
                    },
                    () -> {
                        completion.run();
                        remove(this);
                    });
        }

        private void left() {
            remove(this);
            oneLess.run();
        }

        private void cancelled() {
            interrupt();
            left();
        }

        private synchronized void interrupt() {
            Thread running = thread;
            if (running != null) {
                running.interrupt();
            }
        }

        private void giveUp() {
            outcome.giveUp(new IllegalStateException("the reactor ended before the work did"));
            interrupt(); // here, if there is no loop any more on which to be cancelled
            remove(this);
        }

        /// What it is, and where.
        @Override
        public String toString() {
            String code = work.getClass().getName().replaceFirst("\\$\\$Lambda.*", "");
            long millis = TimeUnit.NANOSECONDS.toMillis(reactor.nanoTime() - begun);
            return code + ", asked for " + millis + " ms ago, " + state();
        }

        private String state() {
            Thread running = thread;
            if (running == null) {
                return "not begun";
            }
            return switch (running.getState()) {
                case BLOCKED, WAITING, TIMED_WAITING -> "waits at " + place(running);
                case NEW, RUNNABLE, TERMINATED -> "running";
            };
        }

        private static String place(Thread waiting) {
            return Arrays.stream(waiting.getStackTrace())
                    .filter(frame -> !isWaiting(frame))
                    .findFirst()
                    .map(StackTraceElement::toString)
                    .orElse("an unknown place");
        }

        /// Of those who wait for whoever calls them.
        private static boolean isWaiting(StackTraceElement frame) {
            String place = frame.getClassName();
            return place.startsWith("java.")
                    || place.startsWith("jdk.")
                    || place.startsWith(Deferred.class.getName())
                    || frame.getMethodName().equals("await");
        }
    }
}
