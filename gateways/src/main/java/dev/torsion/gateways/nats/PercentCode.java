package dev.torsion.gateways.nats;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.torsion.reactor.Bytes;
import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/// Attribute values in headers, as the CloudEvents HTTP binding 1.0 has them (§ 3.1.3.2): space,
/// double quote, percent and everything outside printable ASCII is written as `%` and two
/// hexadecimal digits per byte of its UTF-8.
final class PercentCode {
    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private PercentCode() {}

    static String encode(String value) {
        if (value.chars().allMatch(PercentCode::isPlain)) {
            return value;
        }
        StringBuilder encoded = new StringBuilder();
        for (byte b : value.getBytes(UTF_8)) {
            if (isPlain(b)) {
                encoded.append((char) b);
            } else {
                encoded.append('%').append(HEX.toHexDigits(b));
            }
        }
        return encoded.toString();
    }

    private static boolean isPlain(int c) {
        return c > ' ' && c < 0x7f && c != '"' && c != '%';
    }

    /// Also takes a value in double quotes, as receivers have to.
    ///
    /// @throws IllegalArgumentException if a percent sign is not followed by two digits, or the
    ///   bytes are not UTF-8
    static String decode(String value) {
        String text = isQuoted(value) ? unquote(value) : value;
        if (text.indexOf('%') < 0) {
            return text;
        }
        ByteArrayOutputStream decoded = new ByteArrayOutputStream();
        byte[] bytes = text.getBytes(UTF_8);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                decoded.write(bytes[i]);
            } else if (i + 2 < bytes.length) {
                decoded.write(
                        HexFormat.fromHexDigit(bytes[i + 1]) << 4
                                | HexFormat.fromHexDigit(bytes[i + 2]));
                i += 2;
            } else {
                throw new IllegalArgumentException("a percent sign without two digits");
            }
        }
        return Text.strictUtf8("the value", Bytes.wrap(decoded.toByteArray()));
    }

    private static boolean isQuoted(String value) {
        return value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
    }

    private static String unquote(String value) {
        return value.substring(1, value.length() - 1).replaceAll("\\\\(.)", "$1");
    }
}
