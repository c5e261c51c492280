@NullMarked
package dev.torsion.gateways.lines;

import org.jspecify.annotations.NullMarked;
