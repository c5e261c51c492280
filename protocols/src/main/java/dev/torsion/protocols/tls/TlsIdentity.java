package dev.torsion.protocols.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.UnrecoverableKeyException;
import java.security.cert.Certificate;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAKey;
import java.security.spec.AlgorithmParameterSpec;
import java.security.spec.MGF1ParameterSpec;
import java.security.spec.PSSParameterSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Who one end of a connection says it is: its certificate, those that lead from it to an
/// authority, and the private key that proves it. Immutable; its text never holds the key.
public final class TlsIdentity {
    private static final Integer DNS_NAME = 2; // RFC 5280, 4.2.1.6
    private static final String PSS = "RSASSA-PSS";

    private final List<X509Certificate> chain;
    private final PrivateKey key;

    private TlsIdentity(List<X509Certificate> chain, PrivateKey key) {
        this.chain = List.copyOf(chain);
        this.key = key;
    }

    /// An identity of what is in memory.
    ///
    /// @param chain its own certificate first
    /// @throws IllegalArgumentException if there is no certificate, or the key is not its key
    public static TlsIdentity of(List<X509Certificate> chain, PrivateKey key) {
        if (chain.isEmpty()) {
            throw new IllegalArgumentException("an identity has a certificate at least");
        }
        TlsIdentity identity = new TlsIdentity(chain, key);
        if (!identity.fits()) {
            throw new IllegalArgumentException(
                    "the private key is not that of the certificate for " + identity.subject());
        }
        return identity;
    }

    /// An identity of a key store: a file's, or that of a device that keeps its keys to itself.
    ///
    /// @param password of the key
    /// @throws IllegalArgumentException if there is no key of that name, it has no certificate, or
    ///   the password is not its password
    public static TlsIdentity of(KeyStore store, String alias, char[] password) {
        try {
            if (!(store.getKey(alias, password) instanceof PrivateKey key)) {
                throw new IllegalArgumentException(
                        "this key store has no private key %s, but %s"
                                .formatted(alias, Collections.list(store.aliases())));
            }
            List<X509Certificate> chain = new ArrayList<>();
            Certificate[] certificates = store.getCertificateChain(alias);
            for (Certificate each : certificates == null ? new Certificate[0] : certificates) {
                if (each instanceof X509Certificate certificate) {
                    chain.add(certificate);
                }
            }
            return of(chain, key);
        } catch (UnrecoverableKeyException _) {
            throw new IllegalArgumentException(
                    "the password is not that of the key " + alias + " of this key store");
        } catch (GeneralSecurityException broken) {
            throw new IllegalArgumentException("this key store cannot be read", broken);
        }
    }

    /// Reads the file of a key store, PKCS#12 (`.p12`, `.pfx`) or JKS, that holds one private key;
    /// blocks.
    ///
    /// @param password of the file and of the key; the caller may wipe it afterwards
    /// @throws IOException saying what is wrong, and what to do
    public static TlsIdentity readKeyStore(Path file, char[] password) throws IOException {
        try {
            KeyStore store = KeyStore.getInstance(file.toFile(), password);
            List<String> keys = new ArrayList<>();
            for (String alias : Collections.list(store.aliases())) {
                if (store.isKeyEntry(alias)) {
                    keys.add(alias);
                }
            }
            if (keys.size() != 1) {
                throw new IOException(
                        "%s holds %d private keys, not one; take one by its name: %s"
                                .formatted(file, keys.size(), keys));
            }
            return of(store, keys.getFirst(), password);
        } catch (IllegalArgumentException | GeneralSecurityException wrong) {
            throw new IOException(file + " cannot be used: " + wrong.getMessage(), wrong);
        } catch (IOException unreadable) {
            if (unreadable.getCause() instanceof UnrecoverableKeyException) {
                throw new IOException("the password is not that of " + file);
            }
            throw unreadable;
        }
    }

    /// Reads PEM files; blocks. Both may be the same file.
    ///
    /// @param chain its own certificate first
    /// @param key in PKCS#8, not encrypted: RSA, RSASSA-PSS, EC or Ed25519
    /// @throws IOException saying what is wrong, where, and what to do; if it is one file that is
    ///   to blame, a [java.nio.file.FileSystemException] of that
    public static TlsIdentity read(Path chain, Path key) throws IOException {
        return readFitting(chain, key, null, null);
    }

    /// Reads PEM files, of which that of the key may be encrypted (PKCS#8, `BEGIN ENCRYPTED PRIVATE
    /// KEY`); blocks.
    ///
    /// @param password of the key; the caller may wipe it afterwards. No message holds it
    /// @throws IOException as [#read(Path, Path)]
    public static TlsIdentity read(Path chain, Path key, char[] password) throws IOException {
        return readFitting(chain, key, password, null);
    }

    /// Reads PEM files, of which that of the key may be encrypted; blocks.
    ///
    /// @param passwordFile its first line, in UTF-8, is the password of the key
    /// @throws IOException as [#read(Path, Path)]
    public static TlsIdentity read(Path chain, Path key, Path passwordFile) throws IOException {
        char[] password = Pem.password(passwordFile);
        try {
            return readFitting(chain, key, password, passwordFile);
        } finally {
            Arrays.fill(password, ' ');
        }
    }

    private static TlsIdentity readFitting(
            Path chain, Path key, char @Nullable [] password, @Nullable Path passwordFile)
            throws IOException {
        List<X509Certificate> certificates = Pem.read(chain).certificates();
        PrivateKey privateKey = Pem.read(key).key(password, passwordFile);
        TlsIdentity identity = new TlsIdentity(certificates, privateKey);
        if (!identity.fits()) {
            throw new UnusableFileException(
                    key.toString(),
                    "the key in %s is not that of the certificate for %s in %s, its first one"
                            .formatted(key, identity.subject(), chain),
                    null);
        }
        return identity;
    }

    /// Why whoever checks its certificate refuses it now, for its dates; null if they are in order.
    @Nullable String outOfDate() {
        X509Certificate own = chain.getFirst();
        String why;
        try {
            own.checkValidity();
            return null;
        } catch (CertificateExpiredException _) {
            why = "has expired";
        } catch (CertificateNotYetValidException _) {
            why = "is not valid yet";
        }
        return "the certificate for %s %s: it is valid from %s until %s"
                .formatted(
                        subject(),
                        why,
                        own.getNotBefore().toInstant(),
                        own.getNotAfter().toInstant());
    }

    List<X509Certificate> chain() {
        return chain;
    }

    PrivateKey key() {
        return key;
    }

    /// The names of hosts that its certificate is for; what its subject says is none (RFC 9525).
    List<String> hostNames() {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = chain.getFirst().getSubjectAlternativeNames();
            for (List<?> each : alternatives == null ? List.<List<?>>of() : alternatives) {
                if (each.get(0).equals(DNS_NAME)) {
                    names.add(String.valueOf(each.get(1)));
                }
            }
        } catch (CertificateParsingException _) {
            // Then it has none.
        }
        return names;
    }

    private String subject() {
        return ExplainingTrustManager.subject(chain.getFirst());
    }

    /// Signs something, and looks whether the certificate confirms it.
    private boolean fits() {
        String algorithm =
                switch (key.getAlgorithm()) {
                    case "RSA" -> "SHA256withRSA";
                    case "EC" -> "SHA256withECDSA";
                    default -> key.getAlgorithm();
                };
        byte[] something = {1, 2, 3, 4};
        try {
            Signature signing = Signature.getInstance(algorithm);
            if (algorithm.equals(PSS)) {
                signing.setParameter(pssParameters());
            }
            signing.initSign(key);
            signing.update(something);
            byte[] signature = signing.sign();
            signing.initVerify(chain.getFirst().getPublicKey());
            signing.update(something);
            return signing.verify(signature);
        } catch (GeneralSecurityException _) {
            return false; // keys of two kinds
        }
    }

    /// Those that its key is bound to, or any.
    private AlgorithmParameterSpec pssParameters() {
        AlgorithmParameterSpec bound = key instanceof RSAKey rsa ? rsa.getParams() : null;
        return bound == null
                ? new PSSParameterSpec("SHA-256", "MGF1", MGF1ParameterSpec.SHA256, 32, 1)
                : bound;
    }

    /// The subject of its certificate, and when that expires.
    @Override
    public String toString() {
        return subject() + " until " + chain.getFirst().getNotAfter().toInstant();
    }
}
