package dev.torsion.protocols.amp;

import dev.torsion.reactor.Bytes;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;

/// Strings of bytes one after the other, each with its length in two bytes before it: what boxes
/// and lists are made of.
final class Strings {
    private Strings() {}

    static void put(ByteArrayOutputStream out, Bytes string, String what)
            throws AmpException.Unsendable {
        int size = string.size();
        if (size > Box.MAX_VALUE) {
            throw new AmpException.Unsendable(
                    what + " takes " + size + " bytes; at most 65535 are allowed");
        }
        out.write(size >>> 8);
        out.write(size);
        out.writeBytes(string.toArray());
    }

    static List<Bytes> split(Bytes strings) throws AmpException.Unreadable {
        List<Bytes> found = new ArrayList<>();
        int at = 0;
        while (at < strings.size()) {
            int from = at + 2;
            if (from > strings.size()) {
                throw new AmpException.Unreadable("a list that ends within a length");
            }
            at = from + (((strings.at(at) & 0xff) << 8) | (strings.at(at + 1) & 0xff));
            if (at > strings.size()) {
                throw new AmpException.Unreadable("a list that ends within an element");
            }
            found.add(strings.slice(from, at));
        }
        return found;
    }
}
