package dev.torsion.reactor;

/// What is to be done in a [Phase] even if its loop, which has died or hangs, does not come to it:
/// then it is done on whatever thread ends the reactor. It does not take long, and waits for
/// nothing.
@FunctionalInterface
interface LastAction extends PhaseAction {}
