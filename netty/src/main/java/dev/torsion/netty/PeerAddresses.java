package dev.torsion.netty;

import dev.torsion.reactor.Address;
import java.net.Inet6Address;
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
        if (known == null || !known.socket.equals(socket) || zone(known.socket) != zone(socket)) {
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

    /// The number of its interface, without which the address of a link means nothing; addresses of
    /// different zones are equal to Java. 0 if it has none.
    private static int zone(InetSocketAddress socket) {
        return socket.getAddress() instanceof Inet6Address ipv6 ? ipv6.getScopeId() : 0;
    }

    /// Of whatever socket, a TCP one too. Its zone is a number, and told where the kernel tells it:
    /// a peer has the same text wherever its address comes from.
    static Address.Inet textual(InetSocketAddress socket) {
        InetAddress address = socket.getAddress();
        String host = address.getHostAddress();
        int percent = host.indexOf('%');
        if (percent >= 0) {
            boolean ofALink = address.isLinkLocalAddress() || address.isMulticastAddress();
            host = host.substring(0, percent) + (ofALink ? "%" + zone(socket) : "");
        }
        return Address.of(host, socket.getPort());
    }

    private static InetSocketAddress literal(Address.Inet address) {
        if (address.port() == 0) {
            throw new IllegalArgumentException("nobody has the port 0: " + address);
        }
        try {
            return new InetSocketAddress(InetAddress.ofLiteral(address.host()), address.port());
        } catch (IllegalArgumentException none) {
            throw new IllegalArgumentException(
                    address.isLiteral()
                            ? Lookups.noSuch(address)
                            : "a datagram is sent to an address in its textual form, not to the"
                                    + " name \""
                                    + address.host()
                                    + "\": Reactor.connectUdp looks names up",
                    none);
        }
    }
}
