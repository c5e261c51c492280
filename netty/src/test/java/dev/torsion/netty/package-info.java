/// What holds on real sockets.
@NullMarked
package dev.torsion.netty;

import org.jspecify.annotations.NullMarked;
