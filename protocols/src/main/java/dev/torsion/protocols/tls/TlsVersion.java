package dev.torsion.protocols.tls;

/// The versions of TLS there are; what is older is not secure, and not spoken.
public enum TlsVersion {
    /// RFC 5246.
    TLS_1_2("TLSv1.2"),
    /// RFC 8446.
    TLS_1_3("TLSv1.3");

    private final String name;

    TlsVersion(String name) {
        this.name = name;
    }

    static TlsVersion named(String name) {
        for (TlsVersion version : values()) {
            if (version.name.equals(name)) {
                return version;
            }
        }
        throw new IllegalStateException("a TLS version that was not allowed: " + name);
    }

    /// Whether a cipher suite is one of this version; those of TLS 1.3 name no exchange of keys.
    boolean has(String cipherSuite) {
        return (this == TLS_1_3) != cipherSuite.contains("_WITH_");
    }

    /// As the JDK and openssl spell it: `TLSv1.3`.
    @Override
    public String toString() {
        return name;
    }
}
