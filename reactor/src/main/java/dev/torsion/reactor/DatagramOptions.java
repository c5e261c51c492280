package dev.torsion.reactor;

import org.jspecify.annotations.Nullable;

/// How a UDP port is opened, and its bounds.
///
/// @param receiveSize the longest datagram that is received, 1 to 65,507 bytes; a longer one is
///   dropped whole and counted, never cut
/// @param receiveBuffer bytes that the operating system may keep unread; 0 leaves it its own
///   measure, and it may take less than asked
/// @param sendBuffer bytes that it may keep unsent; the same
/// @param broadcast whether sending to a broadcast address is allowed
/// @param shared whether other sockets that say so too may be bound to the same port. A datagram to
///   a group or a broadcast address then reaches all of them, any other reaches one: with
///   SO_REUSEPORT (Linux, BSD) which one depends on the sender alone, so that one port of each
///   reactor of a [ReactorGroup] spreads the senders over the loops; elsewhere it is not said which
/// @param multicast how datagrams to groups are sent
public record DatagramOptions(
        int receiveSize,
        int receiveBuffer,
        int sendBuffer,
        boolean broadcast,
        boolean shared,
        Multicast multicast) {

    /// How datagrams to multicast groups are sent.
    ///
    /// @param networkInterface the interface they leave by, by its name (`eth0`) or one of its
    ///   addresses; null leaves it to the operating system
    /// @param timeToLive how many routers they may pass, plus 1: 0 to 255; with 0 they stay on this
    ///   machine, with 1 on its network
    /// @param loopback whether sockets of this machine that have joined the group receive them; on
    ///   the loopback interface they always do
    public record Multicast(@Nullable String networkInterface, int timeToLive, boolean loopback) {

        /// By the interface of the operating system's choice, within its network, and looped back.
        public static final Multicast DEFAULT = new Multicast(null, 1, true);

        public Multicast {
            if (timeToLive < 0 || timeToLive > 255) {
                throw new IllegalArgumentException("a time to live is 0 to 255, not " + timeToLive);
            }
        }

        public Multicast withNetworkInterface(String networkInterface) {
            return new Multicast(networkInterface, timeToLive, loopback);
        }

        public Multicast withTimeToLive(int timeToLive) {
            return new Multicast(networkInterface, timeToLive, loopback);
        }

        public Multicast withLoopback(boolean loopback) {
            return new Multicast(networkInterface, timeToLive, loopback);
        }
    }

    /// Datagrams of every size, the operating system's buffers, no broadcast, a port of its own.
    public static final DatagramOptions DEFAULT =
            new DatagramOptions(DatagramTransport.LARGEST, 0, 0, false, false, Multicast.DEFAULT);

    public DatagramOptions {
        if (receiveSize < 1 || receiveSize > DatagramTransport.LARGEST) {
            throw new IllegalArgumentException(
                    "datagrams of 1 to %d bytes can be received, not of %d"
                            .formatted(DatagramTransport.LARGEST, receiveSize));
        }
        if (receiveBuffer < 0 || sendBuffer < 0) {
            throw new IllegalArgumentException(
                    "a buffer has a size, or 0 for the system's own: not "
                            + receiveBuffer
                            + ", "
                            + sendBuffer);
        }
    }

    public DatagramOptions withReceiveSize(int receiveSize) {
        return new DatagramOptions(
                receiveSize, receiveBuffer, sendBuffer, broadcast, shared, multicast);
    }

    public DatagramOptions withBuffers(int receiveBuffer, int sendBuffer) {
        return new DatagramOptions(
                receiveSize, receiveBuffer, sendBuffer, broadcast, shared, multicast);
    }

    public DatagramOptions withBroadcast(boolean broadcast) {
        return new DatagramOptions(
                receiveSize, receiveBuffer, sendBuffer, broadcast, shared, multicast);
    }

    public DatagramOptions withShared(boolean shared) {
        return new DatagramOptions(
                receiveSize, receiveBuffer, sendBuffer, broadcast, shared, multicast);
    }

    public DatagramOptions withMulticast(Multicast multicast) {
        return new DatagramOptions(
                receiveSize, receiveBuffer, sendBuffer, broadcast, shared, multicast);
    }
}
