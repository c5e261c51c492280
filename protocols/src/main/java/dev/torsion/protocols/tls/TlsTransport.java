package dev.torsion.protocols.tls;

import dev.torsion.reactor.Transport;
import org.jspecify.annotations.Nullable;

/// A transport that goes over TLS, or seems to; [TlsSession#of] looks for one.
public interface TlsTransport extends Transport {

    /// What the two ends have agreed on. Thread-safe.
    TlsSession session();

    /// Whether the peer has said that it has sent all it had, and this end had not closed before:
    /// over TLS the one ends both directions, for the same reason,
    /// [dev.torsion.reactor.CloseReason.Done]. Loop only.
    boolean peerEnded();

    /// The one among `transport` and those beneath it; null if it does not go over TLS.
    static @Nullable TlsTransport of(Transport transport) {
        for (Transport each = transport; each != null; each = each.beneath()) {
            if (each instanceof TlsTransport secured) {
                return secured;
            }
        }
        return null;
    }
}
