package dev.torsion.bus;

import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// The requests of this node that await an answer. All answers come to one standing subscription,
/// so that no interest has to travel before a question does.
final class Requests {
    /// Longer waits are no different from for ever.
    private static final Duration LONGEST = Duration.ofDays(1);

    private final EventBus bus;
    private final Reactor home;
    private final String inbox;
    private final TopicPattern inboxes;
    private final AtomicLong sequence = new AtomicLong();
    private final ConcurrentSkipListMap<String, Pending> pending = new ConcurrentSkipListMap<>();
    private final AtomicLong waiting = new AtomicLong();
    private @Nullable Subscription answers; // guarded by this
    private volatile boolean closed;

    Requests(EventBus bus, Reactor home) {
        this.bus = bus;
        this.home = home;
        this.inbox = "_INBOX." + bus.stamp().idPrefix() + "requests.";
        this.inboxes = new TopicPattern(inbox + "*");
    }

    /// Whether it is where this node's requests have their answers come to.
    boolean isInbox(TopicPattern pattern) {
        return pattern.equals(inboxes);
    }

    CompletionStage<Event> request(Draft draft, Duration deadline) {
        if (!deadline.isPositive()) {
            throw new IllegalArgumentException("a deadline lies ahead, unlike " + deadline);
        }
        if (closed) {
            return Deferred.failed(home, stopped());
        }
        try {
            listen();
        } catch (LimitReachedException | IllegalStateException e) {
            return Deferred.failed(home, e); // no room for the inbox, or the bus has closed
        }
        if (waiting.incrementAndGet() > bus.options().maxRequests()) {
            waiting.decrementAndGet();
            return Deferred.failed(
                    home,
                    new LimitReachedException(
                            "this node allows "
                                    + bus.options().maxRequests()
                                    + " requests at once, and all await their answers"));
        }
        Topic replyTo = Topic.of(inbox + Long.toString(sequence.incrementAndGet(), 36));
        Pending request = new Pending(draft.topic(), replyTo.name());
        pending.put(replyTo.name(), request);
        try {
            Event question = bus.stamp().seal(draft.withReplyTo(replyTo));
            request.expect(bus.send(question, true));
        } catch (RuntimeException e) {
            request.fail(e);
            throw e;
        }
        if (closed) {
            request.fail(stopped()); // close() may have run before this was pending
        }
        if (request.isPending()) {
            Duration wait = deadline.compareTo(LONGEST) < 0 ? deadline : LONGEST;
            home.callFromThread(() -> request.failAfter(wait));
        }
        return request.answer;
    }

    /// The inbox opens with the first request.
    private synchronized void listen() {
        if (answers == null) {
            int maxRequests = bus.options().maxRequests();
            answers =
                    bus.subscribe(
                            inboxes,
                            this::answered,
                            SubscribeOptions.defaults()
                                    .withCapacity(2 * Math.min(maxRequests, 1 << 19))
                                    .withLane(home::callFromThread));
        }
    }

    private void answered(Event answer) {
        Pending request = pending.get(answer.topic().name());
        if (request == null) {
            return; // too late, or a second answer
        }
        if (answer.type().equals(EventBus.NO_LISTENERS_TYPE)) {
            request.expect(-1);
        } else {
            request.succeed(answer);
        }
    }

    void close() {
        closed = true;
        List.copyOf(pending.values()).forEach(request -> request.fail(stopped()));
    }

    private IllegalStateException stopped() {
        return new IllegalStateException(
                "node " + bus.options().node() + " stopped before the answer came");
    }

    private final class Pending {
        final Deferred<Event> answer = new Deferred<>(home, this::forget);
        private final Topic topic;
        private final String key;
        private int couldAnswer; // guarded by this
        private @Nullable DelayedCall timer; // home only

        Pending(Topic topic, String key) {
            this.topic = topic;
            this.key = key;
        }

        /// So many more, or fewer, may answer. A node's "nobody here" may overtake the count of
        /// those asked, hence the sum.
        void expect(int change) {
            boolean nobody;
            synchronized (this) {
                couldAnswer += change;
                nobody = couldAnswer == 0;
            }
            if (nobody) {
                fail(new NoListenersException(topic));
            }
        }

        boolean isPending() {
            return pending.containsKey(key);
        }

        void failAfter(Duration wait) {
            if (isPending()) {
                timer = home.callLater(wait, () -> fail(new RequestTimedOutException(topic, wait)));
            }
        }

        void succeed(Event event) {
            if (forget()) {
                answer.succeed(event);
            }
        }

        void fail(Exception why) {
            if (forget()) {
                answer.fail(why);
            }
        }

        private boolean forget() {
            if (pending.remove(key) == null) {
                return false;
            }
            waiting.decrementAndGet();
            home.callFromThread(() -> {
                if (timer != null) {
                    timer.cancel();
                }
            });
            return true;
        }
    }
}
