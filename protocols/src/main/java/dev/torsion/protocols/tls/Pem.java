package dev.torsion.protocols.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.PeerText;
import dev.torsion.reactor.Thrown;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.AlgorithmParameters;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.cert.CRLException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.EncryptedPrivateKeyInfo;
import javax.crypto.SecretKeyFactory;
import javax.crypto.spec.PBEKeySpec;
import org.jspecify.annotations.Nullable;

/// Reads PEM (RFC 7468): certificates, what was revoked, and private keys in PKCS#8. Messages name
/// the file and the line, never what stands there.
final class Pem {
    private static final String BEGIN = "-----BEGIN ";
    private static final String END = "-----END ";
    private static final String DASHES = "-----";
    private static final int MOST_BYTES = 64 << 20; // as lists of what was revoked may have
    private static final int LONGEST_PASSWORD = 4096;
    private static final List<String> KEY_ALGORITHMS = List.of("EC", "RSA", "RSASSA-PSS", "EdDSA");

    private final String file;
    private final String text;

    /// What stands between BEGIN and END; `line` is that of the BEGIN.
    private record Block(String label, Bytes der, int line) {}

    /// @param file what messages call it
    Pem(String file, String text) {
        this.file = file;
        this.text = text;
    }

    /// Reads a file; blocks.
    static Pem read(Path file) throws IOException {
        return new Pem(file.toString(), text(content(file, MOST_BYTES)));
    }

    /// PEM is ASCII, but some editors write it in UTF-16, and a byte order mark in front.
    private static String text(byte[] content) {
        String text = new String(content, ISO_8859_1);
        if (text.startsWith("\u00fe\u00ff") || text.startsWith("\u00ff\u00fe")) {
            return new String(content, UTF_16);
        }
        return text.startsWith("\u00ef\u00bb\u00bf") ? text.substring(3) : text;
    }

    /// The first line of a file; blocks.
    static char[] password(Path file) throws IOException {
        String text = new String(content(file, LONGEST_PASSWORD), UTF_8);
        return (text.startsWith("\ufeff") ? text.substring(1) : text)
                .lines()
                .findFirst()
                .orElse("")
                .toCharArray();
    }

    private static byte[] content(Path file, int most) throws IOException {
        try (InputStream input = Files.newInputStream(file)) {
            byte[] content = input.readNBytes(most + 1);
            if (content.length > most) {
                throw new IOException("it has more than " + most + " bytes, more than are read");
            }
            return content;
        } catch (NoSuchFileException missing) {
            throw unusable(file, "there is no file " + file, missing);
        } catch (AccessDeniedException denied) {
            throw unusable(file, file + " may not be read by this user", denied);
        } catch (IOException unreadable) {
            throw unusable(
                    file, "cannot read " + file + ": " + Thrown.text(unreadable), unreadable);
        }
    }

    private static IOException unusable(Path file, String why, IOException cause) {
        return new UnusableFileException(file.toString(), why, cause);
    }

    /// Of the content that is read of a file.
    static String fingerprint(InputStream input) throws IOException {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            return HexFormat.of().formatHex(digest.digest(input.readNBytes(MOST_BYTES + 1)));
        } catch (NoSuchAlgorithmException missing) {
            throw new IllegalStateException("this JDK has no SHA-256", missing);
        }
    }

    /// All the certificates, at least one, in their order; whatever else is there is passed over.
    List<X509Certificate> certificates() throws IOException {
        List<X509Certificate> certificates = new ArrayList<>();
        for (Block block : blocks()) {
            if (block.label.equals("CERTIFICATE")
                    || block.label.equals("X509 CERTIFICATE")
                    || block.label.equals("TRUSTED CERTIFICATE")) {
                certificates.add(certificate(block));
            }
        }
        if (certificates.isEmpty()) {
            throw wrong(
                    file
                            + " holds no certificate: expected a line "
                            + BEGIN
                            + "CERTIFICATE-----; from DER convert it: openssl x509 -inform DER -in "
                            + file
                            + " -out NEW.pem",
                    null);
        }
        return certificates;
    }

    /// All the lists of revoked certificates, at least one.
    List<X509CRL> revocations() throws IOException {
        List<X509CRL> lists = new ArrayList<>();
        for (Block block : blocks()) {
            if (block.label.equals("X509 CRL")) {
                lists.add(revocations(block));
            }
        }
        if (lists.isEmpty()) {
            throw wrong(
                    file
                            + " holds no list of revoked certificates: expected a line "
                            + BEGIN
                            + "X509 CRL-----; from DER convert it: openssl crl -inform DER -in "
                            + file
                            + " -out NEW.pem",
                    null);
        }
        return lists;
    }

    /// The first private key.
    ///
    /// @param password what it is encrypted with, if it is; null if there is none
    /// @param passwordFile where that comes from: to blame if it is wrong; null if from no file
    PrivateKey key(char @Nullable [] password, @Nullable Path passwordFile) throws IOException {
        for (Block block : blocks()) {
            switch (block.label) {
                case "PRIVATE KEY" -> {
                    return key(block, new PKCS8EncodedKeySpec(block.der.toArray()));
                }
                case "ENCRYPTED PRIVATE KEY" -> {
                    if (password == null) {
                        throw wrong(
                                block.line,
                                "the key is encrypted; read it with its password (key-password-file= in"
                                        + " an endpoint), or decrypt it:"
                                        + " openssl pkcs8 -in "
                                        + file
                                        + " -out NEW.key");
                    }
                    return key(block, decrypted(block, password, passwordFile));
                }
                case "RSA PRIVATE KEY", "EC PRIVATE KEY" ->
                        throw wrong(
                                block.line,
                                "the key is in the old form \""
                                        + block.label
                                        + "\"; convert it to PKCS#8: openssl pkcs8 -topk8 -nocrypt"
                                        + " -in "
                                        + file
                                        + " -out NEW.key");
                default -> {}
            }
        }
        throw wrong(
                file
                        + " holds no private key: expected a line "
                        + BEGIN
                        + "PRIVATE KEY-----; if it is in a file of its own, name that (key= in an endpoint);"
                        + " from DER convert it: openssl pkey -inform DER -in "
                        + file
                        + " -out NEW.key",
                null);
    }

    private X509Certificate certificate(Block block) throws IOException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(block.der.toArray()));
        } catch (CertificateException broken) {
            throw wrong(block.line, "what begins here is no certificate", broken);
        }
    }

    private X509CRL revocations(Block block) throws IOException {
        try {
            return (X509CRL)
                    CertificateFactory.getInstance("X.509")
                            .generateCRL(new ByteArrayInputStream(block.der.toArray()));
        } catch (CertificateException | CRLException broken) {
            throw wrong(block.line, "what begins here is no list of revoked certificates", broken);
        }
    }

    /// What is wrong is told without its cause: nothing that has seen the password or the key is
    /// passed on.
    private PKCS8EncodedKeySpec decrypted(Block block, char[] password, @Nullable Path passwordFile)
            throws IOException {
        EncryptedPrivateKeyInfo encrypted;
        Cipher cipher;
        String algorithm = "unknown";
        try {
            encrypted = new EncryptedPrivateKeyInfo(block.der.toArray());
            algorithm = algorithm(encrypted);
            cipher = Cipher.getInstance(algorithm);
            PBEKeySpec secret = new PBEKeySpec(password);
            try {
                cipher.init(
                        Cipher.DECRYPT_MODE,
                        SecretKeyFactory.getInstance(algorithm).generateSecret(secret),
                        encrypted.getAlgParameters());
            } finally {
                secret.clearPassword();
            }
        } catch (IOException | GeneralSecurityException _) {
            throw wrong(
                    block.line,
                    "the key is encrypted in a way that this JDK does not know (%s); encrypt it anew: openssl pkcs8 -topk8 -v2 aes256 -in %s -out NEW.key"
                            .formatted(algorithm, file));
        }
        try {
            return encrypted.getKeySpec(cipher);
        } catch (InvalidKeySpecException _) {
            String which = passwordFile == null ? "" : " in " + passwordFile;
            throw new UnusableFileException(
                    passwordFile == null ? file : passwordFile.toString(),
                    "%s, line %d: the password%s is not that of the key that begins here"
                            .formatted(file, block.line, which),
                    null);
        }
    }

    /// Of PBES2 (RFC 8018) the JDK puts the name of the whole together in the parameters.
    private static String algorithm(EncryptedPrivateKeyInfo encrypted) {
        String name = encrypted.getAlgName();
        AlgorithmParameters parameters = encrypted.getAlgParameters();
        return name.equals("PBES2") || name.equals("1.2.840.113549.1.5.13")
                ? String.valueOf(parameters)
                : name;
    }

    private PrivateKey key(Block block, PKCS8EncodedKeySpec encoded) throws IOException {
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (InvalidKeySpecException _) {
                // A key of another kind, or none; its text is nobody's business.
            } catch (GeneralSecurityException missing) {
                throw new IOException("this JDK has no keys of the kind " + algorithm, missing);
            }
        }
        throw wrong(
                block.line, "what begins here is no PKCS#8 key of a known kind: " + KEY_ALGORITHMS);
    }

    // ---- blocks ----

    private List<Block> blocks() throws IOException {
        List<String> lines = text.lines().toList();
        List<Block> blocks = new ArrayList<>();
        String label = null;
        int begun = 0;
        StringBuilder base64 = new StringBuilder();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (label == null) {
                if (line.startsWith(BEGIN) && line.endsWith(DASHES)) {
                    begun = i + 1;
                    label = label(line, begun);
                    base64.setLength(0);
                }
            } else if (line.equals(END + label + DASHES)) {
                blocks.add(new Block(label, decoded(label, base64.toString(), begun), begun));
                label = null;
            } else {
                base64.append(line);
            }
        }
        if (label != null) {
            throw wrong(begun, "the block that begins here has no line " + END + label + DASHES);
        }
        return blocks;
    }

    private String label(String line, int number) throws IOException {
        String label = line.substring(BEGIN.length(), line.length() - DASHES.length());
        if (label.contains(DASHES)) {
            throw wrong(
                    number,
                    "the block that begins here ends in the same line; BEGIN and END are to be lines of"
                            + " their own");
        }
        return label;
    }

    private Bytes decoded(String label, String base64, int line) throws IOException {
        if (base64.contains(":")) {
            // The headers of the oldest form, "Proc-Type: 4,ENCRYPTED": the label says the rest.
            return Bytes.empty();
        }
        try {
            return Bytes.wrap(Base64.getDecoder().decode(base64));
        } catch (IllegalArgumentException _) {
            throw wrong(line, "the " + label + " that begins here is not Base64");
        }
    }

    private IOException wrong(int line, String what) {
        return wrong(line, what, null);
    }

    private IOException wrong(int line, String what, @Nullable Throwable cause) {
        return wrong(file + ", line " + line + ": " + what, cause);
    }

    private IOException wrong(String what, @Nullable Throwable cause) {
        // Names of blocks are whatever stands in the file.
        return new UnusableFileException(file, PeerText.shown(what, Integer.MAX_VALUE), cause);
    }
}
