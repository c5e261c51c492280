package dev.torsion.protocols;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Delays;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A door behind a proxy: every connection begins with a [ProxyHeader], of version 1 or 2, and what
/// is behind the door sees the addresses that the header tells.
///
/// The wrapped factory and its protocol hear of a connection when its header is there whole, so
/// `buildProtocol` and [Transport#peer] have the real client. Where the header tells none (UNKNOWN,
/// LOCAL, UNSPEC, UNIX sockets) the connection's own addresses stay. An IPv4 address that the
/// header writes as IPv6 (`::ffff:192.0.2.1`) is seen as the IPv4 address it is, as on a socket;
/// one of IPv6 is spelled as a socket's is (`2001:db8:0:0:0:0:0:1`), however the header spells it.
/// A header that is invalid, cut off, or late, closes the connection and passes nothing on.
///
/// Put it only where nobody but the proxy can connect: whoever speaks first says who he is.
///
/// **Thread:** as [ProtocolFactory]; [#refused()] is thread-safe.
public final class ProxyProtocol implements ProtocolFactory {
    private static final Logger log = LoggerFactory.getLogger(ProxyProtocol.class);

    private final ProtocolFactory wrapped;
    private final Duration headerTimeout;
    private final AtomicLong refused = new AtomicLong();

    /// @param wrapped what is behind the door
    /// @param headerTimeout how long a header may take to arrive; more than zero
    public ProxyProtocol(ProtocolFactory wrapped, Duration headerTimeout) {
        this.wrapped = wrapped;
        this.headerTimeout = Delays.requirePositive("a header timeout", headerTimeout);
    }

    @Override
    public Protocol buildProtocol(Address peer) {
        return new Behind();
    }

    /// How many connections were closed because their header was invalid, cut off or late.
    public long refused() {
        return refused.get();
    }

    private final class Behind extends FramingProtocol implements HalfCloseable {
        private final ProxyHeaderReader reader = new ProxyHeaderReader();
        private @Nullable DelayedCall deadline;
        private @Nullable Protocol passedTo;

        @Override
        protected void connected() {
            deadline =
                    transport()
                            .reactor()
                            .callLater(
                                    headerTimeout,
                                    () -> refuse("no header within " + headerTimeout));
        }

        @Override
        protected int consume(Bytes chunk, int from) {
            int at;
            try {
                at = reader.read(chunk, from);
            } catch (ProxyHeaderReader.InvalidHeaderException invalid) {
                refuse("invalid header: " + invalid.getMessage());
                return chunk.size();
            }
            ProxyHeader header = reader.header();
            if (header != null) {
                stopWaiting();
                pass(seen(header));
            }
            return at;
        }

        private Transport seen(ProxyHeader header) {
            return switch (header) {
                case ProxyHeader.Unknown _ -> transport();
                case ProxyHeader.Proxied(Address.Inet source, Address.Inet destination) ->
                        new Proxied(transport(), unmapped(source), unmapped(destination));
            };
        }

        private static Address.Inet unmapped(Address.Inet told) {
            return InetAddress.ofLiteral(told.host()) instanceof Inet4Address v4
                    ? Address.of(v4.getHostAddress(), told.port())
                    : told;
        }

        private void pass(Transport seen) {
            Protocol protocol = wrapped.buildProtocol(seen.peer());
            if (protocol == null) {
                transport().loseConnection();
            } else {
                passedTo = protocol;
                handOver(protocol, seen);
            }
        }

        @Override
        protected int unfinishedBytes() {
            return reader.unfinishedBytes();
        }

        @Override
        protected void cutOff(int bytes) {
            refuse("the input ended " + bytes + " bytes into a header");
        }

        @Override
        public void readConnectionLost() {
            if (passedTo instanceof HalfCloseable half) {
                half.readConnectionLost();
            } else {
                inputEnded();
                // As the transport itself does with who is not half-closeable.
                transport().loseConnection();
            }
        }

        @Override
        protected void disconnected(CloseReason reason) {
            stopWaiting();
        }

        private void refuse(String why) {
            refused.incrementAndGet();
            log.debug("{} is closed: {}", transport().peer(), why);
            stopWaiting();
            transport().loseConnection();
        }

        private void stopWaiting() {
            if (deadline != null) {
                deadline.cancel();
                deadline = null;
            }
        }
    }

    private static final class Proxied extends ForwardingTransport {
        private final Address peer;
        private final Address host;

        Proxied(Transport transport, Address peer, Address host) {
            super(transport);
            this.peer = peer;
            this.host = host;
        }

        @Override
        public Address peer() {
            return peer;
        }

        @Override
        public Address host() {
            return host;
        }
    }
}
