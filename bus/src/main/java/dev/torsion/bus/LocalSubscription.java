package dev.torsion.bus;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A subscription on this node: a bounded queue that any publisher fills and one lane empties.
///
/// ```
/// OPEN ──drain()──▶ DRAINING ──queue empty──▶ ENDED
///   └──────────────close()──────────────────────┘
/// ```
final class LocalSubscription implements Subscription, Subscriber {
    private static final Logger log = LoggerFactory.getLogger(Subscription.class);

    /// After so many events the lane is given to others for a turn.
    private static final int EVENTS_PER_TURN = 64;

    private enum State {
        OPEN,
        DRAINING,
        ENDED
    }

    private final EventBus bus;
    private final TopicPattern pattern;
    private final @Nullable String group;
    private final int capacity;
    private final Overflow overflow;
    private final Executor lane;
    private final EventHandler handler;
    private final Runnable turn = this::takeTurn;
    private final CompletableFuture<Void> drained = new CompletableFuture<>();

    // Guarded by queue.
    private final Queue<Event> queue = new ArrayDeque<>(4);
    private State state = State.OPEN;
    private boolean scheduled;
    private long delivered;
    private long dropped;
    private long untold;

    LocalSubscription(
            EventBus bus,
            TopicPattern pattern,
            EventHandler handler,
            SubscribeOptions options,
            Executor lane) {
        this.bus = bus;
        this.pattern = pattern;
        this.handler = handler;
        this.group = options.group();
        this.capacity = options.capacity();
        this.overflow = options.overflow();
        this.lane = lane;
    }

    @Override
    public TopicPattern pattern() {
        return pattern;
    }

    @Override
    public @Nullable String group() {
        return group;
    }

    boolean hasRoom() {
        synchronized (queue) {
            return state == State.OPEN && queue.size() < capacity;
        }
    }

    /// Queues an event for the handler, or drops by policy. Counts either.
    ///
    /// @return whether the subscription was still open
    boolean offer(Event event) {
        boolean open;
        boolean wake;
        boolean overflowed = false;
        bus.counters().offered();
        synchronized (queue) {
            open = state == State.OPEN;
            if (!open) {
                bus.counters().dropped(DropReason.CLOSED, 1);
            } else if (queue.size() < capacity) {
                queue.add(event);
            } else {
                overflowed = overflow == Overflow.CLOSE;
                overflow(event);
            }
            wake = open && !scheduled;
            scheduled |= wake;
        }
        if (overflowed) {
            bus.remove(this);
        }
        if (wake) {
            lane.execute(turn);
        }
        return open;
    }

    private void overflow(Event event) {
        switch (overflow) {
            case DROP_OLDEST -> {
                queue.remove();
                queue.add(event);
                countDropped(1);
            }
            case DROP_NEWEST -> countDropped(1);
            case CLOSE -> {
                countDropped(queue.size() + 1);
                queue.clear();
                state = State.DRAINING; // one more turn, for the handler to be told
            }
        }
    }

    private void countDropped(int count) {
        dropped += count;
        untold += count;
        bus.counters().dropped(DropReason.QUEUE_FULL, count);
    }

    private void takeTurn() {
        for (int i = 0; i < EVENTS_PER_TURN; i++) {
            Event event;
            long missed;
            synchronized (queue) {
                if (state == State.ENDED) {
                    scheduled = false;
                    return;
                }
                missed = untold;
                untold = 0;
                event = queue.poll();
                if (event == null && missed == 0) {
                    scheduled = false;
                    if (state == State.OPEN) {
                        return;
                    }
                    state = State.ENDED;
                }
                if (event != null) {
                    delivered++;
                }
            }
            if (event == null && missed == 0) {
                drained.complete(null);
                return;
            }
            if (missed > 0) {
                tell(new Gap(missed, DropReason.QUEUE_FULL));
            }
            if (event != null) {
                handle(event);
            }
        }
        lane.execute(turn);
    }

    private void handle(Event event) {
        bus.counters().delivered();
        try {
            Causality.callWithin(event, () -> handler.handle(event));
        } catch (Throwable thrown) {
            bus.counters().failed();
            log.error(
                    "{}: the handler of event {} on {} threw",
                    pattern,
                    event.id(),
                    event.topic(),
                    thrown);
        }
    }

    private void tell(Gap gap) {
        try {
            handler.missed(gap);
        } catch (Throwable thrown) {
            bus.counters().failed();
            log.error("{}: the handler threw when told of {}", pattern, gap, thrown);
        }
    }

    @Override
    public void close() {
        bus.remove(this);
        synchronized (queue) {
            if (state == State.ENDED) {
                return;
            }
            state = State.ENDED;
            dropped += queue.size();
            bus.counters().dropped(DropReason.CLOSED, queue.size());
            queue.clear();
        }
        drained.complete(null);
    }

    @Override
    public CompletionStage<Void> drain() {
        bus.remove(this);
        boolean wake;
        synchronized (queue) {
            if (state == State.OPEN) {
                state = State.DRAINING;
            }
            wake = state == State.DRAINING && !scheduled;
            scheduled |= wake;
        }
        if (wake) {
            lane.execute(turn);
        }
        return drained.minimalCompletionStage();
    }

    @Override
    public long delivered() {
        synchronized (queue) {
            return delivered;
        }
    }

    @Override
    public long dropped() {
        synchronized (queue) {
            return dropped;
        }
    }

    int waiting() {
        synchronized (queue) {
            return queue.size();
        }
    }
}
