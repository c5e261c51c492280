package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.DatagramOptions;
import dev.torsion.reactor.DatagramProtocol;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.ProcessProtocol;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a reactor promises of exceptions, and of arguments that are missing.
abstract class FailuresContract extends TwoPeers {
    enum Place {
        CONNECTION_MADE,
        DATA_RECEIVED,
        WRITABLE_AGAIN
    }

    @Nested
    class Exceptions {
        private final RuntimeException broken = new IllegalStateException("thrown by a protocol");

        private void fail() {
            throw broken;
        }

        @ParameterizedTest
        @EnumSource
        void closeTheirConnectionAlone(Place place) {
            Pair bystanders = connected();
            Probe failing = probe();
            switch (place) {
                case CONNECTION_MADE -> failing.onMade(_ -> fail());
                case DATA_RECEIVED -> failing.onData(_ -> fail());
                case WRITABLE_AGAIN -> {
                    failing.onMade(transport -> transport.write(bytes(2 * HIGH_MARK)));
                    failing.onWritableAgain(this::fail);
                }
            }
            Probe peer = probe().onMade(transport -> transport.write(Bytes.utf8("x")));
            ListeningPort port = listen(_ -> failing);
            List<String> logged =
                    Logged.during(() -> {
                        // The reset may come so early that it is the connect which fails.
                        CompletionStage<CloseReason> seen =
                                here.connect(port.address(), _ -> peer, PATIENCE)
                                        .thenCompose(_ -> peer.lost())
                                        .exceptionally(CloseReason.Lost::new);
                        world.await(failing.lost());
                        world.await(seen);
                    });

            assertThat(failing.lost()).isCompletedWithValue(new CloseReason.Failed(broken));
            assertToldOnce(logged, broken);
            onLoop(bystanders.client(), transport -> transport.write(Bytes.utf8("fine")));
            assertThat(world.await(bystanders.server().received(4))).isEqualTo("fine");
        }

        @Test
        void dropWhatIsBuffered() {
            Probe failing = probe();
            failing.onData(_ -> {
                failing.transport().write(Bytes.utf8("dropped"));
                fail();
            });
            Pair pair = connected(probe(), failing);
            onLoop(pair.client(), transport -> transport.write(Bytes.utf8("x")));
            world.await(pair.client().lost());

            assertThat(pair.client().text()).isEmpty();
            assertThat(world.await(failing.lost())).isEqualTo(new CloseReason.Failed(broken));
        }

        @Test
        void inConnectionMadeOfAClientCloseItsConnectionAndFailItsConnect() {
            Probe failing = probe().onMade(_ -> fail());
            List<String> logged = Logged.during(() -> assertConnectFailsWithIt(failing));

            assertThat(world.await(failing.lost())).isEqualTo(new CloseReason.Failed(broken));
            assertToldOnce(logged, broken);
        }

        @Test
        void areNoOthersThanThoseThatFailTheConnectionThere() {
            Probe failing = probe().onMade(transport -> transport.failConnection(broken));
            assertConnectFailsWithIt(failing);

            assertThat(world.await(failing.lost())).isEqualTo(new CloseReason.Failed(broken));
        }

        @Test
        void thatCannotSayWhatTheyAreFailAConnectToo() {
            class Unspeakable extends RuntimeException {
                private static final long serialVersionUID = 1L;

                @Override
                public String getMessage() {
                    throw new IllegalStateException("do not ask");
                }
            }
            Probe failing =
                    probe().onMade(_ -> {
                        throw new Unspeakable();
                    });
            ListeningPort port = listen(_ -> probe());
            CompletionStage<Protocol> connect =
                    here.connect(port.address(), _ -> failing, PATIENCE);

            assertFails(connect, Kind.FAILED);
            assertThat(world.await(failing.lost()).toString()).contains("Unspeakable");
        }

        private void assertConnectFailsWithIt(Probe client) {
            ListeningPort port = listen(_ -> probe());
            CompletionStage<Protocol> connect = here.connect(port.address(), _ -> client, PATIENCE);

            assertFails(connect, Kind.FAILED);
            assertThatThrownBy(() -> world.await(connect))
                    .hasRootCause(broken)
                    .hasMessageContaining(port.address().toString());
        }

        @Test
        void inConnectionLostAreLoggedAndLeaveTheLoopGoing() {
            Pair pair = connected(probe().onLost(this::fail), probe());
            List<String> logged =
                    Logged.during(() -> {
                        onLoop(pair.client(), Transport::loseConnection);
                        world.await(pair.client().lost());
                        assertThat(onLoop(here, () -> "went on")).isEqualTo("went on");
                    });

            assertToldOnce(logged, broken);
        }

        @Test
        void inCloseAskedCloseTheirConnectionAndHoldNoStopUp() {
            Pair pair = connected(probe(), probe().onCloseAsked(_ -> fail()));
            Pair other = connected();
            world.await(there.stop());

            assertThat(pair.server().lost()).isCompletedWithValue(new CloseReason.Failed(broken));
            assertThat(other.server().lost()).isCompletedWithValue(new CloseReason.Done());
        }

        /// Errors are no less likely there than other exceptions: classes that are missing.
        private final Error missing = new NoClassDefFoundError("of a protocol");

        private Protocol buildNothing() {
            throw missing;
        }

        @Test
        void inBuildProtocolCloseTheSocketAndLeaveThePortOpen() {
            AtomicLong asked = new AtomicLong();
            Probe server = probe();
            ListeningPort port =
                    listen(_ -> asked.getAndIncrement() == 0 ? buildNothing() : server);
            Probe client = probe();
            List<String> logged =
                    Logged.during(() -> {
                        world.await(here.connect(port.address(), _ -> client, PATIENCE));
                        world.await(client.lost());
                        onLoop(there, () -> {});
                    });
            world.await(here.connect(port.address(), _ -> probe(), PATIENCE));

            world.await(server.made());
            assertToldOnce(logged, missing);
        }

        @Test
        void inBuildProtocolOfAClientFailItsConnect() {
            ListeningPort port = listen(_ -> probe());
            List<CompletionStage<Protocol>> connect = new ArrayList<>();
            List<String> logged =
                    Logged.during(() -> {
                        connect.add(here.connect(port.address(), _ -> buildNothing(), PATIENCE));
                        assertFails(connect.getFirst(), Kind.REFUSED_BY_FACTORY);
                        onLoop(here, () -> {});
                    });

            assertThatThrownBy(() -> world.await(connect.getFirst())).hasRootCause(missing);
            assertToldOnce(logged, missing);
        }
    }

    @Nested
    class Nulls {
        @SuppressWarnings({
            "NullAway",
            "TypeParameterUnusedInFormals"
        }) // what callers without it do
        private <T> T missing() {
            return null;
        }

        private void refuses(String name, Consumer<Reactor> call) {
            assertThatThrownBy(() -> call.accept(here))
                    .isInstanceOf(NullPointerException.class)
                    .hasMessage(name);
        }

        @Test
        void areRefusedWhereTheyAreGiven() {
            Endpoint endpoint = world.endpoint();
            ClientEndpoint client = ClientEndpoint.unix("nowhere");
            Address address = Address.of("127.0.0.1", 1);
            Duration time = Duration.ofSeconds(1);
            refuses("action", it -> it.callFromThread(missing()));
            refuses("work", it -> it.callInThread(missing()));
            refuses("phase", it -> it.at(missing(), "it", () -> null));
            refuses("what", it -> it.at(Phase.STARTUP, missing(), () -> null));
            refuses("action", it -> it.at(Phase.STARTUP, "it", missing()));
            refuses("endpoint", it -> it.listen(missing(), _ -> null));
            refuses("factory", it -> it.listen(endpoint, missing()));
            refuses("factory", it -> it.listenTcp(0, missing()));
            refuses("endpoint", it -> it.connect(missing(), _ -> null));
            refuses("factory", it -> it.connect(client, missing()));
            refuses("address", it -> it.connect(missing(), _ -> null, time));
            refuses("factory", it -> it.connect(address, missing(), time));
            refuses("timeout", it -> it.connect(address, _ -> null, missing()));
            refuses("endpoint", it -> it.connectProtocol(missing(), new Protocol() {}));
            refuses("protocol", it -> it.connectProtocol(client, missing()));
            refuses("program", it -> it.spawn(missing(), new ProcessProtocol() {}));
            refuses("protocol", it -> it.spawn(Program.of("true"), missing()));
            refuses("protocol", it -> it.listenUdp(0, missing()));
        }

        @Test
        void areRefusedWithDatagrams() {
            Address.Inet address = Address.of("127.0.0.1", 0);
            DatagramOptions options = DatagramOptions.DEFAULT;
            DatagramProtocol protocol = new DatagramProtocol() {};
            Duration time = Duration.ofSeconds(1);
            refuses("address", it -> it.listenUdp(missing(), protocol, options));
            refuses("protocol", it -> it.listenUdp(address, missing(), options));
            refuses("options", it -> it.listenUdp(address, protocol, missing()));
            refuses("peer", it -> it.connectUdp(missing(), protocol, options, time));
            refuses("protocol", it -> it.connectUdp(address, missing(), options, time));
            refuses("options", it -> it.connectUdp(address, protocol, missing(), time));
            refuses("timeout", it -> it.connectUdp(address, protocol, options, missing()));
        }

        @Test
        void areRefusedOnTheLoopToo() {
            onLoop(here, () -> refuses("delay", it -> it.callLater(missing(), () -> {})));
            onLoop(here, () -> refuses("action", it -> it.callLater(Duration.ZERO, missing())));
            assertThatThrownBy(() -> here.await(missing())).hasMessage("stage");
        }

        @Test
        void areNoReasonToFailAConnection() {
            Pair pair = connected();
            onLoop(
                    pair.client(),
                    transport ->
                            assertThatThrownBy(() -> transport.failConnection(missing()))
                                    .isInstanceOf(NullPointerException.class)
                                    .hasMessage("cause"));
            onLoop(pair.client(), transport -> transport.write(Bytes.utf8("fine")));

            assertThat(world.await(pair.server().received(4))).isEqualTo("fine");
        }
    }
}
