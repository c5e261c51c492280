package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import dev.torsion.reactor.Registration;
import dev.torsion.reactor.Signal;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a reactor promises of signals to its process. The tests are sent one that does nothing to a
/// process unless it asks for it.
abstract class SignalsContract extends TwoReactors {
    private static final Signal SIGNAL = Signal.WINCH;

    private final List<String> journal = Collections.synchronizedList(new ArrayList<>());

    /// A call that tells whether it is on the loop of `here`.
    private static final class Awaited {
        private volatile CompletableFuture<Boolean> next = new CompletableFuture<>();
    }

    @Test
    void areCallsOnTheLoopEachTimeTheyCome() {
        Awaited awaited = new Awaited();
        here.onSignal(SIGNAL, () -> awaited.next.complete(here.inLoop()));

        for (int i = 0; i < 3; i++) {
            awaited.next = new CompletableFuture<>();
            world.raise(here, SIGNAL);
            assertThat(world.await(awaited.next)).isTrue();
        }
    }

    @Test
    void areToldToAllInTheOrderOfAsking() {
        CompletableFuture<Void> last = new CompletableFuture<>();
        here.onSignal(SIGNAL, () -> journal.add("one"));
        here.onSignal(SIGNAL, () -> journal.add("two"));
        here.onSignal(SIGNAL, () -> last.complete(null));

        world.raise(here, SIGNAL);

        world.await(last);
        assertThat(journal).containsExactly("one", "two");
    }

    @Test
    void areNotToldToWhomNoLongerWantsThem() {
        CompletableFuture<Void> last = new CompletableFuture<>();
        Registration first = here.onSignal(SIGNAL, () -> journal.add("called"));
        here.onSignal(SIGNAL, () -> last.complete(null));

        assertThat(first.remove()).isTrue();
        assertThat(first.remove()).isFalse();
        world.raise(here, SIGNAL);

        world.await(last);
        assertThat(journal).isEmpty();
    }

    @Test
    void areNotToldOnceACallBeforeHasTakenThatBack() {
        CompletableFuture<Void> last = new CompletableFuture<>();
        List<Registration> second = new ArrayList<>();
        here.onSignal(SIGNAL, () -> second.getFirst().remove());
        second.add(here.onSignal(SIGNAL, () -> journal.add("called")));
        here.onSignal(SIGNAL, () -> last.complete(null));

        world.raise(here, SIGNAL);

        world.await(last);
        assertThat(journal).isEmpty();
    }

    @Test
    void mayBeAskedForFromAnyThread() {
        CompletableFuture<Boolean> called = new CompletableFuture<>();
        onAnotherThread(() -> here.onSignal(SIGNAL, () -> called.complete(here.inLoop())));

        world.raise(here, SIGNAL);

        assertThat(world.await(called)).isTrue();
    }

    @Test
    void mayBeMetWithAnExceptionAndTheLoopGoesOn() {
        CompletableFuture<Void> last = new CompletableFuture<>();
        here.onSignal(
                SIGNAL,
                () -> {
                    throw new IllegalStateException("thrown at a signal");
                });
        here.onSignal(SIGNAL, () -> last.complete(null));

        List<String> logged =
                Logged.during(() -> {
                    world.raise(here, SIGNAL);
                    world.await(last);
                });

        assertThat(logged).anyMatch(line -> line.contains("thrown at a signal"));
    }

    @ParameterizedTest
    @EnumSource(names = {"INT", "TERM", "QUIT", "USR2", "KILL", "STOP"})
    void areRefusedThatCannotBeHad(Signal signal) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> here.onSignal(signal, () -> {}))
                .withMessageStartingWith("nothing can be called at SIG" + signal + ": ");
    }

    @Test
    @SuppressWarnings("NullAway") // what callers without it do
    void areRefusedWithoutAName() {
        assertThatNullPointerException()
                .isThrownBy(() -> here.onSignal(null, () -> {}))
                .withMessage("signal");
        assertThatNullPointerException()
                .isThrownBy(() -> here.onSignal(SIGNAL, null))
                .withMessage("action");
    }

    @Test
    void areNoLongerHadWhenTheReactorHasEnded() {
        Registration registration = here.onSignal(SIGNAL, () -> {});
        world.await(here.stop());

        assertThat(registration.remove()).isFalse();
        assertThatIllegalStateException()
                .isThrownBy(() -> here.onSignal(SIGNAL, () -> {}))
                .withMessageContaining("has ended");
    }
}
