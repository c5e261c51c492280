package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What a reactor promises of connections on their way.
abstract class ConnectContract extends TwoPeers {
    @Nested
    class Connecting {
        @Test
        void completesOnTheLoopAfterConnectionMade() {
            ListeningPort port = listen(_ -> probe());
            Probe client = probe();
            String completed =
                    world.await(
                            onLoop(
                                    here,
                                    () ->
                                            here.connect(port.address(), _ -> client, PATIENCE)
                                                    .thenApply(made ->
                                                            (made == client)
                                                                    + " "
                                                                    + here.inLoop()
                                                                    + " "
                                                                    + client.happenings())));

            assertThat(completed).isEqualTo("true true [made]");
        }

        @Test
        void givesTheProtocolThatWasConnectedAsWhatItIs() {
            ClientEndpoint there = ClientEndpoint.to(listen(_ -> probe()).address());
            Probe client = probe();
            Probe another = probe();
            Probe made = world.await(here.connectProtocol(there, client));
            Probe anotherMade = world.await(there.connector(here).connectProtocol(another));

            assertThat(made).isSameAs(client);
            assertThat(anotherMade).isSameAs(another);
            assertThat(another.transport().peer()).isEqualTo(client.transport().peer());
        }

        @Test
        void givesBothEndsTheSameAddresses() {
            Pair pair = connected();

            onAnotherThread(() -> {
                Transport client = pair.client().transport();
                Transport server = pair.server().transport();
                assertThat(client.peer()).isEqualTo(server.host());
                assertThat(server.peer()).isEqualTo(client.host());
                assertThat(client.reactor()).isSameAs(here);
                assertThat(server.reactor()).isSameAs(there);
            });
        }

        @Test
        void failsWhereNothingListens() {
            ListeningPort port = listen(_ -> probe());
            world.await(port.stopListening());
            CompletionStage<Protocol> connect =
                    here.connect(port.address(), _ -> probe(), PATIENCE);

            assertFails(connect, Kind.REFUSED);
            assertThatThrownBy(() -> world.await(connect))
                    .hasMessageContaining(port.address().toString());
        }

        @Test
        void isGivenUpWhenItsStageIsCancelled() {
            ListeningPort port = listen(_ -> null);
            CompletionStage<Protocol> connect =
                    onLoop(
                            here,
                            () -> {
                                CompletionStage<Protocol> asked =
                                        here.connect(port.address(), _ -> probe(), PATIENCE);
                                asked.toCompletableFuture().cancel(false);
                                return asked;
                            });
            letTimePass();

            assertThat(connect.toCompletableFuture()).isCancelled();
            assertThat(probes).isEmpty();
        }

        /// The last moment for that.
        @Test
        void abortsTheConnectionWhenItIsCancelledByItsConnectionMade() {
            Probe server = probe();
            ListeningPort port = listen(_ -> server);
            List<CompletionStage<Protocol>> connect = new ArrayList<>();
            Probe client =
                    probe().onMade(_ -> connect.getFirst().toCompletableFuture().cancel(false));
            onLoop(here, () -> connect.add(here.connect(port.address(), _ -> client, PATIENCE)));

            assertThat(world.await(client.lost()))
                    .isEqualTo(new CloseReason.Aborted("the connect was cancelled"));
            assertThat(connect.getFirst().toCompletableFuture()).isCancelled();
            if (server.made().isDone()) { // its peer may be gone before
                assertReset(server);
            }
        }

        /// The connect would fail, but nobody is there to be told.
        @Test
        void isGivenUpWithoutAWord() {
            ListeningPort port = listen(_ -> probe());
            world.await(port.stopListening());
            List<String> logged =
                    Logged.during(() -> {
                        for (Address nobody :
                                List.of(port.address(), Address.of("nobody.invalid", 1))) {
                            onLoop(
                                    here,
                                    () ->
                                            here.connect(nobody, _ -> probe(), PATIENCE)
                                                    .toCompletableFuture()
                                                    .cancel(false));
                        }
                        letTimePass();
                        world.await(here.stop());
                    });

            assertThat(logged).noneMatch(line -> line.contains("cannot connect"));
        }

        @Test
        void bindsThisEndWhereItIsToldTo() {
            Probe server = probe();
            Probe client = probe();
            Address.Inet address = Address.of("127.0.0.1", there.listenTcp(0, _ -> server).port());
            ListeningPort taken = here.listenTcp(0, _ -> probe());
            int free = taken.port();
            world.await(taken.stopListening());
            ClientEndpoint.Tcp bound =
                    ClientEndpoint.tcp(address).withBind(Address.of("127.0.0.1", free));
            world.await(here.connect(bound, _ -> client));
            world.await(server.made());

            assertThat(client.transport().host()).isEqualTo(Address.of("127.0.0.1", free));
            assertThat(server.transport().peer()).isEqualTo(Address.of("127.0.0.1", free));
        }

        @Test
        void tellsWhereThisEndIsThoughItWasBoundToAllAddresses() {
            Probe server = probe();
            Probe client = probe();
            Address.Inet address = Address.of("127.0.0.1", there.listenTcp(0, _ -> server).port());
            ClientEndpoint.Tcp bound =
                    ClientEndpoint.tcp(address).withBind(Address.of("0.0.0.0", 0));
            world.await(here.connect(bound, _ -> client));
            world.await(server.made());

            assertThat(client.transport().host()).isEqualTo(server.transport().peer());
            assertThat(client.transport().host())
                    .isInstanceOfSatisfying(
                            Address.Inet.class,
                            host -> assertThat(host.host()).isEqualTo("127.0.0.1"));
        }

        @Test
        void failsIfThisEndCannotBeBound() {
            Address.Inet address = Address.of("127.0.0.1", there.listenTcp(0, _ -> probe()).port());
            ClientEndpoint.Tcp bound =
                    ClientEndpoint.tcp(address).withBind(Address.of("192.0.2.1", 0));

            assertFails(here.connect(bound, _ -> probe()), Kind.CANNOT_BIND);
        }

        @Test
        void failsForANameThatNobodyHas() {
            Address nobody = Address.of("nobody.invalid", 1);

            assertFails(here.connect(nobody, _ -> probe(), PATIENCE), Kind.UNKNOWN_HOST);
        }

        @Test
        void failsWhenTheFactoryRefuses() {
            Probe server = probe();
            ListeningPort port = listen(_ -> server);

            assertFails(here.connect(port.address(), _ -> null, PATIENCE), Kind.REFUSED_BY_FACTORY);
        }

        @Test
        void completesWhenConnectionMadeEndsTheConnectionItself() {
            for (Consumer<Transport> end :
                    List.<Consumer<Transport>>of(
                            Transport::loseConnection, Transport::abortConnection)) {
                ListeningPort port = listen(_ -> probe());
                Probe client = probe().onMade(end);

                assertThat(world.await(here.connect(port.address(), _ -> client, PATIENCE)))
                        .isSameAs(client);
                world.await(client.lost());
            }
        }

        @Test
        void failsOnceTheReactorIsStopped() {
            ListeningPort port = listen(_ -> probe());
            world.await(here.stop());

            CompletionStage<Protocol> connect =
                    here.connect(port.address(), _ -> probe(), PATIENCE);

            assertThat(connect.toCompletableFuture()).isDone();
            assertFails(connect, Kind.STOPPED);
            assertThatThrownBy(() -> world.await(connect))
                    .hasMessageContaining(port.address().toString());
            assertThat(probes).isEmpty();
        }

        @Test
        void failsWhileTheReactorStops() {
            ListeningPort port = listen(_ -> probe());
            List<CompletionStage<Protocol>> connect = new ArrayList<>();
            here.at(
                    Phase.AFTER_SHUTDOWN,
                    "connect",
                    () -> {
                        connect.add(
                                here.connect(port.address(), _ -> probe(), PATIENCE)
                                        .toCompletableFuture());
                        return null;
                    });
            world.await(here.stop());

            assertFails(connect.getFirst(), Kind.STOPPED);
        }
    }
}
