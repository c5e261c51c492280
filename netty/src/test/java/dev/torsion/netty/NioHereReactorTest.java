package dev.torsion.netty;

import dev.torsion.reactor.testing.ReactorContract;

final class NioHereReactorTest extends ReactorContract {
    @Override
    protected World world() {
        return new RealWorld(ReactorOptions.Io.NIO, true);
    }
}
