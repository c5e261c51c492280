package dev.torsion.netty;

import java.io.IOException;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/// What fcntl(2) of Linux does to file descriptors.
final class Fcntl {
    // As its headers have them.
    private static final int F_GETFL = 3;
    private static final int F_SETFL = 4;
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final int O_NONBLOCK = 04000;

    private static final int NONE = -1;

    private Fcntl() {}

    /// Makes the first call fast: about a tenth of a second goes into finding the function. If it
    /// cannot be found, each call says so.
    static void load() {
        try {
            setBlocking(NONE, true);
        } catch (IOException notOpen) {
            // As was to be expected.
        }
    }

    /// Another descriptor of the same file, `least` or above it, which programs do not inherit.
    ///
    /// @throws IOException if `descriptor` is not open, or no other is free
    static int duplicate(int descriptor, int least) throws IOException {
        return fcntl(descriptor, F_DUPFD_CLOEXEC, least);
    }

    /// @throws IOException if `descriptor` is not open
    static void setBlocking(int descriptor, boolean blocking) throws IOException {
        int flags = fcntl(descriptor, F_GETFL, 0);
        fcntl(descriptor, F_SETFL, blocking ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
    }

    private static int fcntl(int descriptor, int command, int argument) throws IOException {
        int result;
        try {
            result = (int) Native.FCNTL.invokeExact(descriptor, command, argument);
        } catch (Throwable failed) {
            throw new IOException("fcntl cannot be called", failed);
        }
        if (result < 0) {
            throw new IOException(
                    "file descriptor %d is not open%s"
                            .formatted(
                                    descriptor,
                                    command == F_DUPFD_CLOEXEC ? ", or no other is free" : ""));
        }
        return result;
    }

    /// Looked for when it is needed, for it is not everywhere.
    private static final class Native {
        @SuppressWarnings("restricted") // as the native transports: --enable-native-access
        private static final MethodHandle FCNTL =
                Linker.nativeLinker()
                        .downcallHandle(
                                Linker.nativeLinker().defaultLookup().findOrThrow("fcntl"),
                                FunctionDescriptor.of(
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_INT,
                                        ValueLayout.JAVA_INT),
                                Linker.Option.firstVariadicArg(2));

        private Native() {}
    }
}
