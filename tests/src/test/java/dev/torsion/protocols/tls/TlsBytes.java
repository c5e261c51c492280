package dev.torsion.protocols.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.torsion.fuzz.Decoder;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.testing.MemoryTransport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.SequencedMap;
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

    // ---- records ----

    private static TlsServer serving() {
        try {
            return new TlsServer(
                    TlsServerOptions.of(
                                    TlsIdentity.read(
                                            PEM.resolve("server.crt"), PEM.resolve("server.key")))
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
                        Stream.of(TlsVersion.values()).map(TlsBytes::hello))
                .toList();
    }

    /// What a client says first.
    private static byte[] hello(TlsVersion version) {
        try {
            TlsClientOptions options =
                    TlsClientOptions.trusting(TlsTrust.read(PEM.resolve("authority.crt")))
                            .withVersions(java.util.Set.of(version))
                            .withApplicationProtocols(List.of("h2"));
            var engine =
                    TlsContext.clientEngine(
                            TlsContext.of(null, options.trust()), options, "server.example", 443);
            var record = java.nio.ByteBuffer.allocate(Buffers.SIZE);
            engine.beginHandshake();
            var _ = engine.wrap(java.nio.ByteBuffer.allocate(0), record);
            return Bytes.wrap(record.array(), 0, record.position()).toArray();
        } catch (IOException missing) {
            throw new IllegalStateException(missing);
        }
    }

    // ---- PEM ----

    /// Certificates and keys, or an [IOException] that says what is wrong and shows nothing of it.
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
                Objects.requireNonNull(pem.key(null).getAlgorithm());
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
                        files.filter(it -> it.toString().matches(".*\\.(crt|key)"))
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
