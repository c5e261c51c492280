package dev.torsion.protocols.testing;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.torsion.protocols.tls.TlsIdentity;
import dev.torsion.protocols.tls.TlsTrust;
import dev.torsion.reactor.Address;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/// An authority for tests alone: its certificates are real (X.509, P-256, valid from 2020 to 2120),
/// and made in memory.
///
/// ```java
/// TestAuthority authority = new TestAuthority("Tests");
/// TlsServerOptions server = TlsServerOptions.of(authority.identity("server.example"));
/// TlsClientOptions client = TlsClientOptions.trusting(authority.trust());
/// ```
///
/// **Thread:** any.
public final class TestAuthority {
    private static final byte[] ECDSA_WITH_SHA256 =
            Der.sequence(Der.of(Der.OBJECT, new byte[] {42, -122, 72, -50, 61, 4, 3, 2}));
    private static final byte[] VALIDITY =
            Der.sequence(
                    Der.of(Der.UTC_TIME, "200101000000Z".getBytes(US_ASCII)),
                    Der.of(Der.GENERALIZED_TIME, "21200101000000Z".getBytes(US_ASCII)));
    private static final byte[] TRUE = Der.of(Der.BOOLEAN, new byte[] {-1});
    private static final byte[] VERSION_3 = Der.of(0xa0, Der.of(Der.INTEGER, new byte[] {2}));

    /// Object identifiers of attributes and extensions, less what all begin with.
    private static final int COMMON_NAME = 3;

    private static final int SUBJECT_ALTERNATIVE_NAME = 17;
    private static final int BASIC_CONSTRAINTS = 19;
    private static final int KEY_USAGE = 15;

    private final byte[] name;
    private final KeyPair keys;
    private final X509Certificate certificate;
    private final AtomicLong serial = new AtomicLong();

    /// A new one, with a key of its own.
    public TestAuthority(String commonName) {
        name = name(commonName);
        keys = newKeys();
        byte[] signsCertificatesAndLists = {3, 2, 1, 6};
        certificate =
                signed(
                        name,
                        keys.getPublic(),
                        extension(BASIC_CONSTRAINTS, true, Der.sequence(TRUE)),
                        extension(KEY_USAGE, true, signsCertificatesAndLists));
    }

    /// Its own certificate.
    public X509Certificate certificate() {
        return certificate;
    }

    /// Takes its word for who somebody is.
    public TlsTrust trust() {
        return TlsTrust.of(List.of(certificate));
    }

    /// Somebody with a key and a certificate.
    ///
    /// @param commonName a name that is also certified for hosts if it can be one's, or an address
    /// @param more other hosts' names and addresses that it is for
    public TlsIdentity identity(String commonName, String... more) {
        KeyPair own = newKeys();
        return TlsIdentity.of(
                List.of(certificate(own.getPublic(), commonName, more)), own.getPrivate());
    }

    /// As [#identity], for a test that needs the certificate alone.
    public X509Certificate certificate(String commonName, String... more) {
        return certificate(newKeys().getPublic(), commonName, more);
    }

    private X509Certificate certificate(PublicKey key, String commonName, String... more) {
        List<byte[]> hosts = new ArrayList<>();
        if (commonName.matches("[A-Za-z0-9:*._-]+")) {
            hosts.add(host(commonName));
        }
        for (String each : more) {
            hosts.add(host(each));
        }
        byte[] subject = name(commonName);
        return hosts.isEmpty()
                ? signed(subject, key)
                : signed(
                        subject,
                        key,
                        extension(
                                SUBJECT_ALTERNATIVE_NAME,
                                false,
                                Der.sequence(hosts.toArray(byte[][]::new))));
    }

    private static byte[] host(String name) {
        return Address.of(name, 0).isLiteral()
                ? Der.of(0x87, InetAddress.ofLiteral(name).getAddress())
                : Der.of(0x82, name.getBytes(US_ASCII));
    }

    private static byte[] name(String commonName) {
        return Der.sequence(
                Der.of(
                        Der.SET,
                        Der.sequence(
                                Der.of(Der.OBJECT, new byte[] {85, 4, COMMON_NAME}),
                                Der.of(Der.UTF8, commonName.getBytes(UTF_8)))));
    }

    private static byte[] extension(int id, boolean critical, byte[] value) {
        return Der.sequence(
                Der.of(Der.OBJECT, new byte[] {85, 29, (byte) id}),
                critical ? TRUE : new byte[0],
                Der.of(Der.OCTETS, value));
    }

    private X509Certificate signed(byte[] subject, PublicKey key, byte[]... extensions) {
        BigInteger number = BigInteger.valueOf(serial.incrementAndGet());
        byte[] content =
                Der.sequence(
                        VERSION_3,
                        Der.of(Der.INTEGER, number.toByteArray()),
                        ECDSA_WITH_SHA256,
                        name,
                        VALIDITY,
                        subject,
                        key.getEncoded(),
                        extensions.length == 0
                                ? new byte[0]
                                : Der.of(0xa3, Der.sequence(extensions)));
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(keys.getPrivate());
            signature.update(content);
            byte[] whole =
                    Der.sequence(
                            content,
                            ECDSA_WITH_SHA256,
                            Der.of(Der.BITS, new byte[1], signature.sign()));
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(whole));
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException("this JDK signs no certificates", broken);
        }
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException broken) {
            throw new IllegalStateException("this JDK makes no keys", broken);
        }
    }
}
