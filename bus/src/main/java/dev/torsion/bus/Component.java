package dev.torsion.bus;

/// A named unit of behaviour that reacts to events: what a team writes, and a node runs.
///
/// It has a constructor without parameters, is started and stopped with its node, and is never
/// called concurrently: [#start], its handlers, its timers and [#stop] all run on one lane, one
/// after the other, so its fields need no locks. The lane is a reactor's thread, which must not be
/// blocked; a component configured `blocking: true` runs on virtual threads instead and may.
public interface Component {

    /// Subscribes, and sets up what the component needs. An exception keeps the node from starting.
    void start(ComponentContext context) throws Exception;

    /// Called once, after the last event was handled. An exception is logged.
    default void stop() throws Exception {}
}
