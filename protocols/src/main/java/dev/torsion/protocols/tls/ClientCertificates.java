package dev.torsion.protocols.tls;

/// Whether a server asks its clients who they are.
public enum ClientCertificates {
    /// It does not ask.
    NONE,
    /// It asks; a client may have none, but not one that is not trusted.
    WANTED,
    /// It asks, and takes nobody who has none.
    NEEDED
}
