package dev.torsion.protocols.tls;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/// Whose word is taken for who the other end is: certificates of authorities, or of peers
/// themselves. Immutable.
public final class TlsTrust {
    private final String text;
    private final X509ExtendedTrustManager manager;
    private final boolean mayBlock;

    private TlsTrust(String text, X509ExtendedTrustManager manager, boolean mayBlock) {
        this.text = text;
        this.manager = manager;
        this.mayBlock = mayBlock;
    }

    /// The authorities that this JDK comes with; reads its file, so it blocks.
    public static TlsTrust system() {
        return new TlsTrust("the system's authorities", manager(null), false);
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
            return new TlsTrust(names, manager(store), false);
        } catch (GeneralSecurityException | IOException broken) {
            throw new IllegalArgumentException("these certificates cannot be trusted", broken);
        }
    }

    /// Whom a program trusts for reasons of its own: a pin, an account, a [TrustManagerFactory]'s
    /// manager. Whether the certificate is for the host that is asked for is checked besides, by
    /// the JDK's rules and after `judge`; only [TlsClientOptions#trustingAnyHostName] gives that
    /// up.
    ///
    /// It is asked in a thread, so it may block, for as long as the handshake has, at whose end it
    /// is interrupted; in every handshake, but not when a session is resumed that began with one.
    /// Its `CertificateException` refuses the peer, and so does whatever else it throws; the
    /// message is told to who connects, and logged by a server.
    ///
    /// @param judge asked with the engine if it is an [X509ExtendedTrustManager]
    public static TlsTrust of(X509TrustManager judge) {
        return new TlsTrust("whom " + judge + " trusts", new JudgingTrustManager(judge), true);
    }

    /// Refuses besides what was revoked. Every certificate below a trusted one must be covered by a
    /// list that its issuer has signed and that is in force: one whose state cannot be told is
    /// refused too. Nothing is fetched. New lists are for [TlsReload] to read.
    ///
    /// @throws IllegalArgumentException if there is no list, or this trust names no authority
    public TlsTrust withRevocation(List<X509CRL> lists) {
        Revocations revocations = Revocations.of(manager.getAcceptedIssuers(), lists);
        return new TlsTrust(
                text + ", unless revoked",
                new RevokingTrustManager(manager, revocations),
                mayBlock);
    }

    /// As [#withRevocation(List)], with all the lists of PEM files (`BEGIN X509 CRL`); blocks.
    ///
    /// @throws IOException saying what is wrong where
    public TlsTrust withRevocation(Path... files) throws IOException {
        List<X509CRL> lists = new ArrayList<>();
        for (Path file : files) {
            lists.addAll(Pem.read(file).revocations());
        }
        return withRevocation(lists);
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

    /// Whether `trust` asks code that may wait for something; for null, nobody is asked.
    static boolean mayBlock(@Nullable TlsTrust trust) {
        return trust != null && trust.mayBlock;
    }

    /// Trusts this very certificate, so that what is left to check is whether it is for the host.
    static X509ExtendedTrustManager hostOf(X509Certificate certificate) {
        return of(List.of(certificate)).manager;
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
