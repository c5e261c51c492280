/// Events, topics, subscriptions, groups, requests, components, and what caused what. Opens no
/// sockets.
///
/// Read first: [EventBus] (publish, subscribe, request), [Event] (what travels), [Component] (what
/// a team writes).
///
/// **Threads.** Anything may publish from any thread. A handler is called on one lane, its
/// subscription's reactor or its component's, and never concurrently with itself.
@NullMarked
package dev.torsion.bus;

import org.jspecify.annotations.NullMarked;
