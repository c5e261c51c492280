package dev.torsion.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.torsion.cluster.ClusterFrames;
import dev.torsion.gateways.nats.NatsClient;
import dev.torsion.netty.SystemdNames;
import dev.torsion.protocols.FrameProtocol;
import dev.torsion.protocols.LengthPrefix;
import dev.torsion.protocols.LineEnd;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.MessageProtocol;
import dev.torsion.protocols.NetstringProtocol;
import dev.torsion.protocols.ProxyHeader;
import dev.torsion.protocols.ProxyProtocol;
import dev.torsion.protocols.amp.AmpValues;
import dev.torsion.protocols.endpoints.Endpoints;
import dev.torsion.protocols.tls.TlsBytes;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.MulticastGroup;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Stream;

/// Every decoder of the house, by name.
public final class Decoders {
    /// So much may be announced, and must not be taken before it has come.
    private static final int HUGE = 64 << 20;

    private static final Address.Inet SOURCE = Address.of("192.0.2.7", 4711);
    private static final Address.Inet DESTINATION = Address.of("198.51.100.1", 443);

    private static final SequencedMap<String, Decoder> ALL = all();

    private Decoders() {}

    /// In an order that stays: a number means the same decoder from run to run.
    public static SequencedMap<String, Decoder> byName() {
        return ALL;
    }

    private static SequencedMap<String, Decoder> all() {
        SequencedMap<String, Decoder> all = new LinkedHashMap<>();
        all.put("lines", new StreamDecoder(read -> new Lines(LineEnd.CR_LF, read), lineSeeds()));
        all.put(
                "any-lines",
                new StreamDecoder(read -> new Lines(LineEnd.CR_LF_OR_LF, read), lineSeeds()));
        all.put(
                "netstrings",
                new StreamDecoder(
                        Netstrings::new,
                        texts("5:hello,", "0:,1:a,", "01:a,", "99999999:", "3:abcd", "-1:a,")));
        for (LengthPrefix prefix : LengthPrefix.values()) {
            all.put(
                    "frames-" + prefix,
                    new StreamDecoder(
                            read -> new Frames(prefix, read),
                            texts(
                                    "\1a",
                                    "\0\1a\0\2bc\0\0",
                                    "\0\0\0\1a\0\0\0\0",
                                    "\0\377\377\377abc",
                                    "\377\377\377\377")));
        }
        all.put("proxy", new StreamDecoder(Decoders::proxy, proxySeeds()));
        all.putAll(AmpValues.decoders());
        all.putAll(TlsBytes.decoders());
        all.putAll(NatsClient.decoders());
        all.putAll(ClusterFrames.decoders());
        all.put(
                "endpoint",
                new TextDecoder(
                        text -> Endpoint.parse(text).toString(),
                        texts(
                                "tcp:8080",
                                "tcp:0:interface=\\:\\:1:backlog=50",
                                "tcp:65536",
                                "tcp:1:interface=",
                                "unix:/run/a\\:b.sock:mode=660",
                                "systemd:name=web:domain=unix",
                                "descriptor:5",
                                "udp:1")));
        all.put(
                "client",
                new TextDecoder(
                        text -> ClientEndpoint.parse(text).toString(),
                        texts(
                                "tcp:a.example:80:timeout=0.5:bind=192.0.2.1:bind-port=1",
                                "tcp:\\:\\:1:80:no-delay=false:send-buffer=1",
                                "unix:/run/a.sock:timeout=5",
                                "tcp:a:0")));
        all.put(
                "address",
                new TextDecoder(
                        text -> Address.parse(text).toString(),
                        texts("unix:/a", "localhost:80", "[::1]:65535", "::1:80", "[]:1", "a:b")));
        all.put(
                "delimited-lines",
                new StreamDecoder(
                        read -> new Lines(LineEnd.of(Bytes.utf8("--\n-")), read),
                        texts(
                                "a--\n-b--\n--\n-",
                                "raw 3--\n---\n-x--\n-",
                                "-".repeat(40) + "\n-x")));
        all.put(
                "messages",
                new StreamDecoder(
                        Messages::new,
                        texts("0\3abc", "0\0000\1a", "0\204\0abcd", "1\1a", "0\377\377\377\7abc")));
        all.putAll(AmpValues.moreDecoders());
        all.putAll(TlsBytes.moreDecoders());
        all.put("systemd", new SystemdNames());
        Endpoints endpoints = Endpoints.standard();
        all.put(
                "layered-endpoint",
                new TextDecoder(
                        text -> endpoints.server(text).toString(),
                        texts(
                                "haproxy:tcp:8080:header-timeout=0.5",
                                "haproxy:8080",
                                "tls:8443:certificate=a.pem",
                                "tls:haproxy:unix:/run/a.sock:certificate=a:key=b:alpn=h2,foo",
                                "tls:1:certificate=a:client-trust=b:client-certificates=wanted",
                                "tls:systemd:name=web:reload=off:handshake-timeout=5")));
        all.put(
                "layered-client",
                new TextDecoder(
                        text -> endpoints.client(text).toString(),
                        texts(
                                "tls:a.example:443:alpn=h2,foo:timeout=5",
                                "tls:tcp:haproxy:8443:host=b.example",
                                "tls:a:1:trust=a.pem:crl=b.pem",
                                "haproxy:tcp:a:80:source=192.0.2.7\\:4711:destination=192.0.2.1\\:443",
                                "tls:haproxy:unix:/run/a.sock:version=2:host=a")));
        all.put(
                "group",
                new TextDecoder(
                        text -> MulticastGroup.of(text).address(),
                        texts("239.1.2.3", "ff15::123", "192.0.2.1", "ff02::1%lo")));
        return all;
    }

    /// Inputs, each character a byte.
    public static List<byte[]> texts(String... texts) {
        return Stream.of(texts).map(text -> text.getBytes(ISO_8859_1)).toList();
    }

    // ---- framings ----

    private static List<byte[]> lineSeeds() {
        return texts(
                "hello\r\nworld\r\n",
                "raw 3\r\n\r\n\r\nafter\r\n",
                "a\rb\nc\r\r\n",
                "\n\n",
                "0123456789012345678901234567890123456789\r\nx\r\n");
    }

    private static final class Lines extends LineProtocol {
        private final List<String> read;
        private int raw;

        Lines(LineEnd end, List<String> read) {
            super(end, 32);
            this.read = read;
        }

        @Override
        protected void lineReceived(Bytes line) {
            String text = line.utf8();
            read.add(text);
            if (text.matches("raw [1-9]")) {
                raw = text.charAt(4) - '0';
                rawMode();
            } else if (text.equals("long")) {
                transport().loseConnection();
            }
        }

        @Override
        protected int rawReceived(Bytes data) {
            int taken = Math.min(raw, data.size());
            for (int i = 0; i < taken; i++) {
                read.add("raw " + data.at(i));
            }
            raw -= taken;
            if (raw == 0) {
                lineMode();
            }
            return taken;
        }

        /// Stays, so that what follows is read too.
        @Override
        protected void lineLengthExceeded() {
            read.add("too long");
        }
    }

    private static final class Netstrings extends NetstringProtocol {
        private final List<String> read;

        Netstrings(List<String> read) {
            super(HUGE);
            this.read = read;
        }

        @Override
        protected void netstringReceived(Bytes string) {
            read.add(string.utf8());
        }
    }

    private static final class Frames extends FrameProtocol {
        private final List<String> read;

        Frames(LengthPrefix prefix, List<String> read) {
            super(prefix, HUGE);
            this.read = read;
        }

        @Override
        protected void frameReceived(Bytes frame) {
            read.add(frame.utf8());
        }

        @Override
        protected void frameLengthExceeded(long announced) {
            read.add("too long: " + announced);
        }
    }

    /// As MQTT has them: a kind, the length of the body in up to four bytes of seven bits each, the
    /// body.
    private static final class Messages extends MessageProtocol {
        private final List<String> read;

        Messages(List<String> read) {
            super(2, HUGE);
            this.read = read;
        }

        @Override
        protected long lengthOf(Bytes begun) {
            if (begun.at(0) != '0') {
                return 0;
            }
            long body = 0;
            for (int i = 0; i < 4; i++) {
                int at = i + 1;
                if (at == begun.size()) {
                    return -1;
                }
                body |= (begun.uint8(at) & 0x7fL) << (7 * i);
                if (begun.at(at) >= 0) {
                    return at + 1 + body;
                }
            }
            return 0;
        }

        @Override
        protected void messageReceived(Bytes message) {
            read.add(message.utf8());
        }

        @Override
        protected void messageRefused(String why) {
            read.add(why);
        }
    }

    // ---- PROXY ----

    private static List<byte[]> proxySeeds() {
        ProxyHeader v4 = new ProxyHeader.Proxied(SOURCE, DESTINATION);
        ProxyHeader v6 =
                new ProxyHeader.Proxied(Address.of("2001:db8::7", 1), Address.of("2001:db8::1", 2));
        ProxyHeader unknown = new ProxyHeader.Unknown();
        return Stream.of(v4, v6, unknown)
                .flatMap(it -> Stream.of(it.version1(), it.version2()))
                .map(Bytes::toArray)
                .toList();
    }

    private static Protocol proxy(List<String> read) {
        return new ProxyProtocol(
                        peer -> {
                            read.add("from " + peer);
                            return new Behind(read);
                        },
                        Duration.ofDays(1))
                .buildProtocol(SOURCE);
    }

    /// Each byte, since pieces mean nothing.
    private record Behind(List<String> read) implements Protocol {
        @Override
        public void connectionMade(Transport transport) {
            read.add("to " + transport.host());
        }

        @Override
        public void dataReceived(Bytes data) {
            for (int i = 0; i < data.size(); i++) {
                read.add("byte " + data.at(i));
            }
        }
    }

    // ---- text ----

    /// Text of which a value is made, and the value's own text is of the same value again.
    private record TextDecoder(Function<String, String> reading, List<byte[]> seeds)
            implements Decoder {
        @Override
        public void feed(byte[] input) {
            String written;
            try {
                written = reading.apply(new String(input, ISO_8859_1));
            } catch (IllegalArgumentException said) {
                if (said.getMessage() == null || said.getMessage().isBlank()) {
                    throw new AssertionError("an error that says nothing", said);
                }
                return;
            }
            String again = reading.apply(written);
            if (!again.equals(written)) {
                throw new AssertionError(written + " is read as " + again);
            }
        }
    }
}
