package dev.torsion.reactor;

import org.jspecify.annotations.Nullable;

/// A signal that [ProcessTransport#signal] can send, with its number on Linux. What is to be called
/// when this process gets one is [Reactor#onSignal]'s.
public enum Signal {
    HUP(1),
    INT(2),
    QUIT(3),
    /// Ends the program whatever it does about it.
    KILL(9),
    USR1(10),
    USR2(12),
    /// Asks the program to end.
    TERM(15),
    CONT(18),
    STOP(19),
    WINCH(28);

    private final int number;

    Signal(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /// The signal of that number; null if it is none of these.
    public static @Nullable Signal of(int number) {
        for (Signal signal : values()) {
            if (signal.number == number) {
                return signal;
            }
        }
        return null;
    }
}
