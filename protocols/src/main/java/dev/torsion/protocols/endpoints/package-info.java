/// Endpoints as text with all that is put around a protocol: `tls:8443:key=…`, `haproxy:tcp:8080`,
/// `tls:a.example:443`, and prefixes of one's own.
///
/// Read first: [Endpoints], which reads the text, and [LayeredEndpoint], which it makes.
///
/// **Threads.** All values here are immutable; what they call says on which thread it is called.
@NullMarked
package dev.torsion.protocols.endpoints;

import org.jspecify.annotations.NullMarked;
