package dev.torsion.node;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import picocli.CommandLine.Help.Ansi;

/// Where a command reads and writes; UTF-8 whatever the locale says.
///
/// @param colours whether `out` is a terminal that shows them
record Console(InputStream in, PrintStream out, PrintStream err, boolean colours) {

    static Console system() {
        return new Console(
                System.in, utf8(FileDescriptor.out), utf8(FileDescriptor.err), Ansi.AUTO.enabled());
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

    /// Tells the user something that is not the command's result.
    void tell(String line) {
        err.println(line);
    }
}
