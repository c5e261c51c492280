package dev.torsion.netty;

import dev.torsion.reactor.Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/// Addresses in the contract's form and in Java's. A UDP port has one of these for those it talks
/// with: the last ones are remembered, at most 256 for each direction, so that a datagram from or
/// to one of them needs no new object.
final class PeerAddresses {
    private static final int REMEMBERED = 256;

    private final @Nullable Known[] bySocket = new Known[REMEMBERED];
    private final @Nullable Known[] byAddress = new Known[REMEMBERED];

    private record Known(Address.Inet address, InetSocketAddress socket) {}

    Address.Inet address(InetSocketAddress socket) {
        Known known = bySocket[slot(socket)];
        if (known == null || !known.socket.equals(socket)) {
            known = remember(new Known(textual(socket), socket));
        }
        return known.address;
    }

    /// @throws IllegalArgumentException if `address` is not in its textual form, or has no port
    InetSocketAddress socket(Address.Inet address) {
        Known known = byAddress[slot(address)];
        if (known == null || !known.address.equals(address)) {
            known = remember(new Known(address, literal(address)));
        }
        return known.socket;
    }

    private Known remember(Known known) {
        bySocket[slot(known.socket)] = known;
        byAddress[slot(known.address)] = known;
        return known;
    }

    private static int slot(Object key) {
        int hash = key.hashCode();
        return (hash ^ (hash >>> 8) ^ (hash >>> 16)) & (REMEMBERED - 1);
    }

    /// Of whatever socket, a TCP one too.
    static Address.Inet textual(InetSocketAddress socket) {
        return Address.of(socket.getAddress().getHostAddress(), socket.getPort());
    }

    private static InetSocketAddress literal(Address.Inet address) {
        if (address.port() == 0) {
            throw new IllegalArgumentException("nobody has the port 0: " + address);
        }
        try {
            return new InetSocketAddress(InetAddress.ofLiteral(address.host()), address.port());
        } catch (IllegalArgumentException aName) {
            throw new IllegalArgumentException(
                    "a datagram is sent to an address in its textual form, not to the name \""
                            + address.host()
                            + "\": Reactor.connectUdp looks names up",
                    aName);
        }
    }
}
