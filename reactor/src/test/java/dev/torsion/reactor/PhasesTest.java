package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class PhasesTest {
    private final ManualReactor reactor = new ManualReactor();
    private final Phases phases = new Phases();

    @Test
    void nameWhatIsUnderWayToo() {
        phases.add(reactor, Phase.BEFORE_SHUTDOWN, "drain", CompletableFuture::new);
        phases.add(reactor, Phase.BEFORE_SHUTDOWN, "say goodbye", () -> null);
        phases.add(reactor, Phase.AFTER_SHUTDOWN, "close the books", () -> null);
        var _ = phases.begin(Phase.BEFORE_SHUTDOWN);

        List<String> logged = Logged.during(() -> phases.skip(reactor, "has died"));

        assertThat(logged)
                .singleElement()
                .asString()
                .endsWith(
                        "has died: 2 actions of its phases are not done: [BEFORE_SHUTDOWN"
                                + " \"drain\", AFTER_SHUTDOWN \"close the books\"]");
        assertThat(Logged.during(() -> phases.skip(reactor, "did not end"))).isEmpty();
    }

    @Test
    void nameNoStartThatNobodyWaitsFor() {
        phases.add(reactor, Phase.STARTUP, "start", CompletableFuture::new);
        reactor.runUntilIdle();

        assertThat(Logged.during(() -> phases.skip(reactor, "has died"))).isEmpty();
    }

    @Test
    void giveUpWhatIsAbandonedUnlessAnotherWaitsForIt() {
        CompletableFuture<Void> alone = new CompletableFuture<>();
        Deferred<Void> shared = new Deferred<>(reactor, () -> {});
        CompletableFuture<Void> waits = shared.thenRun(() -> {});
        phases.add(reactor, Phase.BEFORE_SHUTDOWN, "alone", () -> alone);
        phases.add(reactor, Phase.BEFORE_SHUTDOWN, "shared", () -> shared);
        CompletableFuture<Void> all = phases.begin(Phase.BEFORE_SHUTDOWN);
        List<String> logged = Logged.during(phases::abandon);

        assertThat(all).isCompleted();
        assertThat(alone).isCancelled();
        assertThat(waits).isNotDone();
        assertThat(shared).isNotDone();
        assertThat(logged).hasSize(2).allMatch(line -> line.endsWith("and is abandoned"));
    }
}
