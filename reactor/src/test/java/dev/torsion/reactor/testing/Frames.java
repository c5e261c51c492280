package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;

/// Whose call an exception shows.
public final class Frames {
    private Frames() {}

    /// Wants a frame of `method` in its stack trace, whichever thread made it.
    public static Consumer<Throwable> ofCaller(String method) {
        return thrown ->
                assertThat(thrown.getStackTrace())
                        .anyMatch(frame -> frame.getMethodName().contains(method));
    }
}
