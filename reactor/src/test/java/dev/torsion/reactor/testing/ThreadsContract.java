package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.Protocol;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What a reactor promises of calls and threads: what is called on its loop, what is done beside
/// it, and what other threads may ask of it.
abstract class ThreadsContract extends TwoPeers {
    @Nested
    class Calls {
        @Test
        void runInTheOrderAskedFor() {
            here.callFromThread(() -> journal.add("one"));
            here.callFromThread(() -> journal.add("two"));
            onAnotherThread(() -> here.callFromThread(() -> journal.add("three")));
            onLoop(here, () -> journal.add("four"));

            assertThat(journal).containsExactly("one", "two", "three", "four");
        }

        @Test
        void neverRunInsideTheCallThatQueuesThem() {
            onLoop(
                    here,
                    () -> {
                        here.callFromThread(() -> journal.add("queued"));
                        journal.add("first");
                    });
            onLoop(here, () -> {});

            assertThat(journal).containsExactly("first", "queued");
        }

        @Test
        void runOnTheLoop() {
            assertThat(onLoop(here, here::inLoop)).isTrue();
            assertThat(onLoop(here, there::inLoop)).isFalse();
            onAnotherThread(() -> assertThat(here.inLoop()).isFalse());
        }

        @Test
        void mayThrowAndTheLoopGoesOn() {
            IllegalStateException thrown = new IllegalStateException("thrown by a queued call");
            List<String> logged =
                    Logged.during(() -> {
                        here.callFromThread(() -> {
                            throw thrown;
                        });
                        assertThat(onLoop(here, () -> "went on")).isEqualTo("went on");
                    });

            assertToldOnce(logged, thrown);
        }
    }

    @Nested
    class WorkInThreads {
        @Test
        void completesOnTheLoopWithItsResult() {
            boolean onLoop =
                    world.await(
                            onLoop(
                                    here,
                                    () ->
                                            here.callInThread(() -> "done")
                                                    .thenApply(done ->
                                                            done.equals("done") && here.inLoop())));

            assertThat(onLoop).isTrue();
        }

        @Test
        void completesWithItsException() {
            CompletionStage<String> failing =
                    here.callInThread(() -> {
                        throw new IOException("as asked");
                    });

            assertThatThrownBy(() -> world.await(failing)).hasRootCauseMessage("as asked");
        }

        @Test
        void isNotOnTheLoop() {
            assertThat(world.await(here.callInThread(here::inLoop))).isFalse();
        }

        @Test
        void callsBackOnTheLoopWhereverTheCallbackIsAttached() {
            CompletionStage<String> work = here.callInThread(() -> "done");
            world.await(work);
            CompletionStage<Boolean> calledBack =
                    world.await(here.callInThread(() -> work.thenApply(_ -> here.inLoop())));

            assertThat(world.await(calledBack)).isTrue();
        }

        @Test
        void isInterruptedWhenItsStageIsCancelled() {
            CompletableFuture<String> begun = new CompletableFuture<>();
            CompletableFuture<String> ended = new CompletableFuture<>();
            CompletionStage<String> work =
                    here.callInThread(() -> {
                        begun.complete("");
                        try {
                            return new CompletableFuture<String>().get();
                        } catch (InterruptedException interrupted) {
                            ended.complete("interrupted");
                            throw interrupted;
                        }
                    });
            world.await(begun);
            onLoop(here, () -> work.thenApply(String::length).toCompletableFuture().cancel(false));

            assertThat(world.await(ended)).isEqualTo("interrupted");
            assertThat(work.toCompletableFuture()).isCancelled();
        }

        @Test
        void isAwaitedBesideTheLoopAlone() {
            CompletionStage<String> work = here.callInThread(() -> "done");
            CompletionStage<String> waiting = here.callInThread(() -> here.await(work));

            assertThat(world.await(waiting)).isEqualTo("done");
            assertThat(
                            onLoop(
                                    here,
                                    () ->
                                            assertThatThrownBy(() -> here.await(work))
                                                    .isInstanceOf(IllegalStateException.class)))
                    .isNotNull();
        }

        @Test
        void isWaitedForWhenTheReactorIsStopped() {
            CompletableFuture<String> goOn = new CompletableFuture<>();
            CompletionStage<String> work = here.callInThread(goOn::get);
            CompletionStage<String> givenUp =
                    here.callInThread(new CompletableFuture<String>()::get);
            givenUp.toCompletableFuture().cancel(false);
            var _ = work.thenAccept(journal::add);
            here.at(
                    Phase.AFTER_SHUTDOWN,
                    "look",
                    () -> {
                        journal.add("gone");
                        return null;
                    });
            CompletionStage<Void> stopped = here.stop();
            onLoop(there, () -> goOn.complete("done"));
            world.await(stopped);

            assertThat(journal).containsExactly("done", "gone");
        }

        @Test
        void isCompletedByNobodyElse() {
            CompletableFuture<String> work = here.callInThread(() -> "done").toCompletableFuture();

            assertThatThrownBy(() -> work.complete("mine"))
                    .isInstanceOf(UnsupportedOperationException.class);
            assertThat(world.await(work)).isEqualTo("done");
        }
    }

    @Nested
    class OtherThreads {
        @Test
        void mayListenAndConnectAndStopListening() {
            Probe server = probe();
            Probe client = probe();
            ListeningPort port = elsewhere(() -> listen(_ -> server));
            CompletionStage<Protocol> connect =
                    elsewhere(() -> here.connect(port.address(), _ -> client, PATIENCE));
            assertThat(world.await(connect)).isSameAs(client);
            world.await(server.made());
            world.await(elsewhere(port::stopListening));

            assertFails(
                    elsewhere(() -> here.connect(port.address(), _ -> probe(), PATIENCE)),
                    Kind.REFUSED);
        }

        @Test
        void mayDrainAPort() {
            ListeningPort port = listen(_ -> probe());

            assertThat(world.await(elsewhere(() -> port.drain(PATIENCE)))).isZero();
        }

        @Test
        void areToldThatAPortCannotBeOpened() {
            Endpoint taken = endpointOf(listen(_ -> probe()));

            assertCannotListen(taken, "address already in use");
        }

        @Test
        void areToldThatTheReactorHasEnded() {
            Endpoint place = world.endpoint();
            ListeningPort port = here.listen(place, _ -> probe());
            world.await(here.stop());

            assertCannotListen(place, "the reactor was stopped");
            assertFails(
                    elsewhere(() -> here.connect(port.address(), _ -> probe(), PATIENCE)),
                    Kind.STOPPED);
            world.await(elsewhere(port::stopListening));
            assertThat(world.await(elsewhere(() -> port.drain(PATIENCE)))).isZero();
        }

        private void assertCannotListen(Endpoint endpoint, String why) {
            assertThatThrownBy(() -> elsewhere(() -> here.listen(endpoint, _ -> probe())))
                    .cause()
                    .isInstanceOf(CannotListenException.class)
                    .hasMessageContaining(endpoint + ": " + why);
        }

        /// The loop is held, so that it learns of both together.
        @Test
        void mayGiveAConnectUpAtOnce() {
            ListeningPort port = listen(_ -> null);
            List<CompletionStage<Protocol>> connect = new ArrayList<>();
            Runnable askAndGiveUp =
                    () -> {
                        connect.add(here.connect(port.address(), _ -> probe(), PATIENCE));
                        connect.getFirst().toCompletableFuture().cancel(false);
                    };
            onLoop(here, () -> onAnotherThread(askAndGiveUp));
            letTimePass();

            assertThat(connect.getFirst().toCompletableFuture()).isCancelled();
            assertThat(probes).isEmpty();
        }
    }
}
