package dev.torsion.reactor.testing;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;

/// What travels from one [DatagramPort] to others; the bytes are owned.
record Datagram(Address.Inet from, Address.Inet to, Bytes bytes) {
    @Override
    public String toString() {
        return "datagram of " + bytes.size() + " bytes from " + from + " to " + to;
    }
}
