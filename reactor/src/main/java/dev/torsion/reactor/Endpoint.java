package dev.torsion.reactor;

import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Where to listen. As text, which a person can write ([EndpointText] has the grammar):
///
/// - `tcp:4222`, `tcp:4222:interface=0.0.0.0:backlog=50`; also `no-delay=`, `keep-alive=`,
///   `keep-alive-idle=`, `keep-alive-interval=`, `keep-alive-count=`, `reuse-address=`,
///   `send-buffer=`, `receive-buffer=`, `user-timeout=`, `dscp=` ([SocketOptions])
/// - `unix:/run/app.sock`, `unix:/run/app.sock:mode=660:backlog=50`, `unix:@app`
/// - `systemd:name=web`, `systemd:index=0:domain=unix`: what the machine opened before
/// - `descriptor:5`: what whoever started this process opened before
public sealed interface Endpoint {
    /// How many connections may wait to be accepted, unless a number is given.
    int DEFAULT_BACKLOG = 1024;

    /// TCP on loopback; 0 takes any free port.
    static Tcp tcp(int port) {
        return at(Address.of(Tcp.LOOPBACK, port));
    }

    /// TCP at that address.
    static Tcp at(Address.Inet address) {
        return new Tcp(address, DEFAULT_BACKLOG, SocketOptions.DEFAULT);
    }

    /// A UNIX socket, for its owner alone; or for anybody at an abstract name, `@NAME`.
    static Unix unix(String path) {
        Address.Unix address = Address.unix(path);
        return new Unix(address, Unix.usualMode(address), DEFAULT_BACKLOG);
    }

    /// Reads an endpoint's text.
    ///
    /// @throws IllegalArgumentException saying what was expected, and what is where
    static Endpoint parse(String text) {
        EndpointText fields = EndpointText.ofServer(text);
        Endpoint endpoint = read(fields);
        fields.end();
        return endpoint;
    }

    /// Takes an endpoint's fields, and leaves those that mean nothing to it.
    ///
    /// @throws IllegalArgumentException as [#parse] does
    static Endpoint read(EndpointText text) {
        String prefix =
                text.prefix(
                        "an endpoint such as tcp:4222, unix:/run/app.sock or systemd:name=web",
                        List.of("tcp", "unix", "systemd", "descriptor"));
        return switch (prefix) {
            case "tcp" -> Tcp.read(text);
            case "unix" -> Unix.read(text);
            case "systemd" -> Systemd.read(text);
            default -> Descriptor.read(text);
        };
    }

    /// Whether only programs on this machine can reach it. What was opened before is not known, so
    /// it is not.
    boolean isLoopback();

    private static void requireBacklog(int backlog) {
        if (backlog < 1) {
            throw new IllegalArgumentException("a backlog is at least 1, not " + backlog);
        }
    }

    private static int readBacklog(EndpointText text) {
        return text.number("backlog", 1, 999_999, DEFAULT_BACKLOG);
    }

    private static String backlogField(int backlog) {
        return backlog == DEFAULT_BACKLOG ? "" : ":backlog=" + backlog;
    }

    /// A TCP port.
    ///
    /// @param address where to bind; port 0 takes any free port
    /// @param backlog how many connections may wait to be accepted, at least 1
    /// @param options of the connections that are accepted
    record Tcp(Address.Inet address, int backlog, SocketOptions options) implements Endpoint {
        private static final String LOOPBACK = "127.0.0.1";
        private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "::1");

        public Tcp {
            requireBacklog(backlog);
        }

        /// Reads the text of an endpoint that has to be TCP.
        ///
        /// @throws IllegalArgumentException saying what was expected, and what is where
        public static Tcp parse(String text) {
            EndpointText fields = EndpointText.ofServer(text);
            fields.prefix("an endpoint such as tcp:4222", List.of("tcp"));
            Tcp endpoint = read(fields);
            fields.end();
            return endpoint;
        }

        /// Takes the fields that follow `tcp:`, and leaves those that mean nothing to it.
        ///
        /// @throws IllegalArgumentException as [#parse] does
        public static Tcp read(EndpointText text) {
            text.requirePlace("a port from 0 to 65535");
            int port = text.nextNumber("a port", 0, 65_535);
            return new Tcp(readAddress(text, port), readBacklog(text), SocketOptions.read(text));
        }

        private static Address.Inet readAddress(EndpointText text, int port) {
            Address.Inet address = text.address("interface", port);
            if (address == null) {
                return Address.of(LOOPBACK, port);
            }
            String host = address.host();
            String meant = host.equals("*") ? "0.0.0.0" : host.replaceAll("^\\[(.*)]$", "$1");
            if (!meant.equals(host)) {
                String right = "interface=" + EndpointText.escaped(meant);
                throw text.wrong(
                        "interface", "expected an address, not \"" + host + "\": write " + right);
            }
            return address;
        }

        @Override
        public boolean isLoopback() {
            return address.host().matches("127\\.[0-9]{1,3}\\.[0-9]{1,3}\\.[0-9]{1,3}")
                    || LOOPBACK_NAMES.contains(address.host());
        }

        public Tcp withPort(int port) {
            return new Tcp(Address.of(address.host(), port), backlog, options);
        }

        public Tcp withBacklog(int newBacklog) {
            return new Tcp(address, newBacklog, options);
        }

        public Tcp withOptions(SocketOptions newOptions) {
            return new Tcp(address, backlog, newOptions);
        }

        /// The endpoint's text, loopback and what is by default left out.
        @Override
        public String toString() {
            String host =
                    address.host().equals(LOOPBACK)
                            ? ""
                            : ":interface=" + EndpointText.escaped(address.host());
            return "tcp:" + address.port() + host + backlogField(backlog) + options.fields();
        }
    }

    /// A UNIX socket. A socket file that nobody listens on any more is replaced; a file of another
    /// kind is not. Of two that are opened at one place at once one is refused; of three that
    /// replace one dead file in the same moment, one that listens may lose its own, which the log
    /// tells. The file goes away when the port is closed, before its socket.
    ///
    /// An abstract name (`@NAME`, of Linux with epoll or io_uring; NIO refuses it) has no file and
    /// no permissions: anybody on the machine, in the same network namespace, may connect.
    ///
    /// @param address where its file is to be, or its abstract name; the machine has a limit, 107
    ///   bytes on Linux
    /// @param mode the file's permissions, 0600 by default: who may write to the file may connect;
    ///   nobody but the owner can before it has them. Always 0777 for an abstract name
    /// @param backlog how many connections may wait to be accepted, at least 1
    record Unix(Address.Unix address, int mode, int backlog) implements Endpoint {
        private static final int OWNER_ONLY = 0600;
        private static final int ANYBODY = 0777;
        private static final String NO_PERMISSIONS =
                "an abstract name has no permissions, anybody here may connect";

        public Unix {
            if (address.unnamed()) {
                throw new IllegalArgumentException("a UNIX socket to listen on needs a path");
            }
            if (mode < 0 || mode > 0777) {
                throw new IllegalArgumentException(
                        "permissions are 0 to 0777, not 0%o".formatted(mode));
            }
            if (address.isAbstract() && mode != ANYBODY) {
                throw new IllegalArgumentException(NO_PERMISSIONS + ": leave the mode at 0777");
            }
            requireBacklog(backlog);
        }

        private static Unix read(EndpointText text) {
            Address.Unix address = text.nextPath();
            int mode = text.mode("mode", usualMode(address));
            if (address.isAbstract() && mode != ANYBODY) {
                throw text.wrong("mode", NO_PERMISSIONS + ": leave mode= out");
            }
            return new Unix(address, mode, readBacklog(text));
        }

        private static int usualMode(Address.Unix address) {
            return address.isAbstract() ? ANYBODY : OWNER_ONLY;
        }

        @Override
        public boolean isLoopback() {
            return true;
        }

        public Unix withMode(int newMode) {
            return new Unix(address, newMode, backlog);
        }

        public Unix withBacklog(int newBacklog) {
            return new Unix(address, mode, newBacklog);
        }

        /// The endpoint's text, what is by default left out.
        @Override
        public String toString() {
            String permissions = mode == usualMode(address) ? "" : ":mode=%03o".formatted(mode);
            return "unix:"
                    + EndpointText.escaped(address.path())
                    + permissions
                    + backlogField(backlog);
        }
    }

    /// A socket that listens already: systemd, or whoever speaks its protocol
    /// ([sd_listen_fds](https://www.freedesktop.org/software/systemd/man/latest/sd_listen_fds.html)),
    /// opened it and passed it to this process.
    ///
    /// @param name the name it was given, `FileDescriptorName=` of the socket's unit; null to go by
    ///   `index`
    /// @param index which of the sockets, counted from 0, those of the name if there is one
    /// @param domain what kind of socket it is
    record Systemd(@Nullable String name, int index, Domain domain) implements Endpoint {
        private static final int MOST = 1024;

        /// The kinds of sockets.
        public enum Domain {
            /// TCP, over IPv4 or IPv6.
            INET,
            UNIX
        }

        public Systemd {
            if (index < 0 || index > MOST) {
                throw new IllegalArgumentException("an index is 0 to " + MOST + ", not " + index);
            }
        }

        private static Systemd read(EndpointText text) {
            String domain = text.option("domain");
            if (domain != null && !domain.matches("(?i)inet6?|unix")) {
                throw text.wrong(
                        "domain", "expected domain= with inet or unix, not \"" + domain + "\"");
            }
            boolean unix = "unix".equalsIgnoreCase(domain);
            String name = text.option("name");
            return new Systemd(
                    name, text.number("index", 0, MOST, 0), unix ? Domain.UNIX : Domain.INET);
        }

        @Override
        public boolean isLoopback() {
            return domain == Domain.UNIX;
        }

        /// The endpoint's text.
        @Override
        public String toString() {
            String which = name == null ? "" : ":name=" + EndpointText.escaped(name);
            String place = name != null && index == 0 ? "" : ":index=" + index;
            return "systemd" + which + place + (domain == Domain.UNIX ? ":domain=unix" : "");
        }
    }

    /// A socket that listens already, TCP or UNIX, by the number of its file descriptor in this
    /// process, which inherited it open.
    ///
    /// The port has a descriptor of its own: the one of that number stays open, so that the port
    /// may be closed and opened again, and whoever wants to connect meanwhile waits. Whoever else
    /// has the socket should know that it does not block any more.
    ///
    /// @param number 0 to 999999999
    record Descriptor(int number) implements Endpoint {
        private static final int MOST = 999_999_999;

        public Descriptor {
            if (number < 0 || number > MOST) {
                throw new IllegalArgumentException(
                        "a file descriptor is 0 to " + MOST + ", not " + number);
            }
        }

        private static Descriptor read(EndpointText text) {
            return new Descriptor(text.nextNumber("a file descriptor", 0, MOST));
        }

        /// Never: what was opened before is not known.
        @Override
        public boolean isLoopback() {
            return false;
        }

        /// The endpoint's text.
        @Override
        public String toString() {
            return "descriptor:" + number;
        }
    }
}
