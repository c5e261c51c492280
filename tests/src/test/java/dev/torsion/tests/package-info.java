/// The whole of it: nodes as processes, and programs that nobody here wrote.
@NullMarked
package dev.torsion.tests;

import org.jspecify.annotations.NullMarked;
