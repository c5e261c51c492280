/// What the bus promises.
@NullMarked
package dev.torsion.bus;

import org.jspecify.annotations.NullMarked;
