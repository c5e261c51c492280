package dev.torsion.node;

import org.jspecify.annotations.Nullable;

/// A command cannot do what it was asked. The message is one line for its user.
final class CommandFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    CommandFailedException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
