package dev.torsion.protocols.endpoints;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.tls.ClientCertificates;
import dev.torsion.protocols.tls.TlsIdentity;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsServerOptions;
import dev.torsion.protocols.tls.TlsSession;
import dev.torsion.protocols.tls.TlsTrust;
import dev.torsion.reactor.ClientOptions;
import dev.torsion.reactor.ClientService;
import dev.torsion.reactor.EndpointText;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The files that the text of a client's endpoint names, and that change while the client lasts.
final class ReloadingClientEndpointTest {
    private static final Path PEM =
            Path.of(System.getProperty("basedir", "protocols"), "src/test/pem");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final ManualReactor reactor = new ManualReactor();
    private final List<String> seen = new ArrayList<>(); // by the server: who has connected
    private final List<Transport> open = new ArrayList<>(); // at the server

    @TempDir private Path folder;
    private String text;
    private ListeningPort port;

    @BeforeEach
    void files() throws IOException {
        replace("client");
        trust("authority.crt");
        port = listen("server");
        text =
                "tls:localhost:%d:host=server.example:trust=%s:certificate=%s:key=%s"
                        .formatted(port.port(), path("trust"), path("chain"), path("key"));
    }

    @AfterEach
    void nothingWentWrongUnseen() {
        assertThat(reactor.failures()).isEmpty();
    }

    private ListeningPort listen(String identity) throws IOException {
        TlsServer tls =
                new TlsServer(
                        TlsServerOptions.of(
                                        TlsIdentity.read(
                                                PEM.resolve(identity + ".crt"),
                                                PEM.resolve(identity + ".key")))
                                .withClientCertificates(
                                        ClientCertificates.NEEDED,
                                        TlsTrust.read(PEM.resolve("authority.crt"))));
        return reactor.listenTcp(
                0,
                tls.around(_ ->
                        new Protocol() {
                            @Override
                            public void connectionMade(Transport transport) {
                                open.add(transport);
                                seen.add(
                                        requireNonNull(TlsSession.of(transport))
                                                .peerCertificates()
                                                .getFirst()
                                                .getSubjectX500Principal()
                                                .toString());
                            }
                        }));
    }

    private String path(String name) {
        return EndpointText.escaped(folder.resolve(name).toString());
    }

    private void replace(String name) throws IOException {
        copy(name + ".crt", "chain");
        copy(name + ".key", "key");
    }

    private void trust(String name) throws IOException {
        copy(name, "trust");
    }

    private void copy(String name, String target) throws IOException {
        Files.copy(PEM.resolve(name), folder.resolve(target), StandardCopyOption.REPLACE_EXISTING);
    }

    private static LayeredClientEndpoint read(String text) {
        return Endpoints.standard().client(text);
    }

    private ClientService started(LayeredClientEndpoint endpoint) {
        ClientService client =
                new ClientService(
                        reactor,
                        endpoint.connector(reactor),
                        _ -> new Protocol() {},
                        ClientOptions.DEFAULT.withDelay((_, _) -> Duration.ofSeconds(20)));
        var _ = client.start();
        reactor.runUntilIdle();
        return client;
    }

    private void reconnected() {
        reactor.callFromThread(() -> open.removeLast().loseConnection());
        reactor.advance(Duration.ofSeconds(20));
        reactor.runUntilIdle();
    }

    /// @return whether it succeeded
    private boolean connects(LayeredClientEndpoint endpoint) {
        List<Boolean> made = new ArrayList<>();
        endpoint.connect(reactor, _ -> new Protocol() {})
                .whenComplete((_, failure) -> made.add(failure == null));
        reactor.runUntilIdle();
        return made.getFirst();
    }

    @Test
    void aClientThatReconnectsShowsItsRenewedCertificateWithinAMinute() throws IOException {
        ClientService client = started(read(text));
        replace("other");
        reconnected();
        reconnected();
        assertThat(seen).containsOnly("CN=client.example");
        reconnected();
        assertThat(seen).hasSize(4).last().isEqualTo("CN=other.example");
        var _ = client.stop();
        reactor.runUntilIdle();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void whoIsTrustedIsReadAgain() throws IOException {
        trust("stranger.crt");
        LayeredClientEndpoint endpoint = read(text + ":reload=5");
        assertThat(connects(endpoint)).isFalse();
        trust("authority.crt");
        reactor.advance(Duration.ofMillis(4999));
        assertThat(connects(endpoint)).isFalse();
        reactor.advance(Duration.ofMillis(1));
        assertThat(connects(endpoint)).isTrue();
    }

    @Test
    void aRenewedListOfWhatWasRevokedIsRead() throws IOException {
        port = listen("kept");
        trust("issuing.crt");
        copy("issuing.expired.crl", "crl");
        LayeredClientEndpoint endpoint =
                read(
                        "tls:localhost:%d:host=server.example:trust=%s:crl=%s:certificate=%s:key=%s"
                                .formatted(
                                        port.port(),
                                        path("trust"),
                                        path("crl"),
                                        path("chain"),
                                        path("key")));
        assertThat(connects(endpoint)).isFalse();
        copy("issuing.crl", "crl");
        reactor.advance(MINUTE);
        assertThat(connects(endpoint)).isTrue();
    }

    @Test
    void aChangeBeforeTheFirstConnectIsNotMissed() throws IOException {
        LayeredClientEndpoint endpoint = read(text);
        replace("other");
        assertThat(connects(endpoint)).isTrue();
        assertThat(seen).containsExactly("CN=other.example");
    }

    @Test
    void whoTurnsItOffKeepsWhatWasReadFirst() throws IOException {
        LayeredClientEndpoint endpoint = read(text + ":reload=off");
        replace("other");
        reactor.advance(MINUTE);
        assertThat(connects(endpoint)).isTrue();
        assertThat(seen).containsExactly("CN=client.example");
    }

    @Test
    void whatIsWrongIsLoggedOnceAndWhatWasReadLastStays() throws IOException {
        LayeredClientEndpoint endpoint = read(text + ":reload=1");
        assertThat(connects(endpoint)).isTrue();
        Files.delete(folder.resolve("key"));
        List<String> log =
                Logged.during(() -> {
                    for (int i = 0; i < 3; i++) {
                        reactor.advance(MINUTE);
                        assertThat(connects(endpoint)).isTrue();
                    }
                });
        assertThat(log)
                .singleElement()
                .asString()
                .contains("TLS goes on with what it had: there is no file ");
        replace("other");
        reactor.advance(MINUTE);
        assertThat(connects(endpoint)).isTrue();
        assertThat(seen).hasSize(5).last().isEqualTo("CN=other.example");
    }
}
