package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

final class PreparationTest {
    private final List<Runnable> begun = new ArrayList<>();
    private final List<String> done = new ArrayList<>();

    private Preparation preparation(Threads threads) {
        return new Preparation("a test", () -> done.add("prepared"), threads);
    }

    @Test
    void isDoneOnceOnAThreadOfItsOwn() {
        Preparation preparation =
                preparation(
                        new Threads() {
                            @Override
                            public void start(String name, Runnable work) {
                                begun.add(work);
                            }
                        });
        assertThat(begun).isEmpty();
        CompletableFuture<Void> first = preparation.done();
        assertThat(preparation.done()).isSameAs(first).isNotDone();
        begun.forEach(Runnable::run);

        assertThat(first).isCompleted();
        assertThat(done).containsExactly("prepared");
    }

    @Test
    void isDoneByTheCallerWhenNoThreadCanBeHad() {
        Preparation preparation =
                preparation(
                        new Threads() {
                            @Override
                            public void start(String name, Runnable work) {
                                throw new OutOfMemoryError("by the test");
                            }
                        });

        assertThat(preparation.done()).isCompleted();
        assertThat(preparation.done()).isCompleted();
        assertThat(done).containsExactly("prepared");
    }

    @Test
    void isTriedAgainWhenThereIsNoMemoryForIt() {
        List<OutOfMemoryError> shortages = new ArrayList<>();
        shortages.add(new OutOfMemoryError("by the test"));
        Preparation preparation =
                new Preparation(
                        "a test",
                        () -> {
                            if (!shortages.isEmpty()) {
                                throw shortages.removeFirst();
                            }
                            done.add("prepared");
                        },
                        new Threads() {
                            @Override
                            public void start(String name, Runnable work) {
                                throw new OutOfMemoryError("by the test");
                            }
                        });

        assertThatThrownBy(preparation::done).isInstanceOf(OutOfMemoryError.class);
        assertThat(preparation.done()).isCompleted();
        assertThat(done).containsExactly("prepared");
    }
}
