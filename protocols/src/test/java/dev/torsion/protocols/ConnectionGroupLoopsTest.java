package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.netty.NettyReactorGroup;
import dev.torsion.netty.ReactorOptions;
import dev.torsion.protocols.ConnectionGroup.SlowPeer;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.Transport;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Real sockets, on the loops of a group.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class ConnectionGroupLoopsTest {
    private static final int CLIENTS = 8;

    private final ReactorGroup reactors = NettyReactorGroup.create(2, ReactorOptions.DEFAULT);

    @AfterEach
    void stop() {
        await(reactors.stop().toCompletableFuture());
    }

    private static <T> T await(CompletableFuture<T> stage) {
        return stage.copy().orTimeout(60, TimeUnit.SECONDS).join();
    }

    /// Greets, so that its peer knows that it is there.
    private static final class Greeter implements Protocol {
        private @Nullable Reactor reactor;

        @Override
        public void connectionMade(Transport transport) {
            reactor = transport.reactor();
            transport.write(Bytes.utf8("hi\r\n"));
        }
    }

    private static final class Listener extends LineProtocol {
        private final CompletableFuture<Void> greeted = new CompletableFuture<>();
        private final CompletableFuture<String> heard = new CompletableFuture<>();
        private final CompletableFuture<CloseReason> lost = new CompletableFuture<>();

        @Override
        protected void lineReceived(Bytes line) {
            if (!greeted.complete(null)) {
                heard.complete(line.utf8());
            }
        }

        @Override
        protected void disconnected(CloseReason reason) {
            lost.complete(reason);
        }
    }

    @Test
    void writesToAllConnectionsOfAGroupOfReactors() {
        ConnectionGroup<Greeter> group = new ConnectionGroup<>((_, _) -> new Greeter());
        List<Reactor> loops = List.of(reactors.next(), reactors.next());
        List<Address> addresses =
                loops.stream().map(it -> it.listen(Endpoint.tcp(0), group).address()).toList();
        List<Listener> clients = Stream.generate(Listener::new).limit(CLIENTS).toList();
        for (int i = 0; i < CLIENTS; i++) {
            ClientEndpoint server = ClientEndpoint.to(addresses.get(i % 2));
            reactors.next().connectProtocol(server, clients.get(i));
        }
        clients.forEach(client -> await(client.greeted));
        assertThat(group.size()).isEqualTo(CLIENTS);
        Queue<Reactor> called = new ConcurrentLinkedQueue<>();
        group.forEach(it -> called.add(requireNonNull(it.reactor)));

        group.write(Bytes.utf8("all\r\n"), SlowPeer.SKIP);
        assertThat(clients).allSatisfy(it -> assertThat(await(it.heard)).isEqualTo("all"));

        assertThat(called).hasSize(CLIENTS).containsAll(loops);

        group.closeAll();
        assertThat(clients)
                .allSatisfy(it -> assertThat(await(it.lost)).isEqualTo(new CloseReason.Done()));
    }
}
