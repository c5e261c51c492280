package dev.torsion.sim;

import dev.torsion.reactor.Thrown;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds the code of who uses Torsion in a stack.
public final class UserFrames {
    private static final List<String> JDK = List.of("java.", "javax.", "jdk.", "sun.");
    private static final List<String> OURS = List.of("dev.torsion.", "org.junit.");

    private UserFrames() {}

    /// The innermost frame that belongs neither to the JDK nor to Torsion or JUnit; null if there
    /// is none.
    public static @Nullable StackTraceElement first(StackTraceElement[] stack) {
        for (StackTraceElement frame : stack) {
            if (!isJdk(frame) && !is(OURS, frame)) {
                return frame;
            }
        }
        return null;
    }

    /// The innermost frame that belongs not to the JDK, if that is the user's; null while Torsion
    /// is at work, or nothing but the JDK.
    public static @Nullable StackTraceElement present(StackTraceElement[] stack) {
        for (StackTraceElement frame : stack) {
            if (!isJdk(frame)) {
                return is(OURS, frame) ? null : frame;
            }
        }
        return null;
    }

    /// What was thrown, in one line, with the first frame of the user's code: of the innermost
    /// cause that has one.
    public static String firstLine(Throwable thrown) {
        String line = thrown.toString().lines().findFirst().orElse("");
        StackTraceElement at = null;
        for (Throwable cause : Thrown.causes(thrown)) {
            StackTraceElement frame = first(cause.getStackTrace());
            at = frame == null ? at : frame;
        }
        return at == null ? line : line + " at " + at;
    }

    private static boolean isJdk(StackTraceElement frame) {
        return is(JDK, frame);
    }

    private static boolean is(List<String> packages, StackTraceElement frame) {
        return packages.stream().anyMatch(frame.getClassName()::startsWith);
    }
}
