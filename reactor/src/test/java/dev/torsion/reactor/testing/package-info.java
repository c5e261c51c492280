/// What the doubles promise to the tests that stand on them.
@NullMarked
package dev.torsion.reactor.testing;

import org.jspecify.annotations.NullMarked;
