@NullMarked
package dev.torsion.protocols.testing;

import org.jspecify.annotations.NullMarked;
