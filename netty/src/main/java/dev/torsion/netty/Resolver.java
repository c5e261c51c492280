package dev.torsion.netty;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/// Finds the addresses of a host by its name: of the peer of a connect, and of where a port is to
/// be. One of one's own is given to a reactor with [ReactorOptions#withResolver].
///
/// It is asked for every name, `localhost` too, and never for an address in numbers. A reactor
/// remembers no answer: a resolver may.
@FunctionalInterface
public interface Resolver {

    /// Looks a name up.
    ///
    /// **Thread:** for a connect, one of at most 16 that a reactor has for this, which may block;
    /// more look-ups than these wait, each within its time to connect. It is interrupted when
    /// nobody waits for the answer any more: the time is over, the connect was cancelled, or the
    /// reactor stops. For `listen` and `listenUdp` a thread of its own, for which the caller waits,
    /// at most to the reactor's end; or the loop, if it is the loop that calls them.
    ///
    /// @return in the order of preference; addresses of IPv6 and IPv4 are tried in turn, and a port
    ///   takes the first. Empty if the name has none
    /// @throws UnknownHostException if nobody has that name
    /// @throws IOException if it cannot be looked up now, saying why
    List<InetAddress> resolve(String host) throws IOException, InterruptedException;

    /// The operating system's way, which the JDK asks and whose answers it remembers for a while
    /// (`networkaddress.cache.ttl`). It takes no notice of interrupts.
    static Resolver system() {
        return host -> List.of(InetAddress.getAllByName(host));
    }
}
