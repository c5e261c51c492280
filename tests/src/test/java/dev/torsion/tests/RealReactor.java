package dev.torsion.tests;

import dev.torsion.netty.NettyReactor;
import dev.torsion.netty.ReactorOptions;
import dev.torsion.netty.ReactorOptions.Io;
import java.util.Locale;

/// The reactors that meet programs which nobody here wrote. They watch sockets as
/// `-Dtorsion.io=nio|epoll|io_uring` says, or else in the best way that there is on the machine.
final class RealReactor {
    private static final Io IO =
            Io.valueOf(System.getProperty("torsion.io", "auto").toUpperCase(Locale.ROOT));

    private RealReactor() {}

    static NettyReactor create() {
        return NettyReactor.create(ReactorOptions.DEFAULT.withIo(IO));
    }
}
