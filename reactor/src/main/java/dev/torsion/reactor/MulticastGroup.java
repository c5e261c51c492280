package dev.torsion.reactor;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/// A multicast group, as one port hears it.
///
/// @param address the group's, in its textual form: `239.1.2.3`, `ff15::123`
/// @param networkInterface where to listen for it: the name of an interface (`eth0`) or one of its
///   addresses; null means the interface of the address that the port is bound to, or else the
///   first one that can do multicast
/// @param source the only sender to hear (RFC 4607), in its textual form; null means everybody
public record MulticastGroup(
        String address, @Nullable String networkInterface, @Nullable String source) {

    public MulticastGroup {
        if (!InetAddress.ofLiteral(address).isMulticastAddress()) {
            throw new IllegalArgumentException(
                    "a group has a multicast address such as 239.1.2.3 or ff15::123, not "
                            + address);
        }
    }

    /// From everybody, wherever the operating system listens.
    public static MulticastGroup of(String address) {
        return new MulticastGroup(address, null, null);
    }

    /// Heard on one interface.
    public MulticastGroup on(String networkInterface) {
        return new MulticastGroup(address, networkInterface, source);
    }

    /// As a message has it: `239.1.2.3 on eth0 from 10.0.0.1`.
    @Override
    public String toString() {
        return address
                + (networkInterface == null ? "" : " on " + networkInterface)
                + (source == null ? "" : " from " + source);
    }

    /// From one sender only.
    public MulticastGroup from(String source) {
        return new MulticastGroup(address, networkInterface, source);
    }
}
