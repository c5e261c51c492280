package dev.torsion.sim;

import dev.torsion.bus.Event;
import dev.torsion.reactor.Bytes;

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

    void add(Bytes data) {
        add(data.size());
        for (int i = 0; i < data.size(); i++) {
            add(data.at(i));
        }
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

    /// Of all that an event says.
    static long of(Event event) {
        Fingerprint fingerprint = new Fingerprint();
        fingerprint.add(event.id().hashCode());
        fingerprint.add(event.source().hashCode());
        fingerprint.add(event.type().hashCode());
        fingerprint.add(event.time().hashCode());
        fingerprint.add(event.topic().hashCode());
        fingerprint.add(event.data());
        fingerprint.add(event.replyTo() == null ? 0 : event.replyTo().hashCode());
        fingerprint.add(event.attributes().hashCode());
        fingerprint.add(event.headers().hashCode());
        return fingerprint.value;
    }
}
