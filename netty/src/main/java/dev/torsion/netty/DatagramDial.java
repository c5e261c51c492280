package dev.torsion.netty;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.DatagramOptions;
import dev.torsion.reactor.DatagramProtocol;
import dev.torsion.reactor.DatagramTransport;
import dev.torsion.reactor.Deferred;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// One UDP port being connected: finds the address of its peer, and gives up when the time is over.
///
/// **Thread:** loop only, except its making, [#result] and [#notTaken].
final class DatagramDial {
    private final NettyReactor reactor;
    private final Address.Inet peer;
    private final DatagramProtocol protocol;
    private final DatagramOptions options;
    private final Duration timeout;
    private final Deferred<DatagramTransport> result;
    private @Nullable CompletableFuture<?> lookup;
    private @Nullable Future<?> deadline;

    DatagramDial(
            NettyReactor reactor,
            Address.Inet peer,
            DatagramProtocol protocol,
            DatagramOptions options,
            Duration timeout) {
        this.reactor = reactor;
        this.peer = peer;
        this.protocol = protocol;
        this.options = options;
        this.timeout = timeout;
        this.result = new Deferred<>(reactor, this::end);
    }

    CompletionStage<DatagramTransport> result() {
        return result;
    }

    void begin() {
        if (result.isDone()) {
            return; // by who asked for it, in the same turn
        }
        if (reactor.stopping()) {
            stopped();
            return;
        }
        ports().add(this);
        deadline = reactor.schedule(timeout, this::timedOut);
        lookup = reactor.lookups().find(peer).whenComplete(this::found);
    }

    private void found(@Nullable List<InetAddress> addresses, @Nullable Throwable failure) {
        lookup = null;
        if (result.isDone()) {
            return;
        }
        if (reactor.stopping()) {
            stopped();
        } else if (failure != null) {
            fail(Lookups.failed(peer, failure));
        } else {
            connect(requireNonNull(addresses).getFirst());
        }
    }

    private void connect(InetAddress host) {
        try {
            DatagramTransport connected = ports().connect(peer, host, protocol, options);
            end();
            if (!reactor.succeed(result, connected)) {
                var _ = connected.stopListening();
            }
        } catch (ConnectFailedException known) {
            fail(known);
        } catch (IOException failed) {
            fail(SocketFailure.notConnected(peer, failed));
        }
    }

    private void timedOut() {
        fail(Kind.TIMED_OUT, "its name was not found in " + timeout, null);
    }

    void stopped() {
        fail(whyStopped());
    }

    /// The loop has ended, and it will not begin. On the thread that asked for it.
    void notTaken() {
        result.fail(whyStopped());
    }

    private ConnectFailedException whyStopped() {
        return new ConnectFailedException(Kind.STOPPED, peer, "the reactor was stopped", null);
    }

    private void fail(Kind kind, String why, @Nullable Throwable cause) {
        fail(new ConnectFailedException(kind, peer, why, cause));
    }

    private void fail(ConnectFailedException failure) {
        end();
        reactor.complete(result, () -> result.failUnlessGivenUp(failure));
    }

    private void end() {
        ports().remove(this);
        if (deadline != null) {
            deadline.cancel(false);
        }
        if (lookup != null) {
            lookup.cancel(false);
        }
    }

    private DatagramPorts ports() {
        return reactor.opened().datagramPorts();
    }
}
