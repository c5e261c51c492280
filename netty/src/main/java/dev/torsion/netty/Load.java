package dev.torsion.netty;

import io.netty.channel.ChannelException;
import io.netty.channel.socket.DuplexChannel;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// How many accepted connections one reactor serves, and how it is given one more. Thread-safe.
final class Load {
    private static final Logger log = LoggerFactory.getLogger(Load.class);
    private static final int TAKES_NONE = Integer.MAX_VALUE / 2;

    private final NettyReactor reactor;
    private final AtomicInteger count = new AtomicInteger();

    Load(NettyReactor reactor) {
        this.reactor = reactor;
    }

    /// How many they are; more than of any other reactor if this one is to take none.
    int count() {
        return reactor.life().ending() ? TAKES_NONE : count.get();
    }

    /// Takes over a socket that `port` has accepted.
    void add(DuplexChannel accepted, Port port) {
        count.incrementAndGet();
        if (reactor.inLoop()) {
            serve(accepted, port);
        } else if (!reactor.take(() -> serve(accepted, port))) {
            forget(accepted, port);
        }
    }

    private void serve(DuplexChannel accepted, Port port) {
        if (reactor.stopping()) {
            forget(accepted, port);
            return;
        }
        try {
            reactor.streamSockets().configure(accepted, port.options(), reactor.loop());
            accepted.pipeline().addLast(new Connection(reactor, accepted, port));
            reactor.register(accepted);
            port.served();
        } catch (IOException | RuntimeException failed) {
            if (isGone(accepted, failed)) {
                log.debug("an accepted connection was gone before it could be served", failed);
            } else {
                port.cannotServe(failed);
            }
            forget(accepted, port);
        } catch (Error failed) { // most likely there is no memory for it
            forget(accepted, port);
            throw failed;
        }
    }

    /// Whether it was closed before. One that could not be registered is closed for that by Netty.
    private static boolean isGone(DuplexChannel accepted, Exception failed) {
        return failed instanceof ClosedChannelException
                || (failed instanceof ChannelException && !accepted.isOpen());
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
