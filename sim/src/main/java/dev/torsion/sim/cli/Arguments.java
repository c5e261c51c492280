package dev.torsion.sim.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What stands after a command: options with or without a value, and words.
final class Arguments {
    private final Map<String, List<String>> options = new LinkedHashMap<>();
    private final List<String> words = new ArrayList<>();

    /// @param flags options that take no value, such as `--help`
    /// @param valued options that take one, as `--seeds 10` or `--seeds=10`
    /// @throws WrongUseException if there is another option, or a value is missing
    Arguments(List<String> arguments, Set<String> flags, Set<String> valued) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            int equals = argument.startsWith("--") ? argument.indexOf('=') : -1;
            String name = equals < 0 ? argument : argument.substring(0, equals);
            if (!argument.startsWith("-")) {
                words.add(argument);
            } else if (flags.contains(argument)) {
                add(argument, "");
            } else if (!valued.contains(name)) {
                throw new WrongUseException("unknown option \"" + argument + "\"");
            } else if (equals >= 0) {
                add(name, argument.substring(equals + 1));
            } else if (++i < arguments.size()) {
                add(name, arguments.get(i));
            } else {
                throw new WrongUseException(name + " needs a value");
            }
        }
    }

    private void add(String option, String value) {
        options.computeIfAbsent(option, _ -> new ArrayList<>()).add(value);
    }

    boolean has(String option) {
        return options.containsKey(option);
    }

    /// The options that stand there.
    Set<String> names() {
        return options.keySet();
    }

    List<String> words() {
        return words;
    }

    /// All values of an option that may stand more than once.
    List<String> all(String option) {
        return options.getOrDefault(option, List.of());
    }

    /// The value of an option that may stand once; null if it does not.
    @Nullable String text(String option) {
        List<String> values = all(option);
        if (values.size() > 1) {
            throw new WrongUseException(option + " may stand once");
        }
        return values.isEmpty() ? null : values.getFirst();
    }

    long number(String option, long otherwise, long least, long most) {
        String text = text(option);
        if (text == null) {
            return otherwise;
        }
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw new WrongUseException(
                option
                        + ": expected a whole number from "
                        + least
                        + " to "
                        + most
                        + ", not \""
                        + text
                        + "\"");
    }

    /// A time in seconds, as they stand in a time line.
    double seconds(String option, double otherwise) {
        String text = text(option);
        if (text == null) {
            return otherwise;
        }
        try {
            double seconds = Double.parseDouble(text);
            if (seconds >= 0) {
                return seconds;
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw new WrongUseException(
                option + ": expected seconds such as 12.5, not \"" + text + "\"");
    }
}
