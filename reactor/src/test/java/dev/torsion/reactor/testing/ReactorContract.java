package dev.torsion.reactor.testing;

import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.PeerCredentials;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Signal;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Nested;

/// What every [Reactor] promises, with its transports and the calls that protocols get, topic by
/// topic. An implementation inherits this class and says how to make its reactors and how to wait
/// for them.
public abstract class ReactorContract {
    /// The reactors of one test.
    public interface World {

        /// A new reactor, which can reach the others over loopback, and whose deadlines no test
        /// outlasts, however slow the machine is.
        Reactor reactor();

        /// The same, but for a close deadline of no more than a second, if its time is real.
        default Reactor hastyReactor() {
            return reactor();
        }

        /// Where a port is opened, another one each time: any free port of loopback, unless the
        /// contract is to be kept on another kind of socket.
        default Endpoint endpoint() {
            return Endpoint.tcp(0);
        }

        /// Whether a connection whose peer has ended its direction is told at once that this peer
        /// is lost; else it is told when it next writes.
        default boolean tellsLateLosses() {
            return true;
        }

        /// Who has `reactor`, to its peers over UNIX sockets.
        default PeerCredentials credentials(Reactor reactor) {
            throw new UnsupportedOperationException("no UNIX sockets are opened in this world");
        }

        /// Sends `signal` to the process of `reactor`.
        default void raise(Reactor reactor, Signal signal) {
            throw new UnsupportedOperationException("no signals are sent in this world");
        }

        /// Waits for the stage, up to a minute, and returns its result.
        ///
        /// @throws CompletionException if the stage failed
        <T> T await(CompletionStage<T> stage);
    }

    /// A new world, for one test.
    protected abstract World world();

    @Nested
    class Threads extends ThreadsContract {
        @Override
        World world() {
            return ReactorContract.this.world();
        }
    }

    @Nested
    class Timers extends TimersContract {
        @Override
        World world() {
            return ReactorContract.this.world();
        }
    }

    @Nested
    class Signals extends SignalsContract {
        @Override
        World world() {
            return ReactorContract.this.world();
        }
    }

    @Nested
    class Ports extends PortsContract {
        @Override
        World world() {
            return ReactorContract.this.world();
        }
    }

    @Nested
    class Connect extends ConnectContract {
        @Override
        World world() {
            return ReactorContract.this.world();
        }
    }

    @Nested
    class Streams extends StreamsContract {
        @Override
        World world() {
            return ReactorContract.this.world();
        }
    }

    @Nested
    class FlowControl extends FlowControlContract {
        @Override
        World world() {
            return ReactorContract.this.world();
        }
    }

    @Nested
    class HalfClose extends HalfCloseContract {
        @Override
        World world() {
            return ReactorContract.this.world();
        }
    }

    @Nested
    class Failures extends FailuresContract {
        @Override
        World world() {
            return ReactorContract.this.world();
        }
    }

    @Nested
    class Life extends LifeContract {
        @Override
        World world() {
            return ReactorContract.this.world();
        }
    }
}
