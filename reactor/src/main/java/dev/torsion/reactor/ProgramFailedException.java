package dev.torsion.reactor;

/// A program wrote more than was to be kept of it, or what is kept is not whole
/// ([Reactor#runProgram]); or it did not end as it was to ([ProgramResult#orThrow]). The message
/// names the program and what was wrong.
public final class ProgramFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public ProgramFailedException(String why) {
        super(why);
    }
}
