package dev.torsion.protocols.tls;

import dev.torsion.reactor.Thrown;
import java.security.cert.CertificateException;

/// Says what went wrong in a handshake.
final class TlsFailure {
    private TlsFailure() {}

    static String text(Throwable failure) {
        for (Throwable cause : Thrown.causes(failure)) {
            if (cause instanceof CertificateException && cause.getMessage() != null) {
                return cause.getMessage();
            }
        }
        String message = Thrown.text(failure);
        if (message.contains("Received fatal alert: ")) {
            return "the peer refused, with the alert "
                    + message.substring(message.indexOf("Received fatal alert: ") + 22);
        }
        return message.matches("Un.*recognized SSL message.*")
                ? "what the peer sent is not TLS"
                : message;
    }
}
