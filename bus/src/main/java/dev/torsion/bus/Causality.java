package dev.torsion.bus;

import org.jspecify.annotations.Nullable;

/// The event being handled on this thread, which is the cause of what is published meanwhile.
final class Causality {
    private static final ScopedValue<Event> HANDLED = ScopedValue.newInstance();

    /// Handler code, or a part of it.
    @FunctionalInterface
    interface Action {
        void run() throws Exception;
    }

    private Causality() {}

    static void callWithin(Event event, Action action) throws Exception {
        ScopedValue.where(HANDLED, event)
                .call(() -> {
                    action.run();
                    return event;
                });
    }

    static void runWithin(Event event, Runnable action) {
        ScopedValue.where(HANDLED, event).run(action);
    }

    static @Nullable Event current() {
        return HANDLED.isBound() ? HANDLED.get() : null;
    }
}
