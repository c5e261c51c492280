package dev.torsion.reactor;

/// Keeps what belongs to a loop on it.
final class Loops {
    private Loops() {}

    static void require(Reactor reactor, String what) {
        if (!reactor.inLoop()) {
            throw new IllegalStateException(
                    what
                            + " belongs to the loop of its reactor; from elsewhere go through"
                            + " Reactor.callFromThread");
        }
    }

    /// Runs `action` on the loop: at once if the caller is on it.
    static void enter(Reactor reactor, Runnable action) {
        if (reactor.inLoop()) {
            action.run();
        } else {
            reactor.callFromThread(action);
        }
    }
}
