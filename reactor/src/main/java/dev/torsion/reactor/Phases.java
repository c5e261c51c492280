package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is to be done in the phases of a reactor's life, for whoever implements a [Reactor].
///
/// **Thread:** thread-safe, except [#begin], which is called on the loop.
public final class Phases {
    private static final Logger log = LoggerFactory.getLogger(Phases.class);

    private static final int MOST_NAMED = 10;

    // Guarded by this.
    private final Map<Phase, Set<Entry>> toCome = new EnumMap<>(Phase.class);
    private final Set<Phase> begun = EnumSet.noneOf(Phase.class);
    private final Set<Entry> goingOn = new LinkedHashSet<>();

    private final class Entry implements Registration {
        private final Reactor reactor;
        private final Phase phase;
        private final String what;
        private final PhaseAction action;
        private final CompletableFuture<Void> over = new CompletableFuture<>();
        private volatile @Nullable CompletableFuture<?> underWay;

        private Entry(Reactor reactor, Phase phase, String what, PhaseAction action) {
            this.reactor = reactor;
            this.phase = phase;
            this.what = what;
            this.action = action;
        }

        @Override
        public boolean remove() {
            synchronized (Phases.this) {
                return ofPhase(phase).remove(this);
            }
        }

        private boolean isWaitedFor() {
            return phase != Phase.STARTUP && !(action instanceof LastAction);
        }

        @Override
        public String toString() {
            return phase + " \"" + what + "\"";
        }
    }

    /// Adds an action, after those that are there: what [Reactor#at] does. One of [Phase#STARTUP]
    /// is begun in a coming turn.
    ///
    /// @throws IllegalStateException if it comes too late
    public Registration add(Reactor reactor, Phase phase, String what, PhaseAction action) {
        requireNonNull(phase, "phase");
        requireNonNull(what, "what");
        requireNonNull(action, "action");
        Entry entry = new Entry(reactor, phase, what, action);
        Phase last = phase == Phase.STARTUP ? Phase.BEFORE_SHUTDOWN : phase;
        synchronized (this) {
            if (begun.contains(last)) {
                throw tooLate(entry, last + " has begun already");
            }
            ofPhase(phase).add(entry);
        }
        boolean taken = phase != Phase.STARTUP || reactor.callFromThread(this::startUp);
        if (!taken && entry.remove()) {
            throw tooLate(entry, "the reactor has ended");
        }
        return entry;
    }

    private void startUp() {
        var _ = begin(Phase.STARTUP);
    }

    private static IllegalStateException tooLate(Entry entry, String why) {
        return new IllegalStateException(
                entry.phase + ": \"" + entry.what + "\" comes too late: " + why);
    }

    /// Whether nothing is to be done in `phase`.
    public synchronized boolean isEmpty(Phase phase) {
        return ofPhase(phase).isEmpty();
    }

    /// Calls the actions of `phase` in their order. All are begun before any is waited for.
    ///
    /// @return completes when all are over, done, failed or [abandoned][#abandon], on the thread of
    ///   the last: no [Deferred], since the reactor that waits for it is the one that has the loop,
    ///   and may be about to end it. Never exceptionally
    public CompletableFuture<Void> begin(Phase phase) {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (Entry entry = next(phase); entry != null; entry = next(phase)) {
            all.add(entry.over);
            call(entry);
        }
        return CompletableFuture.allOf(all.toArray(CompletableFuture<?>[]::new));
    }

    private synchronized @Nullable Entry next(Phase phase) {
        begun.add(phase);
        Iterator<Entry> left = ofPhase(phase).iterator();
        if (!left.hasNext()) {
            return null;
        }
        Entry first = left.next();
        left.remove();
        goingOn.add(first);
        return first;
    }

    private void call(Entry entry) {
        try {
            CompletionStage<?> stage = entry.action.run();
            if (stage == null) {
                over(entry, null);
            } else {
                CompletableFuture<?> underWay = Deferred.of(entry.reactor, stage);
                entry.underWay = underWay;
                var _ = underWay.whenComplete((_, failure) -> over(entry, failure));
            }
        } catch (Throwable thrown) {
            over(entry, thrown);
        }
    }

    private void over(Entry entry, @Nullable Throwable failure) {
        if (failure != null && !entry.over.isDone()) {
            Thrown.log(log, entry.phase + ": \"" + entry.what + "\" failed", failure);
        }
        synchronized (this) {
            goingOn.remove(entry);
        }
        entry.over.complete(null);
    }

    /// The time is over: names what is still going on in the log, waits for it no more, and cancels
    /// its stages as far as nobody else waits for them. Loop only.
    public void abandon() {
        List<Entry> late;
        synchronized (this) {
            late = List.copyOf(goingOn);
        }
        late.forEach(entry -> over(entry, null));
        for (Entry entry : late) {
            log.error("{}: \"{}\" was not done in time and is abandoned", entry.phase, entry.what);
            CompletableFuture<?> underWay = entry.underWay;
            if (underWay != null) {
                underWay.cancel(false);
            }
        }
    }

    /// The loop does nothing more: names in the log what it leaves undone, at most ten actions of
    /// it, those under way first, and tells, here, who waits for what will not come. From now on
    /// every action comes too late.
    ///
    /// @param why in words
    public void skip(Reactor reactor, String why) {
        List<Entry> left;
        synchronized (this) {
            begun.addAll(EnumSet.allOf(Phase.class));
            left =
                    Stream.concat(
                                    goingOn.stream().filter(Entry::isWaitedFor),
                                    toCome.values().stream().flatMap(Set::stream))
                            .toList();
            goingOn.clear();
            toCome.clear();
        }
        List<Entry> undone = new ArrayList<>();
        for (Entry entry : left) {
            if (entry.action instanceof LastAction) {
                call(entry);
            } else {
                undone.add(entry);
            }
        }
        if (!undone.isEmpty()) {
            log.error(
                    "{} {}: {} actions of its phases are not done: {}",
                    reactor,
                    why,
                    undone.size(),
                    undone.stream().limit(MOST_NAMED).toList());
        }
    }

    private Set<Entry> ofPhase(Phase phase) {
        return toCome.computeIfAbsent(phase, _ -> new LinkedHashSet<>());
    }
}
