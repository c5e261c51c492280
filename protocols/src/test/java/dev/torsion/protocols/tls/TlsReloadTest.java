package dev.torsion.protocols.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files of a server or a client that change while it runs.
final class TlsReloadTest {
    private static final Duration EVERY = Duration.ofSeconds(10);

    private final ManualReactor reactor = new ManualReactor();
    private final List<String> read = new ArrayList<>();

    @TempDir private Path folder;
    private Path chain;
    private Path key;
    private TlsServer server;
    private TlsReload reload;
    private ListeningPort port;

    @BeforeEach
    void serve() throws IOException {
        chain = folder.resolve("chain.pem");
        key = folder.resolve("key.pem");
        replace(chain, "server.crt");
        replace(key, "server.key");
        server = new TlsServer(options());
        reload = new TlsReload(reactor, List.of(chain, key), EVERY, this::options, this::use);
        port = reactor.listenTcp(0, server.around(_ -> new Protocol() {}));
    }

    @AfterEach
    void nothingWentWrongUnseen() {
        assertThat(reactor.failures()).isEmpty();
    }

    private TlsServerOptions options() throws IOException {
        return TlsServerOptions.of(TlsIdentity.read(chain, key));
    }

    private void use(TlsServerOptions options) {
        read.add(options.identities().toString());
        server.use(options);
    }

    private static void replace(Path target, String source) throws IOException {
        Files.copy(Certificates.file(source), target, StandardCopyOption.REPLACE_EXISTING);
    }

    /// The common name that the server shows to whoever connects now.
    private String shown() {
        String[] name = {"nobody"};
        Protocol client =
                new Protocol() {
                    @Override
                    public void connectionMade(Transport transport) {
                        TlsSession session = TlsSession.of(transport);
                        if (session != null) {
                            name[0] =
                                    session.peerCertificates()
                                            .getFirst()
                                            .getSubjectX500Principal()
                                            .getName();
                        }
                        transport.loseConnection();
                    }
                };
        var _ =
                new TlsClient(TlsClientOptions.trusting(Certificates.TRUST).trustingAnyHostName())
                        .around(
                                reactor,
                                Connector.to(reactor, port.address()),
                                new Address.Inet("any.example", 443))
                        .connect(_ -> client, EVERY);
        reactor.runUntilIdle();
        return name[0];
    }

    @Test
    void warnsOnceOfACertificateThatClientsWillRefuseForItsDates() throws IOException {
        started();
        replace(chain, "expired.crt");
        replace(key, "expired.key");
        assertThat(Logged.during(this::oneLookLater))
                .filteredOn(line -> line.contains("WARN"))
                .singleElement()
                .asString()
                .contains("clients will refuse this server: the certificate for")
                .contains("has expired: it is valid from");
        TlsServerOptions expired = options();
        assertThat(Logged.during(() -> server.use(expired))).isEmpty();
        assertThat(Logged.during(() -> new TlsServer(expired)))
                .singleElement()
                .asString()
                .contains("has expired");
        TlsServerOptions named =
                TlsServerOptions.of(Certificates.SERVER)
                        .withIdentity("a.example", Certificates.identity("expired"));
        assertThat(Logged.during(() -> new TlsServer(named))).hasSize(1);
    }

    private void started() {
        var _ = reload.start();
        reactor.runUntilIdle();
    }

    private void oneLookLater() {
        reactor.advance(EVERY);
        reactor.runUntilIdle();
    }

    @Test
    void newHandshakesUseTheNewFilesWithoutARestart() throws IOException {
        started();
        assertThat(shown()).isEqualTo("CN=server.example");

        replace(chain, "other.crt");
        replace(key, "other.key");
        assertThat(shown()).isEqualTo("CN=server.example");
        oneLookLater();
        assertThat(shown()).isEqualTo("CN=other.example");
    }

    @Test
    void aConnectionThatThereIsStays() throws IOException {
        started();
        List<String> heard = new ArrayList<>();
        Transport[] made = new Transport[1];
        ListeningPort greeting =
                reactor.listenTcp(
                        0,
                        server.around(_ ->
                                new Protocol() {
                                    @Override
                                    public void connectionMade(Transport transport) {
                                        made[0] = transport;
                                    }
                                }));
        var _ =
                new TlsClient(TlsClientOptions.trusting(Certificates.TRUST))
                        .around(
                                reactor,
                                Connector.to(reactor, greeting.address()),
                                new Address.Inet("server.example", 443))
                        .connect(
                                _ ->
                                        new Protocol() {
                                            @Override
                                            public void dataReceived(Bytes data) {
                                                heard.add(data.utf8());
                                            }
                                        },
                                EVERY);
        reactor.runUntilIdle();
        replace(chain, "other.crt");
        replace(key, "other.key");
        oneLookLater();
        reactor.callFromThread(() -> made[0].write(Bytes.utf8("still here")));
        reactor.runUntilIdle();

        assertThat(heard).containsExactly("still here");
    }

    @Test
    void filesThatAreReplacedOneAfterTheOtherAreUsedTogetherOrNotAtAll() throws IOException {
        started();
        replace(chain, "other.crt");
        oneLookLater();
        assertThat(shown()).isEqualTo("CN=server.example");

        replace(key, "other.key");
        oneLookLater();
        assertThat(shown()).isEqualTo("CN=other.example");
        assertThat(read).hasSize(2);
    }

    @Test
    void aBrokenOrMissingFileKeepsWhatWasReadLast() throws IOException {
        started();
        for (String broken : List.of("", "-----BEGIN CERTIFICATE-----\nAAAA", "nothing")) {
            Files.writeString(chain, broken);
            oneLookLater();
            assertThat(shown()).isEqualTo("CN=server.example");
        }
        Files.delete(key);
        oneLookLater();
        assertThat(shown()).isEqualTo("CN=server.example");

        replace(chain, "other.crt");
        replace(key, "other.key");
        oneLookLater();
        assertThat(shown()).isEqualTo("CN=other.example");
        assertThat(read).hasSize(2);
    }

    @Test
    void filesThatStayAreReadOnceAndSoAreDatesThatChangeAlone() throws IOException {
        started();
        oneLookLater();
        Files.setLastModifiedTime(chain, FileTime.fromMillis(0));
        oneLookLater();

        assertThat(read).hasSize(1);
    }

    @Test
    void aChangeBeforeTheStartIsNotMissed() throws IOException {
        replace(chain, "other.crt");
        replace(key, "other.key");
        started();

        assertThat(shown()).isEqualTo("CN=other.example");
    }

    @Test
    void readsWhenToldAndSaysWhatIsWrong() throws IOException {
        replace(chain, "other.crt");
        var refused = reload.reload();
        reactor.runUntilIdle();
        assertThatThrownBy(() -> refused.toCompletableFuture().join())
                .hasRootCauseMessage(
                        "the key in %s is not that of the certificate for CN=other.example in %s,"
                                        .formatted(key, chain)
                                + " its first one");
        assertThat(shown()).isEqualTo("CN=server.example");

        replace(key, "other.key");
        var done = reload.reload();
        reactor.runUntilIdle();
        assertThat(done.toCompletableFuture()).isCompleted();
        assertThat(shown()).isEqualTo("CN=other.example");
    }

    @Test
    void looksNoMoreOnceStopped() throws IOException {
        started();
        var again = reload.start();
        reactor.runUntilIdle();
        assertThat(again.toCompletableFuture()).isCompletedExceptionally();

        var _ = reload.stop();
        var _ = reload.stop();
        reactor.runUntilIdle();
        assertThat(reactor.pendingTimers()).isZero();
        replace(chain, "other.crt");
        replace(key, "other.key");
        oneLookLater();
        assertThat(shown()).isEqualTo("CN=server.example");

        started();
        assertThat(shown()).isEqualTo("CN=other.example");
    }

    @Test
    void aClientsTrustIsReadAgainToo() throws IOException {
        Path trusted = folder.resolve("trust.pem");
        replace(trusted, "stranger.crt");
        TlsClient client = new TlsClient(TlsClientOptions.trusting(TlsTrust.read(trusted)));
        TlsReload trust =
                new TlsReload(
                        reactor,
                        List.of(trusted),
                        EVERY,
                        () -> TlsClientOptions.trusting(TlsTrust.read(trusted)),
                        client::use);
        var _ = trust.start();
        assertThat(connects(client)).isFalse();

        replace(trusted, "authority.crt");
        oneLookLater();
        assertThat(connects(client)).isTrue();
    }

    private boolean connects(TlsClient client) {
        @Nullable Protocol[] made = new Protocol[1];
        client.around(
                        reactor,
                        Connector.to(reactor, port.address()),
                        new Address.Inet("server.example", 443))
                .connect(_ -> new Protocol() {}, EVERY)
                .whenComplete((protocol, _) -> made[0] = protocol);
        reactor.runUntilIdle();
        return made[0] != null;
    }

    @Test
    void aReadThatIsGivenUpNeverUndoesALaterOne() {
        assertThat(ManualReactor.canWait()).isTrue();
        Deferred<String> slow = new Deferred<>(reactor);
        List<String> used = new ArrayList<>();
        List<String> next = new ArrayList<>(List.of("old", "new"));
        TlsReload races =
                new TlsReload(
                        reactor,
                        List.of(chain),
                        EVERY,
                        () -> {
                            String what = next.removeFirst();
                            return what.equals("old") ? uninterrupted(slow) : what;
                        },
                        used::add);
        var old = races.reload();
        reactor.runUntilIdle();
        old.toCompletableFuture().cancel(false);
        reactor.runUntilIdle();
        var _ = races.reload();
        reactor.runUntilIdle();
        slow.succeed("old");
        reactor.runUntilIdle();
        assertThat(used).last().isEqualTo("new");
    }

    /// As work that looks at no interruption.
    private String uninterrupted(Deferred<String> stage) throws Exception {
        while (true) {
            try {
                return reactor.await(stage);
            } catch (InterruptedException _) {
                // It goes on.
            }
        }
    }

    // ---- a client that looks at its files when it connects ----

    private CompletionStage<Protocol> connect(TlsClient client) {
        var outcome =
                client.around(
                                reactor,
                                Connector.to(reactor, port.address()),
                                new Address.Inet("server.example", 443))
                        .connect(_ -> new Protocol() {}, EVERY);
        reactor.runUntilIdle();
        return outcome;
    }

    @Test
    void aClientLooksAtItsFilesWhenItConnectsAndNotMoreOftenThanEachInterval() throws IOException {
        Path trusted = folder.resolve("trust.pem");
        replace(trusted, "authority.crt");
        TlsClient client =
                TlsClient.reloading(
                        TlsClientOptions.trusting(Certificates.trust("stranger")),
                        List.of(trusted),
                        EVERY,
                        () -> TlsClientOptions.trusting(TlsTrust.read(trusted)));
        assertThat(connect(client)).isCompleted();
        replace(trusted, "stranger.crt");
        reactor.advance(EVERY.minusNanos(1));
        assertThat(connect(client)).isCompleted();
        reactor.advance(Duration.ofNanos(1));
        assertThat(connect(client)).isCompletedExceptionally();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void filesThatCannotBeReadInTimeFailOneConnectAlone() {
        assertThat(ManualReactor.canWait()).isTrue();
        TlsClient client = hanging();
        var first = connect(client);
        assertThat(connect(client)).isCompleted();
        reactor.advance(EVERY);
        assertThatThrownBy(() -> first.toCompletableFuture().join())
                .hasRootCauseInstanceOf(TimeoutException.class)
                .cause()
                .isInstanceOfSatisfying(
                        ConnectFailedException.class,
                        failed -> assertThat(failed.kind()).isEqualTo(Kind.TIMED_OUT))
                .hasMessageContaining("the files of TLS were not read within PT10S");
    }

    @Test
    void whoGivesUpAConnectGivesUpTheWaitForTheFiles() {
        List<String> log =
                Logged.during(() -> {
                    connect(hanging()).toCompletableFuture().cancel(false);
                    reactor.advance(EVERY);
                });
        assertThat(log).isEmpty();
        assertThat(reactor.pendingTimers()).isZero();
    }

    private TlsClient hanging() {
        return TlsClient.reloading(
                TlsClientOptions.trusting(Certificates.TRUST),
                List.of(chain),
                EVERY,
                () -> reactor.await(new Deferred<>(reactor)));
    }
}
