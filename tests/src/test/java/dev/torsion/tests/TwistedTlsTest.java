package dev.torsion.tests;

import static dev.torsion.tests.TlsPeer.asking;
import static dev.torsion.tests.TlsPeer.identity;
import static dev.torsion.tests.TlsPeer.only;
import static dev.torsion.tests.TlsPeer.serving;
import static dev.torsion.tests.TlsPeer.trust;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.netty.ReactorOptions.Io;
import dev.torsion.protocols.tls.ClientCertificates;
import dev.torsion.protocols.tls.TlsClient;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsVersion;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// TLS with the real Twisted at the other end.
@OnEveryIo
@Timeout(value = 240, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TwistedTlsTest {
    private final Io io;

    TwistedTlsTest(Io io) {
        this.io = io;
    }

    private static TwistedPeer twisted(String what, Object... arguments) throws Exception {
        List<Object> all = new ArrayList<>(List.of(what, TlsPeer.PEM));
        all.addAll(List.of(arguments));
        return TwistedPeer.start("tls_peer.py", all.toArray());
    }

    private static String option(TlsVersion version) {
        return "version=" + version.toString().substring("TLSv".length());
    }

    @ParameterizedTest
    @EnumSource
    void aTwistedServerAgreesOnAllOfIt(TlsVersion version) throws Exception {
        try (TwistedPeer server =
                        twisted("serve", option(version), "alpn=h2,foo", "sni=yes", "client=yes");
                TlsPeer us = new TlsPeer(io)) {
            us.connect(
                    server.port(),
                    "other.example",
                    asking().withApplicationProtocols(List.of("bar", "foo"))
                            .withIdentity(identity("client")),
                    _ -> us.new Talker());

            assertThat(server.linesTo("lost"))
                    .containsExactly(
                            "secured " + version + " foo client.example",
                            "received 200008",
                            "lost ConnectionDone");
            assertThat(us.told.take())
                    .isEqualTo("secured " + version + " foo other.example CN=other.example");
            assertThat(us.told.take()).isEqualTo("lost: closed cleanly");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aTwistedClientAgreesOnAllOfIt(TlsVersion version) throws Exception {
        try (TlsPeer us = new TlsPeer(io)) {
            int port =
                    us.listen(
                            serving()
                                    .withIdentity("other.example", identity("other"))
                                    .withApplicationProtocols(List.of("h2", "foo"))
                                    .withClientCertificates(ClientCertificates.NEEDED, trust()));
            try (TwistedPeer client =
                    twisted(
                            "connect",
                            port,
                            option(version),
                            "alpn=foo,h2",
                            "client=yes",
                            "host=other.example")) {
                assertThat(client.linesTo("lost"))
                        .containsExactly(
                                "secured " + version + " h2 other.example",
                                "received 200005",
                                "lost ConnectionDone");
                assertThat(us.told.take())
                        .isEqualTo("secured " + version + " h2 other.example CN=client.example");
                assertThat(us.told.take()).isEqualTo("lost: closed cleanly");
            }
        }
    }

    @Test
    void aClientOfTwistedsRefusesAWrongNameAndSoDoWe() throws Exception {
        try (TlsPeer us = new TlsPeer(io);
                TwistedPeer client =
                        twisted("connect", us.listen(serving()), "host=wrong.example");
                TwistedPeer server = twisted("serve")) {
            // It checks the name when the handshake is over.
            assertThat(client.linesTo("lost")).last().asString().startsWith("lost Verification");

            us.connect(server.port(), "wrong.example", asking(), _ -> us.new Talker());
            assertThat(us.told.take())
                    .startsWith("failed TLS")
                    .contains("the certificate is for server.example")
                    .contains("not for wrong.example");
            assertThat(server.line()).startsWith("lost Error");
        }
    }

    @Test
    void noCommonApplicationProtocolEndsTheHandshakeWithAnAlert() throws Exception {
        try (TlsPeer us = new TlsPeer(io);
                TwistedPeer client =
                        twisted(
                                "connect",
                                us.listen(serving().withApplicationProtocols(List.of("h2"))),
                                "alpn=foo")) {
            assertThat(client.line()).contains("alert no application protocol");
        }
    }

    @Test
    void aClientWithoutACertificateIsRefusedByBoth() throws Exception {
        try (TlsPeer us = new TlsPeer(io);
                TwistedPeer client =
                        twisted(
                                "connect",
                                us.listen(
                                        serving()
                                                .withClientCertificates(
                                                        ClientCertificates.NEEDED, trust())),
                                "version=1.2");
                TwistedPeer server = twisted("serve", "client=yes", "version=1.2")) {
            assertThat(client.line()).startsWith("lost Error").contains("alert");

            us.connect(server.port(), "server.example", asking(), _ -> us.new Talker());
            assertThat(us.told.take()).startsWith("failed TLS").contains("refused, with the alert");
        }
    }

    /// TLS's end, TCP's alone, a reset.
    @ParameterizedTest
    @EnumSource
    void itsEndsAreWhatTheyAre(TlsVersion version) throws Exception {
        for (var end :
                List.of(
                        List.of("close", "lost: closed cleanly"),
                        List.of("fin", "lost: connection lost: .*close_notify.*"),
                        List.of("abort", "lost: connection lost: .*reset.*"))) {
            try (TwistedPeer server = twisted("serve", option(version), "end=" + end.getFirst());
                    TlsPeer us = new TlsPeer(io)) {
                us.connect(server.port(), "server.example", asking(), _ -> us.new Talker());

                assertThat(us.told.take()).startsWith("secured");
                assertThat(us.told.take()).as(end.getFirst()).matches(end.getLast());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void ourEndIsACleanOneToTwisted(TlsVersion version) throws Exception {
        try (TlsPeer us = new TlsPeer(io);
                TwistedPeer client =
                        twisted(
                                "connect",
                                us.listen(serving().withVersions(only(version))),
                                "end=peer")) {
            assertThat(client.linesTo("lost")).last().isEqualTo("lost ConnectionDone");
        }
    }

    @ParameterizedTest
    @EnumSource
    void ourAbortIsALossToTwisted(TlsVersion version) throws Exception {
        TlsServer tls = new TlsServer(serving().withVersions(only(version)));
        try (TlsPeer us = new TlsPeer(io);
                TwistedPeer client =
                        twisted(
                                "connect",
                                us.listen(tls.around(_ -> us.new Aborting())),
                                "end=peer")) {
            assertThat(client.linesTo("lost")).last().asString().startsWith("lost ConnectionLost");
            assertThat(us.told.take()).startsWith("secured");
            assertThat(us.told.take()).startsWith("received");
            assertThat(us.told.take()).isEqualTo("lost: aborted");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aReactorThatStopsEndsCleanlyForTwisted(TlsVersion version) throws Exception {
        try (TlsPeer us = new TlsPeer(io);
                TwistedPeer client =
                        twisted(
                                "connect",
                                us.listen(serving().withVersions(only(version))),
                                "end=nothing")) {
            assertThat(client.linesTo("received")).hasSize(2);
            us.stop();
            assertThat(client.line()).isEqualTo("lost ConnectionDone");
        }
    }

    @Test
    void linesGoOnOverTlsWithATwistedServer() throws Exception {
        try (TwistedPeer server = twisted("starttls");
                TlsPeer us = new TlsPeer(io)) {
            us.connect(server.port(), us.new MailClient(new TlsClient(asking())));

            assertThat(server.linesTo("lost"))
                    .containsExactly(
                            "plain EHLO", "plain STARTTLS", "secure AUTH", "lost ConnectionDone");
            assertThat(us.told.take()).isEqualTo("plain 250 EHLO");
            assertThat(us.told.take()).isEqualTo("plain 220 go ahead");
            assertThat(us.told.take()).isEqualTo("secure 250 AUTH");
            assertThat(us.told.take()).isEqualTo("lost: closed cleanly");
        }
    }

    @Test
    void linesGoOnOverTlsWithATwistedClient() throws Exception {
        TlsServer tls = new TlsServer(serving());
        try (TlsPeer us = new TlsPeer(io);
                TwistedPeer client = twisted("starttls", us.listen(_ -> us.new MailServer(tls)))) {
            assertThat(client.linesTo("lost"))
                    .contains("plain 250 STARTTLS", "plain 220 go ahead", "secure 250 AUTH")
                    .last()
                    .isEqualTo("lost ConnectionDone");
            assertThat(us.told.take()).isEqualTo("plain EHLO");
            assertThat(us.told.take()).isEqualTo("plain STARTTLS");
            assertThat(us.told.take()).isEqualTo("secure AUTH");
            assertThat(us.told.take()).isEqualTo("lost: closed cleanly");
        }
    }
}
