package dev.torsion.reactor.testing;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.PeerCredentials;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.Thrown;
import java.net.BindException;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A connection being made: from `connect` to the protocol's `connectionMade`, or to the reason why
/// not.
final class Attempt {
    private static final Logger log = LoggerFactory.getLogger(Attempt.class);

    private final ManualReactor reactor;
    private final ClientEndpoint endpoint;
    private final Address target;
    private final ProtocolFactory factory;
    private final Deferred<Protocol> outcome;
    private Timeline.@Nullable Turn deadline;
    private boolean over;

    Attempt(ManualReactor reactor, ClientEndpoint endpoint, ProtocolFactory factory) {
        this.reactor = reactor;
        this.endpoint = endpoint;
        this.target = endpoint.address();
        this.factory = factory;
        this.outcome = new Deferred<>(reactor, this::settle);
    }

    CompletionStage<Protocol> outcome() {
        return outcome;
    }

    /// Whether nobody waits for it any more.
    boolean isAbandoned() {
        return over || outcome.isDone();
    }

    void start() {
        MemoryNetwork network = reactor.network();
        Host here = reactor.host();
        here.attempted(target);
        Host there = network.resolve(here, target);
        if (there == null) {
            failSoon(Kind.UNKNOWN_HOST, "no such host in this network");
        } else if (network.way(here, there).cut() == Cut.RESET) {
            failSoon(Kind.UNREACHABLE, "the network has no way there");
        } else {
            bound(network, here, there);
        }
    }

    private void bound(MemoryNetwork network, Host here, Host there) {
        Address source;
        try {
            source = here.clientAddress(endpoint);
        } catch (BindException impossible) {
            failSoon(Kind.CANNOT_BIND, String.valueOf(impossible.getMessage()));
            return;
        }
        Duration timeout = endpoint.timeout();
        deadline =
                reactor.after(timeout, () -> fail(Kind.TIMED_OUT, "no answer within " + timeout));
        knock(network, here, there, source);
    }

    private void knock(MemoryNetwork network, Host here, Host there, Address source) {
        Wire out = new Wire(network, here, there);
        Wire back = new Wire(network, there, here);
        back.deliverTo(reactor, answer -> reactor.enter(() -> answered(answer, source, out, back)));
        PeerCredentials who = reactor.credentials();
        out.deliverTo(null, _ -> network.knocked(there, target, source, who, out, back));
        out.send(new Packet.Open());
    }

    private void answered(Packet answer, Address source, Wire out, Wire back) {
        if (reactor.host().isDown()) {
            return; // a machine without power answers nothing
        }
        if (isAbandoned()) {
            out.send(new Packet.Reset());
        } else if (answer instanceof Packet.Accepted(PeerCredentials who)) {
            accepted(source, who, out, back);
        } else {
            fail(Kind.REFUSED, "nothing listens there");
        }
    }

    private void accepted(Address source, PeerCredentials who, Wire out, Wire back) {
        Protocol protocol;
        try {
            protocol = factory.buildProtocol(target);
        } catch (Throwable thrown) {
            out.send(new Packet.Reset());
            fail(Kind.REFUSED_BY_FACTORY, "buildProtocol threw", thrown);
            Thrown.log(
                    log, "buildProtocol threw; the connection to " + target + " is closed", thrown);
            return;
        }
        if (protocol == null) {
            out.send(new Packet.Finish());
            fail(Kind.REFUSED_BY_FACTORY, "the factory made no protocol");
            return;
        }
        Connection connection =
                reactor.network()
                        .join(reactor, source, target, options(), who, protocol, out, back);
        connection.made(connection);
        settle();
        if (connection.reason() instanceof CloseReason.Failed(Throwable cause)) {
            fail(ConnectFailedException.failed(target, cause));
            return;
        }
        outcome.succeed(protocol);
        if (outcome.state() != Future.State.SUCCESS) { // it was given up meanwhile
            connection.abort("the connect was cancelled");
        }
    }

    private SocketOptions options() {
        return endpoint instanceof ClientEndpoint.Tcp tcp ? tcp.options() : SocketOptions.DEFAULT;
    }

    void fail(Kind kind, String why) {
        fail(kind, why, null);
    }

    private void fail(Kind kind, String why, @Nullable Throwable cause) {
        settle();
        fail(new ConnectFailedException(kind, target, why, cause));
    }

    private void fail(ConnectFailedException failure) {
        outcome.failUnlessGivenUp(failure);
    }

    private void failSoon(Kind kind, String why) {
        reactor.queue(() -> fail(kind, why));
    }

    /// It has come to its end, or nobody waits for it any more.
    void settle() {
        over = true;
        if (deadline != null) {
            reactor.forget(deadline);
        }
        reactor.settled(this);
    }

    @Override
    public String toString() {
        return "to " + target;
    }
}
