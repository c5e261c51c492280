package dev.torsion.protocols;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.WriteMarks;
import java.util.ArrayList;
import java.util.List;

/// What was written before there was a transport to send it through.
final class UnsentWrites {
    private final WriteMarks marks;
    private final List<Bytes> writes = new ArrayList<>();
    private long bytes;
    private boolean toldFull;

    UnsentWrites(WriteMarks marks) {
        this.marks = marks;
    }

    /// Keeps `data`, which may be borrowed.
    ///
    /// @return whether it is all still below the high mark
    boolean add(Bytes data) {
        writes.add(data.owned());
        bytes += data.size();
        boolean room = bytes <= marks.high();
        toldFull |= !room;
        return room;
    }

    boolean pastHardLimit() {
        return bytes > marks.hard();
    }

    long bytes() {
        return bytes;
    }

    /// Writes it all to `transport`.
    ///
    /// @return whether somebody was told that there is no room, and now there is
    boolean sendThrough(Transport transport) {
        boolean room = true;
        for (Bytes data : writes) {
            room = transport.write(data);
        }
        drop();
        return toldFull && room;
    }

    void drop() {
        writes.clear();
        bytes = 0;
    }
}
