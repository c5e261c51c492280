package dev.torsion.reactor;

import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// A UDP port: the way out of a [DatagramProtocol], its brakes and its counters.
///
/// **Thread:** loop only, except [#reactor()], [#address()], [#peer()], [#metrics()] and
/// [#stopListening()]: a call from another thread throws [IllegalStateException].
public interface DatagramTransport {

    /// The longest datagram that IPv4 carries, in bytes; the longest that is sent here.
    int LARGEST = 65_507;

    /// The reactor this port lives on. Thread-safe.
    Reactor reactor();

    /// Where this port is, with the real port where 0 was asked for. Thread-safe.
    Address.Inet address();

    /// The number of this port. Thread-safe.
    default int port() {
        return address().port();
    }

    /// The one this port is connected to: it sends to and hears from nobody else. Null if it is
    /// connected to nobody. Thread-safe.
    Address.@Nullable Inet peer();

    /// Hands one datagram, which may be empty, to the operating system; returns at once. Nothing is
    /// kept here to be sent later, so what the operating system does not take is dropped, counted
    /// in [#metrics()] and answered with false: there was no room in its buffer, it refused (no way
    /// there, not allowed), or this port has been stopped. A datagram that was taken may be lost on
    /// its way all the same, and nobody is told.
    ///
    /// @param data not needed any more when this returns: borrowed bytes may be passed as they are,
    ///   and are not copied where that can be avoided
    /// @param to an address in its textual form; names are for [Reactor#connectUdp], because
    ///   looking one up would block the loop
    /// @return whether the operating system took it
    /// @throws IllegalArgumentException if `data` is longer than [#LARGEST], `to` is a name, has
    ///   the port 0 or a zone that this machine does not know, or this port is connected to
    ///   somebody else; nothing is sent then
    boolean send(Bytes data, Address.Inet to);

    /// Sends to the one this port is connected to, as [#send(Bytes, Address.Inet)] does.
    ///
    /// @throws IllegalStateException if it is connected to nobody
    default boolean send(Bytes data) {
        Address.Inet peer = peer();
        if (peer == null) {
            throw new IllegalStateException(
                    "the port "
                            + address()
                            + " is connected to nobody: say to whom, or open it with"
                            + " Reactor.connectUdp");
        }
        return send(data, peer);
    }

    /// Receives what is sent to a group, too, from now on. A port hears a group only if it is bound
    /// to the group's own address or to all addresses (`0.0.0.0`, `::`); what comes to the same
    /// port number for groups that it has not joined it does not hear. A group that was joined
    /// already stays so.
    ///
    /// @throws CannotJoinException if there is no such interface, or the operating system refuses
    void joinGroup(MulticastGroup group);

    /// Undoes [#joinGroup]; does nothing if this very group was not joined. Stopping the port
    /// leaves all its groups.
    void leaveGroup(MulticastGroup group);

    /// Stops reading: no [DatagramProtocol#datagramReceived] after this returns until
    /// [#resumeReading()]. What comes meanwhile waits in the operating system's buffer, whose size
    /// is [DatagramOptions#receiveBuffer()], and is dropped by it when that is full. Idempotent.
    void pauseReading();

    /// Reads again, from a coming turn on. Idempotent.
    void resumeReading();

    /// What was received and sent, and what was not. Thread-safe.
    DatagramMetrics metrics();

    /// Closes the port: nothing but [DatagramProtocol#stopped], in a coming turn, reaches the
    /// protocol after this was called on the loop. What was sent has left already. Idempotent.
    /// Thread-safe.
    ///
    /// @return completes when the socket is closed and the protocol has been told
    CompletionStage<Void> stopListening();
}
