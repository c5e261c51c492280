/// For tests of protocols that look at TLS: sessions without a handshake, and certificates without
/// files.
///
/// Read first: [FakeTls]. What else a test needs is in `dev.torsion.reactor.testing`.
///
/// **Threads.** [FakeTls] is immutable, [TestAuthority] thread-safe.
@NullMarked
package dev.torsion.protocols.testing;

import org.jspecify.annotations.NullMarked;
