package dev.torsion.sim;

/// A hash that is the same in every JVM.
final class Fingerprint {
    private static final long PRIME = 0x100000001b3L;
    private long value = 0xcbf29ce484222325L;

    void add(long number) {
        value = (value ^ number) * PRIME;
        value ^= value >>> 32;
    }

    void add(String text) {
        add(of(text));
    }

    long value() {
        return value;
    }

    static long of(String text) {
        Fingerprint fingerprint = new Fingerprint();
        for (int i = 0; i < text.length(); i++) {
            fingerprint.add(text.charAt(i));
        }
        return fingerprint.value;
    }
}
