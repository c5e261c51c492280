@NullMarked
package dev.torsion.sim;

import org.jspecify.annotations.NullMarked;
