package dev.torsion.reactor;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/// How the sockets of TCP connections are set up; of a listener, those of the connections that it
/// accepts. Those of a connection that is open can be changed ([Transport#setSocketOptions]).
///
/// A machine may round the sizes of buffers, and hold them within its own limits.
///
/// @param noDelay whether small writes leave at once, although what was sent before is not
///   acknowledged (`TCP_NODELAY`); on by default, for a turn's writes leave together anyway
/// @param keepAlive how the machine looks after a silent peer (`SO_KEEPALIVE`); null, the default,
///   for not at all
/// @param reuseAddress whether a port that a closed connection has used is free at once
///   (`SO_REUSEADDR`), of a listener, or of a client that binds its end; on by default
/// @param sendBuffer bytes that the machine keeps to be sent (`SO_SNDBUF`); 0, the default, for its
///   own choice
/// @param receiveBuffer bytes that the machine keeps to be read (`SO_RCVBUF`); 0, the default, for
///   its own choice
/// @param userTimeout how long the peer may leave what was sent to it without acknowledgement, or a
///   silent peer the questions of keep-alive without answer, until the connection is lost
///   (`TCP_USER_TIMEOUT`, RFC 5482), in whole milliseconds; null, the default, for the machine's
///   own time, some quarter of an hour on Linux. Of Linux with epoll or io_uring alone: with NIO a
///   listen, a connect and a change are refused
/// @param dscp the mark by which the network may tell what is urgent (the DSCP of RFC 2474 in
///   `IP_TOS` and `IPV6_TCLASS`), from 0, the default, to 63; 46 is expedited forwarding
public record SocketOptions(
        boolean noDelay,
        @Nullable KeepAlive keepAlive,
        boolean reuseAddress,
        int sendBuffer,
        int receiveBuffer,
        @Nullable Duration userTimeout,
        int dscp) {
    public static final SocketOptions DEFAULT = new SocketOptions(true, null, true, 0, 0, null, 0);

    private static final int LARGEST = 1 << 30;
    private static final Duration LONGEST_USER_TIMEOUT = Duration.ofSeconds(999_999);
    private static final int LARGEST_DSCP = 63;

    /// How the machine asks a silent peer for a sign of life. A peer that is gone without a word is
    /// lost `idle` and `count` times `interval` after its last one.
    ///
    /// @param idle how long it is silent before it is asked (`TCP_KEEPIDLE`), 1 to 32,767 whole
    ///   seconds; null for the machine's own time, two hours on Linux
    /// @param interval how long it is waited for an answer before the peer is asked again
    ///   (`TCP_KEEPINTVL`), 1 to 32,767 whole seconds; null for the machine's own time, 75 seconds
    ///   on Linux
    /// @param count how many questions in a row may be left without an answer (`TCP_KEEPCNT`), 1 to
    ///   127; 0 for the machine's own number, nine on Linux
    public record KeepAlive(@Nullable Duration idle, @Nullable Duration interval, int count) {
        /// At the machine's own times.
        public static final KeepAlive DEFAULT = new KeepAlive(null, null, 0);

        private static final int MOST_SECONDS = 32_767;
        private static final int MOST = 127;

        /// @throws IllegalArgumentException if a time or the number is out of its bounds
        public KeepAlive {
            requireSeconds("idle", idle);
            requireSeconds("interval", interval);
            if (count < 0 || count > MOST) {
                throw new IllegalArgumentException(
                        "keep-alive asks at most " + MOST + " times, not " + count);
            }
        }

        public KeepAlive withIdle(@Nullable Duration newIdle) {
            return new KeepAlive(newIdle, interval, count);
        }

        public KeepAlive withInterval(@Nullable Duration newInterval) {
            return new KeepAlive(idle, newInterval, count);
        }

        public KeepAlive withCount(int newCount) {
            return new KeepAlive(idle, interval, newCount);
        }

        private static void requireSeconds(String what, @Nullable Duration time) {
            if (time != null
                    && (!time.equals(time.truncatedTo(ChronoUnit.SECONDS))
                            || time.toSeconds() < 1
                            || time.toSeconds() > MOST_SECONDS)) {
                throw new IllegalArgumentException(
                        "the %s time of keep-alive is 1 to %d whole seconds, not %s"
                                .formatted(what, MOST_SECONDS, time));
            }
        }

        private static @Nullable KeepAlive read(EndpointText text) {
            Duration idle = readSeconds(text, "keep-alive-idle");
            Duration interval = readSeconds(text, "keep-alive-interval");
            KeepAlive times =
                    new KeepAlive(idle, interval, text.number("keep-alive-count", 1, MOST, 0));
            boolean timed = !times.equals(DEFAULT);
            boolean on = text.flag("keep-alive", timed);
            if (timed && !on) {
                throw text.wrong(
                        "keep-alive",
                        "keep-alive=false has no times or count of keep-alive beside it");
            }
            return on ? times : null;
        }

        private static @Nullable Duration readSeconds(EndpointText text, String key) {
            int seconds = text.number(key, 1, MOST_SECONDS, 0);
            return seconds == 0 ? null : Duration.ofSeconds(seconds);
        }

        private String fields() {
            if (equals(DEFAULT)) {
                return ":keep-alive=true";
            }
            return (idle == null ? "" : ":keep-alive-idle=" + idle.toSeconds())
                    + (interval == null ? "" : ":keep-alive-interval=" + interval.toSeconds())
                    + (count == 0 ? "" : ":keep-alive-count=" + count);
        }
    }

    /// @throws IllegalArgumentException if a size is negative or more than 1 GiB, the time is not 1
    ///   ms to 999,999 s, or the mark not 0 to 63
    public SocketOptions {
        if (Math.min(sendBuffer, receiveBuffer) < 0
                || Math.max(sendBuffer, receiveBuffer) > LARGEST) {
            throw new IllegalArgumentException(
                    "a socket's buffer has 0 to "
                            + LARGEST
                            + " bytes, not "
                            + sendBuffer
                            + " and "
                            + receiveBuffer);
        }
        if (userTimeout != null
                && (!userTimeout.isPositive()
                        || !userTimeout.equals(userTimeout.truncatedTo(ChronoUnit.MILLIS))
                        || userTimeout.compareTo(LONGEST_USER_TIMEOUT) > 0)) {
            throw new IllegalArgumentException(
                    "a user timeout is 1 ms to %d s, in whole milliseconds, not %s"
                            .formatted(LONGEST_USER_TIMEOUT.toSeconds(), userTimeout));
        }
        if (dscp < 0 || dscp > LARGEST_DSCP) {
            throw new IllegalArgumentException("a DSCP is 0 to " + LARGEST_DSCP + ", not " + dscp);
        }
    }

    public SocketOptions withNoDelay(boolean newNoDelay) {
        return new SocketOptions(
                newNoDelay, keepAlive, reuseAddress, sendBuffer, receiveBuffer, userTimeout, dscp);
    }

    public SocketOptions withKeepAlive(@Nullable KeepAlive newKeepAlive) {
        return new SocketOptions(
                noDelay, newKeepAlive, reuseAddress, sendBuffer, receiveBuffer, userTimeout, dscp);
    }

    public SocketOptions withReuseAddress(boolean newReuseAddress) {
        return new SocketOptions(
                noDelay, keepAlive, newReuseAddress, sendBuffer, receiveBuffer, userTimeout, dscp);
    }

    public SocketOptions withSendBuffer(int newSendBuffer) {
        return new SocketOptions(
                noDelay, keepAlive, reuseAddress, newSendBuffer, receiveBuffer, userTimeout, dscp);
    }

    public SocketOptions withReceiveBuffer(int newReceiveBuffer) {
        return new SocketOptions(
                noDelay, keepAlive, reuseAddress, sendBuffer, newReceiveBuffer, userTimeout, dscp);
    }

    public SocketOptions withUserTimeout(@Nullable Duration newUserTimeout) {
        return new SocketOptions(
                noDelay, keepAlive, reuseAddress, sendBuffer, receiveBuffer, newUserTimeout, dscp);
    }

    public SocketOptions withDscp(int newDscp) {
        return new SocketOptions(
                noDelay, keepAlive, reuseAddress, sendBuffer, receiveBuffer, userTimeout, newDscp);
    }

    /// Takes the options that an endpoint's text has for its socket.
    static SocketOptions read(EndpointText text) {
        return new SocketOptions(
                text.flag("no-delay", DEFAULT.noDelay),
                KeepAlive.read(text),
                text.flag("reuse-address", DEFAULT.reuseAddress),
                text.number("send-buffer", 0, LARGEST, 0),
                text.number("receive-buffer", 0, LARGEST, 0),
                text.secondsOrOff("user-timeout", null),
                text.number("dscp", 0, LARGEST_DSCP, 0));
    }

    /// As fields of an endpoint's text, what is by default left out.
    String fields() {
        StringBuilder fields = new StringBuilder();
        if (noDelay != DEFAULT.noDelay) {
            fields.append(":no-delay=").append(noDelay);
        }
        if (keepAlive != null) {
            fields.append(keepAlive.fields());
        }
        if (reuseAddress != DEFAULT.reuseAddress) {
            fields.append(":reuse-address=").append(reuseAddress);
        }
        if (sendBuffer > 0) {
            fields.append(":send-buffer=").append(sendBuffer);
        }
        if (receiveBuffer > 0) {
            fields.append(":receive-buffer=").append(receiveBuffer);
        }
        if (userTimeout != null) {
            fields.append(":user-timeout=").append(EndpointText.inSeconds(userTimeout));
        }
        if (dscp > 0) {
            fields.append(":dscp=").append(dscp);
        }
        return fields.toString();
    }
}
