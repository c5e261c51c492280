package dev.torsion.sim.cli;

/// The command line cannot mean anything; the message says why.
final class WrongUseException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongUseException(String why) {
        super(why);
    }

    WrongUseException(String why, Throwable cause) {
        super(why, cause);
    }
}
