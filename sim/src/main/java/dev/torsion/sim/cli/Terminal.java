package dev.torsion.sim.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Console;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.util.Optional;

/// Where the command writes; UTF-8 whatever the locale says.
///
/// @param out results
/// @param err what is told beside them
/// @param live whether somebody looks on: then there are colours, and lines that change
record Terminal(PrintStream out, PrintStream err, boolean live) {

    static Terminal system() {
        boolean live =
                Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()
                        && System.getenv("NO_COLOR") == null;
        return new Terminal(utf8(FileDescriptor.out), utf8(FileDescriptor.err), live);
    }

    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, UTF_8);
    }

    /// Prints a line at once.
    ///
    /// @return whether anybody still reads
    boolean print(String line) {
        out.println(line);
        return !out.checkError();
    }

    void tell(String line) {
        err.println(live ? "\r" + line + "\033[K" : line);
    }
}
