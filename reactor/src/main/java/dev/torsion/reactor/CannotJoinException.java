package dev.torsion.reactor;

import java.io.IOException;
import java.io.UncheckedIOException;

/// A multicast group could not be joined. The message names the group and what was wrong.
public final class CannotJoinException extends UncheckedIOException {
    private static final long serialVersionUID = 1L;

    public CannotJoinException(MulticastGroup group, String why, IOException cause) {
        super("cannot join " + group + ": " + why, cause);
    }
}
