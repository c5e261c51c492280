/// What the small types of the contract promise.
@NullMarked
package dev.torsion.reactor;

import org.jspecify.annotations.NullMarked;
