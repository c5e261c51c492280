package dev.torsion.protocols.tls;

import dev.torsion.reactor.Thrown;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/// A program's own judgement, and the JDK's of whether the certificate is for the host, which a
/// judge that is given to the JDK by itself would have to see to.
final class JudgingTrustManager extends EngineTrustManager {
    private final X509TrustManager judge;

    private interface Judgement {
        void pass() throws CertificateException;
    }

    JudgingTrustManager(X509TrustManager judge) {
        this.judge = judge;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        judge(
                chain[0],
                () -> {
                    if (judge instanceof X509ExtendedTrustManager knowing) {
                        knowing.checkServerTrusted(chain, type, engine);
                    } else {
                        judge.checkServerTrusted(chain, type);
                    }
                });
        X509Certificate[] own = {chain[0]};
        TlsTrust.hostOf(chain[0]).checkServerTrusted(own, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        judge(
                chain[0],
                () -> {
                    if (judge instanceof X509ExtendedTrustManager knowing) {
                        knowing.checkClientTrusted(chain, type, engine);
                    } else {
                        judge.checkClientTrusted(chain, type);
                    }
                });
    }

    private static void judge(X509Certificate own, Judgement judgement)
            throws CertificateException {
        try {
            judgement.pass();
        } catch (CertificateException | RuntimeException refused) {
            throw new CertificateException(
                    "the certificate for %s is refused: %s"
                            .formatted(
                                    ExplainingTrustManager.subject(own),
                                    ExplainingTrustManager.shown(Thrown.text(refused))),
                    refused);
        }
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return judge.getAcceptedIssuers();
    }
}
