package dev.torsion.bus;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;

/// Counts this node's own interests and tells listeners of each change. Guarded by the bus's lock.
final class InterestBook {
    private final SortedMap<Interest, Integer> counts = new TreeMap<>();
    // A listener may leave while it is told.
    private final List<InterestListener> listeners = new CopyOnWriteArrayList<>();
    private Predicate<Interest> told = _ -> true;

    void add(Interest interest) {
        tell(interest, counts.merge(interest, 1, Integer::sum));
    }

    void remove(Interest interest) {
        Integer left =
                counts.computeIfPresent(interest, (_, count) -> count == 1 ? null : count - 1);
        tell(interest, left == null ? 0 : left);
    }

    private void tell(Interest interest, int count) {
        if (told.test(interest)) {
            listeners.forEach(listener -> listener.interestChanged(interest, count));
        }
    }

    /// From now on listeners are told of nothing else; all the rest, as they know it, is gone.
    void tellOnly(Predicate<Interest> kept) {
        List<Interest> gone = counts.keySet().stream().filter(told.and(kept.negate())).toList();
        gone.forEach(interest -> tell(interest, 0));
        told = kept;
    }

    void listen(InterestListener listener) {
        counts.forEach((interest, count) -> {
            if (told.test(interest)) {
                listener.interestChanged(interest, count);
            }
        });
        listeners.add(listener);
    }

    void unlisten(InterestListener listener) {
        listeners.remove(listener);
    }
}
