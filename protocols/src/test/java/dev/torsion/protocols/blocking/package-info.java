@NullMarked
package dev.torsion.protocols.blocking;

import org.jspecify.annotations.NullMarked;
