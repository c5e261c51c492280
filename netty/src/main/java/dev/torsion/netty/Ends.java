package dev.torsion.netty;

import dev.torsion.reactor.Address;
import io.netty.channel.socket.DuplexChannel;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// The addresses of a connection: of this end, and of the peer's.
record Ends(Address host, Address peer) {
    /// Before it is made.
    static final Ends UNKNOWN = new Ends(Address.of("unknown", 0), Address.of("unknown", 0));

    private static final Address UNNAMED = Address.unix("");

    /// Those of `channel`; null if it is gone already.
    static @Nullable Ends of(Sockets sockets, DuplexChannel channel, Origin origin) {
        Address.Unix place = origin.place();
        if (place != null) {
            return switch (origin) {
                case Dial _ -> new Ends(UNNAMED, place);
                case Port _ -> new Ends(place, UNNAMED);
            };
        }
        return sockets.hostOf(channel) instanceof InetSocketAddress host
                        && channel.remoteAddress() instanceof InetSocketAddress peer
                ? new Ends(PeerAddresses.textual(host), PeerAddresses.textual(peer))
                : null;
    }
}
