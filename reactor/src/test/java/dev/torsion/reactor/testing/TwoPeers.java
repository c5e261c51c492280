package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;

/// Two reactors and the connections between them, whose ends are [Probe]s: after each test all are
/// asked whether a promise to them was broken.
abstract class TwoPeers extends TwoReactors {
    static final int HIGH_MARK = 64 << 10;
    static final int MEBIBYTE = 1 << 20;

    /// More than the buffers of two ends of a TCP connection hold.
    static final int MORE_THAN_A_SOCKET_TAKES = 48 * MEBIBYTE;

    final List<String> journal = Collections.synchronizedList(new ArrayList<>());
    final List<Probe> probes = Collections.synchronizedList(new ArrayList<>());

    @AfterEach
    @Override
    void stop() {
        super.stop();
        for (Probe probe : probes) {
            assertThat(probe.broken()).isEmpty();
            assertThat(probe.lost().isDone()).isEqualTo(probe.made().isDone());
        }
    }

    Probe probe() {
        Probe probe = new Probe();
        probes.add(probe);
        return probe;
    }

    /// Two ends of one connection.
    record Pair(Probe client, Probe server) {}

    Pair connected() {
        return connected(probe(), probe());
    }

    Pair connected(Probe client, Probe server) {
        ListeningPort port = listen(_ -> server);
        world.await(here.connect(port.address(), _ -> client, PATIENCE));
        world.await(server.made());
        return new Pair(client, server);
    }

    ListeningPort listen(ProtocolFactory factory) {
        return there.listen(world.endpoint(), factory);
    }

    static Endpoint endpointOf(ListeningPort port) {
        return switch (port.address()) {
            case Address.Inet inet -> Endpoint.at(inet);
            case Address.Unix unix -> Endpoint.unix(unix.path());
        };
    }

    /// How the peer of a connection that was reset sees its end.
    void assertReset(Probe peer) {
        boolean told = peer.transport().peer() instanceof Address.Inet;
        assertThat(world.await(peer.lost()))
                .isInstanceOfAny(
                        CloseReason.Lost.class,
                        told ? CloseReason.Lost.class : CloseReason.Done.class);
    }

    void onLoop(Probe probe, Consumer<Transport> work) {
        Transport transport = world.await(probe.made());
        onLoop(transport.reactor(), () -> work.accept(transport));
    }

    void assertFails(CompletionStage<Protocol> connect, Kind kind) {
        assertThatThrownBy(() -> world.await(connect))
                .isInstanceOf(CompletionException.class)
                .extracting(Throwable::getCause)
                .isInstanceOfSatisfying(
                        ConnectFailedException.class,
                        failed -> assertThat(failed.kind()).isEqualTo(kind));
    }

    static Bytes bytes(int count) {
        return Bytes.utf8("x".repeat(count));
    }

    static void assertToldOnce(List<String> logged, Throwable thrown) {
        assertThat(logged).filteredOn(line -> line.endsWith(thrown.toString())).hasSize(1);
    }
}
