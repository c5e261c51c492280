package dev.torsion.netty;

/// Whatever is chosen has UNIX sockets.
final class AutoUnixSocketsTest extends UnixSocketContract {
    @Override
    ReactorOptions.Io io() {
        return ReactorOptions.Io.AUTO;
    }
}
