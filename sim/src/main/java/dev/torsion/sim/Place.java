package dev.torsion.sim;

/// Where something runs, and what the network has ways between.
public sealed interface Place permits SimulatedNode, SimulatedProgram {

    /// Its name in the network, in faults and in the time line.
    String name();
}
