package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.ClientOptions;
import dev.torsion.reactor.ClientService;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.DatagramTransport;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.LoopMetrics;
import dev.torsion.reactor.LoopingCall;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Registration;
import dev.torsion.reactor.Service;
import dev.torsion.reactor.ServiceGroup;
import dev.torsion.reactor.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What a reactor promises of its start and its stop, and of how it says it is doing.
abstract class LifeContract extends TwoPeers {
    @Nested
    class Stopping {
        @Test
        void sendsWhatIsBufferedFirst() {
            Pair pair = connected();
            onLoop(
                    pair.server(),
                    transport -> {
                        transport.write(bytes(5 * MEBIBYTE));
                        there.stop();
                    });
            world.await(there.stop());

            assertThat(world.await(pair.server().lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(pair.client().lost())).isEqualTo(new CloseReason.Done());
            assertThat(pair.client().text()).hasSize(5 * MEBIBYTE);
        }

        @Test
        void asksProtocolsToCloseWhichMaySayGoodbye() {
            Probe saying =
                    probe().onCloseAsked(transport -> {
                        transport.write(Bytes.utf8("goodbye"));
                        transport.loseConnection();
                    });
            Pair pair = connected(probe(), saying);
            world.await(there.stop());

            assertThat(world.await(pair.client().lost())).isEqualTo(new CloseReason.Done());
            assertThat(pair.client().text()).isEqualTo("goodbye");
            assertThat(world.await(saying.lost())).isEqualTo(new CloseReason.Done());
        }

        @Test
        void sendsAGoodbyeByDatagramToo() {
            DatagramTransport port = onLoop(here, () -> here.listenUdp(0, new DatagramProbe()));
            CompletableFuture<Boolean> sent = new CompletableFuture<>();
            Probe saying =
                    probe().onCloseAsked(transport -> {
                        sent.complete(port.send(Bytes.utf8("goodbye"), port.address()));
                        transport.loseConnection();
                    });
            var _ = connected(saying, probe());
            world.await(here.stop());

            assertThat(sent).isCompletedWithValue(true);
        }

        @Test
        void closesThePorts() {
            ListeningPort port = listen(_ -> probe());
            world.await(there.stop());

            assertFails(here.connect(port.address(), _ -> probe(), PATIENCE), Kind.REFUSED);
        }

        @Test
        void abortsWhatDoesNotFinish() {
            haveHaste();
            Pair pair = connected(probe().onMade(Transport::pauseReading), probe());
            onLoop(pair.server(), transport -> transport.write(bytes(MORE_THAN_A_SOCKET_TAKES)));
            world.await(there.stop());

            assertThat(pair.server().lost()).isCompleted();
            assertThat(pair.server().lost().resultNow()).isInstanceOf(CloseReason.Aborted.class);
            onLoop(pair.client(), Transport::abortConnection);
        }

        @Test
        void logsTheFailuresThatNobodyHasLookedAtByThen() {
            List<CompletionStage<?>> stages = new ArrayList<>();
            List<String> logged =
                    Logged.during(() -> {
                        CompletionStage<?> seen = looping("somebody looks at it");
                        var _ = seen.exceptionally(_ -> null);
                        stages.add(seen);
                        stages.add(looping("nobody looks at it"));
                        world.await(here.stop());
                    });

            assertThat(logged).filteredOn(line -> line.contains("nobody looks at it")).hasSize(1);
            assertThat(logged).noneMatch(line -> line.contains("somebody looks at it"));
            assertThat(stages).hasSize(2); // which are no garbage
        }

        private CompletionStage<?> looping(String whatItThrows) {
            return onLoop(
                    here,
                    () ->
                            LoopingCall.of(
                                            here,
                                            Duration.ofSeconds(1),
                                            () -> {
                                                throw new IllegalStateException(whatItThrows);
                                            })
                                    .start(true));
        }

        @Test
        void goesOnWhenItsStageIsCancelled() {
            here.stop().toCompletableFuture().cancel(false);

            assertThatCode(() -> world.await(here.stop())).doesNotThrowAnyException();
        }

        @Test
        void refusesCallsWhenItIsOver() {
            assertThat(here.callFromThread(() -> {})).isTrue();
            world.await(here.stop());

            assertThat(here.callFromThread(() -> journal.add("called"))).isFalse();
            world.await(here.stop().thenRun(() -> journal.add("told")));
            assertThat(journal).containsExactly("told");
        }

        @Test
        void runsTheCallsThatWereQueuedBefore() {
            here.callFromThread(() -> journal.add("ran"));
            world.await(here.stop());

            assertThat(journal).containsExactly("ran");
        }

        @Test
        void mayBeAskedForTwiceFromAnywhere() {
            onLoop(here, () -> {});
            onAnotherThread(here::stop);
            world.await(here.stop());
            world.await(here.stop());
        }

        @Test
        void isForEver() {
            world.await(here.stop());

            here.run(); // returns
            assertThatThrownBy(() -> here.listenTcp(0, _ -> null))
                    .isInstanceOf(CannotListenException.class)
                    .hasMessageEndingWith("the reactor was stopped");
        }
    }

    @Nested
    class Phases {
        private Registration note(Phase phase, String what) {
            return here.at(
                    phase,
                    what,
                    () -> {
                        assertThat(here.inLoop()).isTrue();
                        journal.add(what);
                        return null;
                    });
        }

        @Test
        void doWhatIsAskedForInTheirOrder() {
            note(Phase.AFTER_SHUTDOWN, "gone");
            note(Phase.BEFORE_SHUTDOWN, "goodbye");
            note(Phase.BEFORE_SHUTDOWN, "bye");
            note(Phase.STARTUP, "hello");
            onLoop(here, () -> note(Phase.STARTUP, "and welcome"));
            onLoop(here, () -> journal.add("at work"));
            world.await(here.stop());

            assertThat(journal)
                    .containsExactly("hello", "and welcome", "at work", "goodbye", "bye", "gone");
        }

        @Test
        void haveTheCallsDoneThatTheyAskFor() {
            here.at(
                    Phase.AFTER_SHUTDOWN,
                    "last",
                    () -> {
                        assertThat(here.callFromThread(() -> journal.add("called"))).isTrue();
                        return null;
                    });
            world.await(here.stop());

            assertThat(journal).containsExactly("called");
        }

        @Test
        void forgetWhatIsTakenBack() {
            Registration goodbye = note(Phase.BEFORE_SHUTDOWN, "goodbye");
            Registration gone = note(Phase.AFTER_SHUTDOWN, "gone");
            assertThat(goodbye.remove()).isTrue();
            assertThat(goodbye.remove()).isFalse();
            world.await(here.stop());

            assertThat(journal).containsExactly("gone");
            assertThat(gone.remove()).isFalse();
        }

        @Test
        void passOverWhatThrowsOrFails() {
            for (Phase phase : Phase.values()) {
                here.at(
                        phase,
                        "throw",
                        () -> {
                            throw new IOException("thrown by the test");
                        });
                here.at(
                        phase,
                        "fail",
                        () ->
                                CompletableFuture.failedFuture(
                                        new IOException("failed by the test")));
                note(phase, phase.name());
            }
            List<String> logged = Logged.during(() -> world.await(here.stop()));

            assertThat(journal).containsExactly("STARTUP", "BEFORE_SHUTDOWN", "AFTER_SHUTDOWN");
            for (Phase phase : List.of(Phase.BEFORE_SHUTDOWN, Phase.AFTER_SHUTDOWN)) {
                for (String what : List.of("throw", "fail")) {
                    String failed = phase + ": \"" + what + "\" failed";
                    assertThat(logged).filteredOn(line -> line.contains(failed)).hasSize(1);
                }
            }
        }

        @Test
        void waitForEachOtherWhileEverythingStillWorks() {
            Pair pair = connected();
            CompletableFuture<Void> drained = new CompletableFuture<>();
            there.at(
                    Phase.BEFORE_SHUTDOWN,
                    "drain",
                    () -> {
                        pair.server().transport().write(Bytes.utf8("last question"));
                        return drained;
                    });
            there.at(
                    Phase.AFTER_SHUTDOWN,
                    "look",
                    () -> {
                        journal.add(pair.server().text());
                        journal.add(String.valueOf(pair.server().lost().isDone()));
                        return null;
                    });
            CompletionStage<Void> stopped = there.stop();
            world.await(pair.client().received(13));
            Pair late = connected();
            onLoop(
                    there,
                    () ->
                            there.callLater(
                                    Duration.ZERO,
                                    () -> late.server().transport().write(Bytes.utf8("a timer"))));
            world.await(late.client().received(7));
            onLoop(pair.client(), transport -> transport.write(Bytes.utf8("last answer")));
            world.await(pair.server().received(11));
            drained.complete(null);
            world.await(stopped);

            assertThat(journal).containsExactly("last answer", "true");
        }

        @Test
        void completeTheirStagesFromAnyThread() {
            here.at(
                    Phase.AFTER_SHUTDOWN,
                    "work",
                    () -> here.callInThread(() -> journal.add("worked")));
            world.await(here.stop());

            assertThat(journal).containsExactly("worked");
        }

        @Test
        void refuseWhatComesTooLate() {
            world.await(here.stop());

            assertThatThrownBy(() -> note(Phase.BEFORE_SHUTDOWN, "goodbye"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("goodbye")
                    .hasMessageContaining("BEFORE_SHUTDOWN");
        }

        @Test
        void refuseAStartOnceTheShutdownHasBegun() {
            here.at(
                    Phase.BEFORE_SHUTDOWN,
                    "start anew",
                    () -> {
                        note(Phase.STARTUP, "hello");
                        return null;
                    });
            world.await(here.stop());

            assertThatThrownBy(() -> note(Phase.STARTUP, "hello"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("STARTUP: \"hello\" comes too late");
            assertThat(journal).isEmpty();
        }

        @Test
        void startEvenIfTheReactorIsToldToStopMeanwhile() {
            onLoop(
                    here,
                    () -> {
                        note(Phase.STARTUP, "hello");
                        here.stop();
                    });
            world.await(here.stop());

            assertThat(journal).containsExactly("hello");
        }

        @Test
        void tellWhoWaitsForAConnectionThatTheReactorHasEnded() {
            ClientService client =
                    new ClientService(
                            here,
                            ClientEndpoint.unix("nowhere").connector(here),
                            _ -> probe(),
                            ClientOptions.DEFAULT);
            CompletionStage<Protocol> waits = client.whenConnected(0).toCompletableFuture();
            world.await(here.stop());

            assertThatThrownBy(() -> world.await(waits))
                    .hasRootCauseMessage("the reactor has ended");
        }

        @Test
        void startAndStopServices() {
            ServiceGroup services = new ServiceGroup(here, PATIENCE);
            services.add(
                    new Service() {
                        @Override
                        public CompletionStage<Void> start() {
                            journal.add("started");
                            return CompletableFuture.completedFuture(null);
                        }

                        @Override
                        public CompletionStage<Void> stop() {
                            CompletableFuture<Void> later = new CompletableFuture<>();
                            here.callLater(
                                    Duration.ofMillis(1),
                                    () -> {
                                        journal.add("stopped");
                                        later.complete(null);
                                    });
                            return later;
                        }
                    });
            world.await(services.startWithReactor());
            note(Phase.AFTER_SHUTDOWN, "gone");
            world.await(here.stop());

            assertThat(journal).containsExactly("started", "stopped", "gone");
        }
    }

    @Nested
    class Metrics {
        @Test
        void countTurnsAndWhatWaits() {
            LoopMetrics before = there.metrics();
            int waiting =
                    onLoop(
                            here,
                            () -> {
                                here.callFromThread(() -> {});
                                here.callFromThread(() -> {});
                                return here.metrics().queueDepth();
                            });
            letTimePass();

            assertThat(waiting).isGreaterThanOrEqualTo(2);
            assertThat(there.metrics().turns()).isGreaterThan(before.turns());
            assertThat(here.metrics().callsOverLimit()).isZero();
        }

        @Test
        void mayBeReadFromAnywhere() {
            onAnotherThread(() -> assertThat(here.metrics().turns()).isNotNegative());
        }
    }
}
