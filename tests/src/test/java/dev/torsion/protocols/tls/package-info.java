/// What the fuzzer needs of the protocols room's TLS.
@NullMarked
package dev.torsion.protocols.tls;

import org.jspecify.annotations.NullMarked;
