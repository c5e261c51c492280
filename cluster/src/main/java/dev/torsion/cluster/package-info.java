/// Nodes find each other, keep one link per pair, and carry events where they are wanted.
///
/// Read first: [Cluster] (what a program starts), `Mesh` (which decides), `Link` (one connection
/// and its states), `FrameCodec` (the bytes).
///
/// **Threads.** A cluster lives on one reactor, its home: `Mesh`, `Link`, `Dialer` and `Membership`
/// are never touched elsewhere. Publishers on other threads reach a link through its `Outbox` only.
@NullMarked
package dev.torsion.cluster;

import org.jspecify.annotations.NullMarked;
