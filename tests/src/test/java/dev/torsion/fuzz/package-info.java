/// Decoders fed with what anybody may send: by [dev.torsion.fuzz.FuzzTest] in the build, and by
/// Jazzer for as long as one likes (CONTRIBUTING says how).
@NullMarked
package dev.torsion.fuzz;

import org.jspecify.annotations.NullMarked;
