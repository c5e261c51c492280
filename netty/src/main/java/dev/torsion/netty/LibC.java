package dev.torsion.netty;

import dev.torsion.reactor.Thrown;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What Linux's C library does with file descriptors, and neither the JDK nor Netty has.
final class LibC {
    private static final Logger log = LoggerFactory.getLogger(LibC.class);

    // Of fcntl(2), ioctl(2) and poll(2), as their headers have them.
    private static final int F_DUPFD_CLOEXEC = 1030;
    private static final long FIONBIO = 0x5421;
    private static final short POLLOUT = 4;
    private static final MemoryLayout POLLFD =
            MemoryLayout.structLayout(
                    ValueLayout.JAVA_INT.withName("fd"),
                    ValueLayout.JAVA_SHORT.withName("events"),
                    ValueLayout.JAVA_SHORT.withName("revents"));
    private static final long EVENTS = 4;
    private static final long REVENTS = 6;

    private static final int NONE = -1;

    private LibC() {}

    /// Makes the first call fast: about a tenth of a second goes into finding the functions. If
    /// they cannot be called, each call says so, and the log does once.
    static void load() {
        try {
            doNotBlock(NONE);
        } catch (IOException failed) {
            tellUnlessNotOpen(failed);
        }
    }

    static void tellUnlessNotOpen(IOException failed) {
        Throwable why = failed.getCause();
        if (why != null) {
            log.error(
                    "the C library cannot be called ({}), so that io_uring serves no connection that"
                            + " it accepts: allow it by --enable-native-access, or use"
                            + " ReactorOptions.withIo(ReactorOptions.Io.EPOLL)",
                    Thrown.causes(why).getLast().toString());
        }
    }

    /// Another descriptor of the same file, `least` or above it, which programs do not inherit.
    ///
    /// @throws IOException if `descriptor` is not open, or no other is free
    static int duplicate(int descriptor, int least) throws IOException {
        int other;
        try {
            other = (int) Native.FCNTL.invokeExact(descriptor, F_DUPFD_CLOEXEC, least);
        } catch (Throwable failed) {
            throw new IOException("fcntl cannot be called", failed);
        }
        if (other < 0) {
            throw new IOException(
                    "file descriptor " + descriptor + " is not open, or no other is free");
        }
        return other;
    }

    /// @throws IOException if `descriptor` is not open
    static void doNotBlock(int descriptor) throws IOException {
        int done;
        try {
            done = (int) Native.IOCTL.invokeExact(descriptor, FIONBIO, Native.ONE);
        } catch (Throwable failed) {
            throw new IOException("ioctl cannot be called", failed);
        }
        if (done < 0) {
            throw new IOException("file descriptor " + descriptor + " is not open");
        }
    }

    /// Whether a write would get an answer at once: because there is room, or because it fails.
    static boolean isWritable(int descriptor) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment asked = arena.allocate(POLLFD);
            asked.set(ValueLayout.JAVA_INT, 0, descriptor);
            asked.set(ValueLayout.JAVA_SHORT, EVENTS, POLLOUT);
            int told = (int) Native.POLL.invokeExact(asked, 1L, 0);
            return told != 0 && asked.get(ValueLayout.JAVA_SHORT, REVENTS) != 0;
        } catch (Throwable failed) {
            throw new IOException("poll cannot be called", failed);
        }
    }

    /// Looked for when it is needed, for it is not everywhere.
    static final class Native {
        // By this name every Linux finds the one that is open already, musl's too. The JDK's own
        // lookup opens one more file, and without a descriptor for that finds nothing for ever
        // (jdk.internal.foreign.abi.SystemLookup of 25).
        private static final SymbolLookup LIBRARY = library();

        private static final MethodHandle FCNTL =
                function(
                        "fcntl",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT),
                        Linker.Option.firstVariadicArg(2));
        private static final MethodHandle IOCTL =
                function(
                        "ioctl",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_INT,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.ADDRESS),
                        Linker.Option.firstVariadicArg(2));
        private static final MemorySegment ONE =
                Arena.global().allocateFrom(ValueLayout.JAVA_INT, 1);
        private static final MethodHandle POLL =
                function(
                        "poll",
                        FunctionDescriptor.of(
                                ValueLayout.JAVA_INT,
                                ValueLayout.ADDRESS,
                                ValueLayout.JAVA_LONG,
                                ValueLayout.JAVA_INT));

        private Native() {}

        @SuppressWarnings("restricted") // as the native transports: --enable-native-access
        private static SymbolLookup library() {
            return SymbolLookup.libraryLookup("libc.so.6", Arena.global());
        }

        @SuppressWarnings("restricted") // as the native transports: --enable-native-access
        private static MethodHandle function(
                String name, FunctionDescriptor shape, Linker.Option... options) {
            return Linker.nativeLinker().downcallHandle(LIBRARY.findOrThrow(name), shape, options);
        }
    }
}
