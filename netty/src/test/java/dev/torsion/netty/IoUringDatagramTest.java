package dev.torsion.netty;

import dev.torsion.reactor.testing.DatagramContract;
import dev.torsion.reactor.testing.ReactorContract;
import org.junit.jupiter.api.BeforeAll;

final class IoUringDatagramTest extends DatagramContract {
    @BeforeAll
    static void needsTheNativeLibrary() {
        RealWorld.requireHere(ReactorOptions.Io.IO_URING);
    }

    @Override
    protected ReactorContract.World world() {
        return new RealWorld(ReactorOptions.Io.IO_URING, false);
    }
}
