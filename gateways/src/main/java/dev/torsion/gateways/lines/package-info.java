/// A door for lines of text. Read first: [LinesGateway].
@NullMarked
package dev.torsion.gateways.lines;

import org.jspecify.annotations.NullMarked;
