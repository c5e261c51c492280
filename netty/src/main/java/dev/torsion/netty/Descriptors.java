package dev.torsion.netty;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;

/// The file descriptors of the process.
final class Descriptors {
    /// Three pipes, and one more to hear of a failure, with room for what other threads open.
    private static final int OF_A_PROGRAM = 16;

    private static final File NOTHING = new File("/dev/null");

    private Descriptors() {}

    /// Refuses to start a program where there are too few left. A JDK that runs out of them in the
    /// middle of a start closes some that are not its own (25.0.3): whatever connection has got
    /// those since is cut off, and nobody hears of it.
    static void requireForProgram() throws IOException {
        if (!NOTHING.exists()) {
            return;
        }
        List<InputStream> reserve = new ArrayList<>();
        try {
            for (int i = 0; i < OF_A_PROGRAM; i++) {
                reserve.add(new FileInputStream(NOTHING));
            }
        } catch (IOException none) {
            throw new IOException(
                    "too few file descriptors are left to start a program: raise the limit"
                            + " (ulimit -n)",
                    none);
        } finally {
            for (InputStream each : reserve) {
                each.close();
            }
        }
    }
}
