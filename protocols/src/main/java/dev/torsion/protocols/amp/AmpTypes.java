package dev.torsion.protocols.amp;

import java.lang.reflect.Type;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The types that arguments and results may have: those that [Command] names, and types of one's
/// own, which in Twisted are subclasses of `amp.Argument`.
///
/// ```java
/// static final AmpTypes TYPES =
///         AmpTypes.standard()
///                 .with(UUID.class, String.class, UUID::toString, UUID::fromString)
///                 .with(Color.class, String.class, Color::name, Color::valueOf)
///                 .with(Instant.class, Long.class, Instant::toEpochMilli, Instant::ofEpochMilli);
/// ```
///
/// Immutable.
public final class AmpTypes {
    private static final AmpTypes STANDARD = new AmpTypes(Map.of());

    private final Map<Class<?>, ValueType> added;

    private AmpTypes(Map<Class<?>, ValueType> added) {
        this.added = added;
    }

    /// AMP's own.
    public static AmpTypes standard() {
        return STANDARD;
    }

    /// Components, and elements of lists, of exactly this `type` are sent as the `wire` that
    /// `write` makes of them, with its bounds; this replaces what the type had.
    ///
    /// @param wire a type that there is already, such as [String], or [dev.torsion.reactor.Bytes]
    ///   for a format of one's own
    /// @param write a value that it refuses with an exception is [AmpException.Unsendable]
    /// @param read given what any peer may have sent, owned; what it refuses with an exception is
    ///   unreadable
    /// @throws IllegalArgumentException if there is no such `wire`
    public <T, W> AmpTypes with(
            Class<T> type,
            Class<W> wire,
            Function<? super T, ? extends W> write,
            Function<? super W, ? extends T> read) {
        Map<Class<?>, ValueType> more = new HashMap<>(added);
        more.put(type, ValueTypes.converted(type, ValueTypes.of(wire, this), write, read));
        return new AmpTypes(more);
    }

    /// One that was added.
    @Nullable ValueType find(Type type) {
        return added.get(type);
    }
}
