package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A protocol with another behind it, to which it passes on all it is told: for policies of one's
/// own, which override what differs.
///
/// ```java
/// static ProtocolFactory counted(ProtocolFactory factory, LongAdder received) {
///     return WrappingProtocol.around(factory, wrapped -> new WrappingProtocol(wrapped) {
///         @Override
///         public void dataReceived(Bytes data) {
///             received.add(data.size());
///             super.dataReceived(data);
///         }
///     });
/// }
/// ```
///
/// What is to see or change what the protocol behind writes gives it a [ForwardingTransport] in
/// [#connectionMade].
///
/// **Thread:** as [Protocol].
public abstract class WrappingProtocol implements Protocol {
    private final Protocol wrapped;
    private @Nullable Transport seen; // what the wrapped one was given

    /// @param wrapped the one behind
    protected WrappingProtocol(Protocol wrapped) {
        this.wrapped = wrapped;
    }

    /// A factory whose protocols are those of `factory`, each wrapped. Whom that refuses is
    /// refused, and a connection whose protocol is [HalfCloseable] half-closes; a wrapping one that
    /// is itself passes on its end by [#passOnReadConnectionLost].
    ///
    /// @param wrapping called on the loop, for each connection; what it throws is thrown by the
    ///   factory
    public static ProtocolFactory around(
            ProtocolFactory factory, Function<Protocol, ? extends WrappingProtocol> wrapping) {
        return peer -> {
            Protocol protocol = factory.buildProtocol(peer);
            if (protocol == null) {
                return null;
            }
            try {
                return wrapping.apply(protocol).faced();
            } catch (Throwable thrown) {
                if (protocol instanceof WrappingProtocol inVain) {
                    inVain.builtInVain();
                }
                throw thrown;
            }
        };
    }

    /// There will be no connection for it: it lets go of what it has taken when it was built.
    void builtInVain() {
        if (wrapped instanceof WrappingProtocol inVain) {
            inVain.builtInVain();
        }
    }

    /// For who is [HalfCloseable] whatever is behind it: the peer has ended its direction. The
    /// protocol behind hears of that if it half-closes, and else what it was given is closed, as a
    /// transport does with who does not: without this the connection would stay open.
    ///
    /// @throws NullPointerException before [#connectionMade] was passed on
    protected final void passOnReadConnectionLost() {
        if (wrapped instanceof HalfCloseable half) {
            half.readConnectionLost();
        } else {
            requireNonNull(seen, "connectionMade was not passed on").loseConnection();
        }
    }

    /// What the transport is to see of this: it half-closes if what is behind it does. One that is
    /// [HalfCloseable] itself passes that on itself.
    final Protocol faced() {
        if (this instanceof HalfCloseable) {
            return this;
        }
        return wrapped instanceof HalfCloseable half ? new HalfClosing(this, half) : this;
    }

    /// The connection can be used.
    ///
    /// @param transport what the protocol behind is given: override this to give it another, by
    ///   `super.connectionMade(…)`
    @Override
    public void connectionMade(Transport transport) {
        seen = transport;
        wrapped.connectionMade(transport);
    }

    @Override
    public void dataReceived(Bytes data) {
        wrapped.dataReceived(data);
    }

    @Override
    public void writableAgain() {
        wrapped.writableAgain();
    }

    /// The reactor stops: the protocol behind is asked to close what it was given. If it was given
    /// nothing yet, `transport` is closed.
    @Override
    public void closeAsked(Transport transport) {
        if (seen == null) {
            transport.loseConnection();
        } else {
            wrapped.closeAsked(seen);
        }
    }

    @Override
    public void connectionLost(CloseReason reason) {
        wrapped.connectionLost(reason);
    }

    private static final class HalfClosing extends WrappingProtocol implements HalfCloseable {
        private final HalfCloseable half;

        HalfClosing(WrappingProtocol wrapper, HalfCloseable half) {
            super(wrapper);
            this.half = half;
        }

        @Override
        public void readConnectionLost() {
            half.readConnectionLost();
        }
    }
}
