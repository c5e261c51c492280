package dev.torsion.netty;

import dev.torsion.reactor.testing.DatagramContract;
import dev.torsion.reactor.testing.ReactorContract;

final class NioDatagramTest extends DatagramContract {
    @Override
    protected ReactorContract.World world() {
        return new RealWorld(ReactorOptions.Io.NIO, false);
    }
}
