package dev.torsion.netty;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The places where the peer of a [Dial] may answer, in the order in which they are tried.
record Candidates(List<SocketAddress> inOrder) {

    /// The addresses of one host, with IPv6 and IPv4 in turn, beginning with the one that the
    /// system put first.
    ///
    /// @param bind where this end is to be, which has no way to another family; null for anywhere
    static Candidates of(List<InetAddress> found, int port, @Nullable InetSocketAddress bind) {
        List<SocketAddress> reachable = new ArrayList<>();
        for (InetAddress each : interleaved(found)) {
            if (bind == null || bind.getAddress().getClass() == each.getClass()) {
                reachable.add(new InetSocketAddress(each, port));
            }
        }
        return new Candidates(reachable);
    }

    private static List<InetAddress> interleaved(List<InetAddress> found) {
        Map<Class<?>, ArrayDeque<InetAddress>> families = new LinkedHashMap<>();
        for (InetAddress one : found) {
            families.computeIfAbsent(one.getClass(), _ -> new ArrayDeque<>()).add(one);
        }
        List<InetAddress> ordered = new ArrayList<>();
        while (ordered.size() < found.size()) {
            for (ArrayDeque<InetAddress> family : families.values()) {
                if (!family.isEmpty()) {
                    ordered.add(family.remove());
                }
            }
        }
        return ordered;
    }

    /// The address that `host` is the number of, with its zone if it has one; null if it is a name,
    /// or if this machine has no such zone.
    static @Nullable InetAddress numbered(String host) {
        try {
            return InetAddress.ofLiteral(host);
        } catch (IllegalArgumentException aName) {
            return null;
        }
    }
}
