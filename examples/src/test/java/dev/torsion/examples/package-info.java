/// Every example is run, as a person would.
@NullMarked
package dev.torsion.examples;

import org.jspecify.annotations.NullMarked;
