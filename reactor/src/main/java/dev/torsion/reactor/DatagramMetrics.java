package dev.torsion.reactor;

/// What has become of the datagrams of one port. Every call of `send` that did not throw is in
/// [#sent], [#noRoom] or [#refused]; every datagram read from the operating system is in
/// [#delivered], [#tooLong] or [#unread], or waits because reading is paused.
///
/// What the operating system drops before it is read, because its buffer is full, only it can count
/// (on Linux `ss --udp --memory` shows it).
///
/// @param delivered how many the protocol was given
/// @param tooLong how many were longer than [DatagramOptions#receiveSize()], and so dropped
/// @param unread how many were read and nobody's: when the port was stopped while reading was
///   paused, or from a stranger, between the binding and the connecting of a port
/// @param sent how many the operating system took
/// @param noRoom how many it did not take because its buffer was full, and so were dropped
/// @param refused how many it refused for another reason, or were sent after the port was stopped
/// @param lastRefusal why it refused the last of these; empty if there was none
public record DatagramMetrics(
        long delivered,
        long tooLong,
        long unread,
        long sent,
        long noRoom,
        long refused,
        String lastRefusal) {}
