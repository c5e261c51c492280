package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Work that waits, in virtual time.
@Timeout(60)
final class VirtualTurnsTest {
    private final ManualReactor reactor = new ManualReactor();
    private final List<String> journal = new ArrayList<>();

    @BeforeEach
    void mayWait() {
        assertThat(ManualReactor.canWait()).isTrue();
    }

    @Test
    void waitsForWhatALaterTurnBrings() {
        CompletableFuture<String> answer = new CompletableFuture<>();
        reactor.callLater(Duration.ofSeconds(5), () -> answer.complete("at last"));
        var outcome = reactor.callInThread(answer::get).toCompletableFuture();

        reactor.advance(Duration.ofSeconds(4));
        assertThat(outcome).isNotDone();
        reactor.advance(Duration.ofSeconds(1));
        assertThat(outcome).isCompletedWithValue("at last");
        assertThat(reactor.failures()).isEmpty();
    }

    private List<String> handOver() {
        ManualReactor own = new ManualReactor();
        List<String> order = new ArrayList<>();
        BlockingQueue<Integer> between = new ArrayBlockingQueue<>(1);
        ReentrantLock lock = new ReentrantLock();
        for (String name : List.of("a", "b")) {
            own.callInThread(() -> {
                for (int i = 0; i < 20; i++) {
                    lock.lock();
                    try {
                        between.put(i);
                        order.add(name + " puts " + i);
                    } finally {
                        lock.unlock();
                    }
                }
                return 0;
            });
        }
        own.callInThread(() -> {
            for (int i = 0; i < 40; i++) {
                order.add("takes " + between.take());
            }
            return 0;
        });
        own.runUntilIdle();
        assertThat(own.failures()).isEmpty();
        return order;
    }

    @Test
    void takesTurnsInTheSameOrderInEveryRun() {
        assertThat(handOver()).hasSize(80).isEqualTo(handOver());
    }

    @Test
    void isOnNoLoop() {
        var outcome =
                reactor.callInThread(() -> {
                    assertThat(reactor.inLoop()).isFalse();
                    assertThatThrownBy(reactor::random).isInstanceOf(IllegalStateException.class);
                    reactor.callFromThread(() -> journal.add("called on the loop"));
                    return Thread.currentThread().isVirtual();
                });
        reactor.runUntilIdle();

        assertThat(outcome.toCompletableFuture()).isCompletedWithValue(true);
        assertThat(journal).containsExactly("called on the loop");
    }

    private void assertFailsNaming(String... words) {
        assertThat(reactor.failures())
                .first()
                .isInstanceOfSatisfying(
                        NondeterminismError.class,
                        error ->
                                assertThat(error.getMessage())
                                        .contains(words)
                                        .contains("VirtualTurnsTest"));
    }

    @Test
    void namesCodeThatSleeps() {
        reactor.callInThread(() -> {
            Thread.sleep(Duration.ofHours(1));
            return 0;
        });
        reactor.runUntilIdle();

        assertFailsNaming("sleeps");
    }

    @Test
    @SuppressWarnings("WaitNotInLoop") // it is to wait, whatever wakes it
    void namesCodeThatWaitsForANotification() {
        Object monitor = new Object();
        reactor.callInThread(() -> {
            synchronized (monitor) {
                monitor.wait();
            }
            return 0;
        });
        reactor.runUntilIdle();

        assertFailsNaming("Object.wait");
    }

    /// As that of a log, which anybody may write to.
    @Test
    void waitsWithinItsTurnForAMonitorThatAThreadElsewhereHoldsForAMoment() throws Exception {
        Object monitor = new Object();
        CompletableFuture<Thread> guest = new CompletableFuture<>();
        CountDownLatch held = new CountDownLatch(1);
        Thread elsewhere =
                Thread.ofPlatform()
                        .start(() -> {
                            synchronized (monitor) {
                                held.countDown();
                                while (guest.join().getState() != Thread.State.BLOCKED) {
                                    Thread.onSpinWait();
                                }
                            }
                        });
        held.await();
        reactor.callInThread(() -> {
            guest.complete(Thread.currentThread());
            synchronized (monitor) {
                journal.add("entered");
            }
            return 0;
        });
        reactor.callFromThread(() -> journal.add("the next turn"));
        reactor.runUntilIdle();
        elsewhere.join();

        assertThat(reactor.failures()).isEmpty();
        assertThat(journal).containsExactly("entered", "the next turn");
    }

    @Test
    void namesCodeThatContendsForAMonitor() {
        Object monitor = new Object();
        CompletableFuture<Integer> never = new CompletableFuture<>();
        for (int i = 0; i < 2; i++) {
            reactor.callInThread(() -> {
                synchronized (monitor) {
                    return never.get();
                }
            });
        }
        reactor.runUntilIdle();

        assertFailsNaming("synchronized");
    }

    @Test
    @Timeout(60)
    void namesCodeThatTheRealClockWakes() {
        CompletableFuture<Integer> never = new CompletableFuture<>();
        reactor.callInThread(() -> never.get(100, TimeUnit.MILLISECONDS));
        while (reactor.failures().isEmpty()) { // until the JDK's timer has fired
            reactor.runUntilIdle();
            Thread.onSpinWait();
        }

        assertFailsNaming("was woken by");
    }
}
