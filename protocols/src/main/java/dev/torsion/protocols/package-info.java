/// Framing and small wire protocols: from a stream of bytes in arbitrary pieces to lines,
/// netstrings and frames; and wrappers that add to any protocol what every door needs: the real
/// peer behind a proxy, limits, timeouts.
///
/// Read first: [LineProtocol] (text lines), [FrameProtocol] (length-prefixed binary),
/// [MessageProtocol] (binary of a format of your own), and [FramingProtocol] (what they all stand
/// on).
///
/// **Threads.** All of it lives on the loop of its connection, as a [dev.torsion.reactor.Protocol]
/// does; a factory may be called on several.
@NullMarked
package dev.torsion.protocols;

import org.jspecify.annotations.NullMarked;
