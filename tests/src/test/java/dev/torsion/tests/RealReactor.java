package dev.torsion.tests;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.torsion.netty.NettyReactor;
import dev.torsion.netty.ReactorOptions;
import dev.torsion.netty.ReactorOptions.Io;
import dev.torsion.netty.RealWorld;
import java.util.Locale;

/// The reactors that meet programs which nobody here wrote. They watch sockets as
/// `-Dtorsion.io=nio|epoll|io_uring` says, or else in the best way that there is on the machine, or
/// in [every one][OnEveryIo].
final class RealReactor {
    private static final Io CHOSEN =
            Io.valueOf(System.getProperty("torsion.io", "auto").toUpperCase(Locale.ROOT));

    private RealReactor() {}

    static NettyReactor create() {
        return NettyReactor.create(ReactorOptions.DEFAULT.withIo(CHOSEN));
    }

    /// Skips the test where the machine does not have this, or where another way was chosen; or
    /// fails it, where [everything is required][RealWorld#requireHere].
    static NettyReactor create(Io io) {
        assumeTrue(CHOSEN == Io.AUTO || CHOSEN == io, () -> "-Dtorsion.io says " + CHOSEN);
        RealWorld.requireHere(io);
        return NettyReactor.create(ReactorOptions.DEFAULT.withIo(io));
    }
}
