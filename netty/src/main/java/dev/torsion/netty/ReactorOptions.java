package dev.torsion.netty;

import java.time.Duration;

/// The bounds of a [NettyReactor], and how it talks to the operating system.
///
/// @param io how sockets are watched
/// @param shutdownDeadline how long [NettyReactor#stop()] lets connections finish; what is left
///   then is aborted
/// @param closeDeadline how long a closing connection may take to send what is buffered; it is
///   aborted then
/// @param highMark bytes buffered on a connection above which `write` returns false
/// @param lowMark bytes below which `writableAgain` follows, at most `highMark`
/// @param hardLimit bytes buffered above which the connection is given up, at least `highMark`
/// @param threadName name of the loop's thread; in a group a number is appended
/// @param callLimit how long one call of user code may hold the loop; one that holds it longer is
///   logged with its stack while it does, and counted
public record ReactorOptions(
        Io io,
        Duration shutdownDeadline,
        Duration closeDeadline,
        int highMark,
        int lowMark,
        int hardLimit,
        String threadName,
        Duration callLimit) {

    /// How sockets are watched.
    public enum Io {
        /// The best that works: [#IO_URING] or [#EPOLL] if their classes and native libraries are
        /// on the class path and the kernel has them, else [#NIO].
        AUTO,
        /// The JDK's own selector. Always there.
        NIO,
        /// Linux epoll; needs `netty-transport-native-epoll`, and
        /// `--enable-native-access=ALL-UNNAMED` if the JVM is not to warn of it.
        EPOLL,
        /// Linux io_uring; needs `netty-transport-native-io_uring`, and the same.
        IO_URING
    }

    /// What a reactor has unless told otherwise.
    public static final ReactorOptions DEFAULT =
            new ReactorOptions(
                    Io.AUTO,
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    64 * 1024,
                    32 * 1024,
                    64 * 1024 * 1024,
                    "reactor",
                    Duration.ofSeconds(1));

    public ReactorOptions {
        requirePositive("shutdownDeadline", shutdownDeadline);
        requirePositive("closeDeadline", closeDeadline);
        requirePositive("callLimit", callLimit);
        if (lowMark < 1 || lowMark > highMark || highMark > hardLimit) {
            throw new IllegalArgumentException(
                    "expected 1 <= lowMark <= highMark <= hardLimit, not "
                            + lowMark
                            + ", "
                            + highMark
                            + ", "
                            + hardLimit);
        }
        if (threadName.isBlank()) {
            throw new IllegalArgumentException("a loop's thread needs a name");
        }
    }

    public ReactorOptions withIo(Io io) {
        return new ReactorOptions(
                io,
                shutdownDeadline,
                closeDeadline,
                highMark,
                lowMark,
                hardLimit,
                threadName,
                callLimit);
    }

    public ReactorOptions withShutdownDeadline(Duration shutdownDeadline) {
        return new ReactorOptions(
                io,
                shutdownDeadline,
                closeDeadline,
                highMark,
                lowMark,
                hardLimit,
                threadName,
                callLimit);
    }

    public ReactorOptions withCloseDeadline(Duration closeDeadline) {
        return new ReactorOptions(
                io,
                shutdownDeadline,
                closeDeadline,
                highMark,
                lowMark,
                hardLimit,
                threadName,
                callLimit);
    }

    /// The bounds of every connection's buffer, in bytes.
    public ReactorOptions withMarks(int lowMark, int highMark, int hardLimit) {
        return new ReactorOptions(
                io,
                shutdownDeadline,
                closeDeadline,
                highMark,
                lowMark,
                hardLimit,
                threadName,
                callLimit);
    }

    public ReactorOptions withThreadName(String threadName) {
        return new ReactorOptions(
                io,
                shutdownDeadline,
                closeDeadline,
                highMark,
                lowMark,
                hardLimit,
                threadName,
                callLimit);
    }

    public ReactorOptions withCallLimit(Duration callLimit) {
        return new ReactorOptions(
                io,
                shutdownDeadline,
                closeDeadline,
                highMark,
                lowMark,
                hardLimit,
                threadName,
                callLimit);
    }

    private static void requirePositive(String name, Duration duration) {
        if (!duration.isPositive()) {
            throw new IllegalArgumentException(name + " must be positive, not " + duration);
        }
    }
}
