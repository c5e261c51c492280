package dev.torsion.netty;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Finds the addresses of a host by its name.
@FunctionalInterface
interface Resolver {

    /// Asked on a thread that may block.
    List<InetAddress> resolve(String host) throws UnknownHostException;

    /// The operating system's way.
    static Resolver system() {
        return host -> List.of(InetAddress.getAllByName(host));
    }
}
