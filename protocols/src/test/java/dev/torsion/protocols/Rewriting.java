package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.util.function.UnaryOperator;

/// A policy, or a layer, as a user of the engine writes it: changes the text that is written.
final class Rewriting extends WrappingProtocol {
    private final UnaryOperator<String> change;

    Rewriting(Protocol above, UnaryOperator<String> change) {
        super(above);
        this.change = change;
    }

    @Override
    public void connectionMade(Transport transport) {
        super.connectionMade(
                new ForwardingTransport(transport) {
                    @Override
                    public boolean write(Bytes data) {
                        return super.write(Bytes.utf8(change.apply(data.utf8())));
                    }
                });
    }
}
