package dev.torsion.protocols.amp;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Bytes;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/// AMP's argument types, by the Java types that stand for them:
///
/// | Java | AMP |
/// | --- | --- |
/// | `int`, `long`, [BigInteger] | Integer |
/// | `double` | Float |
/// | `boolean` | Boolean |
/// | [Bytes] | String |
/// | [String] | Unicode |
/// | [BigDecimal], [Decimal] | Decimal |
/// | [OffsetDateTime] | DateTime |
/// | [Path] | Path |
/// | [List] of one of these | ListOf |
/// | [List] of a record | AmpList |
final class ValueTypes {
    private ValueTypes() {}

    /// @throws IllegalArgumentException if neither AMP nor `types` has such a type
    static ValueType of(Type type, AmpTypes types) {
        ValueType added = types.find(type);
        if (added != null) {
            return added;
        } else if (type == int.class || type == Integer.class) {
            return integer(BigInteger::intValueExact);
        } else if (type == long.class || type == Long.class) {
            return integer(BigInteger::longValueExact);
        } else if (type == BigInteger.class) {
            return integer(exact -> exact);
        } else if (type == double.class || type == Double.class) {
            return new Floats();
        } else if (type == boolean.class || type == Boolean.class) {
            return new Booleans();
        } else if (type == Bytes.class) {
            return new Raw();
        } else if (type == String.class) {
            return new Unicode();
        } else if (type == BigDecimal.class) {
            return new Decimals(true);
        } else if (type == Decimal.class) {
            return new Decimals(false);
        } else if (type == OffsetDateTime.class) {
            return new DateTimes();
        } else if (type == Path.class) {
            return converted(Path.class, new Unicode(), Path::toString, Path::of);
        } else if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
            return listOf(list.getActualTypeArguments()[0], types);
        }
        throw new IllegalArgumentException(
                "AMP has no type for %s: see AmpTypes.with, or use another"
                        .formatted(type.getTypeName()));
    }

    private static ValueType listOf(Type element, AmpTypes types) {
        boolean isRecord =
                element instanceof Class<?> type && type.isRecord() && types.find(type) == null;
        return isRecord
                ? new Boxes(Shape.of(((Class<?>) element).asSubclass(Record.class), types))
                : new Elements(of(element, types));
    }

    /// A `T`, sent as the `W` that `write` makes of it.
    ///
    /// @param wire of `W`
    @SuppressWarnings("unchecked") // by their type these functions are found
    static <T, W> ValueType converted(
            Class<T> type,
            ValueType wire,
            Function<? super T, ? extends W> write,
            Function<? super W, ? extends T> read) {
        return new Converted(
                type.getSimpleName(),
                wire,
                (Function<Object, Object>) write,
                (Function<Object, Object>) read);
    }

    private static ValueType integer(Function<BigInteger, Object> narrow) {
        return new Integers(narrow);
    }

    private static String sendable(String numeral) throws AmpException.Unsendable {
        if (!Numeral.isShort(numeral)) {
            throw new AmpException.Unsendable(
                    "a number of more than " + Numeral.MAX_DIGITS + " digits");
        }
        return numeral;
    }

    private record Integers(Function<BigInteger, Object> narrow) implements ValueType.Text {
        @Override
        public String write(Object value) throws AmpException.Unsendable {
            return sendable(value.toString());
        }

        @Override
        public Object read(String text) throws AmpException.Unreadable {
            return narrow.apply(Numeral.integer(text));
        }
    }

    private record Floats() implements ValueType.Text {
        @Override
        public String write(Object value) {
            return PythonFloat.write((Double) value);
        }

        @Override
        public Object read(String text) {
            return PythonFloat.read(text);
        }
    }

    private record Booleans() implements ValueType.Text {
        @Override
        public String write(Object value) {
            return (Boolean) value ? "True" : "False";
        }

        @Override
        public Object read(String text) throws AmpException.Unreadable {
            return switch (text) {
                case "True" -> true;
                case "False" -> false;
                default -> throw new AmpException.Unreadable("expected True or False");
            };
        }
    }

    private record Raw() implements ValueType {
        @Override
        public Bytes encode(Object value) {
            return ((Bytes) value).owned();
        }

        @Override
        public Object decode(Bytes value) {
            return value;
        }
    }

    private record Unicode() implements ValueType {
        @Override
        public Bytes encode(Object value) throws AmpException.Unsendable {
            try {
                ByteBuffer encoded = UTF_8.newEncoder().encode(CharBuffer.wrap((String) value));
                byte[] bytes = new byte[encoded.remaining()];
                encoded.get(bytes);
                return Bytes.wrap(bytes);
            } catch (CharacterCodingException _) {
                throw new AmpException.Unsendable("text with half a surrogate pair");
            }
        }

        @Override
        public Object decode(Bytes value) throws AmpException.Unreadable {
            try {
                return UTF_8.newDecoder().decode(ByteBuffer.wrap(value.toArray())).toString();
            } catch (CharacterCodingException _) {
                throw new AmpException.Unreadable("text that is not UTF-8");
            }
        }
    }

    private record Decimals(boolean numbersOnly) implements ValueType.Text {
        @Override
        public String write(Object value) throws AmpException.Unsendable {
            return switch (value) {
                case Decimal.Special special -> special.text();
                case Decimal.Finite(BigDecimal number) -> finite(number);
                default -> finite((BigDecimal) value);
            };
        }

        private static String finite(BigDecimal number) throws AmpException.Unsendable {
            if (!Numeral.isNearZero(number)) {
                throw new AmpException.Unsendable(
                        "a number whose last digit has the exponent %d, beyond -%d to %d"
                                .formatted(
                                        -(long) number.scale(),
                                        Numeral.MAX_EXPONENT,
                                        Numeral.MAX_EXPONENT));
            }
            return sendable(number.toString());
        }

        @Override
        public Object read(String text) throws AmpException.Unreadable {
            if (Numeral.isDecimal(text)) {
                BigDecimal number = Numeral.decimal(text);
                return numbersOnly ? number : new Decimal.Finite(number);
            }
            if (!numbersOnly) {
                for (Decimal.Special special : Decimal.Special.values()) {
                    if (special.text().equalsIgnoreCase(text)) {
                        return special;
                    }
                }
            }
            throw new AmpException.Unreadable("expected a decimal number");
        }
    }

    private record DateTimes() implements ValueType.Text {
        @Override
        public String write(Object value) throws AmpException.Unsendable {
            return PythonDateTime.write((OffsetDateTime) value);
        }

        @Override
        public Object read(String text) throws AmpException.Unreadable {
            return PythonDateTime.read(text);
        }
    }

    private record Converted(
            String name,
            ValueType wire,
            Function<Object, Object> write,
            Function<Object, Object> read)
            implements ValueType {
        @Override
        public Bytes encode(Object value) throws AmpException.Unsendable {
            Object written;
            try {
                written = requireNonNull(write.apply(value), "it was written as null");
            } catch (RuntimeException refused) {
                throw new AmpException.Unsendable(name, refused);
            }
            return wire.encode(written);
        }

        @Override
        public Object decode(Bytes value) throws AmpException.Unreadable {
            Object written = wire.decode(value);
            try {
                return requireNonNull(read.apply(written), "it was read as null");
            } catch (RuntimeException refused) {
                throw new AmpException.Unreadable(name, refused);
            }
        }
    }

    private record Elements(ValueType element) implements ValueType {
        @Override
        public Bytes encode(Object value) throws AmpException.Unsendable {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (Object each : (List<?>) value) {
                Strings.put(out, element.encode(each), "an element of a list");
            }
            return Bytes.wrap(out.toByteArray());
        }

        @Override
        public Object decode(Bytes value) throws AmpException.Unreadable {
            List<Object> elements = new ArrayList<>();
            for (Bytes each : Strings.split(value)) {
                elements.add(element.decode(each));
            }
            return List.copyOf(elements);
        }
    }

    private record Boxes(Shape<?> shape) implements ValueType {
        @Override
        public Bytes encode(Object value) throws AmpException.Unsendable {
            ByteArrayOutputStream out = new ByteArrayOutputStream();
            for (Object each : (List<?>) value) {
                out.writeBytes(shape.encode((Record) each).encode().toArray());
            }
            return Bytes.wrap(out.toByteArray());
        }

        @Override
        public Object decode(Bytes value) throws AmpException.Unreadable {
            List<Object> records = new ArrayList<>();
            BoxReader reader = new BoxReader(Box.MAX_VALUE);
            for (Bytes string : Strings.split(value)) {
                Box box = reader.take(string);
                if (box != null) {
                    records.add(shape.decode(box));
                }
            }
            if (reader.unfinishedBytes() > 0) {
                throw new AmpException.Unreadable("a list that ends within a box");
            }
            return List.copyOf(records);
        }
    }
}
