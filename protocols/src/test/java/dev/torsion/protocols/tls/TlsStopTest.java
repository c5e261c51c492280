package dev.torsion.protocols.tls;

import static dev.torsion.protocols.tls.Certificates.SERVER;
import static dev.torsion.protocols.tls.Certificates.TRUST;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.netty.NettyReactor;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.Chunks;
import dev.torsion.reactor.testing.MemoryNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What a server says over TLS when it stops: the last line comes before close_notify, and both
/// arrive.
@Timeout(60)
final class TlsStopTest {
    private static final int CONNECTIONS = 5;
    private static final String HELLO = "* hello\r\n";
    private static final String GOODBYE = "* server stops\r\n";
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final List<Server> servers = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();

    /// When the server says goodbye.
    enum When {
        BEFORE_SHUTDOWN,
        /// By a call that was queued there.
        LATER_BEFORE_SHUTDOWN,
        CLOSE_ASKED,
        /// By a call that was queued there.
        AFTER_CLOSE_ASKED;

        boolean isBeforeShutdown() {
            return this == BEFORE_SHUTDOWN || this == LATER_BEFORE_SHUTDOWN;
        }
    }

    /// What the client sends, and the server does not read.
    enum Unread {
        NOTHING,
        MUCH
    }

    static Stream<Arguments> ways() {
        return Stream.of(When.values())
                .flatMap(when ->
                        Stream.of(TlsVersion.values())
                                .flatMap(version ->
                                        Stream.of(Unread.values())
                                                .map(unread ->
                                                        Arguments.of(when, version, unread))));
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theLastLineArrivesBeforeTheEndInMemory(When when, TlsVersion version, Unread unread) {
        var network = new MemoryNetwork(1);
        network.chunks(Chunks.RANDOM);
        Reactor server = network.reactor("server");
        Reactor client = network.reactor("client");
        connect(server, "tcp:7000:interface=server", client, when, version, unread);
        network.advance(PATIENCE);
        assertThat(clients).allMatch(it -> it.greeted.isDone());

        var stopped = server.stop();
        network.advance(PATIENCE);

        assertThat(stopped.toCompletableFuture()).isCompleted();
        assertThat(clients).allMatch(it -> it.heard.toString().equals(HELLO + GOODBYE));
        assertThat(clients).allMatch(it -> it.lost.getNow(null) instanceof CloseReason.Done);
    }

    @ParameterizedTest
    @MethodSource("ways")
    void theLastLineArrivesBeforeTheEndOnSockets(When when, TlsVersion version, Unread unread)
            throws Exception {
        NettyReactor server = NettyReactor.create();
        NettyReactor client = NettyReactor.create();
        try {
            connect(server, "tcp:0", client, when, version, unread);
            for (Client each : clients) {
                each.greeted.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            server.stop().toCompletableFuture().join();
            for (Client each : clients) {
                assertThat(each.lost.get(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                        .isEqualTo(new CloseReason.Done());
                assertThat(each.heard).hasToString(HELLO + GOODBYE);
            }
        } finally {
            server.stop().toCompletableFuture().join();
            client.stop().toCompletableFuture().join();
        }
    }

    private void connect(
            Reactor server,
            String endpoint,
            Reactor client,
            When when,
            TlsVersion version,
            Unread unread) {
        TlsServer tls = new TlsServer(TlsServerOptions.of(SERVER).withVersions(Set.of(version)));
        ListeningPort port =
                server.listen(Endpoint.parse(endpoint), tls.around(_ -> new Server(when, unread)));
        if (when.isBeforeShutdown()) {
            var _ =
                    server.at(
                            Phase.BEFORE_SHUTDOWN,
                            "goodbye",
                            () -> {
                                if (when == When.BEFORE_SHUTDOWN) {
                                    servers.forEach(Server::sayGoodbye);
                                    return null;
                                }
                                Deferred<Boolean> said = new Deferred<>(server);
                                server.callFromThread(() -> {
                                    servers.forEach(Server::sayGoodbye);
                                    said.succeed(true);
                                });
                                return said;
                            });
        }
        for (int i = 0; i < CONNECTIONS; i++) {
            Client each = new Client(unread);
            clients.add(each);
            var _ =
                    new TlsClient(TlsClientOptions.trusting(TRUST))
                            .around(
                                    client,
                                    Connector.to(client, port.address()),
                                    Address.of("server.example", port.port()))
                            .connect(_ -> each, PATIENCE);
        }
    }

    private final class Server implements Protocol {
        private final When when;
        private final Unread unread;
        private @Nullable Transport transport;

        Server(When when, Unread unread) {
            this.when = when;
            this.unread = unread;
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
            servers.add(this);
            if (unread == Unread.MUCH) {
                made.pauseReading();
            }
            made.write(Bytes.utf8(HELLO));
        }

        void sayGoodbye() {
            Transport open = requireNonNull(transport);
            open.write(Bytes.utf8(GOODBYE));
            open.loseConnection();
        }

        @Override
        public void closeAsked(Transport asked) {
            if (when == When.AFTER_CLOSE_ASKED) {
                asked.reactor().callFromThread(this::sayGoodbye);
            } else {
                sayGoodbye();
            }
        }
    }

    private static final class Client implements Protocol {
        private final Unread unread;
        private final StringBuilder heard = new StringBuilder(); // of the loop, until it is lost
        private final CompletableFuture<Boolean> greeted = new CompletableFuture<>();
        private final CompletableFuture<CloseReason> lost = new CompletableFuture<>();

        Client(Unread unread) {
            this.unread = unread;
        }

        @Override
        public void connectionMade(Transport made) {
            if (unread == Unread.MUCH) {
                made.write(Bytes.wrap(new byte[300_000]));
            }
        }

        @Override
        public void dataReceived(Bytes data) {
            heard.append(data.utf8());
            if (heard.length() >= HELLO.length()) {
                greeted.complete(true);
            }
        }

        @Override
        public void connectionLost(CloseReason reason) {
            lost.complete(reason);
        }
    }
}
