package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class NettyReactorGroupTest {
    private final NettyReactorGroup group = NettyReactorGroup.create(3, ReactorOptions.DEFAULT);

    @AfterEach
    void stop() throws Exception {
        group.stop().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void spreadsTheConnectionsOfOnePortOverAllLoops() throws Exception {
        BlockingQueue<Recorder> accepted = new LinkedBlockingQueue<>();
        ListeningPort port =
                group.listen(
                        Endpoint.tcp(0),
                        _ -> {
                            Recorder server = new Recorder();
                            accepted.add(server);
                            return server;
                        });
        List<Reactor> serving = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            var _ =
                    group.next()
                            .connect(port.address(), _ -> new Recorder(), Duration.ofSeconds(10));
        }
        for (int i = 0; i < 6; i++) {
            Recorder server = accepted.poll(10, TimeUnit.SECONDS);
            assertThat(server).isNotNull();
            server.onLoop(transport -> assertThat(transport.reactor().inLoop()).isTrue());
            serving.add(server.transport().reactor());
        }
        List<Reactor> twiceEach = new ArrayList<>(group.reactors());
        twiceEach.addAll(group.reactors());
        assertThat(serving).containsExactlyInAnyOrderElementsOf(twiceEach);
    }

    @Test
    void givesItsReactorsInTurn() {
        List<Reactor> reactors = group.reactors();
        assertThat(List.of(group.next(), group.next(), group.next(), group.next()))
                .containsExactly(
                        reactors.get(0), reactors.get(1), reactors.get(2), reactors.get(0));
    }
}
