package dev.torsion.reactor;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where to connect to, and how. As text, which a person can write ([EndpointText] has the
/// grammar):
///
/// - `tcp:a.example:4222`, `tcp:a.example:4222:timeout=5:bind=192.0.2.1`; also `bind-port=`,
///   `no-delay=`, `keep-alive=`, `keep-alive-idle=`, `keep-alive-interval=`, `keep-alive-count=`,
///   `reuse-address=`, `send-buffer=`, `receive-buffer=`, `user-timeout=`, `dscp=`
///   ([SocketOptions])
/// - `unix:/run/app.sock`, `unix:/run/app.sock:timeout=0.5`, `unix:@app` for an abstract name
public sealed interface ClientEndpoint {
    /// How long a connect may take, unless a time is given.
    Duration DEFAULT_TIMEOUT = Duration.ofSeconds(30);

    /// To that address, with a timeout of 30 seconds.
    static ClientEndpoint to(Address address) {
        requireNonNull(address, "address");
        return switch (address) {
            case Address.Inet inet -> tcp(inet);
            case Address.Unix unix -> new Unix(unix, DEFAULT_TIMEOUT);
        };
    }

    /// Over TCP, with a timeout of 30 seconds.
    static Tcp tcp(Address.Inet address) {
        return new Tcp(address, DEFAULT_TIMEOUT, null, SocketOptions.DEFAULT);
    }

    /// Through a UNIX socket, with a timeout of 30 seconds.
    static Unix unix(String path) {
        return new Unix(Address.unix(path), DEFAULT_TIMEOUT);
    }

    /// Reads a client endpoint's text.
    ///
    /// @throws IllegalArgumentException saying what was expected, and what is where
    static ClientEndpoint parse(String text) {
        EndpointText fields = EndpointText.ofClient(text);
        ClientEndpoint endpoint = read(fields);
        fields.end();
        return endpoint;
    }

    /// Takes a client endpoint's fields, and leaves those that mean nothing to it.
    ///
    /// @throws IllegalArgumentException as [#parse] does
    static ClientEndpoint read(EndpointText text) {
        String prefix =
                text.prefix(
                        "a place to connect to such as tcp:a.example:4222 or unix:/run/app.sock",
                        List.of("tcp", "unix"));
        return prefix.equals("tcp") ? Tcp.read(text) : Unix.read(text);
    }

    Address address();

    /// How long it may take until the connection is made.
    Duration timeout();

    ClientEndpoint withTimeout(Duration newTimeout);

    /// A way there, for a [ClientService] that connects again and again, within this endpoint's
    /// timeout unless the service has one of its own.
    default Connector connector(Reactor reactor) {
        Connector connector = (factory, allowed) -> reactor.connect(withTimeout(allowed), factory);
        return connector.withTimeout(timeout());
    }

    private static String timeoutField(Duration timeout) {
        return timeout.equals(DEFAULT_TIMEOUT) ? "" : ":timeout=" + EndpointText.inSeconds(timeout);
    }

    /// Over TCP.
    ///
    /// @param address a host by name or number; a port other than 0
    /// @param bind the address, as a number, and the port of this end; port 0 for any. Null leaves
    ///   the choice to the machine
    record Tcp(
            Address.Inet address,
            Duration timeout,
            Address.@Nullable Inet bind,
            SocketOptions options)
            implements ClientEndpoint {

        public Tcp {
            requireNonNull(address, "address");
            requireNonNull(options, "options");
            requireNonNull(timeout, "timeout");
            Delays.requirePositive("a timeout", timeout);
        }

        /// Takes the fields that follow `tcp:`, and leaves those that mean nothing to it.
        ///
        /// @throws IllegalArgumentException as [ClientEndpoint#parse] does
        public static Tcp read(EndpointText text) {
            text.requirePlace("a host");
            return new Tcp(
                    text.nextAddress(),
                    text.seconds("timeout", DEFAULT_TIMEOUT),
                    readBind(text),
                    SocketOptions.read(text));
        }

        private static Address.@Nullable Inet readBind(EndpointText text) {
            int bindPort = text.number("bind-port", 0, 65_535, 0);
            Address.Inet end = text.address("bind", bindPort);
            if (end == null) {
                if (bindPort != 0) {
                    throw text.wrong(
                            "bind-port", "bind-port= needs a bind= with the address beside it");
                }
                return null;
            }
            if (!end.isLiteral()) {
                throw text.wrong(
                        "bind",
                        "expected bind= with an address of this machine such as 192.0.2.1 or"
                                + " \\:\\:1, not the name \"%s\"".formatted(end.host()));
            }
            return end;
        }

        @Override
        public Tcp withTimeout(Duration newTimeout) {
            return new Tcp(address, newTimeout, bind, options);
        }

        public Tcp withBind(Address.@Nullable Inet newBind) {
            return new Tcp(address, timeout, newBind, options);
        }

        public Tcp withOptions(SocketOptions newOptions) {
            return new Tcp(address, timeout, bind, newOptions);
        }

        /// The endpoint's text, what is by default left out.
        @Override
        public String toString() {
            StringBuilder text = new StringBuilder("tcp:");
            text.append(EndpointText.escaped(address.host())).append(':').append(address.port());
            text.append(timeoutField(timeout));
            if (bind != null) {
                text.append(":bind=").append(EndpointText.escaped(bind.host()));
                if (bind.port() != 0) {
                    text.append(":bind-port=").append(bind.port());
                }
            }
            return text.append(options.fields()).toString();
        }
    }

    /// Through a UNIX socket.
    record Unix(Address.Unix address, Duration timeout) implements ClientEndpoint {

        public Unix {
            requireNonNull(address, "address");
            requireNonNull(timeout, "timeout");
            Delays.requirePositive("a timeout", timeout);
        }

        private static Unix read(EndpointText text) {
            Address.Unix address = text.nextPath();
            return new Unix(address, text.seconds("timeout", DEFAULT_TIMEOUT));
        }

        @Override
        public Unix withTimeout(Duration newTimeout) {
            return new Unix(address, newTimeout);
        }

        /// The endpoint's text, what is by default left out.
        @Override
        public String toString() {
            return "unix:" + EndpointText.escaped(address.path()) + timeoutField(timeout);
        }
    }
}
