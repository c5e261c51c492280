package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.Endpoint;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

final class IoUringSocketsTest extends SocketContract {
    @BeforeAll
    static void needsTheNativeLibrary() {
        RealWorld.requireHere(ReactorOptions.Io.IO_URING);
    }

    @Test
    void saysThatItsUnixSocketsKnowNoHalfClose() {
        NettyReactor reactor = NettyReactor.create(ReactorOptions.DEFAULT.withIo(io()));
        assertThatThrownBy(() -> reactor.listen(Endpoint.unix("/tmp/never.sock"), _ -> null))
                .isInstanceOf(CannotListenException.class)
                .hasMessageContaining("use ReactorOptions.withIo(ReactorOptions.Io.EPOLL)");
        assertThatThrownBy(
                        reactor.connect(ClientEndpoint.unix("/tmp/never.sock"), _ -> null)
                                        .toCompletableFuture()
                                ::join)
                .hasMessageContaining("use ReactorOptions.withIo(ReactorOptions.Io.EPOLL)");
        reactor.stop().toCompletableFuture().join();
    }

    @Override
    ReactorOptions.Io io() {
        return ReactorOptions.Io.IO_URING;
    }
}
