package dev.torsion.protocols.testing;

import java.io.ByteArrayOutputStream;

/// DER (X.690), as much of it as a certificate needs.
final class Der {
    static final int BOOLEAN = 0x01;
    static final int INTEGER = 0x02;
    static final int BITS = 0x03;
    static final int OCTETS = 0x04;
    static final int OBJECT = 0x06;
    static final int UTF8 = 0x0c;
    static final int UTC_TIME = 0x17;
    static final int GENERALIZED_TIME = 0x18;
    static final int SET = 0x31;
    private static final int SEQUENCE = 0x30;

    private Der() {}

    static byte[] sequence(byte[]... parts) {
        return of(SEQUENCE, parts);
    }

    static byte[] of(int tag, byte[]... parts) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        whole.write(tag);
        int size = content.size();
        if (size > 0xffff) {
            throw new IllegalArgumentException("a part of a certificate has " + size + " bytes");
        }
        if (size > 0xff) {
            whole.write(0x82);
            whole.write(size >> 8);
        } else if (size > 0x7f) {
            whole.write(0x81);
        }
        whole.write(size);
        whole.writeBytes(content.toByteArray());
        return whole.toByteArray();
    }
}
