/// AMP, the Asynchronous Messaging Protocol: commands with typed arguments, asked and answered by
/// both ends of one connection, in any order. Twisted's `twisted.protocols.amp` speaks the same.
///
/// Read first: [Command] (a question and its answer, as records), [CommandInterface] (commands as
/// the methods of an interface), [Answers] (who answers what), [AmpProtocol] (the connection).
///
/// **Threads.** A connection lives on its loop, and so do the calls of its answerers; commands and
/// tables of answers are immutable.
@NullMarked
package dev.torsion.protocols.amp;

import org.jspecify.annotations.NullMarked;
