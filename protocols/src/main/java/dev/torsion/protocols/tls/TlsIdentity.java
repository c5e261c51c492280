package dev.torsion.protocols.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;

/// Who one end of a connection says it is: its certificate, those that lead from it to an
/// authority, and the private key that proves it. Immutable; its text never holds the key.
public final class TlsIdentity {
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

    /// Reads PEM files; blocks. Both may be the same file.
    ///
    /// @param chain its own certificate first
    /// @param key in PKCS#8, not encrypted: RSA, EC or Ed25519
    /// @throws IOException saying which file is wrong, where, and what to do
    public static TlsIdentity read(Path chain, Path key) throws IOException {
        List<X509Certificate> certificates = Pem.read(chain).certificates();
        PrivateKey privateKey = Pem.read(key).key();
        TlsIdentity identity = new TlsIdentity(certificates, privateKey);
        if (!identity.fits()) {
            throw new IOException(
                    "the key in %s is not that of the certificate for %s in %s, its first one"
                            .formatted(key, identity.subject(), chain));
        }
        return identity;
    }

    List<X509Certificate> chain() {
        return chain;
    }

    PrivateKey key() {
        return key;
    }

    private String subject() {
        return chain.getFirst().getSubjectX500Principal().getName();
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

    /// The subject of its certificate, and when that expires.
    @Override
    public String toString() {
        return subject() + " until " + chain.getFirst().getNotAfter().toInstant();
    }
}
