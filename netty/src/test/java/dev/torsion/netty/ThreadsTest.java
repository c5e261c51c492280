package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(300)
final class ThreadsTest {
    private final AtomicInteger left = new AtomicInteger();
    private final Executor pool = Threads.pool(4, this::newThread);

    private Thread newThread(Runnable work) {
        if (left.getAndDecrement() <= 0) {
            throw new OutOfMemoryError("by the test");
        }
        return Thread.ofPlatform().daemon().unstarted(work);
    }

    @Test
    void doAllTheWorkThoughTheSystemHasNoMoreOfThem() throws Exception {
        left.set(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletableFuture<String> second = new CompletableFuture<>();
        pool.execute(() -> {
            try {
                goOn.await();
            } catch (InterruptedException nobodyElsesThread) {
                throw new IllegalStateException(nobodyElsesThread);
            }
            first.complete(Thread.currentThread().getName());
        });
        pool.execute(() -> second.complete(Thread.currentThread().getName()));
        goOn.countDown();

        assertThat(second.get(60, TimeUnit.SECONDS)).isEqualTo(first.get(60, TimeUnit.SECONDS));
    }

    @Test
    void areMissedAtOnceWhereThereIsNone() {
        assertThatThrownBy(() -> pool.execute(() -> {})).hasMessage("by the test");
    }
}
