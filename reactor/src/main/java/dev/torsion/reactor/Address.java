package dev.torsion.reactor;

import java.net.InetAddress;

/// One end of a connection: where to connect to, or who is there.
///
/// An address prints as [#parse] reads it, but for the unnamed end of a UNIX connection, and for a
/// path with characters that are not seen, which the peer chose if it is its own: they are there as
/// [PeerText] shows them.
public sealed interface Address {

    /// An end of a TCP connection.
    static Inet of(String host, int port) {
        return new Inet(host, port);
    }

    /// A UNIX socket.
    static Unix unix(String path) {
        return new Unix(path);
    }

    /// Reads `HOST:PORT`, an IPv6 host in brackets, or `unix:PATH`, the path beginning with a
    /// slash, or with the `@` of an abstract name.
    ///
    /// @throws IllegalArgumentException saying what is wrong
    static Address parse(String text) {
        return text.startsWith(Unix.PREFIX + "/") || text.startsWith(Unix.PREFIX + Unix.ABSTRACT)
                ? new Unix(text.substring(Unix.PREFIX.length()))
                : Inet.parse(text);
    }

    /// An end of a TCP connection.
    ///
    /// @param host a name, or an address in its textual form (IPv6 without brackets); without white
    ///   space and control characters
    /// @param port 0 to 65535; 0 means "any free port" where something is to be bound
    record Inet(String host, int port) implements Address {
        private static final int SHOWN = 255; // as long as a name may be

        public Inet {
            if (host.isEmpty()) {
                throw new IllegalArgumentException("an address needs a host");
            }
            int unfit = unfit(host);
            if (unfit >= 0) {
                throw new IllegalArgumentException(
                        "a host has no white space or control characters, \"%s\" has one at character %d"
                                .formatted(PeerText.shown(host, SHOWN), unfit + 1));
            }
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("a port is 0 to 65535, not " + port);
            }
        }

        /// Reads `HOST:PORT`, an IPv6 host in brackets.
        ///
        /// @throws IllegalArgumentException saying what is wrong
        public static Inet parse(String text) {
            int colon = text.lastIndexOf(':');
            if (colon <= 0) {
                throw wrong("expected HOST:PORT", text);
            }
            String host = text.substring(0, colon);
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            } else if (host.indexOf(':') >= 0) {
                throw wrong("an IPv6 host stands in brackets: expected [HOST]:PORT", text);
            }
            if (host.isEmpty()) {
                throw wrong("expected HOST:PORT", text);
            }
            return new Inet(host, readPort(text.substring(colon + 1), text));
        }

        private static int readPort(String digits, String whole) {
            boolean number = !digits.isEmpty() && digits.length() <= 5;
            for (int i = 0; number && i < digits.length(); i++) {
                number = digits.charAt(i) >= '0' && digits.charAt(i) <= '9';
            }
            int port = number ? Integer.parseInt(digits) : -1;
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException(
                        "expected a port from 0 to 65535, not \"%s\" in \"%s\""
                                .formatted(
                                        PeerText.shown(digits, SHOWN),
                                        PeerText.shown(whole, SHOWN)));
            }
            return port;
        }

        private static IllegalArgumentException wrong(String expected, String text) {
            return new IllegalArgumentException(
                    "%s, not \"%s\"".formatted(expected, PeerText.shown(text, SHOWN)));
        }

        /// The index of the first character that no host has, which could break a line or a text
        /// that tells of it; -1 if there is none.
        private static int unfit(String host) {
            for (int i = 0; i < host.length(); i++) {
                char each = host.charAt(i);
                if (Character.isISOControl(each)
                        || Character.isWhitespace(each)
                        || Character.isSpaceChar(each)) {
                    return i;
                }
            }
            return -1;
        }

        /// Whether the host is written out as numbers, and is no name.
        public boolean isLiteral() {
            int zone = host.indexOf('%'); // of IPv6: an interface, which may be another machine's
            try {
                var _ = InetAddress.ofLiteral(zone < 0 ? host : host.substring(0, zone));
                return true;
            } catch (IllegalArgumentException aName) {
                return false;
            }
        }

        /// `HOST:PORT`, an IPv6 host in brackets.
        @Override
        public String toString() {
            return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
        }
    }

    /// An end of a connection through a UNIX socket, which has a place in the file system, or on
    /// Linux an abstract name ([unix(7)](https://man7.org/linux/man-pages/man7/unix.7.html)), which
    /// is no file.
    ///
    /// @param path the socket's; `@NAME` for an abstract name, as systemd writes it (the file of
    ///   that name is `./@NAME`); empty for an end without one, which every client's is that did
    ///   not ask for more
    record Unix(String path) implements Address {
        private static final String PREFIX = "unix:";
        private static final String ABSTRACT = "@";

        public Unix {
            if (path.indexOf('\0') >= 0) {
                throw new IllegalArgumentException(
                        "a path has no NUL character; an abstract name is written @NAME");
            }
            if (path.equals(ABSTRACT)) {
                throw new IllegalArgumentException("an abstract name is not empty: write @NAME");
            }
        }

        /// Whether it is an abstract name: whoever is on this machine, in the same network
        /// namespace, may connect, and the name is free again when its socket is closed.
        public boolean isAbstract() {
            return path.startsWith(ABSTRACT);
        }

        /// Whether it has neither a place in the file system nor an abstract name.
        public boolean unnamed() {
            return path.isEmpty();
        }

        /// `unix:PATH`, or `unix:@NAME`.
        @Override
        public String toString() {
            return PREFIX + PeerText.shown(path, Integer.MAX_VALUE);
        }
    }
}
