package dev.torsion.protocols;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Refuses connections while there are too many, in all or from one host; a connection counts until
/// it is lost. Whoever comes through a UNIX socket is of one and the same host, this machine.
///
/// Shared by the loops of a group, the limit is over all of them. **Thread:** any.
public final class ConnectionLimit implements ProtocolFactory {
    private final ProtocolFactory wrapped;
    private final int most;
    private final int mostPerHost;
    private final AtomicInteger open = new AtomicInteger();
    private final Map<String, Integer> openPerHost = new ConcurrentHashMap<>();
    private final AtomicLong refused = new AtomicLong();

    /// @param most connections at a time; at least 1
    /// @param mostPerHost connections at a time whose peers have the same host; at least 1
    public ConnectionLimit(ProtocolFactory wrapped, int most, int mostPerHost) {
        if (most < 1 || mostPerHost < 1) {
            throw new IllegalArgumentException(
                    "a limit of 1 connection or more, not " + most + " and " + mostPerHost);
        }
        this.wrapped = wrapped;
        this.most = most;
        this.mostPerHost = mostPerHost;
    }

    @Override
    public @Nullable Protocol buildProtocol(Address peer) {
        String host = hostOf(peer);
        if (!enter(host)) {
            refused.incrementAndGet();
            return null;
        }
        Protocol protocol = null;
        try {
            protocol = wrapped.buildProtocol(peer);
        } finally {
            if (protocol == null) {
                leave(host);
            }
        }
        return protocol == null ? null : new Counted(protocol, host).faced();
    }

    /// How many connections there are.
    public int open() {
        return open.get();
    }

    /// How many connections were refused.
    public long refused() {
        return refused.get();
    }

    private static String hostOf(Address peer) {
        return switch (peer) {
            case Address.Inet inet -> inet.host();
            case Address.Unix _ -> "";
        };
    }

    private boolean enter(String host) {
        boolean room = open.incrementAndGet() <= most;
        boolean roomForHost = openPerHost.merge(host, 1, Integer::sum) <= mostPerHost;
        if (!room || !roomForHost) {
            leave(host);
            return false;
        }
        return true;
    }

    private void leave(String host) {
        openPerHost.computeIfPresent(host, (_, count) -> count == 1 ? null : count - 1);
        open.decrementAndGet();
    }

    private final class Counted extends WrappingProtocol {
        private final String host;

        Counted(Protocol wrapped, String host) {
            super(wrapped);
            this.host = host;
        }

        @Override
        void builtInVain() {
            leave(host);
            super.builtInVain();
        }

        @Override
        public void connectionLost(CloseReason reason) {
            leave(host);
            super.connectionLost(reason);
        }
    }
}
