package dev.torsion.sim.cli;

import dev.torsion.sim.UserFrames;
import java.time.Duration;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// Notices that a thread makes no headway: in one turn after the other its stack is the same, or it
/// is in the same method of the user's code.
final class Standstill {
    private final long patience;
    private long turn = -1;
    private StackTraceElement[] stack = {};
    private long since;
    private @Nullable StackTraceElement told;

    Standstill(Duration patience) {
        this.patience = patience.toNanos();
    }

    /// Looks at the thread now and then.
    ///
    /// @param newTurn a number that changes with what the thread is given to do
    /// @param now in nanoseconds, of a clock that only goes on
    /// @return where it stands still, the first time that this is known of a standstill; else null
    @Nullable StackTraceElement look(long newTurn, StackTraceElement[] newStack, long now) {
        boolean goesOn = newTurn != turn || !isAlike(stack, newStack);
        turn = newTurn;
        stack = newStack;
        if (goesOn) {
            since = now;
            told = null;
            return null;
        }
        if (told != null || newStack.length == 0 || now - since < patience) {
            return null;
        }
        StackTraceElement users = UserFrames.first(newStack);
        told = users == null ? newStack[0] : users;
        return told;
    }

    /// Where it stands still; null if it does not.
    @Nullable StackTraceElement where() {
        return told;
    }

    private static boolean isAlike(StackTraceElement[] before, StackTraceElement[] now) {
        StackTraceElement was = UserFrames.present(before);
        StackTraceElement is = UserFrames.present(now);
        boolean sameMethod =
                was != null
                        && is != null
                        && was.getClassName().equals(is.getClassName())
                        && was.getMethodName().equals(is.getMethodName());
        return sameMethod || Arrays.equals(before, now);
    }
}
