package dev.torsion.netty;

import dev.torsion.netty.Churn.End;
import dev.torsion.netty.Churn.Way;
import dev.torsion.protocols.tls.TlsClient;
import dev.torsion.protocols.tls.TlsClientOptions;
import dev.torsion.protocols.tls.TlsIdentity;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsServerOptions;
import dev.torsion.protocols.tls.TlsTrust;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.ProtocolFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A [Churn] through TLS, with handshakes that fail.
final class TlsChurn implements Churn.Setting {
    private final TlsServer server;
    private final TlsClient client;
    private final TlsClient suspicious;
    private final Address.Inet impatient;

    private TlsChurn(TlsServerOptions serving, Path pem, NettyReactor other) throws IOException {
        server = new TlsServer(serving);
        client = trusting(pem.resolve("authority.crt"));
        suspicious = trusting(pem.resolve("self.crt"));
        TlsServer late = new TlsServer(serving.withHandshakeTimeout(Churn.MOMENT));
        impatient = (Address.Inet) other.listenTcp(0, late.around(_ -> null)).address();
    }

    private static TlsClient trusting(Path authority) throws IOException {
        return new TlsClient(TlsClientOptions.trusting(TlsTrust.read(authority)));
    }

    /// Churns until the time is over, or exits with 1.
    ///
    /// @param arguments those of [Churn#run], and where the certificates are
    public static void main(String[] arguments) throws IOException {
        Path pem = Path.of(arguments[3]);
        TlsIdentity identity =
                TlsIdentity.read(pem.resolve("server.crt"), pem.resolve("server.key"));
        NettyReactor other = NettyReactor.create(Churn.options(arguments));
        Churn.run(arguments, new TlsChurn(TlsServerOptions.of(identity), pem, other));
    }

    @Override
    public ProtocolFactory around(ProtocolFactory factory) {
        return server.around(factory);
    }

    @Override
    public List<Way> ways(NettyReactor reactor, Address.Inet port) {
        Connector plain = Churn.to(reactor, port);
        Connector secured = client.around(reactor, plain, port);
        Connector distrusted = suspicious.around(reactor, plain, port);
        List<Way> ways = new ArrayList<>(Way.through(secured));
        ways.add(new Way(secured, End.GIVEN_UP));
        ways.add(new Way(distrusted, End.NEVER_MADE));
        ways.add(new Way(plain, End.CLIENT_CLOSES)); // what it says is no handshake
        ways.add(new Way(plain, End.CLIENT_CLOSES_UNHEARD));
        ways.add(new Way(Churn.to(reactor, impatient), End.UNWANTED));
        return ways;
    }
}
