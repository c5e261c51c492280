package dev.torsion.protocols.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Whose word is taken for who the other end is: certificates of authorities, or of peers
/// themselves. Immutable.
public final class TlsTrust {
    private final String text;
    private final X509ExtendedTrustManager manager;

    private TlsTrust(String text, X509ExtendedTrustManager manager) {
        this.text = text;
        this.manager = manager;
    }

    /// The authorities that this JDK comes with; reads its file, so it blocks.
    public static TlsTrust system() {
        return new TlsTrust("the system's authorities", manager(null));
    }

    /// Certificates of authorities, or of peers themselves.
    ///
    /// @param certificates at least one
    public static TlsTrust of(List<X509Certificate> certificates) {
        if (certificates.isEmpty()) {
            throw new IllegalArgumentException("nobody can be trusted without a certificate");
        }
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            for (int i = 0; i < certificates.size(); i++) {
                store.setCertificateEntry(Integer.toString(i), certificates.get(i));
            }
            String names =
                    String.join(
                            "; ",
                            certificates.stream()
                                    .map(each -> each.getSubjectX500Principal().getName())
                                    .toList());
            return new TlsTrust(names, manager(store));
        } catch (GeneralSecurityException | IOException broken) {
            throw new IllegalArgumentException("these certificates cannot be trusted", broken);
        }
    }

    /// Reads the certificates of a PEM file; blocks.
    ///
    /// @throws IOException saying what is wrong where
    public static TlsTrust read(Path file) throws IOException {
        return of(Pem.read(file).certificates());
    }

    X509ExtendedTrustManager manager() {
        return manager;
    }

    private static X509ExtendedTrustManager manager(@Nullable KeyStore store) {
        try {
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(store);
            for (TrustManager manager : factory.getTrustManagers()) {
                if (manager instanceof X509ExtendedTrustManager found) {
                    return new ExplainingTrustManager(found);
                }
            }
            throw new IllegalStateException("this JDK has no trust manager for X.509");
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException("this JDK checks no certificates", broken);
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
