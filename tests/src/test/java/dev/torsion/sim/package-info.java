/// What the simulation shows of rooms that it does not know itself.
@NullMarked
package dev.torsion.sim;

import org.jspecify.annotations.NullMarked;
