package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;

@Timeout(120)
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "has no descriptors to look for")
final class DescriptorsTest {
    private static final String STARTED = "started, as far as a test does";

    /// The second start comes when the first holds all that there are.
    @Test
    void thatAreEnoughForOneProgramAreEnoughForTwoThatStartAtOnce() throws Exception {
        Semaphore free = new Semaphore(16);
        CompletableFuture<Void> firstHasAll = new CompletableFuture<>();
        CompletableFuture<Thread> second = new CompletableFuture<>();
        Descriptors descriptors =
                new Descriptors(
                        () -> {
                            if (!free.tryAcquire()) {
                                throw new IOException("none is left");
                            }
                            if (free.availablePermits() == 0 && firstHasAll.complete(null)) {
                                awaitThatItWaitsOrHasEnded(second.join());
                            }
                            return free::release;
                        },
                        Duration.ofHours(1));
        CompletableFuture<String> first = new CompletableFuture<>();
        CompletableFuture<String> other = new CompletableFuture<>();

        daemon(() -> first.complete(start(descriptors)));
        firstHasAll.get(60, TimeUnit.SECONDS);
        second.complete(daemon(() -> other.complete(start(descriptors))));

        assertThat(first.get(60, TimeUnit.SECONDS)).isEqualTo(STARTED);
        assertThat(other.get(60, TimeUnit.SECONDS)).isEqualTo(STARTED);
    }

    @Test
    void areGivenWithoutAnEndlessWaitForAStartThatHangs() throws Exception {
        Descriptors descriptors = new Descriptors(() -> () -> {}, Duration.ofMillis(1));
        CompletableFuture<Void> hangs = new CompletableFuture<>();
        CompletableFuture<Void> let = new CompletableFuture<>();
        CompletableFuture<String> first = new CompletableFuture<>();
        daemon(() ->
                first.complete(
                        start(
                                descriptors,
                                () -> {
                                    hangs.complete(null);
                                    let.join();
                                    throw new IOException(STARTED);
                                })));
        hangs.get(60, TimeUnit.SECONDS);

        assertThat(start(descriptors)).isEqualTo(STARTED);

        let.complete(null);
        assertThat(first.get(60, TimeUnit.SECONDS)).isEqualTo(STARTED);
    }

    private static Thread daemon(Runnable work) {
        return Thread.ofPlatform().daemon().start(work);
    }

    private static void awaitThatItWaitsOrHasEnded(Thread thread) {
        while (thread.getState() != Thread.State.TIMED_WAITING && thread.isAlive()) {
            Thread.onSpinWait();
        }
    }

    private static String start(Descriptors descriptors) {
        return start(
                descriptors,
                () -> {
                    throw new IOException(STARTED);
                });
    }

    private static String start(Descriptors descriptors, Descriptors.Start program) {
        try {
            return descriptors.start(program).toString();
        } catch (IOException thrown) {
            return String.valueOf(thrown.getMessage());
        }
    }
}
