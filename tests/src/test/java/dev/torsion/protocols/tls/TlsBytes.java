package dev.torsion.protocols.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.torsion.fuzz.Decoder;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// TLS as anybody may send it to a server, and PEM as anybody may have written it.
public final class TlsBytes {
    private static final Path PEM =
            Path.of(System.getProperty("basedir", "tests"))
                    .toAbsolutePath()
                    .resolveSibling("protocols/src/test/pem");
    private static final Address SOMEBODY = Address.parse("192.0.2.7:4711");

    private TlsBytes() {}

    public static SequencedMap<String, Decoder> decoders() {
        SequencedMap<String, Decoder> decoders = new LinkedHashMap<>();
        decoders.put("pem", new PemDecoder());
        decoders.put("tls", new RecordDecoder());
        return decoders;
    }

    /// Those that came later, and have later numbers.
    public static SequencedMap<String, Decoder> moreDecoders() {
        SequencedMap<String, Decoder> decoders = new LinkedHashMap<>();
        decoders.put("tls-server-says", new ServerRecordDecoder());
        return decoders;
    }

    // ---- records ----

    private static TlsServer serving() {
        try {
            return new TlsServer(
                    TlsServerOptions.of(
                                    TlsIdentity.read(
                                            PEM.resolve("server.crt"), PEM.resolve("server.key")))
                            .withIdentity(
                                    "other.example",
                                    TlsIdentity.read(
                                            PEM.resolve("other.crt"), PEM.resolve("other.key")))
                            .withApplicationProtocols(List.of("h2")));
        } catch (IOException missing) {
            throw new IllegalStateException(missing);
        }
    }

    /// A server's layer. It promises: no exception, no handshake out of nothing, and the same end
    /// whether the bytes come in one piece or one by one. (What it answers has chance in it.)
    private static final class RecordDecoder implements Decoder {
        private @Nullable TlsServer server; // TLS takes its time to load

        @Override
        public List<byte[]> seeds() {
            return records();
        }

        @Override
        public void feed(byte[] input) {
            if (closes(input, input.length) != closes(input, 1)) {
                throw new AssertionError("it ends in one piece or one by one, not in both");
            }
        }

        private boolean closes(byte[] input, int pieceSize) {
            TlsServer open = server == null ? serving() : server;
            server = open;
            MemoryTransport transport =
                    MemoryTransport.connect(
                            Objects.requireNonNull(
                                    open.around(
                                                    _ -> {
                                                        throw new AssertionError(
                                                                "a handshake of nothing");
                                                    })
                                            .buildProtocol(SOMEBODY)));
            for (int at = 0; at < input.length; at += pieceSize) {
                int size = Math.min(pieceSize, input.length - at);
                transport.receive(Bytes.wrap(input, at, size));
                transport.reactor().runUntilIdle();
            }
            if (transport.closeReason() instanceof CloseReason.Failed(Throwable cause)) {
                throw new AssertionError("the layer threw", cause);
            }
            return transport.isClosing();
        }
    }

    private static List<byte[]> records() {
        byte[] alert = {21, 3, 3, 0, 2, 2, 40};
        byte[] empty = {22, 3, 3, 0, 0, 22, 3, 3, 0, 0};
        byte[] huge = {22, 3, 3, (byte) 0xff, (byte) 0xff, 1, 0, 0, 0};
        byte[] data = {23, 3, 3, 0, 1, 'x'};
        byte[] oldest = {(byte) 0x80, 0x2e, 1, 3, 1, 0, 0x15, 0, 0, 0, 0x10};
        return Stream.concat(
                        Stream.of(alert, empty, huge, data, oldest),
                        Stream.of(TlsVersion.values())
                                .flatMap(version ->
                                        Stream.of(
                                                hello(version, "server.example"),
                                                hello(version, "other.example"))))
                .toList();
    }

    /// What a client says first.
    private static byte[] hello(TlsVersion version, String host) {
        try {
            TlsClientOptions options =
                    TlsClientOptions.trusting(TlsTrust.read(PEM.resolve("authority.crt")))
                            .withVersions(Set.of(version))
                            .withApplicationProtocols(List.of("h2"));
            var engine =
                    TlsContext.clientEngine(
                            TlsContext.of(null, options.trust()), options, host, 443);
            var record = java.nio.ByteBuffer.allocate(Buffers.SIZE);
            engine.beginHandshake();
            var _ = engine.wrap(java.nio.ByteBuffer.allocate(0), record);
            return Bytes.wrap(record.array(), 0, record.position()).toArray();
        } catch (IOException missing) {
            throw new IllegalStateException(missing);
        }
    }

    /// A client's layer that begins in mid-stream, behind the line that says so, as anybody who
    /// sits between may answer it. It promises: no exception, no handshake with who has not seen
    /// what the client said, and the same end whether the bytes come in one piece or one by one.
    private static final class ServerRecordDecoder implements Decoder {
        private @Nullable Map<TlsVersion, TlsClient> clients; // TLS takes its time to load

        @Override
        public List<byte[]> seeds() {
            return Stream.concat(
                            Stream.of("250 no\r\n", "TLSv1.2\r\n\25\3\3\0\2\2\50")
                                    .map(text -> text.getBytes(ISO_8859_1)),
                            Stream.of(TlsVersion.values()).map(TlsBytes::flight))
                    .toList();
        }

        @Override
        public void feed(byte[] input) {
            if (closes(input, input.length) != closes(input, 1)) {
                throw new AssertionError("it ends in one piece or one by one, not in both");
            }
        }

        private boolean closes(byte[] input, int pieceSize) {
            Map<TlsVersion, TlsClient> open = clients;
            if (open == null) {
                open = new EnumMap<>(TlsVersion.class);
                for (TlsVersion version : TlsVersion.values()) {
                    open.put(version, asking(version));
                }
                clients = open;
            }
            MemoryTransport transport = MemoryTransport.connect(new Upgrading(open));
            for (int at = 0; at < input.length; at += pieceSize) {
                int size = Math.min(pieceSize, input.length - at);
                transport.receive(Bytes.wrap(input, at, size));
                transport.reactor().runUntilIdle();
            }
            if (transport.closeReason() instanceof CloseReason.Failed(Throwable cause)) {
                throw new AssertionError("the layer threw", cause);
            }
            for (Throwable thrown : transport.reactor().failures()) {
                throw new AssertionError("a call of the layer threw", thrown);
            }
            return transport.isClosing();
        }
    }

    private static TlsClient asking(TlsVersion version) {
        try {
            return new TlsClient(
                    TlsClientOptions.trusting(TlsTrust.read(PEM.resolve("authority.crt")))
                            .withVersions(Set.of(version))
                            .withApplicationProtocols(List.of("h2")));
        } catch (IOException missing) {
            throw new IllegalStateException(missing);
        }
    }

    /// Begins TLS of the version that a line names.
    private static final class Upgrading extends LineProtocol {
        private final Map<TlsVersion, TlsClient> clients;

        Upgrading(Map<TlsVersion, TlsClient> clients) {
            this.clients = clients;
        }

        @Override
        protected void lineReceived(Bytes line) {
            if (isOverLayer()) {
                throw new AssertionError("a line of nothing");
            }
            String named = line.utf8();
            for (var client : clients.entrySet()) {
                if (named.equals(client.getKey().toString())) {
                    begin(client.getValue());
                }
            }
        }

        private void begin(TlsClient client) {
            Reactor reactor = transport().reactor();
            var _ =
                    startTls(client.layer("server.example"))
                            .thenRun(() ->
                                    reactor.callFromThread(() -> {
                                        throw new AssertionError("a handshake of nothing");
                                    }));
        }
    }

    /// The line, and what a server has answered to another hello of that version: of TLS 1.3 no
    /// more than is in plain text, since the rest can be read by nobody.
    private static byte[] flight(TlsVersion version) {
        TlsServer server = serving();
        MemoryTransport transport =
                MemoryTransport.connect(
                        Objects.requireNonNull(server.around(_ -> null).buildProtocol(SOMEBODY)));
        transport.receive(Bytes.wrap(hello(version, "server.example")));
        transport.reactor().runUntilIdle();
        Bytes answer = transport.takeWritten();
        int shown = version == TlsVersion.TLS_1_3 ? Math.min(answer.size(), 200) : answer.size();
        byte[] line = (version + "\r\n").getBytes(ISO_8859_1);
        byte[] all = Arrays.copyOf(line, line.length + shown);
        answer.copyTo(0, all, line.length, shown);
        return all;
    }

    // ---- PEM ----

    /// Certificates, lists of what was revoked, and keys, or an [IOException] that says what is
    /// wrong and shows nothing of it.
    private record PemDecoder() implements Decoder {
        @Override
        public void feed(byte[] input) {
            Pem pem = new Pem("FILE", new String(input, ISO_8859_1));
            try {
                for (var certificate : pem.certificates()) {
                    Objects.requireNonNull(certificate.getSubjectX500Principal().getName());
                }
            } catch (IOException said) {
                check(said);
            }
            try {
                for (var list : pem.revocations()) {
                    Objects.requireNonNull(list.getIssuerX500Principal().getName());
                }
            } catch (IOException said) {
                check(said);
            }
            try {
                Objects.requireNonNull(pem.key(null, null).getAlgorithm());
            } catch (IOException said) {
                check(said);
            }
        }

        private static void check(IOException said) {
            if (said.getMessage() == null || !said.getMessage().startsWith("FILE")) {
                throw new AssertionError("an error that does not say where", said);
            }
        }

        @Override
        public List<byte[]> seeds() {
            List<byte[]> seeds = new ArrayList<>();
            seeds.add(
                    "-----BEGIN CERTIFICATE-----\n====\n-----END CERTIFICATE-----"
                            .getBytes(ISO_8859_1));
            try (Stream<Path> files = Files.list(PEM)) {
                for (Path file :
                        files.filter(it -> it.toString().matches(".*\\.(crt|key|crl)"))
                                .sorted()
                                .toList()) {
                    seeds.add(Files.readAllBytes(file));
                }
            } catch (IOException missing) {
                throw new IllegalStateException(missing);
            }
            return seeds;
        }
    }
}
