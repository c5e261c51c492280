package dev.torsion.protocols.tls;

import java.io.IOException;
import java.nio.file.Path;

/// What `src/test/pem/make.sh` made.
final class Certificates {
    static final TlsTrust TRUST = trust("authority");
    static final TlsIdentity SERVER = identity("server");
    static final TlsIdentity OTHER = identity("other");

    private Certificates() {}

    static Path file(String name) {
        return Path.of(System.getProperty("basedir", "protocols"), "src/test/pem", name);
    }

    static TlsIdentity identity(String name) {
        try {
            return TlsIdentity.read(file(name + ".crt"), file(name + ".key"));
        } catch (IOException missing) {
            throw new AssertionError(missing);
        }
    }

    static TlsTrust trust(String name) {
        try {
            return TlsTrust.read(file(name + ".crt"));
        } catch (IOException missing) {
            throw new AssertionError(missing);
        }
    }
}
