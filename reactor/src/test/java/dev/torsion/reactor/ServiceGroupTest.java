package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

final class ServiceGroupTest {
    private final ManualReactor reactor = new ManualReactor();
    private final ServiceGroup group = new ServiceGroup(reactor, Duration.ofSeconds(5));
    private final List<String> journal = new ArrayList<>();

    /// A service that is up, and down, when the test says so.
    private final class Child implements Service {
        private final String name;
        private CompletableFuture<Void> up = CompletableFuture.completedFuture(null);
        private CompletableFuture<Void> down = CompletableFuture.completedFuture(null);
        private Runnable asks = () -> {};

        private Child(String name) {
            this.name = name;
        }

        @Override
        public CompletionStage<Void> start() {
            journal.add("start " + name);
            asks.run();
            return up;
        }

        @Override
        public CompletionStage<Void> stop() {
            journal.add("stop " + name);
            return down;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private final Child a = new Child("a");
    private final Child b = new Child("b");
    private final Child c = new Child("c");

    private void fill() {
        done(group.add(a));
        done(group.add(b));
    }

    private static void done(CompletionStage<Void> stage) {
        stage.toCompletableFuture().getNow(null);
        assertThat(stage.toCompletableFuture()).isCompleted();
    }

    @Test
    void startsInOrderAndStopsInReverse() {
        fill();
        done(group.start());
        done(group.stop());
        done(group.stop());
        assertThat(journal).containsExactly("start a", "start b", "stop b", "stop a");
    }

    @Test
    void waitsForOneBeforeTheNext() {
        a.up = new CompletableFuture<>();
        fill();
        CompletionStage<Void> started = group.start();
        assertThat(journal).containsExactly("start a");
        a.up.complete(null);
        done(started);
        b.down = new CompletableFuture<>();
        CompletionStage<Void> stopped = group.stop();
        assertThat(journal).containsExactly("start a", "start b", "stop b");
        b.down.complete(null);
        done(stopped);
        assertThat(journal).endsWith("stop a");
    }

    @Test
    void mayBeStartedAgain() {
        fill();
        done(group.start());
        done(group.stop());
        done(group.start());
        assertThat(journal).endsWith("start a", "start b");
    }

    @Test
    void stopsWhatWasStartedIfOneFails() {
        b.up = CompletableFuture.failedFuture(new IllegalStateException("no"));
        fill();
        CompletionStage<Void> started = group.start();
        assertThatThrownBy(started.toCompletableFuture()::join).hasRootCauseMessage("no");
        assertThat(journal).containsExactly("start a", "start b", "stop a");
        b.up = CompletableFuture.completedFuture(null);
        done(group.start());
    }

    @Test
    void failsIfAChildDoesNotStartInTime() {
        b.up = new CompletableFuture<>();
        fill();
        CompletionStage<Void> started = group.start();
        reactor.advance(Duration.ofSeconds(5));
        assertThatThrownBy(started.toCompletableFuture()::join)
                .hasCauseInstanceOf(TimeoutException.class)
                .hasMessageContaining("the start of b took longer than PT5S");
        assertThat(journal).endsWith("stop a");
    }

    /// A group's start cannot be cancelled: it goes on, and is followed by the stop.
    @Test
    void stopsAChildThatComesUpTooLate() {
        ServiceGroup outer = new ServiceGroup(reactor, Duration.ofSeconds(3));
        fill();
        done(outer.add(group));
        a.up = new CompletableFuture<>();
        CompletionStage<Void> started = outer.start();
        reactor.advance(Duration.ofSeconds(4));
        assertThat(journal).containsExactly("start a");

        a.up.complete(null);
        assertThatThrownBy(started.toCompletableFuture()::join)
                .hasCauseInstanceOf(TimeoutException.class)
                .hasMessageContaining("the start of")
                .hasMessageContaining("took longer than PT3S");
        assertThat(journal).containsExactly("start a", "start b", "stop b", "stop a");
        done(outer.start());
        assertThat(journal).endsWith("stop a", "start a", "start b");
    }

    @Test
    void stopsAnAddedChildThatDoesNotStartInTime() {
        done(group.start());
        a.up = new CompletableFuture<>();
        CompletionStage<Void> added = group.add(a);
        reactor.advance(Duration.ofSeconds(5));
        assertThat(added.toCompletableFuture()).isCompletedExceptionally();
        assertThat(journal).containsExactly("start a", "stop a");
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void leavesBehindWhatDoesNotStop() {
        fill();
        done(group.start());
        b.down = new CompletableFuture<>();
        CompletionStage<Void> stopped = group.stop();
        List<String> logged = Logged.during(() -> reactor.advance(Duration.ofSeconds(5)));
        done(stopped);
        assertThat(journal).endsWith("stop b", "stop a");
        assertThat(reactor.pendingTimers()).isZero();
        assertThat(b.down).isCancelled();
        assertThat(leftBehind(logged)).containsExactly("b");
        assertThat(logged).anyMatch(line -> line.contains("the stop of b took longer than PT5S"));
    }

    private static List<String> leftBehind(List<String> logged) {
        String is = " did not stop and is left behind";
        return logged.stream()
                .filter(line -> line.endsWith(is))
                .map(line -> line.substring(line.lastIndexOf(' ', line.length() - is.length() - 1)))
                .map(line -> line.substring(1, line.length() - is.length()))
                .toList();
    }

    @Test
    void tellsAllToStopByTheShutdownDeadlineThoughOthersHang() {
        fill();
        done(group.add(c));
        done(started(group));
        b.down = new CompletableFuture<>();
        c.down = new CompletableFuture<>();
        CompletionStage<Void> stopped = reactor.stop();
        reactor.advance(Duration.ofSeconds(9));
        assertThat(journal).endsWith("start c", "stop c", "stop b");
        List<String> logged = Logged.during(() -> reactor.advance(Duration.ofSeconds(1)));

        assertThat(journal).endsWith("start c", "stop c", "stop b", "stop a");
        assertThat(leftBehind(logged)).containsExactly("b");
        assertThat(b.down).isCancelled();
        assertThat(logged)
                .anyMatch(line ->
                        line.contains("the stop of b was given up with the stop of its group"));
        done(stopped);
    }

    @Test
    void waitsForNobodyWhenThereIsNoMoreTime() {
        fill();
        done(group.add(c));
        done(group.start());
        List.of(a, b, c).forEach(child -> child.down = new CompletableFuture<>());
        CompletionStage<Void> stopped = group.stop();
        List<String> logged = Logged.during(() -> stopped.toCompletableFuture().cancel(false));

        assertThat(journal).endsWith("start c", "stop c", "stop b", "stop a");
        assertThat(leftBehind(logged)).containsExactly("c", "b", "a");
        assertThat(reactor.pendingTimers()).isZero();
        List.of(a, b, c).forEach(child -> child.down = new CompletableFuture<>());
        done(group.start());
        CompletionStage<Void> again = group.stop();
        assertThat(journal).endsWith("start c", "stop c"); // which is waited for
        assertThat(again.toCompletableFuture()).isNotDone();
    }

    @Test
    void givesUpAStartToStopByTheShutdownDeadline() {
        ServiceGroup slow = new ServiceGroup(reactor, Duration.ofMinutes(1));
        b.up = new CompletableFuture<>();
        List.of(a, b, c).forEach(child -> done(slow.add(child)));
        CompletionStage<Void> started = started(slow);
        CompletionStage<Void> stopped = reactor.stop();
        reactor.advance(Duration.ofSeconds(10));

        assertThat(journal).containsExactly("start a", "start b", "stop b", "stop a");
        assertThatThrownBy(started.toCompletableFuture()::join)
                .hasMessageContaining("the start of b was given up with the stop of its group");
        done(stopped);
    }

    @Test
    void tellsGroupsWithinGroupsToStopByTheShutdownDeadline() {
        ServiceGroup outer = new ServiceGroup(reactor, Duration.ofMinutes(1));
        ServiceGroup inner = new ServiceGroup(reactor, Duration.ofMinutes(1));
        done(outer.add(a));
        done(outer.add(inner));
        done(inner.add(b));
        done(inner.add(c));
        done(started(outer));
        c.down = new CompletableFuture<>();
        CompletionStage<Void> stopped = reactor.stop();
        reactor.advance(Duration.ofSeconds(10));

        assertThat(journal).endsWith("start c", "stop c", "stop b", "stop a");
        done(stopped);
    }

    private CompletionStage<Void> started(ServiceGroup services) {
        CompletionStage<Void> started = services.startWithReactor();
        reactor.runUntilIdle();
        return started;
    }

    @Test
    void stopsTheOthersIfOneFailsTo() {
        fill();
        done(group.start());
        b.down = CompletableFuture.failedFuture(new IllegalStateException("stuck"));
        done(group.stop());
        assertThat(journal).endsWith("stop b", "stop a");
    }

    @Test
    void startsWhatIsAddedWhileItRuns() {
        done(group.start());
        fill();
        assertThat(journal).containsExactly("start a", "start b");
    }

    @Test
    void keepsNoChildThatFailsToStart() {
        done(group.start());
        a.up = CompletableFuture.failedFuture(new IllegalStateException("no"));
        CompletionStage<Void> added = group.add(a);
        assertThat(added.toCompletableFuture()).isCompletedExceptionally();
        done(group.stop());
        done(group.start());
        assertThat(journal).containsExactly("start a");
    }

    @Test
    void stopsWhatIsTakenOut() {
        fill();
        done(group.start());
        done(group.remove(a));
        done(group.stop());
        assertThat(journal).containsExactly("start a", "start b", "stop a", "stop b");
        assertThat(group.remove(a).toCompletableFuture()).isCompletedExceptionally();
    }

    @Test
    void doesWhatAChildAsksOfItInItsStartWhenAllAreUp() {
        List<CompletionStage<Void>> asked = new ArrayList<>();
        a.asks =
                () -> {
                    asked.add(group.stop());
                    asked.add(group.remove(b));
                };
        fill();
        done(group.start());
        asked.forEach(ServiceGroupTest::done);
        assertThat(journal).containsExactly("start a", "start b", "stop b", "stop a");
        a.asks = () -> {};
        done(group.start());
        assertThat(journal).endsWith("stop a", "start a");
    }

    @Test
    void startsGroupsWithinGroups() {
        ServiceGroup outer = new ServiceGroup(reactor, Duration.ofSeconds(5));
        fill();
        done(outer.add(group));
        done(outer.start());
        done(outer.stop());
        assertThat(journal).containsExactly("start a", "start b", "stop b", "stop a");
    }

    @Test
    void cannotBeStartedTwice() {
        done(group.start());
        assertThat(group.start().toCompletableFuture()).isCompletedExceptionally();
    }

    @Test
    void startsWhatAFactoryNeedsBeforeItsPortAndStopsItAfter() {
        ListeningService port =
                new ListeningService(
                        reactor,
                        () -> {
                            journal.add("the port opens");
                            return reactor.listenTcp(0, _ -> null);
                        });
        done(group.add(a));
        done(group.add(port));
        done(group.start());
        int number = ((Address.Inet) port.address()).port();
        a.down = new CompletableFuture<>();
        CompletionStage<Void> stopped = group.stop();
        reactor.runUntilIdle();
        assertThat(journal).containsExactly("start a", "the port opens", "stop a");
        reactor.listenTcp(number, _ -> null); // closed, while a is still up
        a.down.complete(null);
        done(stopped);
    }

    @Test
    void drainsPortsThatAreToBeDrained() {
        ListeningService port =
                ListeningService.draining(
                        reactor,
                        Duration.ofSeconds(5),
                        () -> reactor.listenTcp(0, _ -> new Protocol() {}));
        done(group.add(port));
        done(group.start());
        ListeningPort open = port.port();
        var _ = reactor.connect(open.address(), _ -> new Protocol() {}, Duration.ofSeconds(1));
        reactor.runUntilIdle();
        CompletionStage<Void> stopped = group.stop();
        reactor.advance(Duration.ofSeconds(4));
        assertThat(stopped.toCompletableFuture()).isNotDone();
        assertThat(open.connections()).isOne();
        reactor.advance(Duration.ofSeconds(1));
        done(stopped);
        assertThat(open.connections()).isZero();
        assertThatThrownBy(() ->
                        ListeningService.draining(reactor, Duration.ofSeconds(-1), () -> open))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void opensPortsAndClosesThem() {
        ListeningService port =
                new ListeningService(reactor, () -> reactor.listenTcp(0, _ -> new Protocol() {}));
        assertThatThrownBy(port::address).isInstanceOf(IllegalStateException.class);
        done(group.add(port));
        done(group.start());
        int number = ((Address.Inet) port.address()).port();
        assertThatThrownBy(() -> reactor.listenTcp(number, _ -> null))
                .isInstanceOf(CannotListenException.class);
        assertThat(port.start().toCompletableFuture()).isCompletedExceptionally();
        done(group.stop());
        reactor.listenTcp(number, _ -> null);
        ListeningService taken =
                new ListeningService(reactor, () -> reactor.listenTcp(number, _ -> null));
        assertThatThrownBy(taken.start().toCompletableFuture()::join)
                .hasCauseInstanceOf(CannotListenException.class);
    }
}
