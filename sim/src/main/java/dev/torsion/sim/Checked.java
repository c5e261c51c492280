package dev.torsion.sim;

import java.time.Duration;
import java.util.Objects;

/// Refuses values that cannot be, null among them. `what` begins the sentence that says so.
final class Checked {
    private Checked() {}

    static Duration notNegative(String what, Duration duration) {
        if (Objects.requireNonNull(duration, what).isNegative()) {
            throw new IllegalArgumentException(what + " is not negative, as " + duration + " is");
        }
        return duration;
    }

    static Duration positive(String what, Duration duration) {
        if (!Objects.requireNonNull(duration, what).isPositive()) {
            throw new IllegalArgumentException(what + " is more than zero, not " + duration);
        }
        return duration;
    }

    static void between(String what, long number, long least, long most) {
        if (number < least || number > most) {
            String bounds = most < Integer.MAX_VALUE ? least + " to " + most : least + " or more";
            throw new IllegalArgumentException(what + ": expected " + bounds + ", not " + number);
        }
    }

    static void named(String what, String name) {
        if (Objects.requireNonNull(name, what).isEmpty()) {
            throw new IllegalArgumentException(what + " has a name");
        }
    }
}
