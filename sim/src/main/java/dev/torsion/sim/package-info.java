/// A whole cluster in one JVM: real nodes, buses, links and components, in virtual time, on a
/// network that fails as a seed says. The same seed gives the same run.
///
/// Read first: [SimulationTest] (what a test writes), [Simulation] (the world), [History] (what
/// happened in it, and the claims that can be made about it). [Campaign] runs a scenario for many
/// seeds and makes the fault plan of a failing one small.
///
/// **Threads.** A simulation belongs to the thread that made it, and everything in it runs there.
@NullMarked
package dev.torsion.sim;

import org.jspecify.annotations.NullMarked;
