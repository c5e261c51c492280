package dev.torsion.tests;

import static dev.torsion.tests.TlsPeer.asking;
import static dev.torsion.tests.TlsPeer.identity;
import static dev.torsion.tests.TlsPeer.only;
import static dev.torsion.tests.TlsPeer.serving;
import static dev.torsion.tests.TlsPeer.trust;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.blocking.BlockingConnection;
import dev.torsion.protocols.blocking.Conversation;
import dev.torsion.protocols.blocking.Framing;
import dev.torsion.protocols.tls.ClientCertificates;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsVersion;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// TLS with `openssl s_client`, `openssl s_server` and curl at the other end.
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class OpensslTest {

    private static Program run(String remedy, String... command) throws Exception {
        return Program.start(remedy, TlsPeer.PEM, List.of(command));
    }

    private static Program client(int port, String... options) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "openssl",
                                "s_client",
                                "-connect",
                                "127.0.0.1:" + port,
                                "-CAfile",
                                "authority.crt",
                                "-verify_return_error"));
        command.addAll(List.of(options));
        return run("on Debian: apt-get install openssl", command.toArray(String[]::new));
    }

    private static String option(TlsVersion version) {
        return switch (version) {
            case TLS_1_2 -> "-tls1_2";
            case TLS_1_3 -> "-tls1_3";
        };
    }

    @ParameterizedTest
    @EnumSource
    void itsClientAgreesOnAllOfIt(TlsVersion version) throws Exception {
        try (TlsPeer us = new TlsPeer();
                Program client =
                        client(
                                us.listen(
                                        serving()
                                                .withIdentity("other.example", identity("other"))
                                                .withApplicationProtocols(List.of("h2", "foo"))
                                                .withClientCertificates(
                                                        ClientCertificates.WANTED, trust())),
                                option(version),
                                "-servername",
                                "other.example",
                                "-verify_hostname",
                                "other.example",
                                "-alpn",
                                "foo",
                                "-cert",
                                "client.crt",
                                "-key",
                                "client.key")) {
            assertThat(String.join("\n", client.linesTo("Verify return code")))
                    .contains("Verify return code: 0 (ok)")
                    .contains("ALPN protocol: foo");
            client.type("hello");
            assertThat(client.linesTo("hello")).isNotEmpty();
            client.type("the end");

            assertThat(us.told.take())
                    .isEqualTo("secured " + version + " foo other.example CN=client.example");
            assertThat(us.told.take()).startsWith("received");
            assertThat(us.told.take()).isEqualTo("lost: closed cleanly");
            // TLS's own end, which openssl tells from TCP's.
            assertThat(client.rest()).contains("closed").doesNotContain("unexpected eof");
            assertThat(client.exitCode()).isZero();
        }
    }

    @Test
    void itsClientIsServedWhateverHoldsTheVirtualThreads() throws Exception {
        AtomicBoolean computing = new AtomicBoolean(true);
        int carriers = Runtime.getRuntime().availableProcessors();
        CountDownLatch busy = new CountDownLatch(carriers);
        try (TlsPeer us = new TlsPeer()) {
            for (int i = 0; i < carriers; i++) {
                Thread.startVirtualThread(() -> {
                    busy.countDown();
                    while (computing.get()) {
                        Thread.onSpinWait();
                    }
                });
            }
            assertThat(busy.await(60, TimeUnit.SECONDS)).isTrue();
            try (Program client = client(us.listen(serving()))) {
                assertThat(client.linesTo("Verify return code")).isNotEmpty();
                client.type("hello");
                assertThat(client.linesTo("hello")).isNotEmpty();
            }
        } finally {
            computing.set(false);
        }
    }

    @Test
    void aVersionThatIsNotSpokenIsRefused() throws Exception {
        try (TlsPeer us = new TlsPeer()) {
            int port = us.listen(serving().withVersions(only(TlsVersion.TLS_1_3)));
            for (String older : List.of("-tls1_2", "-tls1_1")) {
                try (Program client = client(port, older, "-cipher", "DEFAULT@SECLEVEL=0")) {
                    client.endInput();
                    assertThat(client.rest()).contains("alert protocol version");
                    assertThat(client.exitCode()).isNotZero();
                }
            }
        }
    }

    @Test
    void itsClientMayChangeKeysAndNotBeginAgain() throws Exception {
        try (TlsPeer us = new TlsPeer()) {
            int port = us.listen(serving());
            try (Program client = client(port, "-tls1_3")) {
                assertThat(client.linesTo("Verify return code")).isNotEmpty();
                for (int i = 0; i < 3; i++) {
                    client.type("K");
                    assertThat(client.linesTo("KEYUPDATE")).isNotEmpty();
                    client.type("hello " + i);
                    assertThat(client.linesTo("hello " + i)).isNotEmpty();
                }
            }
            try (Program client = client(port, "-tls1_2")) {
                assertThat(client.linesTo("Verify return code")).isNotEmpty();
                client.type("hello");
                assertThat(client.linesTo("hello")).isNotEmpty();
                client.type("R");
                assertThat(client.exitCode()).isNotZero();
            }
            String told;
            do {
                told = us.told.take(); // the client may have seen its end before we tell of it
            } while (!told.contains("new handshake, which is refused"));
            assertThat(us.told).noneMatch(it -> it.contains("new handshake"));
        }
    }

    /// Ten lines of SMTP, as a conversation.
    private static void greet(BlockingConnection<Bytes> peer, TlsServer tls) throws Exception {
        peer.send(Bytes.utf8("220 server.example is ready"));
        for (Bytes line = peer.receive(); line != null; line = peer.receive()) {
            switch (line.utf8().split(" ", 2)[0].toUpperCase(Locale.ROOT)) {
                case "EHLO" -> {
                    peer.send(Bytes.utf8("250-server.example"));
                    peer.send(Bytes.utf8("250 STARTTLS"));
                }
                case "STARTTLS" -> peer.startTls(Bytes.utf8("220 go ahead"), tls.layer());
                default -> peer.send(Bytes.utf8("250 over " + peer.tlsSession()));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void itsClientStartsTlsInAConversation(TlsVersion version) throws Exception {
        TlsServer tls = new TlsServer(serving());
        try (TlsPeer us = new TlsPeer();
                Program client =
                        client(
                                us.listen(
                                        Conversation.over(
                                                Framing.lines(), peer -> greet(peer, tls))),
                                option(version),
                                "-starttls",
                                "smtp",
                                "-crlf",
                                "-verify_hostname",
                                "server.example")) {
            assertThat(String.join("\n", client.linesTo("Verify return code")))
                    .contains("Verify return code: 0 (ok)");
            client.type("NOOP");
            assertThat(client.linesTo("250 over")).last().asString().contains("" + version);
            client.endInput();
            assertThat(client.exitCode()).isZero();
        }
    }

    @Test
    void itsClientTakesUpAnEarlierSession() throws Exception {
        try (TlsPeer us = new TlsPeer();
                Program client =
                        client(us.listen(serving()), "-tls1_2", "-reconnect", "-no_ticket")) {
            client.endInput();
            assertThat(client.rest()).contains("Reused, TLSv1.2");
        }
    }

    @Test
    void itsClientStartsTlsAsMailDoes() throws Exception {
        TlsServer tls = new TlsServer(serving());
        try (TlsPeer us = new TlsPeer();
                Program client =
                        client(
                                us.listen(_ -> us.new MailServer(tls)),
                                "-starttls",
                                "smtp",
                                "-crlf",
                                "-quiet",
                                "-servername",
                                "server.example",
                                "-verify_hostname",
                                "server.example")) {
            client.type("NOOP");
            assertThat(client.linesTo("250 NOOP")).isNotEmpty();
            client.type("QUIT");
            assertThat(client.rest()).contains("221 bye");

            assertThat(us.told.take()).startsWith("plain EHLO");
            assertThat(us.told.take()).isEqualTo("plain STARTTLS");
            assertThat(us.told.take()).isEqualTo("secure NOOP");
            assertThat(us.told.take()).isEqualTo("secure QUIT");
            assertThat(us.told.take()).isEqualTo("lost: closed cleanly");
        }
    }

    @ParameterizedTest
    @EnumSource
    void itsServerAgreesOnAllOfIt(TlsVersion version) throws Exception {
        try (TlsPeer us = new TlsPeer();
                Program server =
                        run(
                                "on Debian: apt-get install openssl",
                                "openssl",
                                "s_server",
                                "-accept",
                                "127.0.0.1:0",
                                option(version),
                                "-cert",
                                "server.crt",
                                "-key",
                                "server.key",
                                "-alpn",
                                "h2,foo",
                                "-Verify",
                                "2",
                                "-CAfile",
                                "authority.crt",
                                "-naccept",
                                "1",
                                "-rev")) {
            String accept = server.linesTo("ACCEPT").getLast();
            int port = Integer.parseInt(accept.substring(accept.lastIndexOf(':') + 1));
            us.connect(
                    port,
                    "server.example",
                    asking().withApplicationProtocols(List.of("foo"))
                            .withIdentity(identity("client")),
                    _ ->
                            us.new Told() {
                                @Override
                                public void connectionMade(Transport made) {
                                    super.connectionMade(made);
                                    made.write(Bytes.utf8("dne eht\n")); // it turns lines around
                                }
                            });

            assertThat(us.told.take())
                    .isEqualTo("secured " + version + " foo server.example CN=server.example");
            assertThat(us.told.take()).isEqualTo("received 8");
            assertThat(us.told.take()).isEqualTo("lost: closed cleanly");
        }
    }

    // ---- curl ----

    private static Program curl(int port, String host, String... options) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "curl",
                                "-sS",
                                "--noproxy",
                                "*",
                                "--max-time",
                                "60",
                                "--cacert",
                                "authority.crt",
                                "--resolve",
                                host + ":" + port + ":127.0.0.1",
                                "https://" + host + ":" + port + "/"));
        command.addAll(List.of(options));
        return run("on Debian: apt-get install curl", command.toArray(String[]::new));
    }

    /// Answers whatever comes, as HTTP/1.0 does: TLS's end is the end of the answer.
    private static final class Page extends LineProtocol {
        @Override
        protected void lineReceived(Bytes line) {
            if (line.isEmpty()) {
                sendLine(Bytes.utf8("HTTP/1.0 200 OK"));
                sendLine(Bytes.empty());
                transport().write(Bytes.utf8("securely".repeat(50_000)));
                transport().loseConnection();
            }
        }
    }

    @Test
    void curlReadsAPageToItsEndAndRefusesAWrongName() throws Exception {
        try (TlsPeer us = new TlsPeer()) {
            int port =
                    us.listen(
                            new TlsServer(serving().withApplicationProtocols(List.of("http/1.1")))
                                    .around(_ -> new Page()));
            try (Program curl = curl(port, "server.example", "--http1.1")) {
                assertThat(curl.rest()).isEqualTo("securely".repeat(50_000) + "\n");
                assertThat(curl.exitCode()).isZero();
            }
            try (Program curl = curl(port, "wrong.example")) {
                assertThat(curl.rest()).contains("target host name 'wrong.example'");
                assertThat(curl.exitCode()).isEqualTo(60);
            }
        }
    }
}
