package dev.torsion.reactor;

import java.io.IOException;
import java.io.UncheckedIOException;

/// A port could not be opened. The message names the endpoint and what was wrong ("address already
/// in use").
public final class CannotListenException extends UncheckedIOException {
    private static final long serialVersionUID = 1L;

    public CannotListenException(Endpoint endpoint, String why, IOException cause) {
        super("cannot listen on " + endpoint + ": " + why, cause);
    }

    /// The same for a UDP port, which has no endpoint.
    public CannotListenException(Address address, String why, IOException cause) {
        super("cannot listen on UDP " + address + ": " + why, cause);
    }

    /// What became of a UDP port whose protocol failed in its `started`.
    public static CannotListenException failed(Address address, Throwable cause) {
        return new CannotListenException(
                address,
                "the protocol failed in started: " + Thrown.text(cause),
                new IOException(cause));
    }
}
