package dev.torsion.protocols.tls;

import static dev.torsion.protocols.tls.Certificates.OTHER;
import static dev.torsion.protocols.tls.Certificates.SERVER;
import static dev.torsion.protocols.tls.Certificates.TRUST;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.protocols.IdleTimeout;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.testing.TestAuthority;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.PeerCredentials;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.Chunks;
import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// TLS over wires in memory, in virtual time, however the bytes are cut.
final class TlsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final ManualReactor reactor = new ManualReactor();
    private final List<String> told = new ArrayList<>();

    /// Whether this test expects failures on the reactor; any other test fails if there is one.
    private boolean failuresExpected;

    @AfterEach
    void nothingWentWrongUnseen() {
        if (!failuresExpected) {
            assertThat(reactor.failures()).isEmpty();
        }
    }

    /// Tells what happens to it.
    private class Told implements Protocol {
        final String name;
        final ByteArrayOutputStream received = new ByteArrayOutputStream();
        @Nullable Transport transport;
        @Nullable CloseReason lost;
        int lostCount;

        Told(String name) {
            this.name = name;
        }

        Transport transport() {
            return requireNonNull(transport);
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
            told.add(name + " made");
        }

        @Override
        public void dataReceived(Bytes data) {
            received.writeBytes(data.toArray());
        }

        @Override
        public void writableAgain() {
            told.add(name + " again");
        }

        @Override
        public void connectionLost(CloseReason reason) {
            lost = reason;
            lostCount++;
            told.add(name + " lost: " + reason.getClass().getSimpleName());
        }

        void onLoop(Runnable action) {
            reactor.callFromThread(action);
            reactor.runUntilIdle();
        }
    }

    private final Told atClient = new Told("client");
    private final Told atServer = new Told("server");

    private static TlsServerOptions serving() {
        return TlsServerOptions.of(SERVER);
    }

    private static TlsClientOptions asking() {
        return TlsClientOptions.trusting(TRUST);
    }

    /// Listens, connects to it as `host`, and lets things happen.
    private CompletionStage<Protocol> connect(
            TlsServer server, TlsClientOptions client, String host, ProtocolFactory factory) {
        return connect(server.around(_ -> atServer), client, host, factory);
    }

    private CompletionStage<Protocol> connect(
            ProtocolFactory server, TlsClientOptions client, String host, ProtocolFactory factory) {
        ListeningPort port = reactor.listen(Endpoint.tcp(0), server);
        CompletionStage<Protocol> outcome =
                new TlsClient(client)
                        .around(
                                reactor,
                                Connector.to(reactor, port.address()),
                                Address.of(host, port.port()))
                        .connect(factory, PATIENCE);
        reactor.runUntilIdle();
        return outcome;
    }

    private CompletionStage<Protocol> connect(TlsServerOptions server, TlsClientOptions client) {
        return connect(new TlsServer(server), client, "server.example", _ -> atClient);
    }

    private static ConnectFailedException failure(CompletionStage<Protocol> stage) {
        try {
            var protocol = stage.toCompletableFuture().getNow(null);
            throw new AssertionError("expected a failure, not " + protocol);
        } catch (CompletionException failed) {
            return (ConnectFailedException) requireNonNull(failed.getCause());
        }
    }

    static Stream<Arguments> ways() {
        return Stream.of(TlsVersion.values())
                .flatMap(v -> Stream.of(Chunks.values()).map(c -> Arguments.of(v, c)));
    }

    // ---- what passes ----

    @ParameterizedTest
    @MethodSource("ways")
    void bothEndsSpeakAfterTheHandshakeHoweverTheBytesAreCut(TlsVersion version, Chunks chunks) {
        reactor.network().chunks(chunks);
        var stage = connect(serving().withVersions(Set.of(version)), asking());

        assertThat(stage.toCompletableFuture().getNow(null)).isSameAs(atClient);
        TlsSession session = requireNonNull(TlsSession.of(atClient.transport()));
        assertThat(session.version()).isEqualTo(version);
        assertThat(session.peerCertificates().getFirst()).isEqualTo(SERVER.chain().getFirst());
        assertThat(requireNonNull(TlsSession.of(atServer.transport())).serverName())
                .isEqualTo("server.example");

        byte[] much = new byte[chunks == Chunks.SINGLE_BYTES ? 40_000 : 400_000];
        for (int i = 0; i < much.length; i++) {
            much[i] = (byte) (i * 31 + i / 256);
        }
        atClient.onLoop(() -> atClient.transport().write(Bytes.utf8("hello ")));
        atClient.onLoop(() -> {
            atClient.transport().write(Bytes.utf8("wor"));
            atClient.transport().write(Bytes.utf8("ld"));
            atServer.transport().write(Bytes.wrap(much));
        });

        assertThat(atServer.received.toString(java.nio.charset.StandardCharsets.UTF_8))
                .isEqualTo("hello world");
        assertThat(atClient.received.toByteArray()).isEqualTo(much);

        atServer.onLoop(() -> atServer.transport().loseConnection());
        assertThat(atServer.lost).isEqualTo(new CloseReason.Done());
        assertThat(atClient.lost).isEqualTo(new CloseReason.Done());
        assertThat(atClient.lostCount + atServer.lostCount).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void whatWasWrittenBeforeTheEndArrivesAndWhatComesWithTheEndIsAnswered(TlsVersion version) {
        Told echo =
                new Told("server") {
                    @Override
                    public void dataReceived(Bytes data) {
                        transport().write(data);
                    }
                };
        connect(
                new TlsServer(serving().withVersions(Set.of(version))).around(_ -> echo),
                asking(),
                "server.example",
                _ -> atClient);

        atClient.onLoop(() -> {
            atClient.transport().write(Bytes.utf8("last words"));
            atClient.transport().loseConnection();
            assertThat(atClient.transport().write(Bytes.utf8("too late"))).isFalse();
        });

        assertThat(told)
                .contains("client made", "server made", "client lost: Done", "server lost: Done");
        assertThat(echo.lost).isEqualTo(new CloseReason.Done());
    }

    @Test
    void smallWritesOfOneTurnLeaveInOneRecord() {
        connect(serving(), asking());
        Transport below = requireNonNull(atClient.transport().beneath());
        atClient.onLoop(() -> {
            for (int i = 0; i < 100; i++) {
                atClient.transport().write(Bytes.utf8("x"));
            }
            assertThat(below.pendingBytes()).isZero();
            assertThat(atClient.transport().pendingBytes()).isEqualTo(100);
            reactor.callFromThread(() -> told.add(below.pendingBytes() < 200 ? "one" : "many"));
        });

        assertThat(told).last().isEqualTo("one");
        assertThat(atServer.received.size()).isEqualTo(100);
    }

    /// With the test's own engine, and `atServer` above.
    private TlsLayer layer(SSLEngine engine) {
        return new TlsLayer(
                engine,
                null,
                false,
                PATIENCE,
                new TlsLayer.Above() {
                    @Override
                    public Protocol opened(Transport secured) {
                        return atServer;
                    }

                    @Override
                    public void failed(Throwable cause) {
                        told.add("failed: " + cause);
                    }
                });
    }

    private static SSLEngine serverEngine() {
        return TlsContext.serverEngine(
                TlsContext.of(new Identities(List.of(SERVER), Map.of()), null), serving());
    }

    @Test
    void anEngineThatDoesNotGoOnIsNoCleanEnd() throws SSLException {
        SSLEngine engine = serverEngine();
        RawPeer peer = RawPeer.open(_ -> layer(engine), TlsVersion.TLS_1_3);
        engine.closeOutbound();
        var _ = engine.wrap(ByteBuffer.allocate(0), ByteBuffer.allocate(20_000));
        peer.reactor.callFromThread(() -> atServer.transport().write(Bytes.utf8("lost")));
        peer.reactor.runUntilIdle();

        assertThat(peer.transport.isAborted()).isTrue();
        assertThat(told).containsExactly("server made", "server lost: Lost");
        assertThat(atServer.lost).asString().contains("the TLS engine does not go on");
    }

    @Test
    void whatIsOverCannotFail() throws SSLException {
        TlsLayer layer = layer(serverEngine());
        RawPeer peer = RawPeer.open(_ -> layer, TlsVersion.TLS_1_3);
        peer.transport.peerReset();
        peer.reactor.callFromThread(
                () -> atServer.transport().failConnection(new IllegalStateException("late")));
        peer.reactor.runUntilIdle();

        assertThat(layer).hasToString("TLS (OVER)");
        assertThat(told).containsExactly("server made", "server lost: Lost");
    }

    // ---- who is there ----

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of(
                        "server",
                        "wrong.example",
                        "the certificate is for server.example, localhost, 127.0.0.1,"
                                + " 0:0:0:0:0:0:0:1, not for wrong.example"),
                Arguments.of("server", "127.0.0.2", "not for 127.0.0.2"),
                Arguments.of("expired", "server.example", "has expired"),
                Arguments.of(
                        "unknown",
                        "server.example",
                        "is issued by CN=Somebody else, who is not trusted here"),
                Arguments.of("self", "server.example", "is self-signed, and not trusted here"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void aClientSaysWhyItDoesNotTrustAServer(String identity, String host, String why) {
        TlsServer server = new TlsServer(TlsServerOptions.of(Certificates.identity(identity)));
        var stage = connect(server, asking(), host, _ -> atClient);

        assertThat(failure(stage).kind()).isEqualTo(Kind.TLS);
        assertThat(failure(stage)).hasMessageContaining(why);
        assertThat(told).isEmpty();
        assertThat(server.refused()).isEqualTo(1);
    }

    @Test
    void aClientSaysWhyItDoesNotTakeWhatSomebodyTrustedHasSigned() {
        TlsClientOptions trusting = TlsClientOptions.trusting(Certificates.trust("purposes"));
        for (TlsClientOptions options : List.of(trusting, trusting.trustingAnyHostName())) {
            assertThat(refusal("visitor", options))
                    .endsWith(
                            "the certificate for CN=visitor.example, issued by CN=Torsion purposes,"
                                    + " is refused: Extended key usage does not permit use for TLS"
                                    + " server authentication");
            assertThat(refusal("below", options))
                    .endsWith(
                            "the certificate for CN=below.example, issued by CN=visitor.example, is"
                                    + " refused: basic constraints check failed: this is not a CA"
                                    + " certificate");
        }
    }

    private @Nullable String refusal(String identity, TlsClientOptions client) {
        TlsServer server = new TlsServer(TlsServerOptions.of(Certificates.identity(identity)));
        return failure(connect(server, client, "server.example", _ -> atClient)).getMessage();
    }

    @ParameterizedTest
    @EnumSource
    void addressesAreVerifiedToo(TlsVersion version) {
        TlsServer server = new TlsServer(serving().withVersions(Set.of(version)));
        for (String host : List.of("127.0.0.1", "::1", "localhost", "SERVER.example")) {
            var stage = connect(server, asking(), host, _ -> new Told(host));
            assertThat(stage.toCompletableFuture().getNow(null)).as(host).isNotNull();
        }
        assertThat(server.refused()).isZero();
    }

    @Test
    void aNameThatNoServerNameCanBeIsNotAskedForAndIsVerified() {
        TlsServer server = new TlsServer(serving());
        var verified = connect(server, asking(), "my_service", _ -> new Told("never"));
        assertThat(failure(verified)).hasMessageContaining("not for my_service");

        connect(server, asking().trustingAnyHostName(), "my_service", _ -> atClient);
        assertThat(requireNonNull(TlsSession.of(atServer.transport())).serverName()).isNull();
    }

    @Test
    void onlyWhoSaysSoTrustsAnyHostName() {
        var stage =
                connect(
                        new TlsServer(serving()),
                        asking().trustingAnyHostName(),
                        "wrong.example",
                        _ -> atClient);
        assertThat(stage.toCompletableFuture().getNow(null)).isSameAs(atClient);

        var refused =
                connect(
                        new TlsServer(TlsServerOptions.of(Certificates.identity("self"))),
                        asking().trustingAnyHostName(),
                        "server.example",
                        _ -> new Told("never"));
        assertThat(failure(refused)).hasMessageContaining("self-signed");
    }

    @ParameterizedTest
    @EnumSource
    void theNameAskedForPicksTheCertificate(TlsVersion version) {
        TlsServer server =
                new TlsServer(
                        serving()
                                .withVersions(Set.of(version))
                                .withIdentity("Other.example", OTHER)
                                .withIdentity("*.wild.example", OTHER));
        for (var expected :
                List.of(
                        List.of("other.example", OTHER),
                        List.of("a.wild.example", OTHER),
                        List.of("server.example", SERVER))) {
            Told client = new Told("client");
            connect(server, asking(), (String) expected.getFirst(), _ -> client);
            assertThat(
                            requireNonNull(TlsSession.of(client.transport()))
                                    .peerCertificates()
                                    .getFirst())
                    .isEqualTo(((TlsIdentity) expected.getLast()).chain().getFirst());
        }
    }

    @Test
    void theCertificateOfTheDomainIsShownIfThatOfTheVeryNameHasAnotherKindOfKey()
            throws IOException {
        TlsIdentity exact = new TestAuthority("Tests").identity("a.wild.example");
        TlsServer server = new TlsServer(serving().withIdentities(List.of(exact, OTHER)));
        TlsClientOptions any =
                TlsClientOptions.trusting(
                        TlsTrust.of(Pem.read(Certificates.file("authority.crt")).certificates()));
        TlsClientOptions old =
                any.withCipherSuites(List.of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));

        assertThat(shown(server, old, "a.wild.example")).isEqualTo(OTHER.chain());
    }

    @Test
    void aClientIsShownACertificateForItsNameWhoseKindOfKeyItTakes() throws IOException {
        TlsIdentity rsa = Certificates.identity("rsa");
        TlsServer server =
                new TlsServer(serving().withIdentities(List.of(SERVER, OTHER, rsa, SERVER)));
        List<X509Certificate> trusted = new ArrayList<>(rsa.chain());
        trusted.addAll(Pem.read(Certificates.file("authority.crt")).certificates());
        TlsClientOptions any =
                TlsClientOptions.trusting(TlsTrust.of(trusted)).trustingAnyHostName();
        TlsClientOptions ec =
                any.withCipherSuites(List.of("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256"));
        TlsClientOptions old =
                any.withCipherSuites(List.of("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
        assertThat(shown(server, any, "Server.example")).isEqualTo(SERVER.chain());
        assertThat(shown(server, any, "other.example")).isEqualTo(OTHER.chain());
        assertThat(shown(server, any, "a.wild.example")).isEqualTo(OTHER.chain());
        assertThat(shown(server, any, "else.example")).isEqualTo(SERVER.chain());
        assertThat(shown(server, any, "192.0.2.1")).isEqualTo(SERVER.chain());
        assertThat(shown(server, old, "server.example")).isEqualTo(rsa.chain());
        assertThat(shown(server, old, "else.example")).isEqualTo(OTHER.chain());
        assertThat(shown(server, ec, "other.example")).isNull();
        assertThat(server.refused()).isEqualTo(1);

        server.change(options -> options.withIdentity("*.wild.example", SERVER));
        assertThat(shown(server, any, "a.wild.example")).isEqualTo(SERVER.chain());
        assertThatThrownBy(() -> serving().withIdentities(List.of()))
                .hasMessage("a server shows who it is: it has an identity at least");
    }

    @Test
    void aNameIsOneHoweverItIsWritten() {
        TlsServer server =
                new TlsServer(
                        serving()
                                .withIdentity("B\u00fccher.example", OTHER)
                                .withIdentity("*.xn--bcher-kva.example.", OTHER));
        TlsClientOptions any = asking().trustingAnyHostName();
        for (String host :
                List.of(
                        "b\u00fccher.example",
                        "xn--bcher-kva.example",
                        "b\u00dccher.example.",
                        "a.b\u00fccher.example")) {
            assertThat(shown(server, any, host)).as(host).isEqualTo(OTHER.chain());
        }
    }

    @ParameterizedTest
    @MethodSource("ways")
    void aCertificateMayBeLongerThanARecord(TlsVersion version, Chunks chunks) {
        reactor.network().chunks(chunks);
        TestAuthority authority = new TestAuthority("Long");
        String[] names = new String[1000];
        Arrays.setAll(names, i -> "a.rather.long.name.%d.example".formatted(i));
        TlsIdentity own = authority.identity("server.example", names);
        TlsServer server =
                new TlsServer(
                        TlsServerOptions.of(own)
                                .withVersions(Set.of(version))
                                .withClientCertificates(
                                        ClientCertificates.NEEDED, authority.trust()));
        TlsClientOptions client = TlsClientOptions.trusting(authority.trust()).withIdentity(own);
        assertThat(shown(server, client, "server.example")).isEqualTo(own.chain());
        assertThat(server.refused()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "ed25519, TLS_1_2", "ed25519, TLS_1_3",
        "pss, TLS_1_2", "pss, TLS_1_3",
        "pss384, TLS_1_2", "pss384, TLS_1_3"
    })
    void keysMayBeOfEd25519OrForRsaPssAlone(String name, TlsVersion version) {
        TlsIdentity own = Certificates.identity(name);
        TlsServer server = new TlsServer(TlsServerOptions.of(own).withVersions(Set.of(version)));
        TlsClientOptions client = TlsClientOptions.trusting(Certificates.trust(name));
        assertThat(shown(server, client, "server.example")).isEqualTo(own.chain());
    }

    private @Nullable List<X509Certificate> shown(
            TlsServer server, TlsClientOptions client, String host) {
        Told shown = new Told("client");
        connect(server, client, host, _ -> shown)
                .whenComplete((_, failure) -> told.add("failed: " + failure));
        TlsSession session = shown.transport == null ? null : TlsSession.of(shown.transport());
        return session == null ? null : session.peerCertificates();
    }

    @ParameterizedTest
    @EnumSource
    void aClientShowsWhoItIsWhenAsked(TlsVersion version) {
        TlsServerOptions server =
                serving()
                        .withVersions(Set.of(version))
                        .withClientCertificates(ClientCertificates.NEEDED, TRUST);
        TlsIdentity client = Certificates.identity("client");
        connect(server, asking().withIdentity(client));

        assertThat(
                        requireNonNull(TlsSession.of(atServer.transport()))
                                .peerCertificates()
                                .getFirst())
                .isEqualTo(client.chain().getFirst());
    }

    @Test
    void aServerThatOnlyWantsACertificateTakesAClientWithoutOne() {
        connect(serving().withClientCertificates(ClientCertificates.WANTED, TRUST), asking());

        assertThat(requireNonNull(TlsSession.of(atServer.transport())).peerCertificates())
                .isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aClientWithoutTheRightCertificateIsRefused(TlsVersion version) {
        for (TlsClientOptions client :
                List.of(asking(), asking().withIdentity(Certificates.identity("unknown")))) {
            TlsServer server =
                    new TlsServer(
                            serving()
                                    .withVersions(Set.of(version))
                                    .withClientCertificates(ClientCertificates.NEEDED, TRUST));
            Told made = new Told("client");
            var stage = connect(server, client, "server.example", _ -> made);

            assertThat(server.refused()).isEqualTo(1);
            assertThat(told).doesNotContain("server made");
            if (version == TlsVersion.TLS_1_2) {
                assertThat(failure(stage)).hasMessageContaining("the peer refused, with the alert");
            } else {
                assertThat(made.lost).isInstanceOf(CloseReason.Lost.class);
            }
        }
    }

    // ---- ALPN, versions ----

    @ParameterizedTest
    @EnumSource
    void theServersPreferenceChoosesTheApplicationProtocol(TlsVersion version) {
        TlsServerOptions server =
                serving()
                        .withVersions(Set.of(version))
                        .withApplicationProtocols(List.of("h2", "http/1.1"));
        connect(server, asking().withApplicationProtocols(List.of("x", "http/1.1", "h2")));

        assertThat(requireNonNull(TlsSession.of(atClient.transport())).applicationProtocol())
                .isEqualTo("h2");
        assertThat(requireNonNull(TlsSession.of(atServer.transport())).applicationProtocol())
                .isEqualTo("h2");
    }

    @Test
    void applicationProtocolsAreOfAnyLetters() {
        TlsServer server =
                new TlsServer(serving().withApplicationProtocols(List.of("\u03bc", "\u00fc")));
        for (String name : List.of("\u03bc", "\u00fc")) {
            Told client = new Told("client");
            TlsClientOptions asking = asking().withApplicationProtocols(List.of("\u03bb", name));
            connect(server, asking, "server.example", _ -> client);
            assertThat(requireNonNull(TlsSession.of(client.transport())).applicationProtocol())
                    .isEqualTo(name);
            assertThat(requireNonNull(TlsSession.of(atServer.transport())).applicationProtocol())
                    .isEqualTo(name);
        }
        TlsClientOptions other = asking().withApplicationProtocols(List.of("\u03bb"));
        assertThat(shown(server, other, "server.example")).isNull();
    }

    @Test
    void withoutACommonApplicationProtocolTheHandshakeEndsWithAnAlert() {
        TlsServer server = new TlsServer(serving().withApplicationProtocols(List.of("h2")));
        var stage =
                connect(
                        server,
                        asking().withApplicationProtocols(List.of("x")),
                        "server.example",
                        _ -> atClient);

        assertThat(failure(stage)).hasMessageContaining("alert no_application_protocol");
        assertThat(server.refused()).isEqualTo(1);

        connect(server, asking(), "server.example", _ -> atClient);
        assertThat(requireNonNull(TlsSession.of(atClient.transport())).applicationProtocol())
                .isNull();
    }

    @Test
    void withoutACommonVersionTheHandshakeFails() {
        var stage =
                connect(
                        serving().withVersions(Set.of(TlsVersion.TLS_1_3)),
                        asking().withVersions(Set.of(TlsVersion.TLS_1_2)));

        assertThat(failure(stage)).hasMessageContaining("alert protocol_version");
    }

    // ---- ends ----

    @ParameterizedTest
    @EnumSource
    void anEndWithoutCloseNotifyIsALoss(TlsVersion version) {
        connect(serving().withVersions(Set.of(version)), asking());
        atServer.onLoop(() -> requireNonNull(atServer.transport().beneath()).loseConnection());

        assertThat(atClient.lost)
                .isInstanceOfSatisfying(
                        CloseReason.Lost.class,
                        lost -> assertThat(lost.cause()).hasMessageContaining("close_notify"));
        assertThat(atClient.lostCount).isEqualTo(1);
    }

    @Test
    void socketOptionsAreThoseOfTheConnectionBeneath() {
        connect(serving(), asking());
        Transport secured = atClient.transport();
        Transport below = requireNonNull(secured.beneath());
        SocketOptions slow = SocketOptions.DEFAULT.withNoDelay(false);
        assertThat(secured.socketOptions()).isEqualTo(SocketOptions.DEFAULT);
        secured.setSocketOptions(slow);
        assertThat(below.socketOptions()).isEqualTo(slow);
        assertThat(secured.socketOptions()).isEqualTo(slow);

        atClient.onLoop(secured::abortConnection);
        secured.setSocketOptions(SocketOptions.DEFAULT);
        assertThat(secured.socketOptions()).isEqualTo(slow);
    }

    @Test
    void thePeersCredentialsAreThoseOfTheConnectionBeneath() {
        PeerCredentials who = new PeerCredentials(1001, 100, 4711);
        reactor.credentials(who);
        ProtocolFactory server = new TlsServer(serving()).around(_ -> atServer);
        ListeningPort port = reactor.listen(Endpoint.unix("/run/app.sock"), server);
        var _ =
                new TlsClient(asking())
                        .around(
                                reactor,
                                Connector.to(reactor, port.address()),
                                Address.of("server.example", 443))
                        .connect(_ -> atClient, PATIENCE);
        reactor.runUntilIdle();

        assertThat(atServer.transport().peerCredentials()).isEqualTo(who);
        assertThat(atClient.transport().peerCredentials()).isEqualTo(who);
    }

    @Test
    void anAbortResetsTheConnection() {
        connect(serving(), asking());
        atServer.onLoop(() -> atServer.transport().abortConnection());

        assertThat(atServer.lost).isEqualTo(new CloseReason.Aborted(null));
        assertThat(atClient.lost).isInstanceOf(CloseReason.Lost.class);
    }

    @Test
    void aHalfCloseIsTheEnd() {
        connect(serving(), asking());
        atServer.onLoop(() -> atServer.transport().loseWriteConnection());

        assertThat(atServer.lost).isEqualTo(new CloseReason.Done());
        assertThat(atClient.lost).isEqualTo(new CloseReason.Done());
    }

    @Test
    void closingDoesNotWaitForEverForAPeerThatDoesNotRead() {
        connect(serving(), asking());
        atClient.onLoop(() -> {
            atClient.transport().pauseReading();
            atServer.transport().write(Bytes.wrap(new byte[1_000_000]));
            atServer.transport().loseConnection();
        });
        assertThat(atServer.lost).isNull();

        reactor.advance(Duration.ofSeconds(11));
        assertThat(atServer.lost).isInstanceOf(CloseReason.Aborted.class);
    }

    @Test
    void whatAProtocolThrowsFailsItsConnectionAlone() {
        failuresExpected = true;
        Told throwing =
                new Told("server") {
                    @Override
                    public void dataReceived(Bytes data) {
                        throw new IllegalStateException("no");
                    }
                };
        connect(
                new TlsServer(serving()).around(_ -> throwing),
                asking(),
                "server.example",
                _ -> atClient);
        atClient.onLoop(() -> atClient.transport().write(Bytes.utf8("x")));

        assertThat(throwing.lost).isInstanceOf(CloseReason.Failed.class);
        assertThat(atClient.lost).isInstanceOf(CloseReason.Lost.class);
    }

    @Test
    void aProtocolMayFailItsConnectionLater() {
        RuntimeException no = new IllegalStateException("no");
        connect(serving(), asking());
        atServer.onLoop(() -> atServer.transport().failConnection(no));

        assertThat(atServer.lost).isEqualTo(new CloseReason.Failed(no));
        assertThat(atClient.lost).isInstanceOf(CloseReason.Lost.class);
    }

    @Test
    @SuppressWarnings("NullAway") // what callers without it do
    void aProtocolMayNotFailItsConnectionForNoReason() {
        connect(serving(), asking());
        atServer.onLoop(() ->
                assertThatThrownBy(() -> atServer.transport().failConnection(null))
                        .isInstanceOf(NullPointerException.class)
                        .hasMessage("cause"));

        assertThat(atServer.lost).isNull();
    }

    @Test
    void aLineThatWaitedAndIsNotLikedFailsTheConnection() {
        RuntimeException no = new IllegalStateException("no");
        var lines =
                new LineProtocol() {
                    @Nullable CloseReason lost;

                    @Override
                    protected void lineReceived(Bytes line) {
                        if (line.utf8().equals("two")) {
                            throw no;
                        }
                        transport().pauseReading();
                    }

                    @Override
                    protected void disconnected(CloseReason reason) {
                        lost = reason;
                    }

                    void goOn() {
                        transport().resumeReading();
                    }
                };
        connect(
                new TlsServer(serving()).around(_ -> lines),
                asking(),
                "server.example",
                _ -> atClient);
        atClient.onLoop(() -> atClient.transport().write(Bytes.utf8("one\r\ntwo\r\n")));
        assertThat(lines.lost).isNull();

        reactor.callFromThread(lines::goOn);
        reactor.runUntilIdle();
        assertThat(lines.lost).isEqualTo(new CloseReason.Failed(no));
    }

    @Test
    void whatIsThrownWhenTheConnectionIsMadeFailsIt() {
        Told throwing =
                new Told("client") {
                    @Override
                    public void connectionMade(Transport made) {
                        throw new IllegalStateException("no");
                    }
                };
        var stage = connect(new TlsServer(serving()), asking(), "server.example", _ -> throwing);

        assertThat(failure(stage).kind()).isEqualTo(Kind.FAILED);
        assertThat(failure(stage)).hasRootCauseMessage("no");
        assertThat(throwing.lost).isInstanceOf(CloseReason.Failed.class);
    }

    @Test
    void aProtocolThatFailsItsConnectionWhenItIsMadeFailsTheConnect() {
        RuntimeException no = new IllegalStateException("no");
        Told failing =
                new Told("client") {
                    @Override
                    public void connectionMade(Transport made) {
                        made.failConnection(no);
                    }
                };
        var stage = connect(new TlsServer(serving()), asking(), "server.example", _ -> failing);

        assertThat(failure(stage).kind()).isEqualTo(Kind.FAILED);
        assertThat(failure(stage)).hasRootCause(no);
        assertThat(failing.lost).isEqualTo(new CloseReason.Failed(no));
    }

    @Test
    void aFactoryMayRefuse() {
        var stage = connect(new TlsServer(serving()), asking(), "server.example", _ -> null);
        assertThat(failure(stage).kind()).isEqualTo(Kind.REFUSED_BY_FACTORY);
        assertThat(atServer.lost).isEqualTo(new CloseReason.Done());

        connect(
                new TlsServer(serving()).around(_ -> null),
                asking(),
                "server.example",
                _ -> atClient);
        assertThat(atClient.lost).isEqualTo(new CloseReason.Done());
    }

    // ---- brakes ----

    @Test
    void marksHoldThroughTls() {
        connect(serving(), asking());
        atServer.onLoop(() -> {
            atClient.transport().pauseReading();
            assertThat(atServer.transport().write(Bytes.wrap(new byte[60_000]))).isTrue();
            assertThat(atServer.transport().write(Bytes.wrap(new byte[300_000]))).isFalse();
            assertThat(atServer.transport().pendingBytes()).isGreaterThan(360_000);
        });
        assertThat(told).doesNotContain("server again");
        assertThat(atClient.received.size()).isZero();

        atClient.onLoop(() -> atClient.transport().resumeReading());
        assertThat(told).contains("server again");
        assertThat(atClient.received.size()).isEqualTo(360_000);
    }

    @Test
    void theHardLimitHoldsThroughTls() {
        connect(serving(), asking());
        byte[] mebibytes = new byte[8 << 20];
        atServer.onLoop(() -> {
            atClient.transport().pauseReading();
            for (int i = 0; i < 9; i++) {
                atServer.transport().write(Bytes.wrap(mebibytes));
            }
        });

        assertThat(atServer.lost).isInstanceOf(CloseReason.Failed.class);
        assertThat(atServer.lostCount).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void nothingIsDeliveredWhilePausedNorInTheSameChunkAfterIt(Chunks chunks) {
        reactor.network().chunks(chunks);
        Told pausing =
                new Told("server") {
                    @Override
                    public void dataReceived(Bytes data) {
                        super.dataReceived(data);
                        transport().pauseReading();
                    }
                };
        connect(
                new TlsServer(serving()).around(_ -> pausing),
                asking(),
                "server.example",
                _ -> atClient);
        atClient.onLoop(() -> atClient.transport().write(Bytes.wrap(new byte[50_000])));
        int most = 16 << 10;
        int seen = pausing.received.size();
        assertThat(seen).isBetween(1, most);
        while (seen < 50_000) {
            pausing.onLoop(() -> pausing.transport().resumeReading());
            assertThat(pausing.received.size() - seen).isBetween(1, most);
            seen = pausing.received.size();
        }
        atClient.onLoop(() -> atClient.transport().loseConnection());
        pausing.onLoop(() -> pausing.transport().resumeReading());
        assertThat(pausing.lost).isEqualTo(new CloseReason.Done());
    }

    // ---- what a stranger may send ----

    static Stream<Bytes> garbage() {
        return Stream.of(
                Bytes.utf8("GET / HTTP/1.1\r\nHost: server.example\r\n\r\n"),
                Bytes.utf8("\u0016\u0003\u0001\u0000\u0005hello"),
                Bytes.utf8("\u0016\u0003\u0001\u007f\u007f" + "x".repeat(40_000)),
                Bytes.wrap(new byte[100_000]),
                Bytes.utf8("\u0015\u0003\u0003\u0000\u0002\u0002("));
    }

    @ParameterizedTest
    @MethodSource("garbage")
    void whatIsNoHandshakeIsClosedAndCounted(Bytes sent) {
        TlsServer server = new TlsServer(serving());
        ListeningPort port = reactor.listen(Endpoint.tcp(0), server.around(_ -> atServer));
        var _ = reactor.connect(port.address(), _ -> atClient, PATIENCE);
        reactor.runUntilIdle();
        atClient.onLoop(() -> atClient.transport().write(sent));

        assertThat(server.refused()).isEqualTo(1);
        assertThat(atClient.lost).isNotNull();
        assertThat(told).doesNotContain("server made");
    }

    @Test
    void aClientSaysThatAServerDoesNotSpeakTls() {
        Told plain =
                new Told("plain") {
                    @Override
                    public void connectionMade(Transport made) {
                        made.write(Bytes.utf8("220 mail.example ESMTP\r\n"));
                    }
                };
        var stage = connect(_ -> plain, asking(), "server.example", _ -> atClient);

        assertThat(failure(stage)).hasMessageContaining("is not TLS");
    }

    @Test
    void aHandshakeThatTheFactoryBehindFailsIsNoneThatWasRefused() {
        TlsServer server = new TlsServer(serving());
        ProtocolFactory failing =
                server.around(_ -> {
                    throw new IllegalStateException("as asked");
                });
        connect(failing, asking(), "server.example", _ -> atClient);

        assertThat(server.refused()).isZero();
        assertThat(atClient.lost).isNotNull();
    }

    @Test
    void aHandshakeHasItsTime() {
        TlsServer server = new TlsServer(serving().withHandshakeTimeout(Duration.ofSeconds(3)));
        ListeningPort port = reactor.listen(Endpoint.tcp(0), server.around(_ -> atServer));
        var _ = reactor.connect(port.address(), _ -> atClient, PATIENCE);
        reactor.advance(Duration.ofMillis(2900));
        assertThat(server.refused()).isZero();

        reactor.advance(Duration.ofMillis(200));
        assertThat(server.refused()).isEqualTo(1);
        assertThat(atClient.lost).isInstanceOf(CloseReason.Lost.class);
    }

    @Test
    void theTimeToConnectIncludesTheHandshake() {
        var stage = connect(_ -> new Told("mute"), asking(), "server.example", _ -> atClient);
        assertThat(stage.toCompletableFuture()).isNotDone();

        reactor.advance(PATIENCE);
        assertThat(failure(stage).kind()).isEqualTo(Kind.TIMED_OUT);
    }

    @Test
    void whoGivesUpAConnectEndsTheHandshake() {
        Told mute = new Told("mute");
        var stage = connect(_ -> mute, asking(), "server.example", _ -> atClient);
        stage.toCompletableFuture().cancel(false);
        reactor.runUntilIdle();

        assertThat(mute.lost).isInstanceOf(CloseReason.Lost.class);
    }

    /// Nobody is left to whom the connection could be given.
    @Test
    void aConnectThatItsOwnProtocolGivesUpIsReset() {
        ListeningPort port =
                reactor.listen(Endpoint.tcp(0), new TlsServer(serving()).around(_ -> atServer));
        List<CompletionStage<Protocol>> stages = new ArrayList<>();
        Told client =
                new Told("client") {
                    @Override
                    public void connectionMade(Transport made) {
                        super.connectionMade(made);
                        stages.getFirst().toCompletableFuture().cancel(false);
                    }
                };
        stages.add(
                new TlsClient(asking())
                        .around(
                                reactor,
                                Connector.to(reactor, port.address()),
                                Address.of("server.example", port.port()))
                        .connect(_ -> client, PATIENCE));
        reactor.runUntilIdle();

        assertThat(client.lost)
                .isEqualTo(new CloseReason.Aborted("nobody waits for the connection"));
    }

    @Test
    void whoGivesUpAConnectInTheHandshakeHasNoErrorInTheLog() {
        List<String> log =
                Logged.during(() -> {
                    connect(_ -> new Told("mute"), asking(), "server.example", _ -> atClient)
                            .toCompletableFuture()
                            .cancel(false);
                    var late =
                            connect(
                                            _ -> new Told("mute"),
                                            asking(),
                                            "server.example",
                                            _ -> atClient)
                                    .toCompletableFuture()
                                    .orTimeout(1, TimeUnit.SECONDS);
                    assertThat(late.handle((_, failure) -> told.add("gave up: " + failure)))
                            .isNotDone();
                    reactor.advance(PATIENCE);
                });

        assertThat(log).isEmpty();
        assertThat(told)
                .contains("mute lost: Lost")
                .anyMatch(it -> it.startsWith("gave up: java.util.concurrent.TimeoutException"));
    }

    @Test
    void aPeerThatLeavesInTheHandshakeIsCountedAndNobodyHears() {
        TlsServer server = new TlsServer(serving());
        ListeningPort port = reactor.listen(Endpoint.tcp(0), server.around(_ -> atServer));
        var _ = reactor.connect(port.address(), _ -> atClient, PATIENCE);
        reactor.runUntilIdle();
        atClient.onLoop(() -> atClient.transport().abortConnection());

        assertThat(server.refused()).isEqualTo(1);
        assertThat(told).containsExactly("client made", "client lost: Aborted");
        assertThat(reactor.pendingTimers()).isZero();
    }

    // ---- a reactor that stops ----

    @ParameterizedTest
    @EnumSource
    void aReactorThatStopsEndsItsConnectionsInOrder(TlsVersion version) {
        connect(serving().withVersions(Set.of(version)), asking());
        atServer.onLoop(() -> atServer.transport().write(Bytes.wrap(new byte[200_000])));
        atServer.onLoop(() -> {
            atServer.transport().write(Bytes.utf8("last words"));
            reactor.stop();
        });

        assertThat(atServer.lost).isEqualTo(new CloseReason.Done());
        assertThat(atClient.lost).isEqualTo(new CloseReason.Done());
    }

    @Test
    void aProtocolMaySayGoodbyeWhenTheReactorStops() {
        Told polite =
                new Told("server") {
                    @Override
                    public void closeAsked(Transport transport) {
                        transport.write(Bytes.utf8("421 closing"));
                        transport.loseConnection();
                    }
                };
        connect(
                new TlsServer(serving()).around(_ -> polite),
                asking(),
                "server.example",
                _ ->
                        new Told("client") {
                            @Override
                            public void dataReceived(Bytes data) {
                                told.add(data.utf8());
                            }

                            @Override
                            public void closeAsked(Transport transport) {
                                told.add("client waits for the server's end");
                            }
                        });
        polite.onLoop(reactor::stop);

        assertThat(told)
                .contains("421 closing", "client waits for the server's end", "client lost: Done");
        assertThat(polite.lost).isEqualTo(new CloseReason.Done());
    }

    @Test
    void aReactorThatStopsInAHandshakeSaysSo() {
        Told mute = new Told("mute");
        var stage = connect(_ -> mute, asking(), "server.example", _ -> atClient);
        mute.onLoop(reactor::stop);

        assertThat(failure(stage).kind()).isEqualTo(Kind.STOPPED);
        assertThat(mute.lost).isNotNull();
        assertThat(reactor.pendingTimers()).isZero();
    }

    // ---- wrappers ----

    @Test
    void theSessionIsSeenThroughWrappers() {
        TlsServer server = new TlsServer(serving());
        connect(
                server.around(new IdleTimeout(_ -> atServer, PATIENCE)),
                asking(),
                "server.example",
                _ -> atClient);

        assertThat(TlsSession.of(atServer.transport())).isNotNull();
        atClient.onLoop(() -> atClient.transport().loseConnection());
        assertThat(atServer.lost).isEqualTo(new CloseReason.Done());
    }

    @Test
    void aTransportIsOfItsLoopAlone() {
        connect(serving(), asking());
        for (Runnable call :
                List.<Runnable>of(
                        () -> atClient.transport().write(Bytes.utf8("x")),
                        () -> atClient.transport().pendingBytes(),
                        () -> atClient.transport().loseConnection(),
                        () -> atClient.transport().abortConnection(),
                        () -> atClient.transport().pauseReading(),
                        () -> atClient.transport().resumeReading())) {
            var elsewhere =
                    reactor.callInThread(() -> {
                        call.run();
                        return call;
                    });
            reactor.runUntilIdle();
            assertThatThrownBy(() -> elsewhere.toCompletableFuture().join())
                    .hasCauseInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void borrowedBytesAreNoGoodAfterTheCall() {
        List<Bytes> kept = new ArrayList<>();
        connect(
                new TlsServer(serving())
                        .around(_ ->
                                new Told("server") {
                                    @Override
                                    public void dataReceived(Bytes data) {
                                        kept.add(data.slice(0, 1));
                                        kept.add(data.owned());
                                    }
                                }),
                asking(),
                "server.example",
                _ -> atClient);
        atClient.onLoop(() -> atClient.transport().write(Bytes.utf8("hi")));

        assertThatThrownBy(() -> kept.getFirst().at(0)).isInstanceOf(IllegalStateException.class);
        assertThat(kept.getLast().utf8()).isEqualTo("hi");
    }
}
