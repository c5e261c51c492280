package dev.torsion.protocols.tls;

import static java.util.stream.Collectors.toUnmodifiableSet;

import dev.torsion.reactor.Thrown;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateRevokedException;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.PKIXCertPathBuilderResult;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CRL;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/// What authorities have revoked, by lists of theirs (RFC 5280, section 5), as the JDK reads them.
///
/// This is done besides the JDK's check of trust and not within it: there, what the peer itself
/// staples to its certificate would be believed before a list.
final class Revocations {
    private final Set<X509Certificate> trusted;
    private final CertStore lists;

    private Revocations(Set<X509Certificate> trusted, CertStore lists) {
        this.trusted = trusted;
        this.lists = lists;
    }

    static Revocations of(X509Certificate[] trusted, List<X509CRL> lists) {
        if (lists.isEmpty()) {
            throw new IllegalArgumentException("nothing is revoked without a list");
        }
        if (trusted.length == 0) {
            throw new IllegalArgumentException(
                    "who has revoked what cannot be told where no authority is named");
        }
        try {
            return new Revocations(Set.copyOf(List.of(trusted)), store(lists));
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException("this JDK reads no lists of what is revoked", broken);
        }
    }

    private static CertStore store(Collection<?> content) throws GeneralSecurityException {
        return CertStore.getInstance("Collection", new CollectionCertStoreParameters(content));
    }

    /// Of a certificate that is trusted itself nobody else can revoke anything.
    void check(X509Certificate[] chain) throws CertificateException {
        X509Certificate own = chain[0];
        if (trusted.contains(own)) {
            return;
        }
        try {
            PKIXCertPathBuilderResult way = way(own, chain);
            PKIXParameters parameters = new PKIXParameters(Set.of(way.getTrustAnchor()));
            parameters.addCertStore(lists);
            parameters.setRevocationEnabled(true);
            var _ = CertPathValidator.getInstance("PKIX").validate(way.getCertPath(), parameters);
        } catch (CertPathValidatorException refused) {
            throw new CertificateException(explanation(own, refused), refused);
        } catch (CertPathBuilderException lost) {
            throw new CertificateException(
                    unknown(own) + "it does not lead to an authority that is named here", lost);
        } catch (GeneralSecurityException broken) {
            throw new CertificateException(unknown(own) + shown(broken), broken);
        }
    }

    private PKIXCertPathBuilderResult way(X509Certificate own, X509Certificate[] chain)
            throws GeneralSecurityException {
        X509CertSelector target = new X509CertSelector();
        target.setCertificate(own);
        PKIXBuilderParameters parameters =
                new PKIXBuilderParameters(
                        trusted.stream()
                                .map(each -> new TrustAnchor(each, null))
                                .collect(toUnmodifiableSet()),
                        target);
        parameters.addCertStore(store(List.of(chain)));
        parameters.setRevocationEnabled(false);
        return (PKIXCertPathBuilderResult) CertPathBuilder.getInstance("PKIX").build(parameters);
    }

    private static String explanation(X509Certificate own, CertPathValidatorException refused) {
        X509Certificate meant = meant(own, refused);
        for (Throwable cause : Thrown.causes(refused)) {
            if (cause instanceof CertificateRevokedException revoked) {
                return "the certificate for %s was revoked on %s (%s)"
                        .formatted(
                                ExplainingTrustManager.subject(meant),
                                revoked.getRevocationDate().toInstant(),
                                revoked.getRevocationReason());
            }
        }
        if (refused.getReason() == BasicReason.UNDETERMINED_REVOCATION_STATUS) {
            return unknown(meant)
                    + "there is no list of "
                    + ExplainingTrustManager.shown(meant.getIssuerX500Principal().getName())
                    + " that is in force";
        }
        return unknown(meant) + shown(refused);
    }

    private static String shown(GeneralSecurityException failure) {
        return ExplainingTrustManager.shown(Thrown.text(failure));
    }

    private static X509Certificate meant(X509Certificate own, CertPathValidatorException refused) {
        if (refused.getCertPath() != null && refused.getIndex() >= 0) {
            Certificate at = refused.getCertPath().getCertificates().get(refused.getIndex());
            if (at instanceof X509Certificate found) {
                return found;
            }
        }
        return own;
    }

    private static String unknown(X509Certificate certificate) {
        return "whether the certificate for %s was revoked cannot be told: "
                .formatted(ExplainingTrustManager.subject(certificate));
    }
}
