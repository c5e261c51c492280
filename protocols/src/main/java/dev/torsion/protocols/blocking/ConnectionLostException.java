package dev.torsion.protocols.blocking;

import dev.torsion.reactor.CloseReason;
import java.io.IOException;

/// The connection is gone, or takes nothing more, while a [Conversation] waits for it.
public final class ConnectionLostException extends IOException {
    private static final long serialVersionUID = 1L;

    private final transient CloseReason reason;

    ConnectionLostException(CloseReason reason) {
        super("the connection is gone: " + reason);
        this.reason = reason;
        switch (reason) {
            case CloseReason.Lost lost -> initCause(lost.cause());
            case CloseReason.Failed failed -> initCause(failed.cause());
            case CloseReason.Done _, CloseReason.Aborted _ -> {}
        }
    }

    /// Why it is gone.
    public CloseReason reason() {
        return reason;
    }
}
