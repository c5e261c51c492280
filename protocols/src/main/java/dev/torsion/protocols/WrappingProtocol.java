package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import org.jspecify.annotations.Nullable;

/// Another protocol behind this one; what differs is overridden.
class WrappingProtocol implements Protocol {
    private final Protocol wrapped;
    private @Nullable Transport seen; // what the wrapped one was given

    WrappingProtocol(Protocol wrapped) {
        this.wrapped = wrapped;
    }

    /// What the transport is to see of this: it half-closes if what is behind it does.
    final Protocol faced() {
        return wrapped instanceof HalfCloseable half ? new HalfClosing(this, half) : this;
    }

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

    @Override
    public void closeAsked(Transport transport) {
        wrapped.closeAsked(requireNonNull(seen, "connectionMade comes first"));
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
