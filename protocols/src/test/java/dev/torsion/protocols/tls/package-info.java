@NullMarked
package dev.torsion.protocols.tls;

import org.jspecify.annotations.NullMarked;
