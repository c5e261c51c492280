package dev.torsion.bus;

/// What waits for a handler, in the order in which it is told.
sealed interface Incoming permits Event, Gap {}
