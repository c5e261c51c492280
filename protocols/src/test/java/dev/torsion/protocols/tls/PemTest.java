package dev.torsion.protocols.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Files of PEM as they come from all kinds of programs.
final class PemTest {
    private static final X509Certificate OWN = Certificates.SERVER.chain().getFirst();

    @TempDir private Path folder;

    private static String pem() throws IOException {
        return Files.readString(Certificates.file("server.crt"), ISO_8859_1);
    }

    private List<X509Certificate> read(byte[] content) throws IOException {
        return Pem.read(Files.write(folder.resolve("odd.pem"), content)).certificates();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r", " \n", "\t\r\n", "\n\n"})
    void takesAnyEndOfALine(String end) throws IOException {
        assertThat(read(pem().replace("\n", end).getBytes(ISO_8859_1))).containsExactly(OWN);
    }

    @Test
    void takesWhatEditorsOfOtherSystemsWriteInFront() throws IOException {
        for (Charset charset : List.of(UTF_8, UTF_16LE, UTF_16BE)) {
            assertThat(read(("\ufeff" + pem()).getBytes(charset))).containsExactly(OWN);
        }
    }

    @Test
    void neverShowsAKeyThatStandsInOneLine() throws IOException {
        String key = Files.readString(Certificates.file("server.key"), ISO_8859_1);
        for (String instead : List.of("", " ", "\\n")) {
            String line = key.strip().replace("\n", instead);
            Path file = Files.writeString(folder.resolve("odd.key"), "\n" + line + "\n");
            assertThatThrownBy(() -> Pem.read(file).key(null, null))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            file
                                    + ", line 2: the block that begins here ends in the same line;"
                                    + " BEGIN and END are to be lines of their own");
        }
    }

    @Test
    void passesOverWhatStandsAroundTheBlocks() throws IOException {
        String text = "Bag Attributes\n  friendlyName: B\u00fccher\nsubject=CN = a\n";
        assertThat(read((text + pem() + text + pem() + text).getBytes(UTF_8)))
                .containsExactly(OWN, OWN);
    }

    @Test
    void saysHowToConvertWhatIsInDer() throws Exception {
        Path certificate = Files.write(folder.resolve("own.der"), OWN.getEncoded());
        assertThatThrownBy(() -> TlsTrust.read(certificate))
                .hasMessageEndingWith(
                        "openssl x509 -inform DER -in %s -out NEW.pem".formatted(certificate));
        Path key = Files.write(folder.resolve("key.der"), Certificates.SERVER.key().getEncoded());
        assertThatThrownBy(() -> TlsIdentity.read(Certificates.file("server.crt"), key))
                .hasMessageEndingWith(
                        "openssl pkey -inform DER -in %s -out NEW.key".formatted(key));
    }

    @Test
    void showsTheNameOfABlockInOneLine() {
        byte[] content = "-----BEGIN \u001b[2J\u0085X-----\n".getBytes(ISO_8859_1);
        assertThatThrownBy(() -> read(content)).hasMessageContaining("END \\u001b[2J\\u0085X-----");
    }

    @Test
    void takesACertificateThatOpensslHasAddedItsTrustTo() throws Exception {
        assertThat(read(trusted())).containsExactly(OWN);
    }

    private static byte[] trusted() throws CertificateEncodingException {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        content.writeBytes(OWN.getEncoded());
        content.writeBytes(new byte[] {0x30, 0});
        return ("-----BEGIN TRUSTED CERTIFICATE-----\n"
                        + Base64.getMimeEncoder().encodeToString(content.toByteArray())
                        + "\n-----END TRUSTED CERTIFICATE-----\n")
                .getBytes(ISO_8859_1);
    }

    interface Taking {
        Object of(Pem pem) throws IOException;
    }

    static Stream<Arguments> kinds() {
        Taking certificates = Pem::certificates;
        Taking lists = Pem::revocations;
        Taking key = pem -> pem.key(null, null);
        return Stream.of(
                Arguments.of("server.crt", certificates),
                Arguments.of("other.crt", certificates),
                Arguments.of("issuing.crl", lists),
                Arguments.of("server.key", key),
                Arguments.of("other.key", key),
                Arguments.of("ed25519.key", key),
                Arguments.of("pss384.key", key));
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void whatIsBrokenIsToldAsAnException(String name, Taking taking) throws IOException {
        Random random = new Random(42);
        String text = Files.readString(Certificates.file(name), ISO_8859_1);
        List<String> lines = text.lines().toList();
        String base64 = String.join("", lines.subList(1, lines.size() - 1));
        for (int i = 0; i < 500; i++) {
            byte[] der = Base64.getDecoder().decode(base64);
            for (int j = random.nextInt(4); j >= 0; j--) {
                der[random.nextInt(der.length)] = (byte) random.nextInt(256);
            }
            if (random.nextInt(4) == 0) {
                der = Arrays.copyOf(der, random.nextInt(der.length));
            }
            String broken =
                    lines.getFirst()
                            + "\n"
                            + Base64.getEncoder().encodeToString(der)
                            + "\n"
                            + lines.getLast();
            try {
                taking.of(new Pem("odd", broken));
            } catch (IOException expected) {
                assertThat(expected).hasMessageStartingWith("odd, line 1: ");
            }
        }
    }
}
