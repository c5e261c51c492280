/// The composition root: reads the configuration, puts a node together, takes it down again, and is
/// the command line.
///
/// Read first: [Main] (the commands), [Configuration] (what a node is told to be), [Node] (the
/// parts in the order they start).
///
/// **Threads.** Commands run on the main thread; a node's work happens on its reactors.
@NullMarked
package dev.torsion.node;

import org.jspecify.annotations.NullMarked;
