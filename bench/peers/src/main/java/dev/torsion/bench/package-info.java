/// Echo servers to compare: each does nothing but send back what it reads.
@NullMarked
package dev.torsion.bench;

import org.jspecify.annotations.NullMarked;
