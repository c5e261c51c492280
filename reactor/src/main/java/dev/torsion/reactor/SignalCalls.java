package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// What the reactors of one process call when it gets a signal, for whoever implements a [Reactor].
///
/// **Thread:** thread-safe.
public final class SignalCalls {
    private final Source source;
    private final Map<Signal, Asked> asked = new EnumMap<>(Signal.class); // guarded by this

    /// Where the process gets its signals.
    @FunctionalInterface
    public interface Source {

        /// From now on the process is not to do with `signal` what it did, but to run `came`, on
        /// any thread.
        ///
        /// @return gives it back
        /// @throws IllegalArgumentException if it cannot be had here, which says why
        Runnable take(Signal signal, Runnable came);
    }

    public SignalCalls(Source source) {
        this.source = source;
    }

    /// All calls for one signal, one at least.
    private record Asked(SequencedSet<Call> calls, Runnable giveBack) {}

    private final class Call implements Registration {
        private final Reactor reactor;
        private final Signal signal;
        private final Runnable action;
        private final AtomicBoolean queued = new AtomicBoolean();
        private volatile @Nullable Registration end;

        Call(Reactor reactor, Signal signal, Runnable action) {
            this.reactor = reactor;
            this.signal = signal;
            this.action = action;
        }

        void queue() {
            if (queued.compareAndSet(false, true)) {
                reactor.callFromThread(this::run);
            }
        }

        private void run() {
            queued.set(false);
            if (isAsked(this)) {
                action.run();
            }
        }

        @Override
        public boolean remove() {
            if (end != null) {
                end.remove();
            }
            return forget(this);
        }
    }

    /// As [Reactor#onSignal].
    public Registration add(Reactor reactor, Signal signal, Runnable action) {
        requireNonNull(signal, "signal");
        Call call = new Call(reactor, signal, requireNonNull(action, "action"));
        requireCallable(signal);
        keep(call);
        try {
            LastAction forgetting =
                    () -> {
                        forget(call);
                        return null;
                    };
            call.end = reactor.at(Phase.AFTER_SHUTDOWN, "forget calls at signals", forgetting);
        } catch (IllegalStateException ended) {
            forget(call);
            throw new IllegalStateException(
                    "nothing is called at SIG" + signal + " any more: " + reactor + " has ended");
        }
        return call;
    }

    private static void requireCallable(Signal signal) {
        String why =
                switch (signal) {
                    case HUP, USR1, CONT, WINCH -> "";
                    case INT, TERM ->
                            "it ends the JVM, and stops the reactor that runs; ask for what is to"
                                    + " be done then by Reactor.at";
                    case QUIT -> "the JVM shows the stacks of its threads at it";
                    case USR2 -> "the JVM stops its own threads by it";
                    case KILL, STOP -> "no program can do anything about it";
                };
        if (!why.isEmpty()) {
            throw new IllegalArgumentException(
                    "nothing can be called at SIG" + signal + ": " + why);
        }
    }

    private synchronized void keep(Call call) {
        Signal signal = call.signal;
        Asked there = asked.get(signal);
        if (there == null) {
            Runnable giveBack = source.take(signal, () -> came(signal));
            there = new Asked(new LinkedHashSet<>(), giveBack);
            asked.put(signal, there);
        }
        there.calls.add(call);
    }

    private synchronized boolean forget(Call call) {
        Asked there = asked.get(call.signal);
        if (there == null || !there.calls.remove(call)) {
            return false;
        }
        if (there.calls.isEmpty()) {
            asked.remove(call.signal);
            there.giveBack.run();
        }
        return true;
    }

    private synchronized boolean isAsked(Call call) {
        Asked there = asked.get(call.signal);
        return there != null && there.calls.contains(call);
    }

    private void came(Signal signal) {
        List<Call> calls;
        synchronized (this) {
            Asked there = asked.get(signal);
            calls = there == null ? List.of() : List.copyOf(there.calls);
        }
        calls.forEach(Call::queue);
    }
}
