package dev.torsion.protocols.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.tls.ClientCertificates;
import dev.torsion.protocols.tls.TlsClient;
import dev.torsion.protocols.tls.TlsClientOptions;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsServerOptions;
import dev.torsion.protocols.tls.TlsSession;
import dev.torsion.protocols.tls.TlsTrust;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.ManualReactor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TestAuthorityTest {
    private final ManualReactor reactor = new ManualReactor();
    private final TestAuthority authority = new TestAuthority("Tests, of all kinds");
    private final List<String> told = new ArrayList<>();

    private void connect(String host, TlsTrust trust) {
        TlsServer server =
                new TlsServer(
                        TlsServerOptions.of(
                                        authority.identity(
                                                "server.example", "*.wild.example", "::1"))
                                .withClientCertificates(
                                        ClientCertificates.NEEDED, authority.trust()));
        var port =
                reactor.listenTcp(
                        0,
                        server.around(_ ->
                                new Protocol() {
                                    @Override
                                    public void connectionMade(Transport transport) {
                                        TlsSession session = TlsSession.of(transport);
                                        told.add(
                                                session == null
                                                        ? "nobody"
                                                        : session.peerCertificates()
                                                                .getFirst()
                                                                .getSubjectX500Principal()
                                                                .getName());
                                    }
                                }));
        new TlsClient(
                        TlsClientOptions.trusting(trust)
                                .withIdentity(authority.identity("Ada Lovelace")))
                .around(
                        reactor,
                        Connector.to(reactor, port.address()),
                        Address.of(host, port.port()))
                .connect(_ -> new Protocol() {}, Duration.ofSeconds(5))
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        told.add("failed: " + failure.getMessage());
                    }
                });
        reactor.runUntilIdle();
    }

    @Test
    void whomItCertifiesIsTrustedByWhoTrustsIt() {
        for (String host : List.of("server.example", "a.wild.example", "::1")) {
            connect(host, authority.trust());
        }
        assertThat(told).hasSize(3).containsOnly("CN=Ada Lovelace");
    }

    @Test
    void nobodyElseIs() {
        connect("other.example", authority.trust());
        connect("server.example", new TestAuthority("Tests, of all kinds").trust());
        assertThat(told).hasSize(2);
        assertThat(told).first().asString().contains("not for other.example");
        assertThat(told).last().asString().startsWith("failed: ");
    }

    @Test
    void certificatesDifferAndAreSigned() throws Exception {
        X509Certificate one = authority.certificate("ada.example");
        X509Certificate other = authority.certificate("ada.example");
        one.verify(authority.certificate().getPublicKey());
        assertThat(one.getSerialNumber()).isNotEqualTo(other.getSerialNumber());
        assertThat(one.getSubjectAlternativeNames()).hasToString("[[2, ada.example]]");
        assertThat(authority.certificate("x".repeat(300) + " ü").getSubjectX500Principal())
                .hasToString("CN=" + "x".repeat(300) + " ü");
    }
}
