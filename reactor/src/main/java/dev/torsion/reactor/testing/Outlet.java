package dev.torsion.reactor.testing;

import dev.torsion.reactor.Bytes;

/// Where the bytes of a [Connection] go: a wire to another loop, or a test that looks at them.
interface Outlet {

    /// How many bytes it takes now.
    int room();

    /// Takes owned bytes, no more than there is room for.
    void send(Bytes bytes);

    /// Everything has been sent: a clean end.
    void finish();

    /// The connection breaks here.
    void reset();

    /// The protocol has been given `count` of the bytes that came in.
    void consumed(int count);
}
