package dev.torsion.reactor;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/// A connection could not be made. The message names the address and what was wrong.
public final class ConnectFailedException extends IOException {
    private static final long serialVersionUID = 1L;

    /// What went wrong.
    public enum Kind {
        /// Nothing listens there; for a UNIX socket also that there is no such file, or that as
        /// many wait there as its backlog takes: over TCP that is no answer.
        REFUSED,
        /// No answer in time.
        TIMED_OUT,
        /// The host name is not known.
        UNKNOWN_HOST,
        /// The network has no way there, or another input/output error.
        UNREACHABLE,
        /// This end cannot have the address that it is to be bound to.
        CANNOT_BIND,
        /// [ProtocolFactory#buildProtocol] returned null.
        REFUSED_BY_FACTORY,
        /// The connection was made, and the protocol threw in [Protocol#connectionMade] or
        /// [DatagramProtocol#started], which closed it: what it threw is the cause.
        FAILED,
        /// The connection was made, and the TLS handshake on it failed or was late.
        TLS,
        /// The reactor stopped first.
        STOPPED
    }

    private final Kind kind;

    /// What became of a connection whose protocol failed in its `connectionMade`: [Kind#FAILED].
    public static ConnectFailedException failed(Address address, Throwable cause) {
        return failed(address, "connectionMade", cause);
    }

    /// The same of a connected UDP port, whose protocol failed in its `started`.
    public static ConnectFailedException startFailed(Address address, Throwable cause) {
        return failed(address, "started", cause);
    }

    private static ConnectFailedException failed(Address address, String call, Throwable cause) {
        return new ConnectFailedException(
                Kind.FAILED,
                address,
                "the protocol failed in " + call + ": " + Thrown.text(cause),
                cause);
    }

    public ConnectFailedException(
            Kind kind, Address address, String why, @Nullable Throwable cause) {
        super("cannot connect to " + address + ": " + why, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }
}
