package dev.torsion.protocols.tls;

import static dev.torsion.protocols.tls.Certificates.OTHER;
import static dev.torsion.protocols.tls.Certificates.SERVER;
import static dev.torsion.protocols.tls.Certificates.file;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Thrown;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where certificates and keys may come from.
final class TlsIdentityTest {
    private static final Path CHAIN = file("server.crt");
    private static final Path ENCRYPTED = file("server.encrypted.key");
    private static final String WRONG = "not-sesame";

    @TempDir private Path folder;

    /// No message on the way says the password.
    private static void refused(ThrowingCallable call, Class<?> kind, String expected) {
        assertThatThrownBy(call)
                .isInstanceOf(kind)
                .hasMessageContaining(expected)
                .satisfies(thrown ->
                        assertThat(Thrown.causes(thrown).toString()).doesNotContain(WRONG));
    }

    @Test
    void anEncryptedKeyIsReadWithItsPassword() throws IOException {
        char[] password = "secret".toCharArray();
        TlsIdentity identity = TlsIdentity.read(CHAIN, ENCRYPTED, password);
        assertThat(identity.key()).isEqualTo(SERVER.key());
        assertThat(password).containsExactly("secret".toCharArray());
        Arrays.fill(password, ' ');
        assertThat(identity.toString()).startsWith("CN=server.example until ");

        assertThat(TlsIdentity.read(CHAIN, file("server.key"), password).key())
                .isEqualTo(SERVER.key());
    }

    @Test
    void thePasswordMayStandInAFile() throws IOException {
        Path password = folder.resolve("password");
        for (String content :
                List.of("secret", "secret\n", "secret\r\nand more", "\ufeffsecret\r\n")) {
            Files.writeString(password, content);
            assertThat(TlsIdentity.read(CHAIN, ENCRYPTED, password).key()).isEqualTo(SERVER.key());
        }
        Files.writeString(password, WRONG);
        refused(
                () -> TlsIdentity.read(CHAIN, ENCRYPTED, password),
                FileSystemException.class,
                "%s, line 1: the password in %s is not that of the key that begins here"
                        .formatted(ENCRYPTED, password));
        blamed(password, () -> TlsIdentity.read(CHAIN, ENCRYPTED, password));
        blamed(ENCRYPTED, () -> TlsIdentity.read(CHAIN, ENCRYPTED, WRONG.toCharArray()));
        Files.writeString(password, "s".repeat(4097));
        refused(
                () -> TlsIdentity.read(CHAIN, ENCRYPTED, password),
                FileSystemException.class,
                "cannot read " + password + ": it has more than 4096 bytes, more than are read");
    }

    private static void blamed(Path file, ThrowingCallable call) {
        assertThatThrownBy(call)
                .hasNoCause()
                .isInstanceOfSatisfying(
                        FileSystemException.class,
                        wrong -> assertThat(wrong.getFile()).isEqualTo(file.toString()));
    }

    @Test
    void theWrongPasswordIsToldAndNotShown() {
        refused(
                () -> TlsIdentity.read(CHAIN, ENCRYPTED, WRONG.toCharArray()),
                IOException.class,
                ENCRYPTED + ", line 1: the password is not that of the key that begins here");
        refused(
                () -> TlsIdentity.read(CHAIN, ENCRYPTED, new char[0]),
                IOException.class,
                "the password is not that of the key");
        refused(
                () -> TlsIdentity.read(CHAIN, ENCRYPTED),
                IOException.class,
                "the key is encrypted; read it with its password (key-password-file= in an endpoint), or"
                        + " decrypt it: openssl pkcs8");
    }

    @Test
    void aKeyThatIsEncryptedInAnotherWayIsRefusedWithTheCure() throws IOException {
        Path odd = folder.resolve("odd.key");
        Files.writeString(
                odd,
                "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMAA=\n-----END ENCRYPTED PRIVATE KEY-----\n");
        refused(
                () -> TlsIdentity.read(CHAIN, odd, WRONG.toCharArray()),
                IOException.class,
                "in a way that this JDK does not know (unknown); encrypt it anew: openssl pkcs8"
                        + " -topk8 -v2 aes256 -in "
                        + odd);
    }

    @ParameterizedTest
    @ValueSource(strings = {"rsa", "ed25519", "pss", "pss384"})
    void aKeyOfAnyKindProvesItsCertificateAndNoOther(String name) throws Exception {
        TlsIdentity own = Certificates.identity(name);
        assertThat(TlsIdentity.of(own.chain(), own.key()).key()).isEqualTo(own.key());
        for (TlsIdentity another : List.of(SERVER, OTHER, Certificates.identity("pss"))) {
            if (!another.chain().equals(own.chain())) {
                refused(
                        () -> TlsIdentity.of(another.chain(), own.key()),
                        IllegalArgumentException.class,
                        "the private key is not that of the certificate for ");
            }
        }
    }

    // ---- key stores ----

    private static KeyStore store(String password, String... aliases)
            throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        for (String alias : aliases) {
            TlsIdentity identity = alias.equals("other") ? OTHER : SERVER;
            store.setKeyEntry(
                    alias,
                    identity.key(),
                    password.toCharArray(),
                    identity.chain().toArray(X509Certificate[]::new));
        }
        store.setCertificateEntry("authority", SERVER.chain().getFirst());
        return store;
    }

    private Path written(String password, String... aliases)
            throws GeneralSecurityException, IOException {
        Path file = folder.resolve(String.join("-", aliases) + ".p12");
        try (OutputStream output = Files.newOutputStream(file)) {
            store(password, aliases).store(output, password.toCharArray());
        }
        return file;
    }

    @Test
    void theOneKeyOfAKeyStoreIsUsed() throws Exception {
        Path file = written("sesame", "server");
        TlsIdentity identity = TlsIdentity.readKeyStore(file, "sesame".toCharArray());
        assertThat(identity.key()).isEqualTo(SERVER.key());
        assertThat(identity.chain()).isEqualTo(SERVER.chain());
    }

    @Test
    void oneOfSeveralKeysIsTakenByItsName() throws Exception {
        KeyStore store = store("sesame", "server", "other");
        TlsIdentity identity = TlsIdentity.of(store, "other", "sesame".toCharArray());
        assertThat(identity.chain()).isEqualTo(OTHER.chain());

        Path file = written("sesame", "server", "other");
        refused(
                () -> TlsIdentity.readKeyStore(file, "sesame".toCharArray()),
                IOException.class,
                file + " holds 2 private keys, not one; take one by its name: [");
    }

    @Test
    void aKeyStoreSaysWhatIsWrongWithIt() throws Exception {
        Path file = written("sesame", "server");
        refused(
                () -> TlsIdentity.readKeyStore(file, WRONG.toCharArray()),
                IOException.class,
                "the password is not that of " + file);
        refused(
                () -> TlsIdentity.readKeyStore(folder.resolve("none.p12"), new char[0]),
                IOException.class,
                "none.p12");
        Path odd = Files.write(folder.resolve("odd.p12"), "odd".getBytes(UTF_8));
        refused(
                () -> TlsIdentity.readKeyStore(odd, WRONG.toCharArray()),
                IOException.class,
                odd + " cannot be used: ");
        KeyStore store = store("sesame", "server");
        refused(
                () -> TlsIdentity.of(store, "client", WRONG.toCharArray()),
                IllegalArgumentException.class,
                "no private key client, but [");
        refused(
                () -> TlsIdentity.of(store, "authority", WRONG.toCharArray()),
                IllegalArgumentException.class,
                "no private key authority, but [");
        refused(
                () -> TlsIdentity.of(store, "server", WRONG.toCharArray()),
                IllegalArgumentException.class,
                "the password is not that of the key server of this key store");
    }
}
