package dev.torsion.protocols.guide;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.netty.NettyReactor;
import dev.torsion.netty.ReactorOptions;
import dev.torsion.netty.ReactorOptions.Io;
import dev.torsion.netty.Resolver;
import dev.torsion.protocols.ConnectionLimit;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.endpoints.Endpoints;
import dev.torsion.protocols.endpoints.LayeredEndpoint;
import dev.torsion.protocols.tls.TlsIdentity;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsVersion;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.ClientOptions;
import dev.torsion.reactor.ClientService;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.EndpointText;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.SocketOptions.KeepAlive;
import dev.torsion.reactor.testing.ManualReactor;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/// The samples of `docs/guides/endpoints.md`: they run here, and the page shows nothing else.
final class EndpointsGuideTest {
    private final ManualReactor reactor = new ManualReactor();

    static final class Greeter extends LineProtocol {
        @Override
        protected void lineReceived(Bytes name) {
            sendLine(Bytes.utf8("hello " + name.utf8()));
        }
    }

    static final class Guest extends LineProtocol {
        private final List<String> told;

        Guest(List<String> told) {
            this.told = told;
        }

        @Override
        protected void connected() {
            sendLine(Bytes.utf8("world"));
        }

        @Override
        protected void lineReceived(Bytes answer) {
            told.add(answer.utf8());
        }
    }

    static ListeningPort open(Reactor reactor, String text) {
        return reactor.listen(Endpoint.parse(text), _ -> new Greeter());
    }

    static CompletionStage<Protocol> ask(Reactor reactor, String text, List<String> answers) {
        return reactor.connect(ClientEndpoint.parse(text), _ -> new Guest(answers));
    }

    static ClientService keep(Reactor reactor, String text, List<String> answers) {
        Connector connector = ClientEndpoint.parse(text).connector(reactor);
        return new ClientService(
                reactor, connector, _ -> new Guest(answers), ClientOptions.DEFAULT);
    }

    static ListeningPort serve(Reactor reactor, String text) {
        return Endpoints.standard().server(text).listen(reactor, _ -> new Greeter());
    }

    static Connector connector(Reactor reactor, String text) {
        return Endpoints.standard().client(text).connector(reactor);
    }

    static ListeningPort openInherited(String number) { // from an argument, say
        NettyReactor reactor = NettyReactor.create(ReactorOptions.DEFAULT.withIo(Io.EPOLL));
        return open(reactor, "descriptor:" + number);
    }

    static LayeredEndpoint strict(String names) {
        return Endpoints.standard()
                .server(
                        "tls:0:versions=TLSv1.3:cipher-suites=TLS_AES_256_GCM_SHA384"
                                + names); // :certificate=a.pem:certificate-2=b.pem
    }

    static LayeredEndpoint withName(String text, String name, TlsIdentity other) {
        LayeredEndpoint endpoint = Endpoints.standard().server(text);
        TlsServer tls = endpoint.tls();
        if (tls == null) {
            throw new IllegalArgumentException("this port is to be secured: " + text);
        }
        tls.change(options -> options.withIdentity(name, other));
        return endpoint;
    }

    static final Endpoints OURS =
            Endpoints.standard()
                    .withServer(
                            "limited",
                            (text, endpoints) -> {
                                int most = text.nextNumber("a number of connections", 1, 100_000);
                                return endpoints
                                        .readServer(text)
                                        .within(factory ->
                                                new ConnectionLimit(factory, most, most));
                            });

    @Test
    void opensAndAsks() {
        List<String> answers = new ArrayList<>();
        open(reactor, "unix:/run/greeter.sock:mode=660");
        var _ = ask(reactor, "unix:/run/greeter.sock:timeout=5", answers);
        open(reactor, "tcp:7000");
        var _ = ask(reactor, "tcp:localhost:7000", answers);
        reactor.runUntilIdle();
        assertThat(answers).containsExactly("hello world", "hello world");
    }

    @Test
    void reachesAnAbstractName() {
        List<String> answers = new ArrayList<>();
        open(reactor, "unix:@greeter");
        var _ = ask(reactor, "unix:@greeter", answers);
        reactor.runUntilIdle();
        assertThat(answers).containsExactly("hello world");
    }

    @Test
    void connectsAgain() {
        List<String> answers = new ArrayList<>();
        ClientService client = keep(reactor, "tcp:localhost:7000:timeout=5", answers);
        client.start();
        reactor.advance(Duration.ofMinutes(1));
        open(reactor, "tcp:7000");
        reactor.advance(Duration.ofMinutes(2));
        assertThat(answers).containsExactly("hello world");
    }

    @Test
    void writesRecordsInsteadOfText() {
        Endpoint records =
                Endpoint.at(Address.of("0.0.0.0", 7000))
                        .withBacklog(50)
                        .withOptions(
                                SocketOptions.DEFAULT.withKeepAlive(
                                        new KeepAlive(
                                                Duration.ofSeconds(60),
                                                Duration.ofSeconds(10),
                                                5)));
        assertThat(records)
                .hasToString(
                        "tcp:7000:interface=0.0.0.0:backlog=50"
                                + ":keep-alive-idle=60:keep-alive-interval=10:keep-alive-count=5");

        ClientEndpoint bound =
                ClientEndpoint.tcp(Address.of("a.example", 7000))
                        .withTimeout(Duration.ofSeconds(5))
                        .withBind(Address.of("192.0.2.1", 0));
        assertThat(bound).hasToString("tcp:a.example:7000:timeout=5:bind=192.0.2.1");
    }

    @Test
    void asksAResolverOfOnesOwn() throws Exception {
        Map<String, List<InetAddress>> services =
                Map.of("greeter.service", List.of(InetAddress.ofLiteral("127.0.0.1")));
        Resolver resolver =
                host ->
                        host.endsWith(".service")
                                ? services.getOrDefault(host, List.of())
                                : Resolver.system().resolve(host);
        Reactor reactor = NettyReactor.create(ReactorOptions.DEFAULT.withResolver(resolver));
        ListeningPort port = reactor.listenTcp(0, _ -> new Greeter());
        var greeter = Address.of("greeter.service", port.port());
        reactor.connectProtocol(ClientEndpoint.to(greeter), new Guest(new ArrayList<>()))
                .toCompletableFuture()
                .get(60, TimeUnit.SECONDS);
        reactor.stop().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void putsLayersAround() {
        List<String> answers = new ArrayList<>();
        serve(reactor, "haproxy:tcp:7000");
        var _ =
                connector(reactor, "haproxy:tcp:localhost:7000")
                        .connect(_ -> new Guest(answers), Duration.ofSeconds(5));
        reactor.runUntilIdle();
        assertThat(answers).containsExactly("hello world");
    }

    @Test
    void takesAPrefixOfOnesOwn() {
        assertThat(OURS.server("limited:50:tcp:7000").endpoint()).isEqualTo(Endpoint.tcp(7000));
    }

    private static Path pem(String name) {
        return Path.of(System.getProperty("basedir", "protocols"), "src/test/pem", name);
    }

    private static String files(String number, String name) {
        return ":certificate%1$s=%2$s:key%1$s=%3$s"
                .formatted(
                        number,
                        EndpointText.escaped(pem(name + ".crt").toString()),
                        EndpointText.escaped(pem(name + ".key").toString()));
    }

    @Test
    void hasSeveralCertificatesAndOneVersion() {
        LayeredEndpoint endpoint = strict(files("", "server") + files("-2", "other"));
        TlsServer tls = requireNonNull(endpoint.tls());
        assertThat(tls.options().versions()).containsExactly(TlsVersion.TLS_1_3);
        assertThat(tls.options().identities()).hasSize(2);
    }

    @Test
    void changesWhatTheTextHasNoWordFor() throws IOException {
        String text = "tls:0" + files("", "server");
        TlsIdentity other = TlsIdentity.read(pem("other.crt"), pem("other.key"));
        LayeredEndpoint endpoint = withName(text, "third.example", other);
        endpoint.listen(reactor, _ -> new Greeter());
        reactor.advance(Duration.ofMinutes(2));
        TlsServer tls = requireNonNull(endpoint.tls());
        assertThat(tls.options().identitiesByName()).containsOnlyKeys("third.example");
        assertThatThrownBy(() -> withName("tcp:0", "third.example", other))
                .hasMessageEndingWith("secured: tcp:0");
    }

    @Test
    void saysWhatIsWrong() {
        assertThatThrownBy(() -> Endpoint.parse("tcp:7000:interfaces=::1"))
                .hasMessage(
                        "expected a value after interfaces=, with \"\\:\" for a colon in it,"
                                + " not nothing (column 10 of \"tcp:7000:interfaces=::1\")");
        assertThatThrownBy(() -> Endpoint.parse("tcp:[::1]:7000"))
                .hasMessage(
                        "expected a port from 0 to 65535, not \"[::1]:7000\" (column 5 of"
                                + " \"tcp:[::1]:7000\"): write tcp:7000:interface=\\:\\:1");
    }

    @Test
    void thePageShowsNothingElse() throws Exception {
        Guide.showsOnlyWhatRuns("endpoints.md", "EndpointsGuideTest.java");
    }
}
