/// What the guide shows, as a user would write it.
@NullMarked
package dev.torsion.protocols.guide;

import org.jspecify.annotations.NullMarked;
