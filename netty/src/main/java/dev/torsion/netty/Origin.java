package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.ProtocolFactory;
import org.jspecify.annotations.Nullable;

/// Where a [Connection] comes from: the dial that makes it, or the port that has accepted it.
sealed interface Origin permits Dial, Port {

    /// Who builds its protocol.
    ProtocolFactory factory();

    /// Where the UNIX socket is that listens; null if it is another.
    Address.@Nullable Unix place();
}
