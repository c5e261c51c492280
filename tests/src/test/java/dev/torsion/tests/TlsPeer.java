package dev.torsion.tests;

import static java.util.Objects.requireNonNull;

import dev.torsion.netty.NettyReactor;
import dev.torsion.netty.ReactorOptions.Io;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.tls.TlsClient;
import dev.torsion.protocols.tls.TlsClientOptions;
import dev.torsion.protocols.tls.TlsIdentity;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsServerOptions;
import dev.torsion.protocols.tls.TlsSession;
import dev.torsion.protocols.tls.TlsTrust;
import dev.torsion.protocols.tls.TlsVersion;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Our end of a TLS connection with a program that nobody here wrote: real sockets, the
/// certificates of the protocols' tests, and what happened, a line each.
final class TlsPeer implements AutoCloseable {
    static final Path PEM =
            Path.of(System.getProperty("basedir", "tests"))
                    .toAbsolutePath()
                    .resolveSibling("protocols/src/test/pem");

    final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final NettyReactor reactor;

    TlsPeer() {
        reactor = RealReactor.create();
    }

    TlsPeer(Io io) {
        reactor = RealReactor.create(io);
    }

    static TlsTrust trust() throws IOException {
        return TlsTrust.read(PEM.resolve("authority.crt"));
    }

    static TlsIdentity identity(String name) throws IOException {
        return TlsIdentity.read(PEM.resolve(name + ".crt"), PEM.resolve(name + ".key"));
    }

    static TlsServerOptions serving() throws IOException {
        return TlsServerOptions.of(identity("server"));
    }

    static TlsClientOptions asking() throws IOException {
        return TlsClientOptions.trusting(trust());
    }

    static Set<TlsVersion> only(TlsVersion version) {
        return Set.of(version);
    }

    /// A port whose connections tell what was agreed on, and echo; "end" makes them close.
    int listen(TlsServerOptions options) {
        return listen(new TlsServer(options).around(_ -> new Echo()));
    }

    int listen(ProtocolFactory factory) {
        return reactor.listenTcp(0, factory).port();
    }

    /// Connects to a port here, as `host`; says what is wrong if it cannot.
    void connect(int port, String host, TlsClientOptions options, ProtocolFactory factory) {
        Address here = new Address.Inet("127.0.0.1", port);
        try {
            var _ =
                    new TlsClient(options)
                            .around(
                                    reactor,
                                    Connector.to(reactor, here),
                                    new Address.Inet(host, port))
                            .connect(factory, Duration.ofSeconds(20))
                            .toCompletableFuture()
                            .join();
        } catch (CompletionException failed) {
            ConnectFailedException why = (ConnectFailedException) requireNonNull(failed.getCause());
            told.add("failed " + why.kind() + " " + why.getMessage());
        }
    }

    /// Connects without TLS, for who begins it in mid-stream.
    void connect(int port, Protocol protocol) {
        var _ =
                reactor.connect(
                                new Address.Inet("127.0.0.1", port),
                                _ -> protocol,
                                Duration.ofSeconds(20))
                        .toCompletableFuture()
                        .join();
    }

    void stop() {
        reactor.stop().toCompletableFuture().orTimeout(30, TimeUnit.SECONDS).join();
    }

    @Override
    public void close() {
        stop();
    }

    private void secured(Transport transport) {
        TlsSession session = requireNonNull(TlsSession.of(transport));
        told.add(
                "secured %s %s %s %s"
                        .formatted(
                                session.version(),
                                session.applicationProtocol(),
                                session.serverName(),
                                session.peerCertificates().isEmpty()
                                        ? "nobody"
                                        : session.peerCertificates()
                                                .getFirst()
                                                .getSubjectX500Principal()
                                                .getName()));
    }

    /// Tells what happens to it.
    class Told implements Protocol {
        private @Nullable Transport transport;
        private int received;

        Transport transport() {
            return requireNonNull(transport);
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
            secured(made);
        }

        @Override
        public void dataReceived(Bytes data) {
            received += data.size();
            if (data.utf8().strip().endsWith("end")) {
                told.add("received " + received);
                end();
            } else {
                answer(data);
            }
        }

        void answer(Bytes data) {}

        void end() {
            transport().loseConnection();
        }

        @Override
        public void connectionLost(CloseReason reason) {
            told.add("lost: " + reason);
        }
    }

    /// What a server does.
    class Echo extends Told {
        @Override
        void answer(Bytes data) {
            transport().write(data);
        }
    }

    /// What a server does that has no time for an end.
    final class Aborting extends Echo {
        @Override
        void end() {
            transport().abortConnection();
        }
    }

    /// Says 200,005 bytes, then "end".
    final class Talker extends Told {
        private int echoed;

        @Override
        public void connectionMade(Transport made) {
            super.connectionMade(made);
            made.write(Bytes.wrap(new byte[200_000]));
            made.write(Bytes.utf8("hello"));
        }

        @Override
        void answer(Bytes data) {
            echoed += data.size();
            if (echoed == 200_005) {
                transport().write(Bytes.utf8("end"));
            }
        }
    }

    /// A server of something like SMTP: EHLO, STARTTLS, QUIT, and what is said with which security.
    final class MailServer extends LineProtocol {
        private final TlsServer tls;

        MailServer(TlsServer tls) {
            this.tls = tls;
        }

        @Override
        protected void connected() {
            sendLine(Bytes.utf8("220 mail.example ESMTP"));
        }

        @Override
        protected void lineReceived(Bytes line) {
            boolean secure = TlsSession.of(transport()) != null;
            String said = line.utf8();
            told.add((secure ? "secure " : "plain ") + said);
            if (said.startsWith("EHLO")) {
                sendLine(Bytes.utf8(secure ? "250 mail.example" : "250-mail.example"));
                if (!secure) {
                    sendLine(Bytes.utf8("250 STARTTLS"));
                }
            } else if (said.equals("STARTTLS")) {
                sendLine(Bytes.utf8("220 go ahead"));
                var _ = startTls(tls.layer());
            } else if (said.equals("QUIT")) {
                sendLine(Bytes.utf8("221 bye"));
                transport().loseConnection();
            } else {
                sendLine(Bytes.utf8("250 " + said));
            }
        }

        @Override
        protected void disconnected(CloseReason reason) {
            told.add("lost: " + reason);
        }
    }

    /// Its client.
    final class MailClient extends LineProtocol {
        private final TlsClient tls;

        MailClient(TlsClient tls) {
            this.tls = tls;
        }

        @Override
        protected void connected() {
            sendLine(Bytes.utf8("EHLO"));
            sendLine(Bytes.utf8("STARTTLS"));
        }

        @Override
        protected void lineReceived(Bytes line) {
            boolean secure = TlsSession.of(transport()) != null;
            told.add((secure ? "secure " : "plain ") + line.utf8());
            if (line.utf8().equals("220 go ahead")) {
                var _ = startTls(tls.layer("server.example"));
                sendLine(Bytes.utf8("AUTH"));
            } else if (secure) {
                transport().loseConnection();
            }
        }

        @Override
        protected void disconnected(CloseReason reason) {
            told.add("lost: " + reason);
        }
    }
}
