package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.ListeningPort;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What a reactor promises of delayed calls, of time and of chance.
abstract class TimersContract extends TwoPeers {
    @Nested
    class DelayedCalls {
        private static final Duration SHORT = Duration.ofMillis(5);
        private static final Duration LONG = Duration.ofMillis(25);

        /// Waits until a call asked for last, with the longest delay, has run.
        private void awaitAll() {
            CompletableFuture<Void> last = new CompletableFuture<>();
            onLoop(here, () -> later(LONG.multipliedBy(2), () -> last.complete(null)));
            world.await(last);
        }

        private DelayedCall later(Duration delay, Runnable action) {
            return here.callLater(delay, action);
        }

        @Test
        void runInTheOrderOfTheirDeadlines() {
            AtomicLong asking = new AtomicLong();
            do {
                journal.clear();
                onLoop(
                        here,
                        () -> {
                            long began = here.nanoTime();
                            later(LONG, () -> journal.add("last"));
                            later(SHORT, () -> journal.add("first"));
                            asking.set(here.nanoTime() - began);
                        });
                awaitAll();
            } while (asking.get() >= LONG.minus(SHORT).toNanos()); // held up between the two

            assertThat(journal).containsExactly("first", "last");
        }

        @Test
        void withEqualDelaysRunInTheOrderAskedFor() {
            onLoop(
                    here,
                    () -> {
                        for (int i = 0; i < 5; i++) {
                            String name = "call " + i;
                            later(SHORT, () -> journal.add(name));
                        }
                    });
            awaitAll();

            assertThat(journal).containsExactly("call 0", "call 1", "call 2", "call 3", "call 4");
        }

        @Test
        void withNoDelayRunInAComingTurn() {
            onLoop(
                    here,
                    () -> {
                        later(Duration.ZERO, () -> journal.add("delayed"));
                        journal.add("first");
                    });
            awaitAll();

            assertThat(journal).containsExactly("first", "delayed");
        }

        @Test
        void neverRunEarly() {
            CompletableFuture<Long> took = new CompletableFuture<>();
            onLoop(
                    here,
                    () -> {
                        long asked = here.nanoTime();
                        later(SHORT, () -> took.complete(here.nanoTime() - asked));
                    });

            assertThat(world.await(took)).isGreaterThanOrEqualTo(SHORT.toNanos());
        }

        @Test
        void canBeTakenBackOnce() {
            onLoop(
                    here,
                    () -> {
                        DelayedCall call = later(SHORT, () -> journal.add("cancelled"));
                        assertThat(call.active()).isTrue();
                        assertThat(call.cancel()).isTrue();
                        assertThat(call.active()).isFalse();
                        assertThat(call.cancel()).isFalse();
                    });
            awaitAll();

            assertThat(journal).isEmpty();
        }

        @Test
        void canBeTakenBackByTheOneBefore() {
            onLoop(
                    here,
                    () -> {
                        List<DelayedCall> second = new ArrayList<>();
                        later(SHORT, () -> journal.add("" + second.getFirst().cancel()));
                        second.add(later(SHORT, () -> journal.add("cancelled")));
                    });
            awaitAll();

            assertThat(journal).containsExactly("true");
        }

        @Test
        void areOverWhenTheyRun() {
            onLoop(
                    here,
                    () -> {
                        List<DelayedCall> self = new ArrayList<>();
                        self.add(
                                later(
                                        SHORT,
                                        () -> {
                                            DelayedCall call = self.getFirst();
                                            journal.add(call.active() + " " + call.cancel());
                                        }));
                    });
            awaitAll();

            assertThat(journal).containsExactly("false false");
        }

        @Test
        void canBeMoved() {
            onLoop(
                    here,
                    () -> {
                        DelayedCall moved = later(SHORT, () -> journal.add("moved"));
                        later(SHORT, () -> journal.add("stayed"));
                        moved.reset(LONG);
                        assertThat(moved.active()).isTrue();
                    });
            awaitAll();

            assertThat(journal).containsExactly("stayed", "moved");
        }

        @Test
        void canBePutOff() {
            onLoop(
                    here,
                    () -> {
                        DelayedCall put = later(SHORT, () -> journal.add("put off"));
                        later(LONG, () -> journal.add("stayed"));
                        put.delay(LONG);
                        put.delay(Duration.ZERO);
                        assertThat(put.active()).isTrue();
                        assertThatThrownBy(() -> put.delay(Duration.ofNanos(-1)))
                                .isInstanceOf(IllegalArgumentException.class);
                    });
            awaitAll();

            assertThat(journal).containsExactly("stayed", "put off");
        }

        @Test
        void cannotBeMovedOnceTheyAreOver() {
            onLoop(
                    here,
                    () -> {
                        DelayedCall call = later(SHORT, () -> journal.add("cancelled"));
                        call.cancel();
                        assertThatThrownBy(() -> call.reset(SHORT))
                                .isInstanceOf(IllegalStateException.class);
                        assertThatThrownBy(() -> call.delay(SHORT))
                                .isInstanceOf(IllegalStateException.class);
                    });
        }

        @Test
        void mayBeFurtherAwayThanAnyClockGoes() {
            Duration never = Duration.ofSeconds(Long.MAX_VALUE);
            onLoop(
                    here,
                    () -> {
                        DelayedCall call = later(never, () -> journal.add("never"));
                        call.reset(never);
                        call.delay(never);
                        later(SHORT, () -> journal.add("soon"));
                    });
            awaitAll();

            assertThat(journal).containsExactly("soon");
        }

        @Test
        void withNoDelayAgainAndAgainLeaveTheSocketsTheirTurn() {
            Probe server = probe();
            ListeningPort port = there.listen(world.endpoint(), _ -> server);
            Runnable again =
                    new Runnable() {
                        @Override
                        public void run() {
                            if (!server.made().isDone()) {
                                there.callLater(Duration.ZERO, this);
                            }
                        }
                    };
            onLoop(there, again);
            world.await(here.connect(port.address(), _ -> probe(), PATIENCE));

            world.await(server.made());
        }

        @Test
        void haveNoNegativeDelay() {
            onLoop(
                    here,
                    () ->
                            assertThatThrownBy(() -> later(Duration.ofNanos(-1), () -> {}))
                                    .isInstanceOf(IllegalArgumentException.class));
        }

        @Test
        void mayThrowAndTheLoopGoesOn() {
            IllegalStateException thrown = new IllegalStateException("thrown by a timer");
            Runnable throwing =
                    () -> {
                        throw thrown;
                    };
            List<String> logged =
                    Logged.during(() -> {
                        onLoop(here, () -> later(SHORT, throwing));
                        onLoop(here, () -> later(SHORT, () -> journal.add("went on")));
                        awaitAll();
                    });

            assertThat(journal).containsExactly("went on");
            assertToldOnce(logged, thrown);
        }

        @Test
        void belongToTheLoop() {
            DelayedCall call = onLoop(here, () -> later(LONG, () -> {}));

            OffTheLoop.refused("Reactor.callLater", () -> here.callLater(SHORT, () -> {}));
            OffTheLoop.refused("DelayedCall.cancel", call::cancel);
            OffTheLoop.refused("DelayedCall.reset", () -> call.reset(SHORT));
            OffTheLoop.refused("DelayedCall.delay", () -> call.delay(SHORT));
            OffTheLoop.refused("DelayedCall.active", call::active);
        }

        @Test
        void neverRunOnceTheReactorIsStopped() {
            onLoop(
                    here,
                    () -> {
                        later(Duration.ZERO, () -> journal.add("ran"));
                        here.stop();
                    });
            world.await(here.stop());

            assertThat(journal).isEmpty();
        }
    }

    @Nested
    class TimeAndChance {
        @Test
        void theClockOnlyGoesForward() {
            CompletableFuture<Duration> waited = new CompletableFuture<>();
            Duration delay = Duration.ofMillis(5);
            onLoop(
                    here,
                    () -> {
                        long began = here.nanoTime();
                        long last = began;
                        for (int i = 0; i < 10_000; i++) {
                            long now = here.nanoTime();
                            assertThat(now - last).isNotNegative();
                            last = now;
                        }
                        here.callLater(
                                delay,
                                () -> waited.complete(Duration.ofNanos(here.nanoTime() - began)));
                    });

            assertThat(world.await(waited)).isGreaterThanOrEqualTo(delay);
        }

        @Test
        void theClocksMayBeReadFromAnywhere() {
            onAnotherThread(() -> {
                here.nanoTime();
                here.now();
            });
        }

        @Test
        void chanceBelongsToTheLoop() {
            assertThat(onLoop(here, () -> here.random().nextInt(6))).isBetween(0, 5);
            OffTheLoop.refused("Reactor.random", here::random);
        }
    }
}
