package dev.torsion.protocols;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.MemoryTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ProxyProtocolTest {
    private static final Address CLIENT = Address.of("127.0.0.1", 50_000);
    private static final String OWN = "127.0.0.1:50000 to 127.0.0.1:8888";
    private static final String V2 = "0d0a0d0a000d0a515549540a";
    private static final String IPV4 = "c0000201" + "c6336402" + "dac0" + "01bb";
    private static final String MAPPED = "00000000000000000000ffff";
    private static final String IPV6 =
            "20010db8000000000000000000000001" + "20010db8000000000000000000000002" + "dac001bb";

    /// Writes down what the protocol behind the door is told.
    private final List<String> told = new ArrayList<>();

    private class Behind implements Protocol {
        private final StringBuilder received = new StringBuilder();

        @Override
        public void connectionMade(Transport transport) {
            told.add(transport.peer() + " to " + transport.host());
        }

        @Override
        public void dataReceived(Bytes data) {
            received.append(data.utf8());
        }

        @Override
        public void connectionLost(CloseReason reason) {
            told.add(received + ", " + reason);
        }
    }

    private final ProxyProtocol door =
            new ProxyProtocol(
                    peer -> {
                        told.add("built for " + peer);
                        return new Behind();
                    },
                    Duration.ofSeconds(5));

    static List<Arguments> headers() {
        return List.of(
                text(
                        "PROXY TCP4 192.0.2.1 198.51.100.2 56000 443\r\n",
                        "192.0.2.1:56000 to 198.51.100.2:443"),
                text(
                        "PROXY TCP4 255.255.255.255 255.255.255.255 65535 65535\r\n",
                        "255.255.255.255:65535 to 255.255.255.255:65535"),
                text(
                        "PROXY TCP6 2001:db8::1 2001:db8::2 0 443\r\n",
                        "[2001:db8:0:0:0:0:0:1]:0 to [2001:db8:0:0:0:0:0:2]:443"),
                text(
                        "PROXY TCP6 2001:0DB8:0::0:1 64:ff9b::192.0.2.33 56000 443\r\n",
                        "[2001:db8:0:0:0:0:0:1]:56000 to [64:ff9b:0:0:0:0:c000:221]:443"),
                text(
                        "PROXY TCP6 ::ffff:192.0.2.1 ::ffff:c633:6402 56000 443\r\n",
                        "192.0.2.1:56000 to 198.51.100.2:443"),
                text(
                        "PROXY TCP6 ::ffff:192.0.2.1 2001:db8::2 56000 443\r\n",
                        "192.0.2.1:56000 to [2001:db8:0:0:0:0:0:2]:443"),
                text("PROXY UNKNOWN\r\n", OWN),
                text("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", OWN),
                text("PROXY UNKNOWN " + "x".repeat(91) + "\r\n", OWN),
                binary("2111000c" + IPV4, "192.0.2.1:56000 to 198.51.100.2:443"),
                binary("2112000c" + IPV4, "192.0.2.1:56000 to 198.51.100.2:443"),
                binary("2111000f" + IPV4 + "040000", "192.0.2.1:56000 to 198.51.100.2:443"),
                binary(
                        "2111010f" + IPV4 + "040100" + "aa".repeat(256),
                        "192.0.2.1:56000 to 198.51.100.2:443"),
                binary(
                        "21210024" + IPV6,
                        "[2001:db8:0:0:0:0:0:1]:56000 to [2001:db8:0:0:0:0:0:2]:443"),
                binary(
                        "21210024" + MAPPED + "c0000201" + MAPPED + "c6336402" + "dac001bb",
                        "192.0.2.1:56000 to 198.51.100.2:443"),
                binary(
                        "21210024" + MAPPED + "c0000201" + IPV6.substring(32),
                        "192.0.2.1:56000 to [2001:db8:0:0:0:0:0:2]:443"),
                binary("20000000", OWN),
                binary("2000000c" + IPV4, OWN),
                binary("2011000c" + IPV4, OWN),
                binary("20ff0000", OWN),
                binary("2044000c" + IPV4, OWN),
                binary("21000000", OWN),
                binary("21000003" + "040000", OWN),
                binary("213100d8" + "2f".repeat(216), OWN));
    }

    private static Arguments text(String header, String addresses) {
        return Arguments.of(
                HexFormat.of().formatHex(header.getBytes(ISO_8859_1)), addresses, header);
    }

    private static Arguments binary(String hex, String addresses) {
        return Arguments.of(V2 + hex, addresses, "version 2 " + hex);
    }

    @ParameterizedTest(name = "{2}")
    @MethodSource("headers")
    void takesPeerAndHostFromTheHeaderSplitAnywhere(String hex, String addresses, String name) {
        byte[] header = HexFormat.of().parseHex(hex);
        Feeding.inEveryWay(
                Bytes.wrap(join(header, "hello")),
                () -> {
                    told.clear();
                    return door.buildProtocol(CLIENT);
                },
                (_, transport) -> {
                    transport.peerClosed();
                    String peer = addresses.substring(0, addresses.indexOf(" to "));
                    assertThat(told)
                            .as(name)
                            .containsExactly(
                                    "built for " + peer, addresses, "hello, closed cleanly");
                });
        assertThat(door.refused()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n\r\n",
                "PROXY\r\n",
                "PROXYTCP4 192.0.2.1 198.51.100.2 56000 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 56000\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 56000 443 1\r\n",
                "PROXY TCP4  192.0.2.1 198.51.100.2 56000 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 56000 443\n",
                "PROXY TCP4 192.0.2.256 198.51.100.2 56000 443\r\n",
                "PROXY TCP4 192.0.2 198.51.100.2 56000 443\r\n",
                "PROXY TCP4 192.0.02.1 198.51.100.2 56000 443\r\n",
                "PROXY TCP4 localhost 198.51.100.2 56000 443\r\n",
                "PROXY TCP4 2001:db8::1 2001:db8::2 56000 443\r\n",
                "PROXY TCP6 192.0.2.1 198.51.100.2 56000 443\r\n",
                "PROXY TCP6 2001::db8::1 2001:db8::2 56000 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 65536 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 056 443\r\n",
                "PROXY TCP4 192.0.2.1 198.51.100.2 -1 443\r\n",
                "PROXY UDP4 192.0.2.1 198.51.100.2 56000 443\r\n",
                "PROXY UNKNOWNX\r\n",
                "proxy UNKNOWN\r\n"
            })
    void closesOnAnInvalidLineAndPassesNothingOn(String line) {
        refuses(Bytes.utf8(line + "hello"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0d0a0d0a000d0a515549540b2111000c" + IPV4,
                V2 + "1111000c" + IPV4,
                V2 + "2211000c" + IPV4,
                V2 + "2141000c" + IPV4,
                V2 + "2113000c" + IPV4,
                V2 + "2111000b" + IPV4,
                V2 + "21210023" + IPV6,
                V2 + "213100d7"
            })
    void closesOnAnInvalidBinaryHeaderAndPassesNothingOn(String hex) {
        refuses(Bytes.wrap(join(HexFormat.of().parseHex(hex), "hello")));
    }

    @Test
    void closesOnALineOfMoreThan107Bytes() {
        refuses(Bytes.utf8("PROXY UNKNOWN " + "x".repeat(92) + "\r\nhello"));
    }

    @Test
    void closesAsSoonAsTheFirstByteIsWrong() {
        MemoryTransport transport = MemoryTransport.connect(door.buildProtocol(CLIENT));
        transport.receive(Bytes.utf8("x"));

        assertThat(transport.isClosing()).isTrue();
    }

    @Test
    void closesWhenNoHeaderComesInTime() {
        MemoryTransport transport = MemoryTransport.connect(door.buildProtocol(CLIENT));
        transport.receive(Bytes.utf8("PROXY TCP4"));
        transport.reactor().advance(Duration.ofMillis(4_999));
        assertThat(transport.isClosing()).isFalse();

        transport.reactor().advance(Duration.ofMillis(1));
        assertThat(transport.isClosing()).isTrue();
        assertThat(door.refused()).isEqualTo(1);
        assertThat(told).isEmpty();
    }

    @Test
    void leavesNoTimerBehind() {
        MemoryTransport lost = MemoryTransport.connect(door.buildProtocol(CLIENT));
        lost.peerReset();
        assertThat(lost.reactor().pendingTimers()).isZero();

        MemoryTransport served = MemoryTransport.connect(door.buildProtocol(CLIENT));
        served.receive(Bytes.utf8("PROXY UNKNOWN\r\n"));
        assertThat(served.reactor().pendingTimers()).isZero();
    }

    @Test
    void closesWhenTheWrappedFactoryRefusesThePeerOfTheHeader() {
        ProxyProtocol picky =
                new ProxyProtocol(
                        peer -> peer.equals(Address.of("192.0.2.1", 56_000)) ? null : new Behind(),
                        Duration.ofSeconds(5));
        MemoryTransport transport = MemoryTransport.connect(picky.buildProtocol(CLIENT));
        transport.receive(Bytes.utf8("PROXY TCP4 192.0.2.1 198.51.100.2 56000 443\r\nhello"));

        assertThat(transport.isClosing()).isTrue();
        assertThat(told).isEmpty();
    }

    @Test
    void holdsBackWhatCameWithTheHeaderWhileTheWrappedProtocolPauses() {
        StringBuilder received = new StringBuilder();
        ProxyProtocol pausing =
                new ProxyProtocol(
                        _ ->
                                new Protocol() {
                                    @Override
                                    public void connectionMade(Transport transport) {
                                        transport.pauseReading();
                                        var _ =
                                                transport
                                                        .reactor()
                                                        .callLater(
                                                                Duration.ofSeconds(1),
                                                                transport::resumeReading);
                                    }

                                    @Override
                                    public void dataReceived(Bytes data) {
                                        received.append(data.utf8());
                                    }
                                },
                        Duration.ofSeconds(5));
        MemoryTransport transport = MemoryTransport.connect(pausing.buildProtocol(CLIENT));
        transport.receive(Bytes.utf8("PROXY UNKNOWN\r\nhello"));
        assertThat(received).isEmpty();

        transport.reactor().advance(Duration.ofSeconds(1));
        assertThat(received).hasToString("hello");
    }

    @Test
    void takesNoRequestThatWaitsWhenThePeerResetsForAHeaderThatWasCutOff() {
        ProxyProtocol pausing =
                new ProxyProtocol(
                        _ ->
                                new Behind() {
                                    @Override
                                    public void connectionMade(Transport transport) {
                                        super.connectionMade(transport);
                                        transport.pauseReading();
                                    }
                                },
                        Duration.ofSeconds(5));
        MemoryTransport transport = MemoryTransport.connect(pausing.buildProtocol(CLIENT));
        transport.receive(Bytes.utf8("PROXY UNKNOWN\r\nhello"));
        transport.peerReset();
        transport.reactor().runUntilIdle();

        assertThat(told).hasSize(2).last().asString().startsWith(", connection lost");
        assertThat(pausing.refused()).isZero();
    }

    @Test
    void tellsTheWrappedProtocolThatItMayWriteAgain() {
        List<String> events = new ArrayList<>();
        ProxyProtocol watching =
                new ProxyProtocol(
                        _ ->
                                new Protocol() {
                                    @Override
                                    public void writableAgain() {
                                        events.add("again");
                                    }
                                },
                        Duration.ofSeconds(5));
        MemoryTransport transport = MemoryTransport.connect(watching.buildProtocol(CLIENT));
        transport.receive(Bytes.utf8("PROXY UNKNOWN\r\n"));
        transport.writable(false);
        transport.write(Bytes.utf8("x"));
        transport.writable(true);

        assertThat(events).containsExactly("again");
    }

    @Test
    void sendsWhatItReads() {
        List<ProxyHeader> headers =
                List.of(
                        new ProxyHeader.Unknown(),
                        new ProxyHeader.Proxied(
                                Address.of("192.0.2.1", 56_000), Address.of("198.51.100.2", 443)),
                        new ProxyHeader.Proxied(
                                Address.of("2001:db8:0:0:0:0:0:1", 56_000),
                                Address.of("2001:db8:0:0:0:0:0:2", 443)));
        for (ProxyHeader header : headers) {
            for (Bytes sent : List.of(header.version1(), header.version2())) {
                told.clear();
                Protocol echo = new ProxySender(_ -> new Hello(), sent).buildProtocol(CLIENT);
                MemoryTransport client = MemoryTransport.connect(requireNonNull(echo));
                MemoryTransport server = MemoryTransport.connect(door.buildProtocol(CLIENT));
                server.receive(client.takeWritten());
                server.peerClosed();

                String addresses =
                        header
                                        instanceof
                                        ProxyHeader.Proxied(
                                                Address.Inet source,
                                                Address.Inet destination)
                                ? source + " to " + destination
                                : OWN;
                assertThat(told).contains(addresses, "hello, closed cleanly");
            }
        }
    }

    @Test
    void sendsAnIpv4AddressThatIsWrittenAsIpv6AsThat() {
        Address.Inet mapped = Address.of("::ffff:192.0.2.1", 56_000);
        for (String destination : List.of("::ffff:198.51.100.2", "2001:db8:0:0:0:0:0:2")) {
            ProxyHeader header = new ProxyHeader.Proxied(mapped, Address.of(destination, 443));
            assertThat(header.version1().utf8())
                    .isEqualTo("PROXY TCP6 ::ffff:192.0.2.1 " + destination + " 56000 443\r\n");
            for (Bytes sent : List.of(header.version1(), header.version2())) {
                told.clear();
                MemoryTransport server = MemoryTransport.connect(door.buildProtocol(CLIENT));
                server.receive(sent);
                server.receive(Bytes.utf8("hello"));
                server.peerClosed();

                assertThat(told).contains("built for 192.0.2.1:56000", "hello, closed cleanly");
            }
        }
    }

    private static final class Hello implements Protocol {
        @Override
        public void connectionMade(Transport transport) {
            transport.write(Bytes.utf8("hello"));
        }
    }

    @Test
    void refusesToSendAHeaderThatIsNone() {
        Address.Inet v4 = Address.of("192.0.2.1", 1);
        Address.Inet v6 = Address.of("::1", 1);
        Address.Inet name = Address.of("localhost", 1);
        assertThatThrownBy(() -> new ProxyHeader.Proxied(v4, v6)).hasMessageContaining("family");
        assertThatThrownBy(() -> new ProxyHeader.Proxied(v4, name))
                .hasMessage("expected an IP address, not localhost");
    }

    private void refuses(Bytes input) {
        Feeding.inEveryWay(
                input,
                () -> door.buildProtocol(CLIENT),
                (_, transport) -> {
                    assertThat(transport.isClosing()).isTrue();
                    assertThat(told).isEmpty();
                });
    }

    private static byte[] join(byte[] header, String rest) {
        byte[] joined = new byte[header.length + rest.length()];
        System.arraycopy(header, 0, joined, 0, header.length);
        System.arraycopy(rest.getBytes(ISO_8859_1), 0, joined, header.length, rest.length());
        return joined;
    }

    @Test
    void theLineIsTheSameWhateverTheLocale() {
        Locale before = Locale.getDefault();
        Locale.setDefault(Locale.forLanguageTag("th-TH-u-nu-thai"));
        try {
            assertThat(
                            new ProxyHeader.Proxied(
                                            Address.of("192.0.2.1", 56_000),
                                            Address.of("198.51.100.2", 443))
                                    .version1()
                                    .utf8())
                    .isEqualTo("PROXY TCP4 192.0.2.1 198.51.100.2 56000 443\r\n");
        } finally {
            Locale.setDefault(before);
        }
    }

    @Test
    void theLineHasRoomForEverySpelling() {
        Address.Inet longest = Address.of("0000:0000:0000:0000:0000:ffff:255.255.255.255", 65_535);

        assertThat(new ProxyHeader.Proxied(longest, longest).version1().size())
                .isLessThanOrEqualTo(107);
    }
}
