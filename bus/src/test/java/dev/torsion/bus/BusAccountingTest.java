package dev.torsion.bus;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.testing.ManualReactor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Many threads at once, on lanes that are threads too; then the books.
class BusAccountingTest {
    private static final int PUBLISHERS = 3;
    private static final int EVENTS = 20_000;
    private static final int SUBSCRIBERS = 2;
    private static final int LIVES = 400;

    private final ExecutorService threads = Executors.newFixedThreadPool(PUBLISHERS + SUBSCRIBERS);
    private final List<ExecutorService> lanes =
            List.of(Executors.newSingleThreadExecutor(), Executors.newSingleThreadExecutor());
    private final EventBus bus =
            new EventBus(BusOptions.of("edge", 1), ReactorGroup.of(new ManualReactor()));
    private final AtomicLong handled = new AtomicLong();
    private final AtomicLong missed = new AtomicLong();

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
        lanes.forEach(ExecutorService::shutdownNow);
    }

    /// Counts, and notices if it is ever called by two threads at once.
    private final class Tally implements EventHandler {
        private final AtomicInteger inside = new AtomicInteger();

        @Override
        public void handle(Event event) {
            assertThat(inside.incrementAndGet()).isEqualTo(1);
            handled.incrementAndGet();
            inside.decrementAndGet();
        }

        @Override
        public void missed(Gap gap) {
            missed.addAndGet(gap.count());
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void booksBalanceWhileSubscriptionsComeAndGo(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        List<Future<?>> work = new ArrayList<>();
        CountDownLatch go = new CountDownLatch(1);
        List<Subscription> all = Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < PUBLISHERS; i++) {
            SplittableRandom own = random.split();
            work.add(threads.submit(() -> publishAll(own, go)));
        }
        for (int i = 0; i < SUBSCRIBERS; i++) {
            SplittableRandom own = random.split();
            work.add(threads.submit(() -> comeAndGo(own, go, all)));
        }
        go.countDown();
        for (Future<?> one : work) {
            one.get(60, SECONDS);
        }
        drain(all);
        awaitLanes();

        BusStats books = bus.stats();
        assertThat(books.waiting()).isZero();
        assertThat(books.failed()).isZero();
        assertThat(books.published()).isEqualTo(PUBLISHERS * (long) EVENTS);
        assertThat(books.delivered() + books.droppedTotal()).isEqualTo(books.offered());
        assertThat(books.delivered()).isEqualTo(handled.get()).isPositive();
        assertThat(missed.get())
                .isLessThanOrEqualTo(books.dropped().getOrDefault(DropReason.QUEUE_FULL, 0L));
        assertThat(all.stream().mapToLong(Subscription::delivered).sum())
                .isEqualTo(books.delivered());
        assertThat(all.stream().mapToLong(Subscription::dropped).sum())
                .isEqualTo(books.droppedTotal());
    }

    /// One group has a member throughout, so each event reaches exactly one of its members.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void aGroupLosesNothingWhileMembersDrain(long seed) throws Exception {
        SplittableRandom random = new SplittableRandom(seed);
        List<Future<?>> work = new ArrayList<>();
        List<Subscription> all = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch go = new CountDownLatch(1);
        all.add(join(0));
        for (int i = 0; i < PUBLISHERS; i++) {
            SplittableRandom own = random.split();
            work.add(threads.submit(() -> publishAll(own, go)));
        }
        work.add(
                threads.submit(() -> {
                    go.await();
                    for (int i = 0; i < LIVES; i++) {
                        Subscription member = join(i);
                        all.add(member);
                        publish("t.0");
                        member.drain();
                    }
                    return null;
                }));
        go.countDown();
        for (Future<?> one : work) {
            one.get(60, SECONDS);
        }
        drain(all);

        BusStats books = bus.stats();
        assertThat(books.published()).isEqualTo(PUBLISHERS * (long) EVENTS + LIVES);
        assertThat(books.offered()).isEqualTo(books.published());
        assertThat(books.unheard()).isZero();
        assertThat(books.delivered()).isEqualTo(books.published());
        assertThat(handled.get()).isEqualTo(books.published());
    }

    private static void drain(List<Subscription> all) throws Exception {
        CompletableFuture.allOf(
                        all.stream()
                                .map(subscription -> subscription.drain().toCompletableFuture())
                                .toArray(CompletableFuture<?>[]::new))
                .get(60, SECONDS);
    }

    private Subscription join(int number) {
        return bus.subscribe(
                new TopicPattern("t.*"),
                new Tally(),
                SubscribeOptions.defaults()
                        .withGroup("g")
                        .withCapacity(1 << 20)
                        .withLane(lane(number)));
    }

    private @Nullable Void publishAll(SplittableRandom random, CountDownLatch go)
            throws InterruptedException {
        go.await();
        for (int i = 0; i < EVENTS; i++) {
            publish("t." + random.nextInt(5));
        }
        return null;
    }

    private void publish(String topic) {
        bus.publish(Draft.to(topic));
    }

    private @Nullable Void comeAndGo(
            SplittableRandom random, CountDownLatch go, List<Subscription> all)
            throws InterruptedException {
        go.await();
        List<Subscription> mine = new ArrayList<>();
        for (int i = 0; i < LIVES; i++) {
            Subscription subscription = open(random, i);
            all.add(subscription);
            mine.add(subscription);
            if (mine.size() > 5) {
                Subscription leaving = mine.remove(random.nextInt(mine.size()));
                if (random.nextBoolean()) {
                    leaving.close();
                } else {
                    leaving.drain();
                    if (random.nextBoolean()) {
                        leaving.close();
                    }
                }
            }
            bus.stats();
        }
        return null;
    }

    private Subscription open(SplittableRandom random, int number) {
        String[] patterns = {"t.*", ">", "t.0", "t.1", "t.2"};
        Overflow[] policies = Overflow.values();
        return bus.subscribe(
                new TopicPattern(patterns[random.nextInt(patterns.length)]),
                new Tally(),
                SubscribeOptions.defaults()
                        .withGroup(random.nextInt(3) == 0 ? "g" : null)
                        .withCapacity(1 + random.nextInt(20))
                        .withOverflow(policies[random.nextInt(policies.length)])
                        .withLane(lane(number)));
    }

    private ExecutorService lane(int number) {
        return lanes.get(number % lanes.size());
    }

    /// What the lanes had begun before their subscriptions ended is over.
    private void awaitLanes() throws Exception {
        for (ExecutorService lane : lanes) {
            lane.submit(() -> {}).get(60, SECONDS);
        }
    }
}
