package dev.torsion.protocols.amp;

import static java.util.Objects.requireNonNullElse;

import dev.torsion.reactor.Bytes;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Each component under its name (or its [Key]), those marked [Nullable] left out when null.
final class Components<R extends Record> implements Shape<R> {
    private final Class<R> type;
    private final Constructor<R> constructor;
    private final List<Part> parts;

    private record Part(RecordComponent component, String key, ValueType type, boolean optional) {
        static Part of(RecordComponent component, AmpTypes types) {
            Key named = component.getAnnotation(Key.class);
            String key = Box.checkedKey(named == null ? component.getName() : named.value());
            boolean optional = component.getAnnotatedType().isAnnotationPresent(Nullable.class);
            if (optional && component.getType().isPrimitive()) {
                throw new IllegalArgumentException(
                        "%s of %s is marked @Nullable, but %s has no null: use its class"
                                .formatted(
                                        component.getName(),
                                        component.getDeclaringRecord().getSimpleName(),
                                        component.getType()));
            }
            component.getAccessor().setAccessible(true);
            return new Part(component, key, valueType(component, types), optional);
        }

        private static ValueType valueType(RecordComponent component, AmpTypes types) {
            try {
                return ValueTypes.of(component.getGenericType(), types);
            } catch (IllegalArgumentException none) {
                throw new IllegalArgumentException(
                        "%s of %s: %s"
                                .formatted(
                                        component.getName(),
                                        component.getDeclaringRecord().getSimpleName(),
                                        none.getMessage()),
                        none);
            }
        }
    }

    private Components(Class<R> type, Constructor<R> constructor, List<Part> parts) {
        this.type = type;
        this.constructor = constructor;
        this.parts = parts;
    }

    /// @throws IllegalArgumentException if a component is of a type that neither AMP nor `types`
    ///   has, has the key of another, or is optional and of a primitive type
    static <R extends Record> Components<R> of(Class<R> type, AmpTypes types) {
        List<Part> parts = new ArrayList<>();
        List<Class<?>> classes = new ArrayList<>();
        Set<String> keys = new HashSet<>();
        for (RecordComponent component : type.getRecordComponents()) {
            Part part = Part.of(component, types);
            if (!keys.add(part.key)) {
                throw new IllegalArgumentException(
                        "two components of %s have the key \"%s\""
                                .formatted(type.getSimpleName(), part.key));
            }
            parts.add(part);
            classes.add(component.getType());
        }
        try {
            Constructor<R> canonical = type.getDeclaredConstructor(classes.toArray(Class[]::new));
            canonical.setAccessible(true);
            return new Components<>(type, canonical, List.copyOf(parts));
        } catch (NoSuchMethodException impossible) {
            throw new IllegalStateException("a record without its constructor", impossible);
        }
    }

    @Override
    public Box encode(Record record) throws AmpException.Unsendable {
        Box box = new Box();
        for (Part part : parts) {
            Object value = value(part.component, type.cast(record));
            if (value != null) {
                box.put(part.key, part.type.encode(value));
            } else if (!part.optional) {
                throw new AmpException.Unsendable(part.key + " is null, and not marked @Nullable");
            }
        }
        return box;
    }

    @Override
    public R decode(Box box) throws AmpException.Unreadable {
        @Nullable Object[] values = new @Nullable Object[parts.size()];
        for (int i = 0; i < values.length; i++) {
            Part part = parts.get(i);
            Bytes value = box.get(part.key);
            if (value != null) {
                values[i] = decode(part, value);
            } else if (!part.optional) {
                throw new AmpException.Unreadable(part.key + " is missing");
            }
        }
        return make(values);
    }

    private static Object decode(Part part, Bytes value) throws AmpException.Unreadable {
        try {
            return part.type.decode(value);
        } catch (AmpException.Unreadable wrong) {
            throw new AmpException.Unreadable(part.key, wrong);
        }
    }

    private static @Nullable Object value(RecordComponent component, Record record) {
        try {
            return component.getAccessor().invoke(record);
        } catch (IllegalAccessException | InvocationTargetException failed) {
            throw new IllegalStateException("cannot read " + component, failed);
        }
    }

    /// What the record's own constructor refuses is unreadable too.
    private R make(@Nullable Object[] values) throws AmpException.Unreadable {
        try {
            return constructor.newInstance(values);
        } catch (InvocationTargetException refused) {
            throw new AmpException.Unreadable(
                    type.getSimpleName(), requireNonNullElse(refused.getCause(), refused));
        } catch (ReflectiveOperationException failed) {
            throw new IllegalStateException("cannot make a " + type.getSimpleName(), failed);
        }
    }
}
