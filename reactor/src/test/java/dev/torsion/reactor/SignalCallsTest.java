package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.torsion.reactor.testing.ManualReactor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/// Beside what `SignalsContract` says of every reactor: the process that several share.
final class SignalCallsTest {
    private final ManualReactor one = new ManualReactor();
    private final ManualReactor two = new ManualReactor();
    private final List<String> journal = new ArrayList<>();
    private final Map<Signal, Runnable> taken = new TreeMap<>();
    private final SignalCalls calls = new SignalCalls(this::take);

    private Runnable take(Signal signal, Runnable came) {
        if (signal == Signal.CONT) {
            throw new IllegalArgumentException("not to be had");
        }
        journal.add("take " + signal);
        taken.put(signal, came);
        return () -> {
            journal.add("give back " + signal);
            taken.remove(signal);
        };
    }

    private void come(Signal signal) {
        requireNonNull(taken.get(signal), "not taken").run();
    }

    private void run() {
        one.runUntilIdle();
        two.runUntilIdle();
    }

    @Test
    void takeASignalOnceForAllReactorsAndGiveItBackWithTheLast() {
        Registration first = calls.add(one, Signal.HUP, () -> journal.add("one"));
        Registration second = calls.add(two, Signal.HUP, () -> journal.add("two"));
        come(Signal.HUP);
        run();
        first.remove();
        come(Signal.HUP);
        run();
        second.remove();
        second.remove();

        assertThat(journal).containsExactly("take HUP", "one", "two", "two", "give back HUP");
    }

    @Test
    void giveASignalBackWhenTheLastReactorEnds() {
        calls.add(one, Signal.HUP, () -> {});
        calls.add(two, Signal.HUP, () -> {});
        one.stop();
        run();
        assertThat(journal).containsExactly("take HUP");

        two.stop();
        run();

        assertThat(journal).containsExactly("take HUP", "give back HUP");
    }

    @Test
    void giveASignalBackThatNobodyCanBeCalledForAnyMore() {
        one.stop();
        run();

        assertThatIllegalStateException().isThrownBy(() -> calls.add(one, Signal.HUP, () -> {}));

        assertThat(taken).isEmpty();
    }

    @Test
    void areOneForSignalsThatComeBeforeItHasBegun() {
        calls.add(one, Signal.HUP, () -> journal.add("called"));
        come(Signal.HUP);
        come(Signal.HUP);
        run();
        come(Signal.HUP);
        run();

        assertThat(journal).containsExactly("take HUP", "called", "called");
    }

    @Test
    void areForOneSignalEach() {
        calls.add(one, Signal.HUP, () -> journal.add("hup"));
        calls.add(one, Signal.USR1, () -> journal.add("usr1"));
        come(Signal.USR1);
        run();

        assertThat(journal).containsExactly("take HUP", "take USR1", "usr1");
    }

    @Test
    void mayBeAskedForAgainWhenTheSignalCouldNotBeHad() {
        for (int i = 0; i < 2; i++) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> calls.add(one, Signal.CONT, () -> {}))
                    .withMessage("not to be had");
        }
    }

    @Test
    void areNoneInMemoryThatNobodyAskedFor() {
        assertThatIllegalStateException()
                .isThrownBy(() -> one.raise(Signal.HUP))
                .withMessage("nothing is called at SIGHUP by reactor of localhost");
    }
}
