package dev.torsion.cluster;

import dev.torsion.bus.BusOptions;
import dev.torsion.reactor.Address;

/// One life of a node, and where other nodes reach it.
record NodeIdentity(String name, long incarnation, Address.Inet address) {

    private static final int MAX_HOST = 255;

    /// @throws IllegalArgumentException saying what is wrong
    NodeIdentity {
        if (!BusOptions.isNodeName(name)) {
            throw new IllegalArgumentException(
                    "a node's name is 1 to 64 letters, digits, \"-\" and \"_\"");
        }
        if (incarnation < 0) {
            throw new IllegalArgumentException("an incarnation is not negative: " + incarnation);
        }
        if (address.host().length() > MAX_HOST) {
            throw new IllegalArgumentException(
                    "a node's host has at most " + MAX_HOST + " characters");
        }
        if (address.port() == 0) {
            throw new IllegalArgumentException("a node is not reached at port 0: " + address);
        }
    }

    @Override
    public String toString() {
        return name + " (" + address + ", incarnation " + incarnation + ")";
    }
}
