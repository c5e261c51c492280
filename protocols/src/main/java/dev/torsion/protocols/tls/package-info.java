/// TLS 1.2 and 1.3 for every transport: a layer of protocols on the JDK's `SSLEngine`.
///
/// Read first: [TlsServer] (a factory around a factory), [TlsClient] (a connector around a
/// connector), [TlsSession] (what was negotiated). [TlsReload] brings new certificates; to go on
/// over TLS in mid-stream, see [dev.torsion.protocols.FramingProtocol#startTls].
///
/// **Threads.** All of a connection is on its loop, but the costly steps of a handshake, which run
/// on virtual threads. Servers, clients, options, identities and trust are thread-safe.
@NullMarked
package dev.torsion.protocols.tls;

import org.jspecify.annotations.NullMarked;
