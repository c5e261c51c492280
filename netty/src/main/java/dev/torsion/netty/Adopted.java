package dev.torsion.netty;

import io.netty.channel.socket.DuplexChannel;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The accepted connections that one reactor serves. Thread-safe.
final class Adopted {
    private static final Logger log = LoggerFactory.getLogger(Adopted.class);
    private static final int TAKES_NONE = Integer.MAX_VALUE / 2;

    private final NettyReactor reactor;
    private final AtomicInteger count = new AtomicInteger();

    Adopted(NettyReactor reactor) {
        this.reactor = reactor;
    }

    /// How many they are; more than of any other reactor if this one is to take none.
    int load() {
        return reactor.life().stopAsked() ? TAKES_NONE : count.get();
    }

    /// Takes over a socket that `port` has accepted.
    void add(DuplexChannel accepted, Port port) {
        count.incrementAndGet();
        try {
            reactor.streamSockets().configure(accepted, port.options());
            accepted.pipeline().addLast(new Connection(reactor, accepted, port));
            reactor.loop()
                    .register(accepted)
                    .addListener(registered -> {
                        if (!registered.isSuccess()) {
                            forget(accepted, port);
                        }
                    });
        } catch (RuntimeException gone) {
            log.debug("an accepted connection was gone before it could be served", gone);
            forget(accepted, port);
        }
    }

    private void forget(DuplexChannel accepted, Port port) {
        accepted.unsafe().closeForcibly();
        lost(port);
    }

    /// One that `port` has accepted is gone.
    void lost(Port port) {
        count.decrementAndGet();
        port.lost();
    }
}
