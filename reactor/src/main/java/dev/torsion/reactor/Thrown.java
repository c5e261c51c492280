package dev.torsion.reactor;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;

/// How to speak of what was thrown, which may be anything: some exceptions throw again when they
/// are asked what they are or what caused them. For whoever implements a [Reactor]. Thread-safe.
public final class Thrown {
    private static final int MOST_CAUSES = 64;

    private Thrown() {}

    /// Logs as an error that something was thrown. Throws nothing itself: a log that cannot be
    /// written, for want of memory or because it is broken, must not end the loop that writes it.
    /// What it did not take goes to the standard error, in few words; if that cannot be written
    /// either, there is nobody left to tell.
    ///
    /// @param what in words; no braces are filled in
    public static void log(Logger log, String what, Throwable thrown) {
        try {
            log.error(what, thrown);
        } catch (Throwable unspeakable) {
            withoutItsWords(log, what, thrown);
        }
    }

    /// Logs a warning, and throws nothing either.
    ///
    /// @param what in words, whose braces are filled in with `about`
    public static void warn(Logger log, String what, Object... about) {
        try {
            log.warn(what, about);
        } catch (Throwable broken) {
            log(log, what, broken);
        }
    }

    private static void withoutItsWords(Logger log, String what, Throwable thrown) {
        try {
            String name = thrown.getClass().getName();
            log.error("{}: {}, which cannot say what it is", what, name);
        } catch (Throwable broken) {
            try {
                System.err.println(what);
                System.err.println(thrown.getClass().getName());
            } catch (Throwable _) {
                // Nobody is left to tell.
            }
        }
    }

    /// An exception and its causes, outermost first: at most 64, and none beyond one that throws
    /// when it is asked for its own.
    public static List<Throwable> causes(Throwable thrown) {
        List<Throwable> causes = new ArrayList<>();
        Throwable each = thrown;
        try {
            while (each != null && causes.size() < MOST_CAUSES) {
                causes.add(each);
                each = each.getCause();
            }
        } catch (Throwable _) {
            // It is the last that can be known.
        }
        return causes;
    }

    /// An exception that the JDK can ask what it is and what caused it: `thrown` itself, unless
    /// that throws then, or else one that has it as its cause.
    static Throwable speakable(Throwable thrown) {
        try {
            var _ = thrown.toString();
            var _ = thrown.getCause();
            return thrown;
        } catch (Throwable unspeakable) {
            String name = thrown.getClass().getName();
            return new CompletionException(name + ", which cannot say what it is", thrown);
        }
    }

    /// What an exception says of itself, or else the name of its class: without its package, unless
    /// it throws when it is asked.
    public static String text(Throwable thrown) {
        try {
            String message = thrown.getMessage();
            return message == null ? thrown.getClass().getSimpleName() : message;
        } catch (Throwable unspeakable) {
            return thrown.getClass().getName();
        }
    }
}
