package dev.torsion.node;

import dev.torsion.bus.Durations;
import dev.torsion.bus.Topic;
import dev.torsion.bus.TopicPattern;
import dev.torsion.reactor.Address;
import java.time.Duration;
import java.util.function.Function;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/// What people write on the command line, as the project's own types.
final class Converters {
    private Converters() {}

    private static <T> T convert(String text, Function<String, T> parser) {
        try {
            return parser.apply(text);
        } catch (IllegalArgumentException e) {
            throw new TypeConversionException(String.valueOf(e.getMessage()));
        }
    }

    static final class OfTopic implements ITypeConverter<Topic> {
        @Override
        public Topic convert(String text) {
            return Converters.convert(text, Topic::of);
        }
    }

    static final class OfPattern implements ITypeConverter<TopicPattern> {
        @Override
        public TopicPattern convert(String text) {
            return Converters.convert(text, TopicPattern::new);
        }
    }

    static final class OfDuration implements ITypeConverter<Duration> {
        @Override
        public Duration convert(String text) {
            return Converters.convert(text, Durations::parse);
        }
    }

    static final class OfAddress implements ITypeConverter<Address.Inet> {
        @Override
        public Address.Inet convert(String text) {
            return Converters.convert(text, Address.Inet::parse);
        }
    }
}
