@NullMarked
package dev.torsion.protocols.endpoints;

import org.jspecify.annotations.NullMarked;
