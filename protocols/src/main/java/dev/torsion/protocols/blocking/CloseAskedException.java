package dev.torsion.protocols.blocking;

import dev.torsion.reactor.Address;
import java.io.IOException;

/// The reactor stops, or this end closes all its connections
/// ([dev.torsion.protocols.ConnectionGroup#closeAll]), while a [Conversation] waits for its peer.
/// The connection is still there: who has a goodbye says it, and may wait for the answer; the
/// others throw this on, and the connection is closed in good order. See [Conversation#talk].
public final class CloseAskedException extends IOException {
    private static final long serialVersionUID = 1L;

    CloseAskedException(Address peer) {
        super("asked to close: the conversation with " + peer + " is to end");
    }
}
