package dev.torsion.reactor;

import java.util.List;
import java.util.concurrent.CompletionStage;

/// Several reactors, normally one per core. A connection is given to one of them and stays there. A
/// UDP port lives on one loop; to receive on all of them open the same port on each reactor with
/// [DatagramOptions#shared()]. Thread-safe.
public interface ReactorGroup {

    /// The reactors, at least one, always in the same order.
    List<Reactor> reactors();

    /// The reactors in turn.
    Reactor next();

    /// Listens, and spreads what it accepts over the reactors. The port is open when this returns.
    ///
    /// @throws CannotListenException if the endpoint cannot be bound
    /// @throws IllegalStateException on the loop of a reactor outside of the group, which must not
    ///   wait for it
    ListeningPort listen(Endpoint endpoint, ProtocolFactory factory);

    /// Waits until every reactor has ended: what a program does last in its main.
    ///
    /// @throws IllegalStateException if they have ended before, or on the thread of one
    void run();

    /// Stops every reactor, as [Reactor#stop()] does. Idempotent.
    ///
    /// They stop together: none closes its ports and connections before all are through their
    /// [Phase#BEFORE_SHUTDOWN], have ended, or have come to the shutdown deadline. So what one
    /// drains may be served on another, and nothing in that phase may wait for the end of another
    /// reactor of the group.
    ///
    /// @return completes when the last has ended; cancelling it ends the wait, not the stop
    CompletionStage<Void> stop();

    /// A group of one.
    static ReactorGroup of(Reactor reactor) {
        return new ReactorGroup() {
            @Override
            public List<Reactor> reactors() {
                return List.of(reactor);
            }

            @Override
            public Reactor next() {
                return reactor;
            }

            @Override
            public ListeningPort listen(Endpoint endpoint, ProtocolFactory factory) {
                return reactor.listen(endpoint, factory);
            }

            @Override
            public void run() {
                reactor.run();
            }

            @Override
            public CompletionStage<Void> stop() {
                return reactor.stop();
            }
        };
    }
}
