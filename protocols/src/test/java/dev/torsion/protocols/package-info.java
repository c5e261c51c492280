/// What the framings promise, whatever the pieces the bytes come in.
@NullMarked
package dev.torsion.protocols;

import org.jspecify.annotations.NullMarked;
