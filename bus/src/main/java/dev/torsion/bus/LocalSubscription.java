package dev.torsion.bus;

import dev.torsion.reactor.Deferred;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/// A subscription on this node: a bounded queue that any publisher fills and one lane empties.
///
/// ```
/// OPEN ──drain(), or overflow with CLOSE──▶ DRAINING ──queue empty──▶ ENDED
///   └─────────────────────close()──────────────┴────────────────────────┘
/// ```
///
/// Lock order: the bus's index before a queue; so nothing here calls the bus while it holds its
/// queue, except to count.
final class LocalSubscription implements Subscription, Subscriber {
    /// After so many events the lane is given to others for a turn.
    private static final int EVENTS_PER_TURN = 64;

    private enum State {
        OPEN,
        DRAINING,
        ENDED
    }

    private final EventBus bus;
    private final @Nullable String owner;
    private final TopicPattern pattern;
    private final @Nullable String group;
    private final int capacity;
    private final Overflow overflow;
    private final Executor lane;
    private final EventHandler handler;
    private final Runnable turn = this::takeTurn;

    // Guarded by queue.
    private final Deque<Incoming> queue = new ArrayDeque<>(4);
    private State state = State.OPEN;
    private boolean scheduled;
    private int waiting; // events in the queue, gaps aside
    private long delivered;
    private long dropped;
    private @Nullable Deferred<Void> ended; // once somebody waits for it

    /// @param owner whose the handler is; null for nobody who has a name
    LocalSubscription(
            EventBus bus,
            @Nullable String owner,
            TopicPattern pattern,
            EventHandler handler,
            SubscribeOptions options,
            Executor lane) {
        this.bus = bus;
        this.owner = owner;
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
            return state == State.OPEN && waiting < capacity;
        }
    }

    /// Queues an event for the handler, or drops by policy; counts either.
    ///
    /// @return false if the subscription takes no more events: then nothing is counted, and to the
    ///   publisher it is as if it had never been there
    boolean offer(Event event) {
        boolean overflowed;
        boolean wake;
        synchronized (queue) {
            if (state != State.OPEN) {
                return false;
            }
            bus.counters().offered();
            overflowed = waiting == capacity;
            if (overflowed) {
                overflow(event);
            } else {
                append(event);
            }
            wake = !scheduled;
            scheduled = true;
        }
        if (overflowed && overflow == Overflow.CLOSE) {
            bus.unroute(this);
        }
        if (wake) {
            lane.execute(turn);
        }
        return true;
    }

    private void append(Event event) {
        queue.add(event);
        waiting++;
    }

    private void overflow(Event event) {
        switch (overflow) {
            case DROP_OLDEST -> {
                long missed = queue.peek() instanceof Gap(long count, _) ? count : 0;
                if (missed > 0) {
                    queue.remove();
                }
                queue.remove();
                queue.addFirst(gap(missed, 1));
                queue.add(event);
            }
            case DROP_NEWEST -> {
                long missed = queue.peekLast() instanceof Gap(long count, _) ? count : 0;
                if (missed > 0) {
                    queue.removeLast();
                }
                queue.add(gap(missed, 1));
            }
            case CLOSE -> {
                queue.clear();
                queue.add(gap(0, waiting + 1));
                waiting = 0;
                state = State.DRAINING; // of what the handler has yet to be told
            }
        }
    }

    /// Counts `more` events as dropped, and adds them to a gap of `before`.
    private Gap gap(long before, int more) {
        dropped += more;
        bus.counters().dropped(DropReason.QUEUE_FULL, more);
        return new Gap(before + more, DropReason.QUEUE_FULL);
    }

    private void takeTurn() {
        for (int i = 0; i < EVENTS_PER_TURN; i++) {
            switch (poll()) {
                case Event event -> handle(event);
                case Gap gap -> tell(gap);
                case null -> {
                    return;
                }
            }
        }
        lane.execute(turn);
    }

    /// What comes next; null if nothing does, which ends a subscription that drains.
    private @Nullable Incoming poll() {
        synchronized (queue) {
            Incoming next = queue.poll();
            if (next instanceof Event) {
                waiting--;
                delivered++;
                bus.counters().delivered();
            }
            if (next != null) {
                return next;
            }
            scheduled = false;
            if (state != State.DRAINING) {
                return null;
            }
            state = State.ENDED;
        }
        end();
        return null;
    }

    private void handle(Event event) {
        try {
            Causality.callWithin(event, () -> handler.handle(event));
        } catch (Throwable thrown) {
            failed("of event " + event.id() + " on " + event.topic(), thrown);
        }
    }

    private void tell(Gap gap) {
        try {
            handler.missed(gap);
        } catch (Throwable thrown) {
            failed("told of " + gap.count() + " missed events", thrown);
        }
    }

    private void failed(String doing, Throwable thrown) {
        bus.counters().failed();
        String whose = owner == null ? "subscription " + pattern : owner;
        bus.failed(whose + ": the handler " + doing, thrown);
    }

    @Override
    public void close() {
        synchronized (queue) {
            if (state == State.ENDED) {
                return;
            }
            state = State.ENDED;
            dropped += waiting;
            bus.counters().dropped(DropReason.CLOSED, waiting);
            waiting = 0;
            queue.clear();
        }
        end();
    }

    @Override
    public CompletionStage<Void> drain() {
        bus.unroute(this);
        boolean wake = false;
        synchronized (queue) {
            if (state == State.OPEN) {
                state = State.DRAINING;
                wake = !scheduled;
                scheduled = true;
            }
        }
        if (wake) {
            lane.execute(turn);
        }
        return ended();
    }

    private void end() {
        bus.remove(this);
        Deferred<Void> awaited;
        synchronized (queue) {
            awaited = ended;
        }
        if (awaited != null) {
            awaited.succeed(null);
        }
    }

    /// Completes when no handler call will follow, whatever the reason.
    CompletionStage<Void> ended() {
        synchronized (queue) {
            if (ended == null) {
                ended = Deferred.calledBackBy(lane, bus.home(), null);
                if (state == State.ENDED) {
                    ended.succeed(null);
                }
            }
            return ended.copy();
        }
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
            return waiting;
        }
    }
}
