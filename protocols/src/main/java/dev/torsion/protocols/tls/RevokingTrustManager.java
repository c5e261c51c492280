package dev.torsion.protocols.tls;

import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// Whom another trusts, unless that was revoked.
final class RevokingTrustManager extends EngineTrustManager {
    private final X509ExtendedTrustManager trusting;
    private final Revocations revocations;

    RevokingTrustManager(X509ExtendedTrustManager trusting, Revocations revocations) {
        this.trusting = trusting;
        this.revocations = revocations;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        trusting.checkClientTrusted(chain, type, engine);
        revocations.check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        trusting.checkServerTrusted(chain, type, engine);
        revocations.check(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return trusting.getAcceptedIssuers();
    }
}
