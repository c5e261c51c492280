package dev.torsion.reactor;

import org.jspecify.annotations.Nullable;

/// How a stage has ended, as a value: see [Deferred#outcomes].
public sealed interface Outcome<T extends @Nullable Object> {

    /// With a result.
    record Succeeded<T extends @Nullable Object>(T result) implements Outcome<T> {}

    /// Without one.
    ///
    /// @param cause without what the stages on the way wrapped around it ([Deferred#cause]);
    ///   [java.util.concurrent.CancellationException] if the stage was cancelled
    record Failed<T extends @Nullable Object>(Throwable cause) implements Outcome<T> {}
}
