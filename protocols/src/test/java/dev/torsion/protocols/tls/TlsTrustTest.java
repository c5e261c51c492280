package dev.torsion.protocols.tls;

import static dev.torsion.protocols.tls.Certificates.SERVER;
import static dev.torsion.protocols.tls.Certificates.TRUST;
import static dev.torsion.protocols.tls.Certificates.file;
import static dev.torsion.protocols.tls.Certificates.identity;
import static dev.torsion.protocols.tls.Certificates.trust;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Thrown;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.ManualReactor;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Who is trusted, as a program has it.
final class TlsTrustTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String HOST = "server.example";

    private final ManualReactor reactor = new ManualReactor();
    private final List<String> asked = new ArrayList<>();

    /// What became of a client: "made", and what it lost the connection for; or why it failed.
    private final List<String> told = new ArrayList<>();

    private long meet(TlsServerOptions serving, TlsClientOptions asking, String host) {
        TlsServer server = new TlsServer(serving);
        ListeningPort port = reactor.listen(Endpoint.tcp(0), server.around(_ -> new Protocol() {}));
        new TlsClient(asking)
                .around(
                        reactor,
                        Connector.to(reactor, port.address()),
                        Address.of(host, port.port()))
                .connect(
                        _ ->
                                new Protocol() {
                                    @Override
                                    public void connectionMade(Transport transport) {
                                        told.add("made");
                                    }

                                    @Override
                                    public void connectionLost(CloseReason reason) {
                                        told.add("lost: " + reason);
                                    }
                                },
                        PATIENCE)
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        told.add("failed: " + failure.getMessage());
                    }
                });
        reactor.runUntilIdle();
        return server.refused();
    }

    private void connect(TlsIdentity server, TlsTrust trust) {
        connect(server, trust, HOST);
    }

    private void connect(TlsIdentity server, TlsTrust trust, String host) {
        meet(TlsServerOptions.of(server), TlsClientOptions.trusting(trust), host);
    }

    // ---- a judge of one's own ----

    private class Judge implements X509TrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            judge("client", chain);
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type)
                throws CertificateException {
            judge("server", chain);
        }

        void judge(String side, X509Certificate[] chain) throws CertificateException {
            asked.add(side + " " + chain[0].getSubjectX500Principal().getName());
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    private final class StrictJudge extends Judge {
        private final Exception why;

        StrictJudge(Exception why) {
            this.why = why;
        }

        @Override
        void judge(String side, X509Certificate[] chain) throws CertificateException {
            if (why instanceof RuntimeException thrown) {
                throw thrown;
            }
            throw new CertificateException(why.getMessage());
        }
    }

    /// Is asked with the engine.
    private final class KnowingJudge extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            asked.add("client of " + engine.getHandshakeSession().getProtocol());
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {
            asked.add("server " + engine.getPeerHost());
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new AssertionError();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {
            throw new AssertionError();
        }

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {
            throw new AssertionError();
        }

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {
            throw new AssertionError();
        }

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }

    @Test
    void aProgramsOwnJudgeMayTrustWhomNoAuthorityKnows() {
        connect(identity("unknown"), TlsTrust.of(new Judge()));
        assertThat(told).containsExactly("made");
        assertThat(asked).containsExactly("server CN=unknown.example");
    }

    @Test
    void aJudgeThatTrustsEverybodyLeavesTheHostToBeChecked() {
        for (X509TrustManager judge : List.of(new Judge(), new KnowingJudge())) {
            told.clear();
            connect(SERVER, TlsTrust.of(judge), "wrong.example");
            assertThat(told)
                    .singleElement()
                    .asString()
                    .contains("the certificate is for server.example", "not for wrong.example");
        }

        told.clear();
        meet(
                TlsServerOptions.of(SERVER),
                TlsClientOptions.trusting(TlsTrust.of(new Judge())).trustingAnyHostName(),
                "wrong.example");
        assertThat(told).containsExactly("made");
    }

    @Test
    void whatAJudgeHasAgainstAPeerIsTold() {
        for (Exception why :
                List.of(
                        new CertificateException("its account is closed"),
                        new CertificateException(),
                        new IllegalStateException("no table of accounts"))) {
            told.clear();
            connect(SERVER, TlsTrust.of(new StrictJudge(why)));
            assertThat(told)
                    .singleElement()
                    .asString()
                    .startsWith("failed: ")
                    .contains(
                            "the certificate for CN=server.example is refused: "
                                    + Thrown.text(why));
        }
    }

    @ParameterizedTest
    @EnumSource
    void aServersJudgeDecidesOnClients(TlsVersion version) {
        TlsServerOptions options = TlsServerOptions.of(SERVER).withVersions(Set.of(version));
        TlsClientOptions client =
                TlsClientOptions.trusting(TRUST).withIdentity(identity("unknown"));
        var everybody = TlsTrust.of(new KnowingJudge());
        assertThat(
                        meet(
                                options.withClientCertificates(
                                        ClientCertificates.NEEDED, everybody),
                                client,
                                HOST))
                .isZero();
        assertThat(asked).containsExactly("client of " + version);
        assertThat(told).containsExactly("made");

        var nobody = TlsTrust.of(new StrictJudge(new CertificateException("closed")));
        assertThat(
                        meet(
                                options.withClientCertificates(ClientCertificates.NEEDED, nobody),
                                client,
                                HOST))
                .isEqualTo(1);
        assertThat(told).last().asString().contains("alert certificate_unknown");
    }

    // ---- what was revoked ----

    private static TlsTrust unlessRevoked(String... lists) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String list : lists) {
            files.add(file(list));
        }
        return trust("issuing").withRevocation(files.toArray(Path[]::new));
    }

    @Test
    void aServerWhoseCertificateWasRevokedIsRefused() throws IOException {
        connect(identity("revoked"), trust("issuing"));
        assertThat(told).containsExactly("made");

        told.clear();
        connect(identity("revoked"), unlessRevoked("issuing.crl"));
        assertThat(told)
                .singleElement()
                .asString()
                .startsWith("failed: ")
                .contains("the certificate for CN=server.example was revoked on 20")
                .contains("KEY_COMPROMISE");

        told.clear();
        connect(identity("kept"), unlessRevoked("issuing.crl"));
        assertThat(told).containsExactly("made");
    }

    @ParameterizedTest
    @EnumSource
    void aClientWhoseCertificateWasRevokedIsRefused(TlsVersion version) throws IOException {
        TlsServerOptions options =
                TlsServerOptions.of(SERVER)
                        .withVersions(Set.of(version))
                        .withClientCertificates(
                                ClientCertificates.WANTED, unlessRevoked("issuing.crl"));
        TlsClientOptions client = TlsClientOptions.trusting(TRUST);
        assertThat(meet(options, client.withIdentity(identity("kept")), HOST)).isZero();
        assertThat(meet(options, client, HOST)).isZero();
        TlsClientOptions revoked = client.withIdentity(identity("revoked"));
        TlsServerOptions trusting =
                options.withClientCertificates(ClientCertificates.WANTED, trust("issuing"));
        assertThat(meet(trusting, revoked, HOST)).isZero();
        assertThat(told).containsExactly("made", "made", "made");

        assertThat(meet(options, revoked, HOST)).isEqualTo(1);
        assertThat(told).last().asString().contains("alert certificate_unknown");
    }

    @Test
    void whatCannotBeToldIsRefused() throws IOException {
        connect(identity("kept"), unlessRevoked("issuing.expired.crl"));
        assertThat(told)
                .singleElement()
                .asString()
                .contains("whether the certificate for CN=server.example was revoked")
                .contains("no list of CN=Torsion issuing that is in force");
        told.clear();
        connect(SERVER, TRUST.withRevocation(file("issuing.crl")));
        assertThat(told).singleElement().asString().contains("no list of CN=Torsion tests");
    }

    @Test
    void anOldListBesideOneInForceDoesNoHarm() throws IOException {
        connect(identity("kept"), unlessRevoked("issuing.expired.crl", "issuing.crl"));
        connect(identity("revoked"), unlessRevoked("issuing.crl", "issuing.expired.crl"));
        assertThat(told).first().isEqualTo("made");
        assertThat(told).last().asString().contains("was revoked on");
    }

    @Test
    void whoIsTrustedByItselfCannotBeRevokedByOthers() throws IOException {
        connect(identity("self"), trust("self").withRevocation(file("issuing.crl")));
        assertThat(told).containsExactly("made");
    }

    @Test
    void theHostIsCheckedWhereListsAreToo() throws IOException {
        connect(identity("kept"), unlessRevoked("issuing.crl"), "wrong.example");
        assertThat(told).singleElement().asString().contains("not for wrong.example");
        told.clear();
        connect(identity("unknown"), unlessRevoked("issuing.crl"));
        assertThat(told).singleElement().asString().contains("who is not trusted here");
    }

    @Test
    void aJudgeWithoutAuthoritiesCannotTellWhatWasRevoked(@TempDir Path folder) throws IOException {
        TlsTrust judged = TlsTrust.of(new Judge());
        assertThatThrownBy(() -> judged.withRevocation(file("issuing.crl")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no authority is named");
        assertThatThrownBy(TRUST::withRevocation)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("nothing is revoked without a list");
        assertThatThrownBy(() -> TRUST.withRevocation(file("server.crt")))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("holds no list of revoked certificates: expected a line")
                .hasMessageContaining("openssl crl -inform DER");
        Path broken = folder.resolve("broken.crl");
        Files.writeString(broken, "-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n");
        assertThatThrownBy(() -> TRUST.withRevocation(broken))
                .hasMessageContaining(
                        "line 1: what begins here is no list of revoked certificates");
        assertThat(unlessRevoked("issuing.crl")).hasToString("CN=Torsion issuing, unless revoked");
    }

    // ---- sessions that are resumed ----

    @ParameterizedTest
    @EnumSource
    void aResumedSessionSaysWhatTheFirstOneSaid(TlsVersion version) {
        List<@Nullable TlsSession> agreed = new ArrayList<>();
        TlsServer server =
                new TlsServer(
                        TlsServerOptions.of(SERVER)
                                .withVersions(Set.of(version))
                                .withApplicationProtocols(List.of("b"))
                                .withClientCertificates(
                                        ClientCertificates.NEEDED, TlsTrust.of(new Judge())));
        class Telling implements Protocol {
            @Override
            public void connectionMade(Transport transport) {
                agreed.add(TlsSession.of(transport));
            }
        }
        ListeningPort port = reactor.listen(Endpoint.tcp(0), server.around(_ -> new Telling()));
        Connector connector =
                new TlsClient(
                                TlsClientOptions.trusting(TRUST)
                                        .withApplicationProtocols(List.of("a", "b"))
                                        .withIdentity(identity("client")))
                        .around(
                                reactor,
                                Connector.to(reactor, port.address()),
                                Address.of(HOST, port.port()));
        for (int i = 0; i < 3; i++) {
            var _ = connector.connect(_ -> new Telling(), PATIENCE);
            reactor.runUntilIdle();
        }
        assertThat(asked).hasSize(1);
        assertThat(agreed).hasSize(6).doesNotContainNull();
        assertThat(Set.copyOf(agreed)).hasSize(2);
    }

    // ---- cipher suites ----

    private static final String SUITE = "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256";

    @Test
    void onlyTheCipherSuitesAllowedAreUsed() {
        @Nullable TlsSession[] agreed = new TlsSession[1];
        TlsServer server =
                new TlsServer(TlsServerOptions.of(SERVER).withCipherSuites(List.of(SUITE)));
        ListeningPort port =
                reactor.listen(
                        Endpoint.tcp(0),
                        server.around(_ ->
                                new Protocol() {
                                    @Override
                                    public void connectionMade(Transport transport) {
                                        agreed[0] = TlsSession.of(transport);
                                    }
                                }));
        var _ =
                new TlsClient(TlsClientOptions.trusting(TRUST))
                        .around(
                                reactor,
                                Connector.to(reactor, port.address()),
                                Address.of(HOST, port.port()))
                        .connect(_ -> new Protocol() {}, PATIENCE);
        reactor.runUntilIdle();
        TlsSession session = requireNonNull(agreed[0]);
        assertThat(session.cipherSuite()).isEqualTo(SUITE);
        assertThat(session.version()).isEqualTo(TlsVersion.TLS_1_2);

        var other =
                TlsClientOptions.trusting(TRUST)
                        .withCipherSuites(List.of("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"));
        assertThat(meet(server.options(), other, HOST)).isEqualTo(1);
        assertThat(told).singleElement().asString().contains("alert handshake_failure");
    }

    @Test
    void aCipherSuiteThatNobodyKnowsIsRefusedAtOnce() {
        TlsServerOptions serving = TlsServerOptions.of(SERVER);
        TlsClientOptions asking = TlsClientOptions.trusting(TRUST);
        for (String odd :
                List.of("TLS_MADE_UP", "TLS_DH_anon_WITH_AES_128_CBC_SHA", "ECDHE-RSA", "")) {
            assertThatThrownBy(() -> serving.withCipherSuites(List.of(SUITE, odd)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("this JDK knows no cipher suite \"" + odd + "\", but ")
                    .hasMessageContaining("TLS_AES_128_GCM_SHA256")
                    .hasMessageContaining(SUITE);
            assertThatThrownBy(() -> asking.withCipherSuites(List.of(odd)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() ->
                        serving.withCipherSuites(List.of(SUITE))
                                .withVersions(Set.of(TlsVersion.TLS_1_3)))
                .hasMessage("none of the cipher suites [%s] is one of [TLSv1.3]".formatted(SUITE));
    }
}
