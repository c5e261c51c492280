@NullMarked
package dev.torsion.cluster;

import org.jspecify.annotations.NullMarked;
