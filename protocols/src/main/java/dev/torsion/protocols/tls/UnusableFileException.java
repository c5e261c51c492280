package dev.torsion.protocols.tls;

import java.nio.file.FileSystemException;
import org.jspecify.annotations.Nullable;

/// A file is not what it should be; the message names it, and needs nothing added.
final class UnusableFileException extends FileSystemException {
    private static final long serialVersionUID = 1;

    /// @param file the one to blame
    UnusableFileException(String file, String why, @Nullable Throwable cause) {
        super(file, null, why);
        initCause(cause);
    }

    @Override
    public @Nullable String getMessage() {
        return getReason();
    }
}
