package dev.torsion.protocols.blocking;

import dev.torsion.reactor.Address;
import java.io.IOException;

/// The reactor stops while a [Conversation] waits for its peer. The connection is still there: who
/// has a goodbye says it, and may wait for the answer; the others throw this on, and the connection
/// is closed in good order. See [Conversation#talk].
public final class CloseAskedException extends IOException {
    private static final long serialVersionUID = 1L;

    CloseAskedException(Address peer) {
        super("the reactor stops: the conversation with " + peer + " is to end");
    }
}
