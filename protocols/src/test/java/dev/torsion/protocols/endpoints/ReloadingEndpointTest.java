package dev.torsion.protocols.endpoints;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.tls.ClientCertificates;
import dev.torsion.protocols.tls.TlsClient;
import dev.torsion.protocols.tls.TlsClientOptions;
import dev.torsion.protocols.tls.TlsIdentity;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsSession;
import dev.torsion.protocols.tls.TlsTrust;
import dev.torsion.protocols.tls.TlsVersion;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.EndpointText;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.Service;
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
import java.util.Set;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The files that the text of a server's endpoint names, and that change while its port is open.
final class ReloadingEndpointTest {
    private static final Path PEM =
            Path.of(System.getProperty("basedir", "protocols"), "src/test/pem");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final ManualReactor reactor = new ManualReactor();

    @TempDir private Path folder;
    private Path chain;
    private Path key;
    private String text;

    @BeforeEach
    void files() throws IOException {
        chain = folder.resolve("chain.pem");
        key = folder.resolve("key.pem");
        replace("server");
        text =
                "tls:0:certificate=%s:key=%s"
                        .formatted(
                                EndpointText.escaped(chain.toString()),
                                EndpointText.escaped(key.toString()));
    }

    private void replace(String name) throws IOException {
        copy(name + ".crt", chain);
        copy(name + ".key", key);
    }

    private static void copy(String name, Path target) throws IOException {
        Files.copy(PEM.resolve(name), target, StandardCopyOption.REPLACE_EXISTING);
    }

    private static LayeredEndpoint read(String text) {
        return Endpoints.standard().server(text);
    }

    /// It looks at its files as long as it is open.
    @Test
    void isLeftBehindWithTheNextLookAtItsFilesUntilItIsClosed() {
        ListeningPort port = listen(read(text));
        minutesPass(1);
        assertThat(reactor.leftovers())
                .hasSize(2)
                .anyMatch(left -> left.startsWith("a port: "))
                .anyMatch(left -> left.startsWith("a delayed call: "));

        var _ = port.stopListening();
        minutesPass(1);
        assertThat(reactor.leftovers()).isEmpty();
    }

    private ListeningPort listen(LayeredEndpoint endpoint) {
        ListeningPort port = endpoint.listen(reactor, _ -> new Protocol() {});
        reactor.runUntilIdle();
        return port;
    }

    private void minutesPass(int minutes) {
        reactor.advance(MINUTE.multipliedBy(minutes));
        reactor.runUntilIdle();
    }

    private static TlsClientOptions asking() throws IOException {
        return TlsClientOptions.trusting(TlsTrust.read(PEM.resolve("authority.crt")))
                .trustingAnyHostName();
    }

    /// What is shown to whoever connects now.
    private String shown(ListeningPort port) throws IOException {
        String[] shown = {"nobody"};
        new TlsClient(asking())
                .around(
                        reactor,
                        Connector.to(reactor, port.address()),
                        new Address.Inet("any.example", 443))
                .connect(
                        _ ->
                                new Protocol() {
                                    @Override
                                    public void connectionMade(Transport transport) {
                                        TlsSession session =
                                                requireNonNull(TlsSession.of(transport));
                                        shown[0] =
                                                session.peerCertificates()
                                                                .getFirst()
                                                                .getSubjectX500Principal()
                                                        + " by "
                                                        + session.version();
                                        transport.loseConnection();
                                    }
                                },
                        MINUTE)
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        shown[0] = failure.toString();
                    }
                });
        reactor.runUntilIdle();
        return shown[0];
    }

    @Test
    void newHandshakesUseTheNewFilesWithinAMinuteUnlessToldOtherwise() throws IOException {
        ListeningPort port = listen(read(text));
        replace("other");
        assertThat(shown(port)).startsWith("CN=server.example");
        minutesPass(1);
        assertThat(shown(port)).startsWith("CN=other.example");
        assertThat(reactor.failures()).isEmpty();
    }

    @Test
    void theTimeFromOneLookToTheNextIsTheTexts() throws IOException {
        ListeningPort port = listen(read(text + ":reload=0.5"));
        replace("other");
        reactor.advance(Duration.ofMillis(499));
        assertThat(shown(port)).startsWith("CN=server.example");
        reactor.advance(Duration.ofMillis(1));
        assertThat(shown(port)).startsWith("CN=other.example");
    }

    @Test
    void whoTurnsItOffKeepsWhatWasReadFirst() throws IOException {
        LayeredEndpoint endpoint = read(text + ":reload=off");
        replace("other");
        ListeningPort port = listen(endpoint);
        assertThat(reactor.pendingTimers()).isZero();
        assertThat(shown(port)).startsWith("CN=server.example");
    }

    @Test
    void aChangeBeforeThePortOpensIsNotMissed() throws IOException {
        LayeredEndpoint endpoint = read(text);
        replace("other");
        assertThat(shown(listen(endpoint))).startsWith("CN=other.example");
    }

    @Test
    void whatIsWrongIsLoggedOnceAndTheOldCertificateStays() throws IOException {
        ListeningPort port = listen(read(text));
        Files.writeString(chain, "nothing of the kind");
        List<String> log = Logged.during(() -> minutesPass(5));
        assertThat(log)
                .singleElement()
                .asString()
                .contains("TLS goes on with what it had: " + chain + " holds no certificate");
        assertThat(shown(port)).startsWith("CN=server.example");

        replace("other");
        minutesPass(1);
        assertThat(shown(port)).startsWith("CN=other.example");
    }

    @Test
    void whoIsTrustedIsReadAgainToo() throws IOException {
        Path trust = folder.resolve("trust.pem");
        copy("stranger.crt", trust);
        LayeredEndpoint endpoint =
                read(text + ":client-trust=" + EndpointText.escaped(trust.toString()));
        ListeningPort port = listen(endpoint);
        TlsServer tls = requireNonNull(endpoint.tls());
        TlsIdentity client = TlsIdentity.read(PEM.resolve("client.crt"), PEM.resolve("client.key"));
        connect(port, client);
        assertThat(tls.refused()).isEqualTo(1);

        copy("authority.crt", trust);
        minutesPass(1);
        connect(port, client);
        assertThat(tls.refused()).isEqualTo(1);
        assertThat(tls.options().clientCertificates()).isEqualTo(ClientCertificates.NEEDED);
    }

    private void connect(ListeningPort port, TlsIdentity client) throws IOException {
        var stage =
                new TlsClient(asking().withIdentity(client))
                        .around(
                                reactor,
                                Connector.to(reactor, port.address()),
                                new Address.Inet("any.example", 443))
                        .connect(_ -> new Protocol() {}, MINUTE);
        reactor.runUntilIdle();
        assertThat(stage.toCompletableFuture()).isDone();
    }

    @Test
    void filesAreLookedAtAsLongAsThePortIsOpen() throws IOException {
        LayeredEndpoint endpoint = read(text);
        ListeningPort stopped = listen(endpoint);
        assertThat(reactor.pendingTimers()).isOne();
        var _ = stopped.stopListening();
        var _ = stopped.stopListening();
        reactor.runUntilIdle();
        assertThat(reactor.pendingTimers()).isZero();

        ListeningPort drained = listen(endpoint);
        var _ = drained.drain(MINUTE);
        reactor.runUntilIdle();
        assertThat(reactor.pendingTimers()).isZero();

        // In the turn in which it was opened, before the first look.
        var _ = endpoint.listen(reactor, _ -> new Protocol() {}).stopListening();
        reactor.runUntilIdle();
        assertThat(reactor.pendingTimers()).isZero();

        listen(endpoint);
        reactor.stop();
        reactor.advance(MINUTE);
        assertThat(reactor.pendingTimers()).isZero();
        assertThat(reactor.failures()).isEmpty();
    }

    @Test
    void aGroupReadsThemOnceForAll() throws IOException {
        ListeningPort port = read(text).listen(ReactorGroup.of(reactor), _ -> new Protocol() {});
        reactor.runUntilIdle();
        assertThat(reactor.pendingTimers()).isOne();
        replace("other");
        minutesPass(1);
        assertThat(shown(port)).startsWith("CN=other.example");
    }

    @Test
    void whatAProgramHasChangedStaysWhenTheFilesAreReadAgain() throws IOException {
        LayeredEndpoint endpoint = read(text);
        TlsServer tls = requireNonNull(endpoint.tls());
        tls.change(options -> options.withVersions(Set.of(TlsVersion.TLS_1_2)));
        ListeningPort port = listen(endpoint);
        replace("other");
        minutesPass(1);
        assertThat(shown(port)).isEqualTo("CN=other.example by TLSv1.2");
        assertThat(tls.refused()).isZero();
    }

    @Test
    void whatHasNoTlsHasNoServerOfIt() {
        assertThat(read("haproxy:tcp:0").tls()).isNull();
        assertThat(read("haproxy:" + text).tls()).isNotNull();
    }

    @Test
    void aServiceThatCannotStartIsLoggedAndThePortIsOpen() {
        List<String> told = new ArrayList<>();
        Service broken =
                new Service() {
                    @Override
                    public CompletionStage<Void> start() {
                        throw new IllegalStateException("no");
                    }

                    @Override
                    public CompletionStage<Void> stop() {
                        told.add("stopped");
                        return Deferred.succeeded(reactor, null);
                    }
                };
        LayeredEndpoint endpoint =
                LayeredEndpoint.of(Endpoint.tcp(0)).withService(_ -> broken).within(it -> it);
        List<String> log =
                Logged.during(() -> {
                    ListeningPort port = listen(endpoint);
                    assertThat(port.port()).isPositive();
                    var _ = port.stopListening();
                    reactor.runUntilIdle();
                });
        assertThat(log).first().asString().contains("a port is open without ");
        assertThat(told).containsExactly("stopped");
    }
}
