@NullMarked
package dev.torsion.sim.cli;

import org.jspecify.annotations.NullMarked;
