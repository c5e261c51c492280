package dev.torsion.protocols.tls;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/// A trust manager for engines; sockets, and callers without either, of whom there are none, are
/// refused.
abstract class EngineTrustManager extends X509ExtendedTrustManager {

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        throw withoutEngine();
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        throw withoutEngine();
    }

    @Override
    public final void checkClientTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        throw withoutEngine();
    }

    @Override
    public final void checkServerTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        throw withoutEngine();
    }

    private static CertificateException withoutEngine() {
        return new CertificateException("certificates are checked for engines alone");
    }

    @Override
    public abstract void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException;

    @Override
    public abstract void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException;
}
