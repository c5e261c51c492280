package dev.torsion.netty;

import dev.torsion.reactor.Address;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/// Finds the network interfaces of this machine.
final class Interfaces {
    private Interfaces() {}

    /// The interface of that name, or with that address.
    static NetworkInterface named(String nameOrAddress) throws IOException {
        NetworkInterface found = NetworkInterface.getByName(nameOrAddress);
        if (found == null) {
            found = withAddress(nameOrAddress);
        }
        if (found == null) {
            throw new SocketException(
                    "this machine has no network interface with the name or address "
                            + nameOrAddress);
        }
        return found;
    }

    private static @Nullable NetworkInterface withAddress(String literal) throws IOException {
        InetAddress address;
        try {
            address = InetAddress.ofLiteral(literal);
        } catch (IllegalArgumentException aName) {
            return null;
        }
        return NetworkInterface.getByInetAddress(address);
    }

    /// The interface on which a port that is bound to `bound` hears a group: the one that was asked
    /// for, or the one that has the port's address, or the first that can do multicast, any other
    /// before loopback.
    static NetworkInterface toHear(@Nullable String wanted, Address.Inet bound) throws IOException {
        if (wanted != null) {
            return named(wanted);
        }
        NetworkInterface own = withAddress(bound.host());
        if (own != null) {
            return own;
        }
        return NetworkInterface.networkInterfaces()
                .filter(Interfaces::isUp)
                .filter(one -> isLoopback(one) || supportsMulticast(one))
                .min(
                        Comparator.comparing(Interfaces::isLoopback)
                                .thenComparingInt(NetworkInterface::getIndex))
                .orElseThrow(() -> new SocketException("no network interface is up"));
    }

    private static boolean isUp(NetworkInterface one) {
        try {
            return one.isUp();
        } catch (SocketException gone) {
            return false;
        }
    }

    private static boolean isLoopback(NetworkInterface one) {
        try {
            return one.isLoopback();
        } catch (SocketException gone) {
            return false;
        }
    }

    private static boolean supportsMulticast(NetworkInterface one) {
        try {
            return one.supportsMulticast();
        } catch (SocketException gone) {
            return false;
        }
    }
}
