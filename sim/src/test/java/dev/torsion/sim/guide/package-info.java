/// The worked example of `docs/guides/simulation.md`.
@NullMarked
package dev.torsion.sim.guide;

import org.jspecify.annotations.NullMarked;
