@NullMarked
package dev.torsion.node;

import org.jspecify.annotations.NullMarked;
