package dev.torsion.protocols.tls;

import dev.torsion.reactor.PeerText;
import dev.torsion.reactor.Thrown;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXReason;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// The JDK's checks, with reasons that a person can act on.
final class ExplainingTrustManager extends EngineTrustManager {
    private static final int SHOWN = 200;

    private final X509ExtendedTrustManager checks;

    ExplainingTrustManager(X509ExtendedTrustManager checks) {
        this.checks = checks;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        try {
            checks.checkServerTrusted(chain, type, engine);
        } catch (CertificateException refused) {
            boolean name = isForAnother(chain, type, engine);
            throw explained(chain, name ? engine.getPeerHost() : null, refused);
        }
    }

    /// Whether all is well with the certificate but the name in it.
    private boolean isForAnother(X509Certificate[] chain, String type, SSLEngine engine) {
        if (engine.getSSLParameters().getEndpointIdentificationAlgorithm() == null) {
            return false;
        }
        try {
            checks.checkServerTrusted(chain, type);
            return true;
        } catch (CertificateException _) {
            return false;
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        try {
            checks.checkClientTrusted(chain, type, engine);
        } catch (CertificateException refused) {
            throw explained(chain, null, refused);
        }
    }

    /// @param host whom it is not for, if it is refused for that
    private static CertificateException explained(
            X509Certificate[] chain, @Nullable String host, CertificateException refused) {
        return new CertificateException(explanation(chain[0], host, refused), refused);
    }

    private static String explanation(
            X509Certificate own, @Nullable String host, CertificateException refused) {
        List<Throwable> causes = Thrown.causes(refused);
        String subject = subject(own);
        String issuer = shown(own.getIssuerX500Principal().getName());
        if (causes.stream().anyMatch(CertificateExpiredException.class::isInstance)) {
            return "the certificate for %s, or one above it, has expired (its own is valid until %s)"
                    .formatted(subject, own.getNotAfter().toInstant());
        }
        if (causes.stream().anyMatch(CertificateNotYetValidException.class::isInstance)) {
            return "the certificate for %s, or one above it, is not valid yet (its own is from %s on)"
                    .formatted(subject, own.getNotBefore().toInstant());
        }
        if (leadToNobodyTrusted(causes)) {
            return own.getSubjectX500Principal().equals(own.getIssuerX500Principal())
                    ? "the certificate for " + subject + " is self-signed, and not trusted here"
                    : "the certificate for %s is issued by %s, who is not trusted here"
                            .formatted(subject, issuer);
        }
        if (host != null) {
            return "the certificate is for %s, not for %s".formatted(names(own), host);
        }
        return "the certificate for %s, issued by %s, is refused: %s"
                .formatted(subject, issuer, shown(Thrown.text(causes.getLast())));
    }

    private static boolean leadToNobodyTrusted(List<Throwable> causes) {
        boolean noPath = false;
        for (Throwable cause : causes) {
            if (cause instanceof CertPathValidatorException path) {
                return path.getReason() == PKIXReason.NO_TRUST_ANCHOR;
            }
            noPath |= cause instanceof CertPathBuilderException;
        }
        return noPath;
    }

    private static String names(X509Certificate certificate) {
        List<String> names = new ArrayList<>();
        try {
            Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
            if (alternatives != null) {
                for (List<?> alternative : alternatives) {
                    names.add(String.valueOf(alternative.get(1)));
                }
            }
        } catch (CertificateParsingException _) {
            // Then it has none.
        }
        return shown(
                names.isEmpty()
                        ? certificate.getSubjectX500Principal().getName()
                        : String.join(", ", names));
    }

    /// Whom it is for, as may be shown.
    static String subject(X509Certificate certificate) {
        return shown(certificate.getSubjectX500Principal().getName());
    }

    static String shown(String text) {
        return PeerText.shown(text, SHOWN);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return checks.getAcceptedIssuers();
    }
}
