package dev.torsion.reactor;

/// What a program that has run to its end has written, and how it ended; see [Reactor#runProgram].
///
/// @param end how it ended, or why it never ran
/// @param out what it wrote to its standard output, and to its standard error if that was
///   [Program.StandardError#MERGED]; owned
/// @param err what it wrote to its standard error, if that was [Program.StandardError#SEPARATE];
///   owned
public record ProgramResult(Program program, ProcessEnd end, Bytes out, Bytes err) {
    private static final int MOST_TOLD = 200; // characters

    /// This, of a program that exited with code 0.
    ///
    /// @throws ProgramFailedException of another, which says how it ended, and the last 200
    ///   characters of its standard error, or of its output if both were
    ///   [Program.StandardError#MERGED], as [PeerText] shows them, with `/` between lines
    public ProgramResult orThrow() {
        if (end.equals(new ProcessEnd.Exited(0))) {
            return this;
        }
        boolean merged = program.standardError() == Program.StandardError.MERGED;
        String told = tail((merged ? out : err).utf8().strip());
        throw new ProgramFailedException(program + " " + end + told);
    }

    private static String tail(String text) {
        if (text.isEmpty()) {
            return "";
        }
        int from = Math.max(0, text.length() - MOST_TOLD);
        String line = text.substring(from).replaceAll("\\s*\\R\\s*", " / ");
        return (from == 0 ? ": " : ": …") + PeerText.shown(line, line.length());
    }

    /// The program and its end, and how much it wrote, but not what.
    @Override
    public String toString() {
        return "%s %s (%d bytes of output, %d of error)"
                .formatted(program, end, out.size(), err.size());
    }
}
