package dev.torsion.tests;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.netty.NettyReactor;
import dev.torsion.protocols.LineEnd;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.ProxyHeader;
import dev.torsion.protocols.ProxyProtocol;
import dev.torsion.protocols.ProxySender;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// The PROXY protocol with Twisted and curl at the other end.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ProxyProtocolInteropTest {
    private static final ProxyHeader V4 =
            new ProxyHeader.Proxied(Address.of("192.0.2.7", 4711), Address.of("198.51.100.1", 443));
    private static final ProxyHeader V6 =
            new ProxyHeader.Proxied(
                    Address.of("2001:db8::7", 4711), Address.of("2001:db8::1", 443));

    private final NettyReactor reactor = RealReactor.create();

    @AfterEach
    void stop() throws Exception {
        reactor.stop().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    static Stream<Arguments> headers() {
        return Stream.of(
                Arguments.of(V4.version1(), "192.0.2.7 4711 to 198.51.100.1 443: hello"),
                Arguments.of(V4.version2(), "192.0.2.7 4711 to 198.51.100.1 443: hello"),
                Arguments.of(V6.version1(), "2001:db8::7 4711 to 2001:db8::1 443: hello"),
                Arguments.of(V6.version2(), "2001:db8::7 4711 to 2001:db8::1 443: hello"));
    }

    @ParameterizedTest
    @MethodSource("headers")
    void twistedsHaproxyEndpointSeesTheAddressesThatWeSend(Bytes header, String seen)
            throws Exception {
        assertThat(shortened(greetTwisted(header))).isEqualTo(seen);
    }

    @Test
    void twistedTakesItsOwnAddressesWhereTheHeaderTellsNone() throws Exception {
        assertThat(greetTwisted(new ProxyHeader.Unknown().version2()))
                .matches("127\\.0\\.0\\.1 [0-9]+ to 127\\.0\\.0\\.1 [0-9]+: hello");
    }

    private String greetTwisted(Bytes header) throws Exception {
        BlockingQueue<String> answers = new LinkedBlockingQueue<>();
        ProtocolFactory greeter = _ -> new Greeting(answers);
        try (TwistedPeer server = TwistedPeer.start("proxy_peer.py")) {
            reactor.connect(
                            Address.of("127.0.0.1", server.port()),
                            new ProxySender(greeter, header),
                            Duration.ofSeconds(20))
                    .toCompletableFuture()
                    .join();
            return answers.take();
        }
    }

    private record Greeting(BlockingQueue<String> answers) implements Protocol {
        @Override
        public void connectionMade(Transport transport) {
            transport.write(Bytes.utf8("hello"));
        }

        @Override
        public void dataReceived(Bytes data) {
            answers.add(data.utf8());
        }
    }

    @ParameterizedTest
    @MethodSource("headers")
    void aTwistedClientIsSeenAsTheHeaderSays(Bytes header, String seen) throws Exception {
        String sent =
                HexFormat.of().formatHex(header.toArray())
                        + HexFormat.of().formatHex("hello\r\n".getBytes(UTF_8));
        try (TwistedPeer client = TwistedPeer.start("proxy_peer.py", listen(), sent)) {
            assertThat(client.linesTo("lost")).containsExactly(seen, "lost ConnectionDone");
        }
    }

    @Test
    void aTwistedClientWithoutAHeaderIsClosedUnheard() throws Exception {
        String sent = HexFormat.of().formatHex("GET / HTTP/1.0\r\n\r\n".getBytes(UTF_8));
        try (TwistedPeer client = TwistedPeer.start("proxy_peer.py", listen(), sent)) {
            assertThat(client.linesTo("lost")).singleElement().asString().startsWith("lost ");
        }
    }

    @Test
    void curlIsSeenThroughTheHeaderItSends() throws Exception {
        if (!Interop.succeeds("curl", "--version")) {
            Interop.missing("no program curl; on Debian: apt-get install curl");
        }
        int port = reactor.listenTcp(0, proxied(peer -> new Web(peer))).port();
        Process curl =
                new ProcessBuilder(
                                "curl",
                                "--silent",
                                "--noproxy",
                                "*",
                                "--max-time",
                                "60",
                                "--haproxy-protocol",
                                "http://127.0.0.1:" + port + "/")
                        .redirectErrorStream(true)
                        .start();

        try {
            // curl tells its own socket's addresses, so the peer is curl either way; what counts is
            // that the request behind the header is read.
            assertThat(curl.inputReader(UTF_8).readAllLines())
                    .singleElement()
                    .asString()
                    .matches("GET / HTTP/1\\.1 from 127\\.0\\.0\\.1");
        } finally {
            curl.destroyForcibly();
        }
    }

    private int listen() {
        return reactor.listenTcp(0, proxied(_ -> new Tells())).port();
    }

    private static ProtocolFactory proxied(ProtocolFactory factory) {
        return new ProxyProtocol(factory, Duration.ofSeconds(20));
    }

    /// Java writes IPv6 in full, and Twisted what a binary header says.
    private static String shortened(String addresses) {
        return addresses.replace(":0:0:0:0:0:", "::");
    }

    /// What the script's `Tells` is.
    private static final class Tells extends LineProtocol {
        @Override
        protected void lineReceived(Bytes line) {
            Address.Inet peer = (Address.Inet) transport().peer();
            Address.Inet host = (Address.Inet) transport().host();
            sendLine(
                    Bytes.utf8(
                            "%s %d to %s %d: %s"
                                    .formatted(
                                            shortened(peer.host()),
                                            peer.port(),
                                            shortened(host.host()),
                                            host.port(),
                                            line.utf8())));
            transport().loseConnection();
        }
    }

    /// As much of HTTP as an answer takes.
    private static final class Web extends LineProtocol {
        private final Address peer;
        private String request = "";

        Web(Address peer) {
            super(LineEnd.CR_LF, MAX_LENGTH);
            this.peer = peer;
        }

        @Override
        protected void lineReceived(Bytes line) {
            if (request.isEmpty()) {
                request = line.utf8();
            } else if (line.isEmpty()) {
                sendLine(Bytes.utf8("HTTP/1.0 200 OK"));
                sendLine(Bytes.empty());
                sendLine(Bytes.utf8(request + " from " + ((Address.Inet) peer).host()));
                transport().loseConnection();
            }
        }
    }
}
