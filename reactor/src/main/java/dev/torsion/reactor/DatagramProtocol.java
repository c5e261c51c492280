package dev.torsion.reactor;

/// What happens on one UDP port, told to you: `started`, then `datagramReceived` and
/// `connectionRefused` any number of times, then `stopped` exactly once, and nothing after it.
///
/// **Thread:** every method is called on the thread of the port's reactor, never concurrently, and
/// must not block. **Exceptions:** one thrown from [#started] is logged and closes the port, with
/// [CloseReason.Failed]; one thrown from any other method is logged, and the port lives on: a
/// stranger's datagram must not silence it.
public interface DatagramProtocol {

    /// The port can be used. Called once, before anything else, and before the call that opened the
    /// port returns. If it throws, the port is closed and that call fails.
    default void started(DatagramTransport transport) {}

    /// One datagram arrived, whole: it may be empty, it may be the second of two that are equal,
    /// and the one sent before it may come later or never.
    ///
    /// @param data borrowed for the time of this call; see [Bytes]
    /// @param from who says so; nothing proves it
    default void datagramReceived(Bytes data, Address.Inet from) {}

    /// Nobody received what this connected port has sent: the peer's machine answered that nothing
    /// listens there (ICMP port unreachable). Once for one datagram or several. A port that is not
    /// connected does not hear of it.
    default void connectionRefused() {}

    /// The port is closed: [CloseReason.Done] if [DatagramTransport#stopListening] or
    /// [Reactor#stop] asked for it, [CloseReason.Lost] if the operating system took it away,
    /// [CloseReason.Failed] if [#started] has thrown. The last call this object gets.
    default void stopped(CloseReason reason) {}
}
