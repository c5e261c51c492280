/// Framing: from a stream of bytes in arbitrary pieces to lines and frames.
///
/// Read first: [LineProtocol] (text lines), [FrameProtocol] (length-prefixed binary), and
/// [FramingProtocol] (what both stand on, and what a framing of your own extends).
///
/// **Threads.** All of it lives on the loop of its connection, as a [dev.torsion.reactor.Protocol]
/// does.
@NullMarked
package dev.torsion.protocols;

import org.jspecify.annotations.NullMarked;
