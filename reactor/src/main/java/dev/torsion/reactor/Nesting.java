package dev.torsion.reactor;

import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Has things done at once that lead to each other, as the links of a chain of stages do, without
/// going as deep into the stack as the chain is long: from a certain depth on, what comes next is
/// done when the outermost is, still inside the call that began it.
final class Nesting {
    private static final Logger log = LoggerFactory.getLogger(Nesting.class);
    private static final int DEEPEST = 32;
    private static final ThreadLocal<Nesting> HERE = ThreadLocal.withInitial(Nesting::new);

    private int depth;
    private @Nullable ArrayDeque<Runnable> later;

    private Nesting() {}

    /// Does `action`, here and at once if this thread is not too deep within others. What it throws
    /// is the caller's only then.
    static void run(Runnable action) {
        HERE.get().enter(action);
    }

    private void enter(Runnable action) {
        if (depth == DEEPEST) {
            if (later == null) {
                later = new ArrayDeque<>();
            }
            later.add(action);
            return;
        }
        depth++;
        try {
            action.run();
        } finally {
            leave();
        }
    }

    private void leave() {
        try {
            if (depth == 1) {
                doLater();
            }
        } finally {
            depth--;
        }
    }

    private void doLater() {
        while (later != null) {
            Runnable next = later.poll();
            if (next == null) {
                later = null;
            } else {
                doOne(next);
            }
        }
    }

    private static void doOne(Runnable action) {
        try {
            action.run();
        } catch (Throwable thrown) {
            Thrown.log(log, "what followed from a stage's end threw", thrown);
        }
    }
}
