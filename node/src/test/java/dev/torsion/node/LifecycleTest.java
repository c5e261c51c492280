package dev.torsion.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class LifecycleTest {
    private final Lifecycle lifecycle = new Lifecycle(Duration.ofMillis(20));
    private final List<String> ended = new ArrayList<>();

    @Test
    void stopsTheLastThatStartedFirst() {
        lifecycle.started("one", Duration.ZERO, () -> end("one"));
        lifecycle.started("two", Duration.ZERO, () -> end("two"));

        assertThat(lifecycle.stop()).isTrue();
        assertThat(ended).containsExactly("two", "one");
    }

    @Test
    void leavesBehindWhatHangsAndStopsTheRest() {
        lifecycle.started("one", Duration.ZERO, () -> end("one"));
        lifecycle.started("hangs", Duration.ofMillis(10), CompletableFuture::new);

        assertThat(lifecycle.stop()).isFalse();
        assertThat(ended).containsExactly("one");
    }

    @Test
    void stopsTheRestWhenOneFails() {
        lifecycle.started("one", Duration.ZERO, () -> end("one"));
        lifecycle.started(
                "fails",
                Duration.ZERO,
                () -> {
                    throw new IllegalStateException("on purpose");
                });

        assertThat(lifecycle.stop()).isFalse();
        assertThat(ended).containsExactly("one");
    }

    @Test
    void stopsAtOnceWhatStartsTooLate() {
        lifecycle.stop();

        assertThatThrownBy(() -> lifecycle.started("late", Duration.ZERO, () -> end("late")))
                .isInstanceOf(CommandFailedException.class);
        assertThat(ended).containsExactly("late");
    }

    @Test
    void stopsOnce() {
        lifecycle.started("one", Duration.ZERO, () -> end("one"));
        lifecycle.stop();

        assertThat(lifecycle.stop()).isTrue();
        assertThat(ended).containsExactly("one");
    }

    private CompletionStage<Void> end(String what) {
        ended.add(what);
        return CompletableFuture.completedStage(null);
    }
}
