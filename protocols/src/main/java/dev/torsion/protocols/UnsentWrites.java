package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.WriteMarks;

/// What was written before there was a transport to send it through.
final class UnsentWrites {
    private final WriteMarks marks;
    private final WriteQueue writes = new WriteQueue();
    private boolean toldFull;

    UnsentWrites(WriteMarks marks) {
        this.marks = marks;
    }

    /// Keeps `data`, which may be borrowed.
    ///
    /// @return whether it is all still below the high mark
    boolean add(Bytes data) {
        writes.add(data);
        boolean room = bytes() <= marks.high();
        toldFull |= !room;
        return room;
    }

    boolean pastHardLimit() {
        return bytes() > marks.hard();
    }

    long bytes() {
        return writes.bytes();
    }

    /// Writes it all to `transport`.
    ///
    /// @return whether somebody was told that there is no room, and now there is
    boolean sendThrough(Transport transport) {
        boolean room = true;
        while (!writes.isEmpty()) {
            room = transport.write(writes.take(Long.MAX_VALUE));
        }
        return toldFull && room;
    }

    void drop() {
        writes.drop();
    }
}
