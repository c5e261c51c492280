package dev.torsion.protocols.endpoints;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.protocols.ConnectionLimit;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.tls.TlsSession;
import dev.torsion.protocols.tls.TlsVersion;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.EndpointText;
import dev.torsion.reactor.testing.ManualReactor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EndpointsTest {
    private static final Path PEM =
            Path.of(System.getProperty("basedir", "protocols"), "src/test/pem");
    private static final String SERVER =
            ":certificate=" + file("server.crt") + ":key=" + file("server.key");
    private static final String TRUST = ":trust=" + file("authority.crt");

    private final ManualReactor reactor = new ManualReactor();
    private final List<String> told = new ArrayList<>();
    private @Nullable TlsSession agreed; // of the last client that connected

    private static String file(String name) {
        return EndpointText.escaped(PEM.resolve(name).toString());
    }

    /// Tells what it is told, and answers.
    private final class Greeter extends LineProtocol {
        @Override
        protected void lineReceived(Bytes line) {
            Address peer = transport().peer();
            told.add("heard " + line.utf8() + (peer.equals(SEEN) ? " from " + peer : ""));
            sendLine(Bytes.utf8("welcome"));
        }
    }

    private static final Address SEEN = Address.of("192.0.2.7", 4711);

    private final class Guest extends LineProtocol {
        @Override
        protected void connected() {
            TlsSession session = TlsSession.of(transport());
            agreed = session;
            if (session != null && session.applicationProtocol() != null) {
                told.add("speaks " + session.applicationProtocol());
            }
            sendLine(Bytes.utf8("hello"));
        }

        @Override
        protected void lineReceived(Bytes line) {
            told.add("was told " + line.utf8());
        }

        @Override
        protected void disconnected(CloseReason reason) {
            told.add("lost: " + reason);
        }
    }

    /// Listens at one place, connects to it from the other, and lets things happen.
    ///
    /// @param client PORT stands for the port
    private void meet(Endpoints endpoints, String server, String client) {
        var port = endpoints.server(server).listen(reactor, _ -> new Greeter());
        String there = port.address() instanceof Address.Inet inet ? "" + inet.port() : "";
        endpoints
                .client(client.replace("PORT", there))
                .connect(reactor, _ -> new Guest())
                .whenComplete((_, failure) -> {
                    if (failure != null) {
                        told.add("failed: " + failure.getMessage());
                    }
                });
        reactor.runUntilIdle();
    }

    private void meet(String server, String client) {
        meet(Endpoints.standard(), server, client);
    }

    @Test
    void readsWhatAReactorOpensAsTheReactorDoes() {
        Endpoints endpoints = Endpoints.standard();
        for (String text :
                List.of(
                        "tcp:80:interface=a:backlog=5",
                        "unix:/a",
                        "systemd:name=b",
                        "descriptor:5")) {
            assertThat(endpoints.server(text).endpoint()).isEqualTo(Endpoint.parse(text));
        }
        for (String text : List.of("tcp:a:80:timeout=5", "unix:/a")) {
            assertThat(endpoints.client(text).endpoint()).isEqualTo(ClientEndpoint.parse(text));
        }
    }

    @Test
    void listensAndConnectsWithoutALayer() {
        meet("tcp:0", "tcp:localhost:PORT");
        assertThat(told).containsExactly("heard hello", "was told welcome");
    }

    @Test
    void putsTlsAroundAPort() {
        meet("tls:0" + SERVER, "tls:localhost:PORT" + TRUST);
        assertThat(told).containsExactly("heard hello", "was told welcome");
    }

    @Test
    void putsTlsAroundAnyEndpoint() {
        meet("tls:tcp:0" + SERVER, "tls:tcp:localhost:PORT" + TRUST);
        meet("tls:unix:/a" + SERVER, "tls:unix:/a:host=server.example" + TRUST);
        assertThat(told)
                .containsExactly(
                        "heard hello", "was told welcome", "heard hello", "was told welcome");
    }

    @Test
    void passesOnWhatTheEndpointWithinUnderstands() {
        LayeredEndpoint server =
                Endpoints.standard()
                        .server("tls:80:interface=a:backlog=5:keep-alive=true" + SERVER);
        assertThat(server.endpoint())
                .isEqualTo(Endpoint.parse("tcp:80:interface=a:backlog=5:keep-alive=true"));
        LayeredClientEndpoint client =
                Endpoints.standard().client("tls:a:80:timeout=5:bind=192.0.2.1" + TRUST);
        assertThat(client.endpoint())
                .isEqualTo(ClientEndpoint.parse("tcp:a:80:timeout=5:bind=192.0.2.1"));
    }

    @Test
    void agreesOnAProtocol() {
        meet("tls:0:alpn=b,a" + SERVER, "tls:localhost:PORT:alpn=a,b" + TRUST);
        assertThat(told).containsExactly("speaks b", "heard hello", "was told welcome");
    }

    @Test
    void speaksTheVersionsAndCipherSuitesNamedAtEitherEnd() {
        String strong = "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,TLS_AES_256_GCM_SHA384";
        for (String old :
                List.of(":versions=TLSv1.2", ":versions=TLSv1.2:cipher-suites=" + strong)) {
            meet("tls:0" + old + SERVER, "tls:localhost:PORT" + TRUST);
            assertThat(requireNonNull(agreed).version()).isEqualTo(TlsVersion.TLS_1_2);
            meet("tls:0" + SERVER, "tls:localhost:PORT" + old + TRUST);
            assertThat(requireNonNull(agreed).version()).isEqualTo(TlsVersion.TLS_1_2);
        }
        assertThat(requireNonNull(agreed).cipherSuite())
                .isEqualTo("TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384");
        meet("tls:0:versions=TLSv1.3,TLSv1.2" + SERVER, "tls:localhost:PORT" + TRUST);
        assertThat(requireNonNull(agreed).version()).isEqualTo(TlsVersion.TLS_1_3);
        told.clear();
        meet("tls:0:versions=TLSv1.3" + SERVER, "tls:localhost:PORT:versions=TLSv1.2" + TRUST);
        assertThat(told).singleElement().asString().contains("alert protocol_version");
    }

    @Test
    void showsACertificateForTheNameThatIsAskedForAndForTheKeysThatAreTaken() {
        String server = "tls:0" + SERVER + numbered(2, "other") + numbered(3, "rsa");
        meet(server, "tls:localhost:PORT:host=other.example" + TRUST);
        assertThat(shown()).isEqualTo("CN=other.example with RSA");
        meet(server, "tls:localhost:PORT:host=server.example" + TRUST);
        assertThat(shown()).isEqualTo("CN=server.example with EC");
        String old = ":versions=TLSv1.2:cipher-suites=TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384";
        meet(server, "tls:localhost:PORT:host=server.example" + old + ":trust=" + file("rsa.crt"));
        assertThat(shown()).isEqualTo("CN=server.example with RSA");
    }

    private static String numbered(int number, String name) {
        return ":certificate-%1$d=%2$s:key-%1$d=%3$s"
                .formatted(number, file(name + ".crt"), file(name + ".key"));
    }

    private String shown() {
        var own = requireNonNull(agreed).peerCertificates().getFirst();
        return own.getSubjectX500Principal() + " with " + own.getPublicKey().getAlgorithm();
    }

    @Test
    void asksClientsWhoTheyAre() {
        String server = "tls:0:client-trust=" + file("authority.crt") + SERVER;
        meet(server, "tls:localhost:PORT" + TRUST);
        assertThat(told).noneMatch(it -> it.startsWith("heard"));
        told.clear();
        String own = ":certificate=" + file("client.crt") + ":key=" + file("client.key");
        meet(server, "tls:localhost:PORT" + own + TRUST);
        meet(server + ":client-certificates=wanted", "tls:localhost:PORT" + TRUST);
        assertThat(told)
                .containsExactly(
                        "heard hello", "was told welcome", "heard hello", "was told welcome");
    }

    @Test
    void refusesWhatWasRevoked() {
        String lists = file("issuing.crt") + ":%scrl=" + file("issuing.crl");
        for (String name : List.of("kept", "revoked")) {
            String own = ":certificate=" + file(name + ".crt") + ":key=" + file(name + ".key");
            meet(
                    "tls:0" + own,
                    "tls:localhost:PORT:host=server.example:trust=" + lists.formatted(""));
            meet(
                    "tls:0:client-trust=" + lists.formatted("client-") + SERVER,
                    "tls:localhost:PORT" + own + TRUST);
            if (name.equals("kept")) {
                assertThat(told)
                        .containsExactly(
                                "heard hello",
                                "was told welcome",
                                "heard hello",
                                "was told welcome");
                told.clear();
            }
        }
        assertThat(told).noneMatch(it -> it.startsWith("heard"));
        assertThat(told).first().asString().startsWith("failed: ").contains("was revoked on");
        assertThat(told).last().asString().contains("alert certificate_unknown");
    }

    @Test
    void readsAKeyThatIsEncrypted(@TempDir Path folder) throws IOException {
        Path password = folder.resolve("password");
        Files.writeString(password, "secret\n");
        String encrypted =
                ":certificate=%s:key=%s:key-password-file=%s"
                        .formatted(
                                file("server.crt"),
                                file("server.encrypted.key"),
                                EndpointText.escaped(password.toString()));
        meet("tls:0" + encrypted, "tls:localhost:PORT" + TRUST);
        assertThat(told).containsExactly("heard hello", "was told welcome");

        Files.writeString(password, "sesame\n");
        assertThatThrownBy(() -> Endpoints.standard().server("tls:0" + encrypted))
                .hasMessageContaining("key-password-file= cannot be used: ")
                .hasMessageContaining("is not that of the key that begins here")
                .hasMessageNotContaining("sesame");
    }

    @Test
    void blamesAFileThatCannotBeUsedOnItsOwnField(@TempDir Path folder) throws IOException {
        Path password = Files.writeString(folder.resolve("password"), "secret");
        Path empty = Files.writeString(folder.resolve("empty"), "");
        Map<String, Path> own = new LinkedHashMap<>();
        for (String number : List.of("", "-2")) {
            own.put("certificate" + number, PEM.resolve("server.crt"));
            own.put("key" + number, PEM.resolve("server.encrypted.key"));
            own.put("key-password-file" + number, password);
        }
        Map<String, Path> server = new LinkedHashMap<>(own);
        server.put("client-trust", PEM.resolve("issuing.crt"));
        server.put("client-crl", PEM.resolve("issuing.crl"));
        Map<String, Path> client = new LinkedHashMap<>(own);
        client.keySet().removeIf(field -> field.endsWith("-2"));
        client.put("trust", PEM.resolve("issuing.crt"));
        client.put("crl", PEM.resolve("issuing.crl"));
        for (Path unusable : List.of(folder.resolve("missing"), folder, empty)) {
            blamesOnTheirFields(Endpoints.standard()::server, "tls:443", server, unusable);
            blamesOnTheirFields(Endpoints.standard()::client, "tls:a:443", client, unusable);
        }
        server.put("key-2", PEM.resolve("other.key"));
        assertThatThrownBy(() -> Endpoints.standard().server(written("tls:443", server)))
                .hasMessageStartingWith("key-2= cannot be used: the key in ")
                .hasMessageContaining("is not that of the certificate for CN=server.example in");
    }

    private static void blamesOnTheirFields(
            Function<String, ?> reading, String begin, Map<String, Path> fields, Path unusable) {
        assertThat(reading.apply(written(begin, fields))).isNotNull();
        for (String field : fields.keySet()) {
            Map<String, Path> wrong = new LinkedHashMap<>(fields);
            wrong.put(field, unusable);
            String text = written(begin, wrong);
            int column = text.indexOf(":" + field + "=") + 2;
            assertThatThrownBy(() -> reading.apply(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(field + "= cannot be used: ")
                    .hasMessageContaining("(column " + column + " of");
        }
    }

    private static String written(String begin, Map<String, Path> fields) {
        StringBuilder text = new StringBuilder(begin);
        fields.forEach((field, file) ->
                text.append(":%s=%s".formatted(field, EndpointText.escaped(file.toString()))));
        return text.toString();
    }

    @Test
    void connectsToNobodyElseThanTheHostThatIsAskedFor() {
        meet("tls:0" + SERVER, "tls:localhost:PORT:host=a.example" + TRUST);
        assertThat(told).singleElement().asString().contains("failed: ").contains("a.example");
    }

    @Test
    void takesTheAddressesOfAProxyInFrontOfTlsOrWithinIt() {
        String proxy = "source=192.0.2.7\\:4711:destination=192.0.2.1\\:443";
        meet("haproxy:tcp:0", "haproxy:tcp:localhost:PORT:" + proxy);
        meet("haproxy:tls:0" + SERVER, "haproxy:tls:localhost:PORT:version=2:" + proxy + TRUST);
        meet("tls:haproxy:tcp:0" + SERVER, "tls:haproxy:tcp:localhost:PORT:" + proxy + TRUST);
        assertThat(told)
                .filteredOn(it -> it.startsWith("heard"))
                .hasSize(3)
                .containsOnly("heard hello from 192.0.2.7:4711");
    }

    @Test
    void givesWhatTheFactoryBuiltWhateverIsAround() {
        var plain = Endpoints.standard().server("haproxy:unix:/a");
        var secured = Endpoints.standard().server("tls:haproxy:unix:/b" + SERVER);
        plain.listen(reactor, _ -> new Greeter());
        secured.listen(reactor, _ -> new Greeter());
        for (String text :
                List.of("haproxy:unix:/a", "tls:haproxy:unix:/b:host=server.example" + TRUST)) {
            Guest guest = new Guest();
            var connected = Endpoints.standard().client(text).connect(reactor, _ -> guest);
            reactor.runUntilIdle();
            assertThat(connected).isCompletedWithValue(guest);
        }
        assertThat(told)
                .containsExactly(
                        "heard hello", "was told welcome", "heard hello", "was told welcome");
    }

    @Test
    void failsThroughALayerAsTheConnectWithin() {
        List<Throwable> failures = new ArrayList<>();
        var client = Endpoints.standard().client("haproxy:unix:/nobody");
        client.connect(reactor, _ -> new Guest())
                .whenComplete((_, failure) -> failures.add(failure));
        client.connect(reactor, _ -> new Guest()).toCompletableFuture().cancel(false);
        reactor.runUntilIdle();
        assertThat(failures).singleElement().isInstanceOf(ConnectFailedException.class);
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void saysNothingOfWhomItSpeaksForUnlessToldTo() {
        meet("haproxy:unix:/a:header-timeout=1", "haproxy:unix:/a");
        assertThat(told).containsExactly("heard hello", "was told welcome");
    }

    @Test
    void connectsAgainWithinTheEndpointsTimeoutWhateverIsAround() {
        for (String text :
                List.of("tcp:a:80", "haproxy:tcp:a:80", "tls:haproxy:tcp:a:80" + TRUST)) {
            LayeredClientEndpoint client = Endpoints.standard().client(text + ":timeout=5");
            assertThat(client.connector(reactor).timeout()).isEqualTo(Duration.ofSeconds(5));
        }
    }

    @Test
    void takesPrefixesOfOnesOwn() {
        Endpoints endpoints =
                Endpoints.standard()
                        .withServer(
                                "limited",
                                (text, all) -> {
                                    int most = text.nextNumber("a number", 1, 1000);
                                    return all.readServer(text)
                                            .within(it -> new ConnectionLimit(it, most, most));
                                })
                        .withClient(
                                "here",
                                (text, all) ->
                                        LayeredClientEndpoint.of(
                                                ClientEndpoint.unix(text.next("a name"))));
        meet(endpoints, "limited:1:unix:/a", "here:/a");
        meet(endpoints, "limited:1:tcp:0", "tcp:localhost:PORT");
        assertThat(told)
                .containsExactly(
                        "heard hello", "was told welcome", "heard hello", "was told welcome");
        assertThatThrownBy(() -> endpoints.server("limited:0:tcp:1"))
                .hasMessageContaining("expected a number from 1 to 1000, not \"0\" (column 9");
        assertThatThrownBy(() -> endpoints.server("here:/a"))
                .hasMessageContaining(
                        "begins with one of [descriptor, haproxy, limited, systemd, tcp, tls, unix]");
    }

    @Test
    void showsServersAsTextThatReadsAsTheSame() {
        Endpoints endpoints = Endpoints.standard();
        for (String text :
                List.of(
                        "tcp:80:interface=a:backlog=5",
                        "unix:/a\\:b:mode=660",
                        "systemd:name=b",
                        "descriptor:5",
                        "tls:443:alpn=h2:client-trust=" + file("authority.crt") + SERVER,
                        "tls:unix:/a:reload=5" + SERVER,
                        "tls:443:versions=TLSv1.3:cipher-suites=TLS_AES_128_GCM_SHA256" + SERVER,
                        "tls:443" + SERVER + numbered(2, "other"),
                        "haproxy:tcp:80:header-timeout=2",
                        "haproxy:tls:443" + SERVER,
                        "tls:haproxy:tcp:443" + SERVER)) {
            LayeredEndpoint server = endpoints.server(text);
            assertThat(server).hasToString(text);
            assertThat(endpoints.server(server.toString()).endpoint()).isEqualTo(server.endpoint());
        }
    }

    @Test
    void showsClientsAsTextThatReadsAsTheSame() {
        Endpoints endpoints = Endpoints.standard();
        for (String text :
                List.of(
                        "tcp:\\:\\:1:80:timeout=5",
                        "unix:/a",
                        "tls:a:443:alpn=h2" + TRUST,
                        "tls:unix:/a:host=b" + TRUST,
                        "tls:a:443:versions=TLSv1.3:cipher-suites=TLS_AES_128_GCM_SHA256" + TRUST,
                        "haproxy:tcp:a:80:version=2:source=192.0.2.7\\:1:destination=192.0.2.1\\:2",
                        "tls:haproxy:tcp:a:443" + TRUST)) {
            LayeredClientEndpoint client = endpoints.client(text);
            assertThat(client).hasToString(text);
            assertThat(endpoints.client(client.toString()).endpoint()).isEqualTo(client.endpoint());
        }
    }

    @Test
    void showsWhatAProgramHasPutAroundAnEndpoint() {
        LayeredEndpoint plain = LayeredEndpoint.of(Endpoint.tcp(80));
        assertThat(plain).hasToString("tcp:80");
        assertThat(plain.within(it -> it)).hasToString("(layer):tcp:80");
        assertThat(Endpoints.standard().client("haproxy:tcp:a:80").within((_, below) -> below))
                .hasToString("(layer):haproxy:tcp:a:80");
        assertThatThrownBy(() -> Endpoints.standard().server("(layer):tcp:80"))
                .hasMessageContaining("not \"(layer)\" (column 1");
    }

    @Test
    void keepsPrefixesApart() {
        Endpoints.Reading<LayeredEndpoint> any = (text, all) -> all.readServer(text);
        Endpoints endpoints = Endpoints.standard();
        for (String taken : List.of("tcp", "tls")) {
            assertThatThrownBy(() -> endpoints.withServer(taken, any))
                    .hasMessageContaining("\"" + taken + ":\" means something already");
        }
        for (String odd : List.of("", "a:b", "a=b", "a\\b")) {
            assertThatThrownBy(() -> endpoints.withServer(odd, any))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "ssl:443, 'expected an endpoint that begins with one of [descriptor, haproxy, systemd, tcp, tls, unix], not \"ssl\" (column 1 of \"ssl:443\"): write tls:443'",
        "https:a:443, 'not \"https\" (column 1 of \"https:a:443\"): write tls:443:interface=a'",
        "ssl:unix:/a, 'not \"ssl\" (column 1 of \"ssl:unix:/a\"): ssl: is tls: here'",
        "80, 'not \"80\" (column 1 of \"80\"): write tcp:80'",
        "localhost:80, 'not \"localhost\" (column 1 of \"localhost:80\"): write tcp:80:interface=localhost'",
        "haproxy:80, 'not \"80\" (column 9 of \"haproxy:80\"): write haproxy:tcp:80'",
        "tls:CERT:port=443, 'expected a port from 0 to 65535, not \"port=443\"'",
        "tls:443, 'expected certificate= with a PEM file, not the end (column 8'",
        "tls:CERT, 'expected a port from 0 to 65535, not the end'",
        "tls:x:CERT, 'expected a port from 0 to 65535, not \"x\" (column 5'",
        "tls:443:certifcate=a.crt, 'expected certificate= with a PEM file, not \"certifcate=a.crt\" (column 9 of'",
        "tls:443:cert=a.crt:key=a.key, 'expected certificate= with a PEM file, not \"cert=a.crt\" (column 9 of'",
        "tls:443:apln=h2:CERT, 'expected alpn=, not \"apln=h2\" (column 9 of'",
        "tls:443:certificate=/no/such, 'certificate= cannot be used: there is no file /no/such (column 9 of'",
        "tls:0.0.0.0:443:CERT, 'not \"0.0.0.0:443\" (column 5 of'",
        "'tls:443:alpn=,:CERT', 'each once, divided by commas, such as h2,http/1.1, not \",\" (column 9 of'",
        "'tls:443:alpn=h2,h2:CERT', 'not \"h2,h2\" (column 9 of'",
        "tls:443:alpn=h2:alpn=h2:CERT, 'expected alpn= once, not a second one (column 17 of'",
        "haproxy:haproxy:tcp:80, 'expected haproxy: once, not a second one (column 9 of'",
        "tpc:80, 'not \"tpc\" (column 1 of \"tpc:80\"): is tcp: meant?'",
        "tls:443:client-certificates=wanted:CERT, 'needs a client-trust= beside it'",
        "tls:443:client-trust=AUTHORITY:client-certificates=maybe:CERT, 'with needed or wanted, not \"maybe\"'",
        "tls:443:client-crl=a:CERT, 'client-crl= needs a client-trust= beside it (column 9 of'",
        "tls:443:client-trust=AUTHORITY:client-crl=AUTHORITY:CERT, 'client-crl= cannot be used: '",
        "tls:443:client-trust=AUTHORITY:client-crl=AUTHORITY:CERT, 'authority.crt holds no list of revoked certificates'",
        "tls:443:reload=x:CERT, 'expected reload= with seconds such as 30 or 0.5, or off, not \"x\" (column 9 of'",
        "tls:443:reload=0:CERT, 'expected reload= with more than no seconds, or off, not \"0\" (column 9 of'",
        "tls:443:relaod=5:CERT, 'expected reload=, not \"relaod=5\" (column 9 of'",
        "tls:443:versions=1.3:CERT, 'expected versions= with some of [TLSv1.2, TLSv1.3], each once, divided by commas, not \"1.3\" (column 9 of'",
        "'tls:443:versions=TLSv1.3,TLSv1.3:CERT', 'not \"TLSv1.3,TLSv1.3\" (column 9 of'",
        "'tls:443:versions=TLSv1.3,:CERT', 'not \"TLSv1.3,\" (column 9 of'",
        "tls:443:version=TLSv1.3:CERT, 'expected versions=, not \"version=TLSv1.3\" (column 9 of'",
        "tls:443:cipher-suites=AES:CERT, 'cipher-suites= cannot be used: this JDK knows no cipher suite \"AES\", but TLS_'",
        "tls:443:cipher-suites=TLS_AES_128_GCM_SHA256:versions=TLSv1.2:CERT, 'cipher-suites= cannot be used: none of the cipher suites [TLS_AES_128_GCM_SHA256] is one of [TLSv1.2] (column 9 of'",
        "tls:443:key-2=a:CERT, 'key-2= needs a certificate-2= beside it (column 9 of'",
        "tls:443:key-password-file-2=a:CERT, 'key-password-file-2= needs a certificate-2= beside it (column 9 of'",
        "tls:443:certificate-3=a:CERT, 'expected certificate-2=, not \"certificate-3=a\" (column 9 of'",
        "tls:443:certificate-2=/no/such:CERT, 'certificate-2= cannot be used: there is no file /no/such (column 9 of'",
        "haproxy:, 'expected an endpoint that begins with one of'",
        "haproxy:tcp:80:mode=600, 'not \"mode=600\" (column 16'",
        "haproxy:tcp:80:header-timeout=x, 'expected header-timeout= with seconds'",
    })
    void saysWhatIsWrongAtAServer(String text, String expected) {
        String whole =
                text.replace("CERT", SERVER.substring(1))
                        .replace("AUTHORITY", file("authority.crt"));
        assertThatThrownBy(() -> Endpoints.standard().server(whole))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void hasFilesThatTheMachineCanName() {
        assertThatThrownBy(() -> Endpoints.standard().server("tls:443:certificate=a\0b:key=c"))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected no NUL character, not one (column 22 of");
        assertThatThrownBy(() -> Endpoints.standard().client("tls:a:443:trust=\ud800"))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("expected trust= with the path of a file")
                .hasMessageContaining("(column 11 of");
    }

    @ParameterizedTest
    @CsvSource({
        "systemd, 'expected an endpoint that begins with one of [haproxy, tcp, tls, unix], not \"systemd\" (column 1'",
        "tls, 'expected a host, not the end (column 4'",
        "ssl:a:80, 'not \"ssl\" (column 1 of \"ssl:a:80\"): write tls:a:80'",
        "https:a:443, 'not \"https\" (column 1 of \"https:a:443\"): write tls:a:443'",
        "80, 'not \"80\" (column 1 of \"80\"): write tcp:localhost:80'",
        "localhost:80, 'not \"localhost\" (column 1 of \"localhost:80\"): write tcp:localhost:80'",
        "tls:80, 'expected a host, not \"80\" (column 5 of \"tls:80\"): write tls:localhost:80'",
        "haproxy:a:80, 'not \"a\" (column 9 of \"haproxy:a:80\"): write haproxy:tcp:a:80'",
        "tls:a, 'expected a port from 1 to 65535, not the end (column 6'",
        "tls:a:443:trust=/no/such, 'there is no file /no/such'",
        "tls:a:443:key=/no/such, 'key= needs a certificate= beside it'",
        "tls:a:443:key-password-file=/no/such, 'key-password-file= needs a certificate= beside it (column 11 of'",
        "tls:a:443:versions=TLSv1.1, 'expected versions= with some of [TLSv1.2, TLSv1.3], each once, divided by commas, not \"TLSv1.1\" (column 11 of'",
        "'tls:a:443:cipher-suites=TLS_AES_128_GCM_SHA256,', 'cipher-suites= cannot be used: this JDK knows no cipher suite \"\", but TLS_'",
        "tls:a:443:crl=b, 'crl= needs a trust= beside it (column 11 of'",
        "tls:unix:/a, 'expected host= with whom the certificate is for, as a UNIX socket has no host, not the end (column 12 of'",
        "tls:unix:/a:hots=b, 'not \"hots=b\" (column 13 of'",
        "tls://a:443, 'expected a host, not \"//a:443\" (column 5 of \"tls://a:443\"): write tls:a:443'",
        "tls:host=a.example:port=443, 'not \"port=443\" (column 20 of \"tls:host=a.example:port=443\"): write tls:a.example:443'",
        "tls:host=a.example:443, 'not \"443\" (column 20 of \"tls:host=a.example:443\"): write tls:a.example:443'",
        "tls:tcp:host=a.example:port=443, 'expected a host, not \"port=443\" (column 24 of \"tls:tcp:host=a.example:port=443\"): write tls:tcp:a.example:443'",
        "tls:port=443:timeout=5:host=a, 'not \"port=443\" (column 5 of \"tls:port=443:timeout=5:host=a\"): write tls:a:443:timeout=5'",
        "tls:host=a\\:b:timeout=5:443, 'not \"443\" (column 25 of \"tls:host=a\\:b:timeout=5:443\"): write tls:timeout=5:a\\:b:443'",
        "*:80, 'not \"*\" (column 1 of \"*:80\"): write tcp:localhost:80'",
        "unix:path=/a, 'expected the path of a socket, not \"path=/a\" (column 6 of \"unix:path=/a\"): write unix:/a'",
        "haproxy:haproxy:tcp:a:80, 'expected haproxy: once, not a second one (column 9 of'",
        "haproxy:tcp:a:80:version=3, 'expected version= with a number from 1 to 2, not \"3\" (column 18'",
        "haproxy:tcp:a:80:source=b, 'source= and destination= stand together (column 18 of'",
        "haproxy:tcp:a:80:source=b\\:1:destination=192.0.2.1\\:1, 'expected source= with an address and a port such as 192.0.2.7\\:80, not \"b:1\" (column 18 of'",
        "haproxy:tcp:a:80:source=127.1\\:80:destination=192.0.2.1\\:1, 'expected source= with an address and a port such as 192.0.2.7\\:80, not \"127.1:80\" (column 18 of'",
        "haproxy:tcp:a:80:source=192.0.2.1\\:1:destination=[\\:\\:1]\\:2, 'expected destination= with an address of the family that source= has, not \"[::1]:2\" (column 38 of'",
        "tls:haproxy:443, 'not \"443\" (column 13 of \"tls:haproxy:443\"): write tls:haproxy:tcp:localhost:443; for a host called haproxy write tls:tcp:haproxy:443'",
        "haproxy:443:timeout=5, 'write haproxy:tcp:localhost:443:timeout=5; for a host called haproxy write tcp:haproxy:443:timeout=5'",
        "haproxy:tcp:a:80:source=b:destination=c, 'expected source= with an address and a port such as 192.0.2.7\\:80, not \"b\"'",
    })
    void saysWhatIsWrongAtAClient(String text, String expected) {
        assertThatThrownBy(() -> Endpoints.standard().client(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(expected);
    }

    @Test
    void saysWhereTheHostOfACertificateIsNone() {
        assertThatThrownBy(() -> Endpoints.standard().client("tls:host=a b:unix:/run/a"))
                .hasMessage(
                        "a host has no white space or control characters, \"a b\" has one at"
                                + " character 2 (column 5 of \"tls:host=a b:unix:/run/a\")");
    }
}
