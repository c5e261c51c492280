package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.ListeningService;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What a reactor promises of listening ports.
abstract class PortsContract extends TwoPeers {
    @Nested
    class Ports {
        @Test
        void tellTheirRealAddress() {
            ListeningPort one = here.listenTcp(0, _ -> probe());
            ListeningPort other = onLoop(here, () -> here.listenTcp(0, _ -> probe()));

            assertThat(one.address()).isEqualTo(Address.of("127.0.0.1", one.port()));
            assertThat(one.port()).isPositive();
            assertThat(other.address()).isNotEqualTo(one.address());
        }

        @Test
        void cannotBeOpenedTwice() {
            Endpoint taken = endpointOf(listen(_ -> probe()));

            assertThatThrownBy(() -> here.listen(taken, _ -> probe()))
                    .isInstanceOf(CannotListenException.class)
                    .hasMessageContaining(taken.toString())
                    .hasMessageContaining("address already in use")
                    .satisfies(Frames.ofCaller("cannotBeOpenedTwice"));
        }

        /// Two loops that waited for each other would do so for ever.
        @Test
        void areOpenedByNoOtherLoopWhichWouldHaveToWait() {
            assertThatThrownBy(() -> onLoop(there, () -> here.listenTcp(0, _ -> probe())))
                    .hasCauseInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot stop to open a port on " + here);
            assertThat(onLoop(here, () -> here.listenTcp(0, _ -> probe())).port()).isPositive();
        }

        @Test
        void haveANumberOnlyForTcp() {
            ListeningPort port = listen(_ -> probe());

            switch (port.address()) {
                case Address.Inet inet -> assertThat(port.port()).isEqualTo(inet.port());
                case Address.Unix unix ->
                        assertThatThrownBy(port::port)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageContaining(unix.toString());
            }
        }

        @Test
        void canBeOpenedAgainWhereTheyWere() {
            Endpoint place = world.endpoint();
            ListeningPort first = there.listen(place, _ -> probe());
            world.await(first.stopListening());
            Probe server = probe();
            ListeningPort again = there.listen(place, _ -> server);
            world.await(here.connect(again.address(), _ -> probe(), PATIENCE));

            world.await(server.made());
        }

        @Test
        void cannotBeOpenedOnTheAddressOfSomeoneElse() {
            Endpoint elsewhere = Endpoint.at(Address.of("192.0.2.1", 0));

            assertThatThrownBy(() -> here.listen(elsewhere, _ -> probe()))
                    .isInstanceOf(CannotListenException.class)
                    .hasMessageContaining("192.0.2.1");
        }

        @Test
        void closeAloneAndLeaveTheirConnections() {
            Probe server = probe();
            Probe client = probe();
            ListeningPort port = listen(_ -> server);
            world.await(here.connect(port.address(), _ -> client, PATIENCE));
            world.await(server.made());

            port.stopListening().toCompletableFuture().cancel(false);
            world.await(port.stopListening());

            assertFails(here.connect(port.address(), _ -> probe(), PATIENCE), Kind.REFUSED);
            onLoop(client, transport -> transport.write(Bytes.utf8("still here")));
            assertThat(world.await(server.received(10))).isEqualTo("still here");
        }

        @Test
        void countTheConnectionsThatAreOpen() {
            Probe server = probe();
            ListeningPort port = listen(_ -> server);
            assertThat(port.connections()).isZero();
            world.await(here.connect(port.address(), _ -> probe(), PATIENCE));
            world.await(server.made());
            assertThat(port.connections()).isEqualTo(1);

            world.await(port.stopListening());
            assertThat(port.connections()).isEqualTo(1);
            onLoop(server, Transport::loseConnection);
            world.await(server.lost());
            world.await(port.drain(Duration.ofMinutes(10)));
            assertThat(port.connections()).isZero();
        }

        @Test
        void areClosedWhenTheySaySo() {
            for (int i = 0; i < 100; i++) {
                ListeningPort port = listen(_ -> probe());
                world.await(port.stopListening());
                assertFails(here.connect(port.address(), _ -> probe(), PATIENCE), Kind.REFUSED);
            }
        }

        @Test
        void closeTheSocketsThatTheFactoryRefuses() {
            ListeningPort port = listen(_ -> null);
            Probe client = probe();
            world.await(here.connect(port.address(), _ -> client, PATIENCE));

            assertThat(world.await(client.lost())).isEqualTo(new CloseReason.Done());
        }

        @Test
        void buildProtocolsOnTheLoopAndSayForWhom() {
            Probe server = probe();
            ListeningPort port =
                    listen(peer -> {
                        journal.add(there.inLoop() + " " + peer);
                        return server;
                    });
            Probe client = probe();
            world.await(here.connect(port.address(), _ -> client, PATIENCE));
            world.await(server.made());

            assertThat(journal).containsExactly("true " + client.transport().host());
        }
    }

    @Nested
    class DrainedPorts {
        @Test
        void acceptNobodyAndWaitForTheirConnections() {
            Probe server = probe();
            ListeningPort port = there.listenTcp(0, _ -> server);
            Probe client = probe();
            world.await(here.connect(port.address(), _ -> client, PATIENCE));
            world.await(server.made());
            CompletableFuture<Integer> drained =
                    port.drain(Duration.ofMinutes(10)).toCompletableFuture();
            world.await(port.stopListening());

            assertFails(here.connect(port.address(), _ -> probe(), PATIENCE), Kind.REFUSED);
            onLoop(client, transport -> transport.write(Bytes.utf8("still here")));
            world.await(server.received(10));
            assertThat(drained).isNotDone();
            onLoop(client, Transport::loseConnection);
            assertThat(world.await(drained)).isZero();
            assertThat(server.lost()).isCompletedWithValue(new CloseReason.Done());
        }

        @Test
        void abortWhatIsThereAtTheDeadlineAndSayHowMany() {
            List<Probe> servers = Collections.synchronizedList(new ArrayList<>());
            ListeningPort port =
                    there.listenTcp(
                            0,
                            _ -> {
                                Probe server = probe();
                                servers.add(server);
                                return server;
                            });
            Pair other = connected();
            for (int i = 0; i < 3; i++) {
                Probe client = probe().onMade(transport -> transport.write(Bytes.utf8("hello")));
                world.await(here.connect(port.address(), _ -> client, PATIENCE));
                while (servers.size() <= i) {
                    letTimePass();
                }
                world.await(servers.get(i).received(5));
            }
            assertThat(world.await(port.drain(Duration.ofMillis(20)))).isEqualTo(3);
            for (Probe server : servers) {
                assertThat(world.await(server.lost())).isInstanceOf(CloseReason.Aborted.class);
            }
            assertThat(other.server().lost()).isNotDone();
        }

        @Test
        void areDrainedAtOnceWhenTheyHaveNoConnection() {
            ListeningPort port = there.listenTcp(0, _ -> probe());

            List<String> logged =
                    Logged.during(
                            () -> assertThat(world.await(port.drain(Duration.ZERO))).isZero());
            assertThat(logged)
                    .noneMatch(line -> line.contains(port.address() + ": the drain is over"));
            assertThat(world.await(port.drain(Duration.ofMinutes(10)))).isZero();
            assertThatThrownBy(() -> port.drain(Duration.ofSeconds(-1)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class ListeningServices {
        @Test
        void startFailAndStopOnTheLoop() {
            ListeningService service = new ListeningService(here, () -> listen(_ -> probe()));
            assertThat(service.stop()).isCompleted();

            assertThat(completesOnTheLoop(service.start())).isTrue();
            world.await(there.connect(service.address(), _ -> probe(), PATIENCE));
            assertThat(failureOnTheLoop(service.start())).isInstanceOf(IllegalStateException.class);
            assertThat(completesOnTheLoop(service.stop())).isTrue();
        }

        @Test
        void failToStartAsTheirPortDoes() {
            Endpoint taken = endpointOf(listen(_ -> probe()));
            ListeningService service =
                    new ListeningService(here, () -> here.listen(taken, _ -> probe()));

            assertThat(failureOnTheLoop(service.start())).isInstanceOf(CannotListenException.class);
        }

        private boolean completesOnTheLoop(CompletionStage<Void> stage) {
            return world.await(stage.thenApply(_ -> here.inLoop()));
        }

        private Throwable failureOnTheLoop(CompletionStage<Void> stage) {
            return world.await(
                    stage.handle((_, failure) -> {
                        assertThat(here.inLoop()).isTrue();
                        return failure;
                    }));
        }
    }

    @Nested
    class GroupOfOne {
        @Test
        void isItsReactor() {
            ReactorGroup group = ReactorGroup.of(there);
            Probe server = probe();
            ProtocolFactory factory = _ -> server;
            ListeningPort port = group.listen(world.endpoint(), factory);
            world.await(here.connect(port.address(), _ -> probe(), PATIENCE));
            world.await(server.made());

            assertThat(group.reactors()).containsExactly(there);
            assertThat(group.next()).isSameAs(there);
            assertThat(server.transport().reactor()).isSameAs(there);
            world.await(group.stop());
            assertThat(server.lost()).isCompleted();
        }
    }
}
