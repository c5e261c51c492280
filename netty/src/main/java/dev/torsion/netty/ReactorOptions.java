package dev.torsion.netty;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Delays;
import dev.torsion.reactor.WriteMarks;
import java.time.Duration;
import java.util.Locale;

/// The bounds of a [NettyReactor], and how it meets the operating system.
///
/// @param io how sockets are watched
/// @param deadlines how long things may take
/// @param marks how many bytes a connection may buffer
/// @param threadName name of the loop's thread; in a group a number is appended
/// @param stopsAtExit whether, while [NettyReactor#run()] runs, a signal that ends the JVM (SIGINT,
///   SIGTERM) and `System.exit` stop the reactor, and the JVM waits for that
/// @param resolver who finds the addresses of names; [Resolver#system()] by default
/// @param attemptDelay how long an address of a name that has several may keep silent until a
///   connect tries the next one beside it; at least 10 ms, 250 ms by default (RFC 8305, section 8)
public record ReactorOptions(
        Io io,
        Deadlines deadlines,
        WriteMarks marks,
        String threadName,
        boolean stopsAtExit,
        Resolver resolver,
        Duration attemptDelay) {
    private static final Duration SHORTEST_ATTEMPT_DELAY = Duration.ofMillis(10);

    /// How sockets are watched.
    public enum Io {
        /// The best that works: [#IO_URING] or [#EPOLL] if their classes and native libraries are
        /// on the class path and the kernel has them, else [#NIO]. In a process that was passed
        /// sockets (by systemd, say), [#EPOLL] comes first, since it alone can take them over.
        /// Which it was, and why not a better one, is logged once as DEBUG; [NettyReactor#io()]
        /// tells it.
        AUTO,
        /// The JDK's own selector. Always there.
        NIO,
        /// Linux epoll; needs `io.netty:netty-transport-native-epoll` with the classifier
        /// `linux-x86_64` (or `linux-aarch_64`), and `--enable-native-access=ALL-UNNAMED` if the
        /// JVM is not to warn of it.
        EPOLL,
        /// Linux io_uring; needs `io.netty:netty-transport-native-io_uring`, and the same.
        IO_URING;

        /// As people write it: `epoll`.
        String text() {
            return this == NIO ? "NIO" : name().toLowerCase(Locale.ROOT);
        }
    }

    /// How long things may take; all more than nothing.
    ///
    /// @param shutdown how long [NettyReactor#stop()] may take; what is left then is aborted
    /// @param close how long a closing connection may take to send what is buffered; it is aborted
    ///   then
    /// @param call how long one call of user code may hold the loop; one that holds it longer is
    ///   logged with its stack while it does, and counted
    public record Deadlines(Duration shutdown, Duration close, Duration call) {
        public Deadlines {
            Delays.requirePositive("the shutdown deadline", shutdown);
            Delays.requirePositive("the close deadline", close);
            Delays.requirePositive("the limit of a call", call);
        }
    }

    /// What a reactor has unless told otherwise.
    public static final ReactorOptions DEFAULT =
            new ReactorOptions(
                    Io.AUTO,
                    new Deadlines(
                            Duration.ofSeconds(10), Duration.ofSeconds(10), Duration.ofSeconds(1)),
                    WriteMarks.DEFAULT,
                    "reactor",
                    true,
                    Resolver.system(),
                    Duration.ofMillis(250));

    public ReactorOptions {
        requireNonNull(io, "io");
        requireNonNull(deadlines, "deadlines");
        requireNonNull(marks, "marks");
        requireNonNull(resolver, "resolver");
        if (threadName.isBlank()) {
            throw new IllegalArgumentException("a loop's thread needs a name");
        }
        requireNonNull(attemptDelay, "attemptDelay");
        if (attemptDelay.compareTo(SHORTEST_ATTEMPT_DELAY) < 0) {
            throw new IllegalArgumentException(
                    "the next address is tried after %s at the earliest, not after %s"
                            .formatted(SHORTEST_ATTEMPT_DELAY, attemptDelay));
        }
    }

    public ReactorOptions withIo(Io io) {
        return new ReactorOptions(
                io, deadlines, marks, threadName, stopsAtExit, resolver, attemptDelay);
    }

    public ReactorOptions withShutdownDeadline(Duration shutdown) {
        return with(new Deadlines(shutdown, deadlines.close, deadlines.call));
    }

    public ReactorOptions withCloseDeadline(Duration close) {
        return with(new Deadlines(deadlines.shutdown, close, deadlines.call));
    }

    public ReactorOptions withCallLimit(Duration call) {
        return with(new Deadlines(deadlines.shutdown, deadlines.close, call));
    }

    private ReactorOptions with(Deadlines deadlines) {
        return new ReactorOptions(
                io, deadlines, marks, threadName, stopsAtExit, resolver, attemptDelay);
    }

    public ReactorOptions withMarks(int low, int high, int hard) {
        WriteMarks marks = new WriteMarks(low, high, hard);
        return new ReactorOptions(
                io, deadlines, marks, threadName, stopsAtExit, resolver, attemptDelay);
    }

    public ReactorOptions withThreadName(String threadName) {
        return new ReactorOptions(
                io, deadlines, marks, threadName, stopsAtExit, resolver, attemptDelay);
    }

    public ReactorOptions withStopsAtExit(boolean stopsAtExit) {
        return new ReactorOptions(
                io, deadlines, marks, threadName, stopsAtExit, resolver, attemptDelay);
    }

    public ReactorOptions withResolver(Resolver resolver) {
        return new ReactorOptions(
                io, deadlines, marks, threadName, stopsAtExit, resolver, attemptDelay);
    }

    public ReactorOptions withAttemptDelay(Duration attemptDelay) {
        return new ReactorOptions(
                io, deadlines, marks, threadName, stopsAtExit, resolver, attemptDelay);
    }
}
