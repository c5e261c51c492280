package dev.torsion.protocols.guide;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.protocols.ConnectionLimit;
import dev.torsion.protocols.IdleTimeout;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.ProxyHeader;
import dev.torsion.protocols.ProxyProtocol;
import dev.torsion.protocols.ProxySender;
import dev.torsion.protocols.TotalTimeout;
import dev.torsion.protocols.amp.AmpOptions;
import dev.torsion.protocols.amp.AmpProtocol;
import dev.torsion.protocols.amp.Answers;
import dev.torsion.protocols.amp.Command;
import dev.torsion.protocols.tls.ClientCertificates;
import dev.torsion.protocols.tls.TlsClient;
import dev.torsion.protocols.tls.TlsClientOptions;
import dev.torsion.protocols.tls.TlsIdentity;
import dev.torsion.protocols.tls.TlsReload;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsServerOptions;
import dev.torsion.protocols.tls.TlsSession;
import dev.torsion.protocols.tls.TlsTrust;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Signal;
import dev.torsion.reactor.testing.ManualReactor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The samples of `docs/guides/tls.md`: they run here, and the page shows nothing else.
final class TlsGuideTest {
    private static final Path PEM =
            Path.of(System.getProperty("basedir", "protocols"), "src/test/pem");
    private static final Path CHAIN = PEM.resolve("server.crt");
    private static final Path KEY = PEM.resolve("server.key");
    private static final Path AUTHORITY = PEM.resolve("authority.crt");

    private static final List<String> told = new ArrayList<>();

    static final class Greeter extends LineProtocol {
        @Override
        protected void lineReceived(Bytes name) {
            TlsSession session = TlsSession.of(transport());
            sendLine(
                    Bytes.utf8(
                            "hello "
                                    + name.utf8()
                                    + (session == null ? "" : " by " + session.version())));
        }
    }

    static final class Caller extends LineProtocol {
        @Override
        protected void connected() {
            sendLine(Bytes.utf8("world"));
        }

        @Override
        protected void lineReceived(Bytes line) {
            told.add(line.utf8());
        }

        @Override
        protected void disconnected(CloseReason reason) {
            told.add(reason.toString());
        }
    }

    static ListeningPort serve(Reactor reactor, Path chain, Path key) throws IOException {
        TlsServer tls = new TlsServer(TlsServerOptions.of(TlsIdentity.read(chain, key)));
        return reactor.listenTcp(4433, tls.around(_ -> new Greeter()));
    }

    static CompletionStage<Protocol> call(Reactor reactor, Address.Inet server, Path authority)
            throws IOException {
        TlsClient tls = new TlsClient(TlsClientOptions.trusting(TlsTrust.read(authority)));
        return tls.tcp(reactor, server).connect(_ -> new Caller(), Duration.ofSeconds(10));
    }

    static TlsServerOptions options(Path chain, Path key, TlsIdentity other, Path authority)
            throws IOException {
        return TlsServerOptions.of(TlsIdentity.read(chain, key))
                .withIdentity("other.example", other)
                .withIdentity("*.wild.example", other)
                .withClientCertificates(ClientCertificates.NEEDED, TlsTrust.read(authority))
                .withApplicationProtocols(List.of("greeting/2", "greeting/1"))
                .withHandshakeTimeout(Duration.ofSeconds(5));
    }

    static TlsServerOptions strict(TlsIdentity own, Path authority, Path revoked)
            throws IOException {
        return TlsServerOptions.of(own)
                .withClientCertificates(
                        ClientCertificates.NEEDED, TlsTrust.read(authority).withRevocation(revoked))
                .withCipherSuites(List.of("TLS_AES_256_GCM_SHA384", "TLS_AES_128_GCM_SHA256"));
    }

    static TlsIdentity encrypted(Path chain, Path key, char[] password) throws IOException {
        try {
            return TlsIdentity.read(chain, key, password);
        } finally {
            Arrays.fill(password, ' ');
        }
    }

    static TlsIdentity stored(Path keyStore, char[] password) throws IOException {
        return TlsIdentity.readKeyStore(keyStore, password); // .p12, .pfx, .jks
    }

    static TlsServer reloading(Reactor reactor, Path chain, Path key) throws IOException {
        TlsServer tls = new TlsServer(TlsServerOptions.of(TlsIdentity.read(chain, key)));
        TlsReload reload =
                new TlsReload(
                        reactor,
                        List.of(chain, key),
                        Duration.ofSeconds(30),
                        () -> TlsServerOptions.of(TlsIdentity.read(chain, key)),
                        tls::use);
        var _ = reload.start();
        return tls;
    }

    static TlsClientOptions trusting(Path authority, Path revoked) throws IOException {
        return TlsClientOptions.trusting(TlsTrust.read(authority).withRevocation(revoked));
    }

    static TlsClient reloading(Path authority, Path revoked) throws IOException {
        return TlsClient.reloading(
                trusting(authority, revoked),
                List.of(authority, revoked),
                Duration.ofMinutes(1),
                () -> trusting(authority, revoked));
    }

    static void reloadAtSighup(Reactor reactor, TlsReload reload) {
        reactor.onSignal(
                Signal.HUP,
                () ->
                        reload.reload()
                                .whenComplete(
                                        (_, wrong) -> tell(wrong == null ? "new files" : wrong)));
    }

    private static void tell(Object what) {
        told.add(what.toString());
    }

    static final class MailServer extends LineProtocol {
        private final TlsServer tls;
        private String user = "nobody";

        MailServer(TlsServer tls) {
            this.tls = tls;
        }

        @Override
        protected void lineReceived(Bytes line) {
            String said = line.utf8();
            if (said.equals("STARTTLS")) {
                sendLine(Bytes.utf8("220 go ahead"));
                user = "nobody"; // whatever was said before may be a stranger's
                var _ = startTls(tls.layer());
            } else if (TlsSession.of(transport()) == null) {
                sendLine(Bytes.utf8("530 STARTTLS first"));
            } else if (said.startsWith("USER ")) {
                user = said.substring("USER ".length());
                sendLine(Bytes.utf8("250 welcome, " + user));
            }
        }
    }

    static final class MailClient extends LineProtocol {
        private final TlsClient tls;

        MailClient(TlsClient tls) {
            this.tls = tls;
        }

        @Override
        protected void connected() {
            sendLine(Bytes.utf8("STARTTLS"));
        }

        @Override
        protected void lineReceived(Bytes line) {
            told.add(line.utf8());
            if (TlsSession.of(transport()) != null) {
                return;
            }
            if (line.utf8().startsWith("220 ")) {
                var _ = startTls(tls.layer("server.example"));
                sendLine(Bytes.utf8("USER ada")); // leaves when the handshake is over
            } else {
                transport().loseConnection(); // rather than to go on in plain text
            }
        }
    }

    record Secret() {}

    record Word(String word) {}

    static final Command<Secret, Word> SECRET = Command.of("Secret", Secret.class, Word.class);

    static AmpProtocol answering(TlsServer tls) {
        return new AmpProtocol(
                Answers.none()
                        .startingTls(tls.layer())
                        .with(
                                SECRET,
                                (_, from) ->
                                        completedFuture(
                                                new Word(
                                                        from.tlsSession() == null
                                                                ? "not in plain text"
                                                                : "xyzzy"))),
                AmpOptions.DEFAULT);
    }

    static CompletionStage<Word> secret(AmpProtocol client, TlsClient tls) {
        return client.callToStartTls(tls.layer("server.example"))
                .thenCompose(_ -> client.call(SECRET, new Secret()));
    }

    static ProtocolFactory door(TlsServer tls) {
        var idle = new IdleTimeout(_ -> new Greeter(), Duration.ofMinutes(1));
        var secured = tls.around(idle);
        var total = new TotalTimeout(secured, Duration.ofHours(1));
        var limit = new ConnectionLimit(total, 10_000, 50);
        return new ProxyProtocol(limit, Duration.ofSeconds(5));
    }

    // ---- that it works ----

    private final ManualReactor reactor = new ManualReactor();

    private TlsServer server() throws IOException {
        return new TlsServer(TlsServerOptions.of(TlsIdentity.read(CHAIN, KEY)));
    }

    private TlsClient client() throws IOException {
        return new TlsClient(TlsClientOptions.trusting(TlsTrust.read(AUTHORITY)));
    }

    @Test
    void greetsSecurely() throws IOException {
        told.clear();
        ListeningPort port = serve(reactor, CHAIN, KEY);
        var connected = call(reactor, new Address.Inet("localhost", port.port()), AUTHORITY);
        reactor.runUntilIdle();
        assertThat(connected.toCompletableFuture()).isCompleted();
        reactor.stop();
        reactor.runUntilIdle();

        assertThat(told).containsExactly("hello world by TLSv1.3", "closed cleanly");
    }

    @Test
    void asksForAllOfIt() throws IOException {
        TlsIdentity other = TlsIdentity.read(PEM.resolve("other.crt"), PEM.resolve("other.key"));
        assertThat(options(CHAIN, KEY, other, AUTHORITY).identitiesByName()).hasSize(2);
    }

    @Test
    void decidesOnTrustAndKeys(@TempDir Path folder) throws Exception {
        char[] password = "secret".toCharArray();
        TlsIdentity own = encrypted(CHAIN, PEM.resolve("server.encrypted.key"), password);
        assertThat(password).containsOnly(' ');
        TlsServerOptions strict =
                strict(own, PEM.resolve("issuing.crt"), PEM.resolve("issuing.crl"));
        assertThat(strict.clientTrust()).hasToString("CN=Torsion issuing, unless revoked");
        assertThat(strict.cipherSuites()).hasSize(2);
        assertThatThrownBy(() -> stored(folder.resolve("none.p12"), password))
                .hasMessageContaining("none.p12");
    }

    @Test
    void readsAgain() throws IOException {
        TlsServer tls = reloading(reactor, CHAIN, KEY);
        TlsServerOptions first = tls.options();
        reactor.runUntilIdle();
        assertThat(tls.options()).isNotSameAs(first);
    }

    @Test
    void readsAgainWhenItConnects() throws IOException {
        TlsClient tls = reloading(PEM.resolve("issuing.crt"), PEM.resolve("issuing.crl"));
        TlsClientOptions first = tls.options();
        var _ =
                tls.tcp(reactor, Address.of("localhost", 1))
                        .connect(_ -> new Caller(), Duration.ofSeconds(10))
                        .exceptionally(_ -> null);
        reactor.runUntilIdle();
        assertThat(tls.options()).isNotSameAs(first);
    }

    @Test
    void readsAgainAtSighup() {
        told.clear();
        TlsReload reload =
                new TlsReload(
                        reactor,
                        List.of(CHAIN, KEY),
                        Duration.ofDays(1),
                        () -> TlsServerOptions.of(TlsIdentity.read(CHAIN, KEY)),
                        _ -> {});
        reloadAtSighup(reactor, reload);
        reactor.raise(Signal.HUP);
        reactor.runUntilIdle();
        assertThat(told).containsExactly("new files");
    }

    @Test
    void mailGoesOnOverTls() throws IOException {
        told.clear();
        reactor.wire(new MailClient(client()), new MailServer(server()));
        assertThat(told).containsExactly("220 go ahead", "250 welcome, ada");
    }

    @Test
    void ampGoesOnOverTls() throws IOException {
        told.clear();
        AmpProtocol asking = new AmpProtocol(Answers.none(), AmpOptions.DEFAULT);
        reactor.wire(asking, answering(server()));
        TlsClient tls = client();
        reactor.callFromThread(() -> {
            var _ = secret(asking, tls).thenAccept(word -> told.add(word.word()));
        });
        reactor.runUntilIdle();
        assertThat(told).containsExactly("xyzzy");
    }

    @Test
    void standsBetweenPolicies() throws IOException {
        told.clear();
        ListeningPort port = reactor.listenTcp(0, door(server()));
        Bytes header = new ProxyHeader.Unknown().version1();
        var connected =
                client().around(
                                reactor,
                                (factory, timeout) ->
                                        Connector.to(reactor, port.address())
                                                .connect(new ProxySender(factory, header), timeout),
                                new Address.Inet("server.example", 443))
                        .connect(_ -> new Caller(), Duration.ofSeconds(10));
        reactor.runUntilIdle();
        assertThat(connected.toCompletableFuture()).isCompleted();
        assertThat(told).containsExactly("hello world by TLSv1.3");
    }

    @Test
    void thePageShowsNothingElse() throws Exception {
        Guide.showsOnlyWhatRuns("tls.md", "TlsGuideTest.java");
    }
}
