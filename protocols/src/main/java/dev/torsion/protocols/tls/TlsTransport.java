package dev.torsion.protocols.tls;

import dev.torsion.reactor.Transport;

/// A transport that goes over TLS, or seems to; [TlsSession#of] looks for one.
public interface TlsTransport extends Transport {

    /// What the two ends have agreed on. Thread-safe.
    TlsSession session();
}
