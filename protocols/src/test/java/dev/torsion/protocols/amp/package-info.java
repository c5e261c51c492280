@NullMarked
package dev.torsion.protocols.amp;

import org.jspecify.annotations.NullMarked;
