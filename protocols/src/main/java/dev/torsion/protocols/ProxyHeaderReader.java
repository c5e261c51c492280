package dev.torsion.protocols;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Reads one [ProxyHeader] of either version from pieces of any size. It keeps at most the 107
/// bytes of a version 1 line; what follows the addresses of a version 2 header is skipped, not
/// kept.
final class ProxyHeaderReader {
    /// What a version 2 header begins with.
    static final byte[] SIGNATURE = {13, 10, 13, 10, 0, 13, 10, 'Q', 'U', 'I', 'T', 10};

    /// A version 2 header with IPv6 addresses and nothing after them, in bytes.
    static final int LONGEST_V2 = 16 + 36;

    private static final byte[] V1_START = "PROXY ".getBytes(ISO_8859_1);
    private static final int LONGEST_V1 = 107;
    private static final int V2_FIXED = 16;
    private static final Pattern PROXIED =
            Pattern.compile("PROXY (TCP4|TCP6) (\\S+) (\\S+) (\\S+) (\\S+)");
    private static final Pattern UNKNOWN = Pattern.compile("PROXY UNKNOWN( .*)?");
    private static final Pattern PORT = Pattern.compile("0|[1-9][0-9]{0,4}");
    private static final Pattern IP_V4 = Pattern.compile("(" + octet() + "\\.){3}" + octet());
    private static final Pattern IP_V6 = Pattern.compile("[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*");

    private final byte[] kept = new byte[LONGEST_V1];
    private int size;
    private int wanted = V2_FIXED;
    private int toSkip;
    private int taken;
    private @Nullable ProxyHeader header;

    /// What arrived is no header. The message says what was expected.
    static final class InvalidHeaderException extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidHeaderException(String why) {
            super(why);
        }
    }

    /// The header, once it is there whole.
    @Nullable ProxyHeader header() {
        return toSkip == 0 ? header : null;
    }

    /// How many bytes have come of a header that is not there whole.
    int unfinishedBytes() {
        return header() == null ? taken : 0;
    }

    /// Takes what belongs to the header.
    ///
    /// @return where the rest begins
    int read(Bytes chunk, int from) throws InvalidHeaderException {
        int at = from;
        while (header == null && at < chunk.size()) {
            take(chunk.at(at++));
        }
        int skipped = Math.min(toSkip, chunk.size() - at);
        toSkip -= skipped;
        taken += at + skipped - from;
        return at + skipped;
    }

    private void take(byte next) throws InvalidHeaderException {
        kept[size++] = next;
        if (kept[0] == V1_START[0]) {
            takeV1(next);
        } else {
            takeV2();
        }
    }

    // ---- version 1 ----

    private void takeV1(byte next) throws InvalidHeaderException {
        requireStart(V1_START);
        if (next == '\n') {
            header = line();
        } else if (size == LONGEST_V1) {
            throw new InvalidHeaderException("no line end within 107 bytes");
        }
    }

    private ProxyHeader line() throws InvalidHeaderException {
        if (kept[size - 2] != '\r') {
            throw new InvalidHeaderException("a line that does not end with CR LF");
        }
        String line = new String(kept, 0, size - 2, ISO_8859_1);
        if (UNKNOWN.matcher(line).matches()) {
            return new ProxyHeader.Unknown();
        }
        Matcher proxied = PROXIED.matcher(line);
        if (!proxied.matches()) {
            throw new InvalidHeaderException(
                    "expected PROXY TCP4|TCP6 SOURCE DESTINATION PORT PORT, or PROXY UNKNOWN");
        }
        boolean v6 = proxied.group(1).equals("TCP6");
        return new ProxyHeader.Proxied(
                address(v6, proxied.group(2), proxied.group(4)),
                address(v6, proxied.group(3), proxied.group(5)));
    }

    private static Address.Inet address(boolean v6, String host, String port)
            throws InvalidHeaderException {
        if (!(v6 ? isIpV6(host) : isIpV4(host))) {
            throw new InvalidHeaderException("expected an IPv" + (v6 ? 6 : 4) + " address");
        }
        if (!PORT.matcher(port).matches() || Integer.parseInt(port) > 65_535) {
            throw new InvalidHeaderException("expected a port from 0 to 65535");
        }
        return Address.of(spelled(InetAddress.ofLiteral(host), v6), Integer.parseInt(port));
    }

    static boolean isIpV4(String text) {
        return IP_V4.matcher(text).matches();
    }

    static boolean isIpV6(String text) {
        if (!IP_V6.matcher(text).matches()) {
            return false;
        }
        try {
            var _ = InetAddress.ofLiteral(text);
            return true;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }

    private static String octet() {
        return "(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    }

    // ---- version 2 ----

    private void takeV2() throws InvalidHeaderException {
        requireStart(SIGNATURE);
        if (size == V2_FIXED) {
            fixedPart();
        }
        if (size == wanted && size > V2_FIXED) {
            header = addresses((wanted - V2_FIXED - 4) / 2);
        }
    }

    /// Version and command, family and protocol, length.
    private void fixedPart() throws InvalidHeaderException {
        int version = (kept[12] >> 4) & 0xf;
        int command = kept[12] & 0xf;
        int family = (kept[13] >> 4) & 0xf;
        int protocol = kept[13] & 0xf;
        int length = ((kept[14] & 0xff) << 8) | (kept[15] & 0xff);
        boolean local = command == 0; // whose family and protocol say nothing
        if (version != 2 || command > 1 || (!local && (family > 3 || protocol > 2))) {
            throw new InvalidHeaderException(
                    "version %d, command %d, family %d, protocol %d"
                            .formatted(version, command, family, protocol));
        }
        int addresses =
                local
                        ? 0
                        : switch (family) {
                            case 1 -> 12;
                            case 2 -> 36;
                            case 3 -> 216;
                            default -> 0;
                        };
        if (length < addresses) {
            throw new InvalidHeaderException(
                    "a length of " + length + " for " + addresses + " bytes of addresses");
        }
        if (local || family == 0 || family == 3 || protocol == 0) {
            header = new ProxyHeader.Unknown();
            toSkip = length;
        } else {
            wanted = V2_FIXED + addresses;
            toSkip = length - addresses;
        }
    }

    private ProxyHeader addresses(int hostLength) {
        ByteBuffer at = ByteBuffer.wrap(kept, V2_FIXED, wanted - V2_FIXED);
        String source = host(at, hostLength);
        String destination = host(at, hostLength);
        return new ProxyHeader.Proxied(
                Address.of(source, at.getShort() & 0xffff),
                Address.of(destination, at.getShort() & 0xffff));
    }

    private static String host(ByteBuffer at, int length) {
        byte[] host = new byte[length];
        at.get(host);
        try {
            return spelled(InetAddress.getByAddress(host), length == 16);
        } catch (UnknownHostException impossible) {
            throw new IllegalStateException("a host of " + length + " bytes", impossible);
        }
    }

    /// In one way whatever the header: as the address of a socket, but for an IPv4 one that was
    /// written as IPv6.
    static String spelled(InetAddress address, boolean v6) {
        boolean mapped = v6 && address instanceof Inet4Address;
        return (mapped ? "::ffff:" : "") + address.getHostAddress();
    }

    /// What is kept begins as a header does, as far as it goes.
    private void requireStart(byte[] start) throws InvalidHeaderException {
        int last = size - 1;
        if (last < start.length && kept[last] != start[last]) {
            throw new InvalidHeaderException("neither PROXY nor the signature of version 2");
        }
    }
}
