package dev.torsion.protocols;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import org.jspecify.annotations.Nullable;

/// The proxy's side: a connection that begins with a header, [ProxyHeader#version1()] or
/// [ProxyHeader#version2()], before anything that the wrapped protocol writes.
///
/// **Thread:** as [ProtocolFactory].
public final class ProxySender implements ProtocolFactory {
    private final ProtocolFactory wrapped;
    private final Bytes header;

    /// @param wrapped may refuse a peer, who then gets no header either
    /// @param header sent as it is; the peer takes nothing but a PROXY header for one
    public ProxySender(ProtocolFactory wrapped, Bytes header) {
        this.wrapped = wrapped;
        this.header = header.owned();
    }

    @Override
    public @Nullable Protocol buildProtocol(Address peer) {
        Protocol protocol = wrapped.buildProtocol(peer);
        return protocol == null
                ? null
                : new WrappingProtocol(protocol) {
                    @Override
                    public void connectionMade(Transport transport) {
                        transport.write(header);
                        super.connectionMade(transport);
                    }
                }.faced();
    }
}
