package dev.torsion.protocols;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import java.net.InetAddress;
import java.nio.ByteBuffer;

/// What a proxy says of a connection it passes on, before its first byte: HAProxy's PROXY protocol
/// (<https://www.haproxy.org/download/3.0/doc/proxy-protocol.txt>).
public sealed interface ProxyHeader {

    /// The connection that the proxy accepted.
    ///
    /// An IPv4 address may be written as an IPv6 one, `::ffff:192.0.2.1`, as a proxy does whose
    /// other address is IPv6. It is sent so, too.
    ///
    /// @param source who connected to the proxy
    /// @param destination where to; of the same family (IPv4 or IPv6) as it is written
    record Proxied(Address.Inet source, Address.Inet destination) implements ProxyHeader {
        /// @throws IllegalArgumentException if a host is a name and no address, or the families
        ///   differ
        public Proxied {
            if (isV6(source) != isV6(destination)) {
                throw new IllegalArgumentException(
                        "one family for both, not " + source + " and " + destination);
            }
            var _ = bytesOf(source);
            var _ = bytesOf(destination);
        }
    }

    /// The proxy does not know, or speaks for itself (a health check): the connection's own
    /// addresses count.
    record Unknown() implements ProxyHeader {}

    /// The header as a line of text.
    default Bytes version1() {
        return Bytes.utf8(
                switch (this) {
                    case Unknown _ -> "PROXY UNKNOWN\r\n";
                    case Proxied(Address.Inet source, Address.Inet destination) ->
                            String.join(
                                            " ",
                                            "PROXY",
                                            isV6(source) ? "TCP6" : "TCP4",
                                            spelled(source),
                                            spelled(destination),
                                            Integer.toString(source.port()),
                                            Integer.toString(destination.port()))
                                    + "\r\n";
                });
    }

    /// The binary header; for [Unknown] the one that says LOCAL.
    default Bytes version2() {
        ByteBuffer header = ByteBuffer.allocate(ProxyHeaderReader.LONGEST_V2);
        header.put(ProxyHeaderReader.SIGNATURE);
        switch (this) {
            case Unknown _ -> header.putInt(0x2000_0000);
            case Proxied(Address.Inet source, Address.Inet destination) -> {
                header.putInt(isV6(source) ? 0x2121_0024 : 0x2111_000c);
                header.put(bytesOf(source)).put(bytesOf(destination));
                header.putShort((short) source.port()).putShort((short) destination.port());
            }
        }
        return Bytes.wrap(header.array(), 0, header.position());
    }

    private static boolean isV6(Address.Inet address) {
        return address.host().indexOf(':') >= 0;
    }

    /// In the one way that always has room in a line.
    private static String spelled(Address.Inet address) {
        return ProxyHeaderReader.spelled(literal(address), isV6(address));
    }

    private static InetAddress literal(Address.Inet address) {
        String host = address.host();
        boolean sound =
                isV6(address) ? ProxyHeaderReader.isIpV6(host) : ProxyHeaderReader.isIpV4(host);
        if (!sound) {
            throw new IllegalArgumentException("expected an IP address, not " + host);
        }
        return InetAddress.ofLiteral(host);
    }

    private static byte[] bytesOf(Address.Inet address) {
        byte[] bytes = literal(address).getAddress();
        return isV6(address) && bytes.length == 4 ? mapped(bytes) : bytes;
    }

    /// As IPv6 (RFC 4291, 2.5.5.2): the JDK gives the bytes of such an address as IPv4.
    private static byte[] mapped(byte[] v4) {
        return ByteBuffer.allocate(16).position(10).putShort((short) 0xffff).put(v4).array();
    }
}
