package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.SocketOptions;
import dev.torsion.reactor.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/// What a reactor promises of a connection, from its first byte to its end.
abstract class StreamsContract extends TwoPeers {
    @Nested
    class Connections {
        @Test
        void carryBytesBothWaysInOrder() {
            StringBuilder sent = new StringBuilder();
            for (int i = 0; sent.length() < MEBIBYTE; i++) {
                sent.append(i).append(',');
            }
            Probe server = probe();
            server.onData(data -> server.transport().write(data));
            Pair pair = connected(probe(), server);

            onLoop(pair.client(), transport -> transport.write(Bytes.utf8(sent.toString())));

            assertThat(world.await(pair.client().received(sent.length())))
                    .isEqualTo(sent.toString());
        }

        @Test
        void keepWhatIsOwnedOfABorrowedPiece() {
            List<Bytes> kept = Collections.synchronizedList(new ArrayList<>());
            Probe server = probe().onData(data -> kept.add(data.slice(0, data.size()).owned()));
            Pair pair = connected(probe(), server);
            onLoop(pair.client(), transport -> transport.write(Bytes.utf8("kept")));
            world.await(server.received(4));
            onLoop(pair.client(), transport -> transport.write(Bytes.utf8("next")));
            world.await(server.received(8));

            StringBuilder text = new StringBuilder();
            kept.forEach(piece -> text.append(piece.utf8()));
            assertThat(text).hasToString("keptnext");
        }

        @Test
        void ignoreWhatIsAskedOfThemAfterTheirEnd() {
            for (Consumer<Transport> end :
                    List.<Consumer<Transport>>of(
                            Transport::loseConnection, Transport::abortConnection)) {
                Probe client = probe();
                client.onLost(() -> askAll(client.transport()));
                Pair pair = connected(client, probe());
                onLoop(client, end);
                world.await(client.lost());
                world.await(pair.server().lost());
                onLoop(client, this::askAll);
                onLoop(pair.server(), this::askAll);
                letTimePass();

                assertThat(client.happenings()).hasSize(2);
                assertThat(pair.server().happenings()).hasSize(2);
                assertThat(journal).containsOnly("ignored").hasSize(3);
                journal.clear();
            }
        }

        private void askAll(Transport transport) {
            SocketOptions options = transport.socketOptions();
            transport.setSocketOptions(SocketOptions.DEFAULT.withSendBuffer(8192));
            assertThat(transport.socketOptions()).isEqualTo(options);
            assertThat(transport.peerCredentials()).isNull();
            assertThat(transport.write(Bytes.utf8("late"))).isFalse();
            assertThat(transport.pendingBytes()).isZero();
            transport.pauseReading();
            transport.resumeReading();
            transport.loseWriteConnection();
            transport.loseConnection();
            transport.abortConnection();
            transport.failConnection(new IllegalStateException("late"));
            assertThat(transport.peer()).isNotNull();
            assertThat(transport.host()).isNotNull();
            journal.add("ignored");
        }

        @Test
        void haveTheSocketOptionsOfTheirPortOrConnectUntilToldOthers() {
            SocketOptions ofPort =
                    SocketOptions.DEFAULT.withKeepAlive(SocketOptions.KeepAlive.DEFAULT);
            SocketOptions ofConnect = SocketOptions.DEFAULT.withNoDelay(false);
            SocketOptions others = ofConnect.withNoDelay(true).withSendBuffer(8192).withDscp(46);
            Probe client = probe();
            Probe server = probe();
            Endpoint place = world.endpoint();
            boolean tcp = place instanceof Endpoint.Tcp;
            Endpoint open = place instanceof Endpoint.Tcp it ? it.withOptions(ofPort) : place;
            ClientEndpoint target = ClientEndpoint.to(there.listen(open, _ -> server).address());
            if (target instanceof ClientEndpoint.Tcp it) {
                target = it.withOptions(ofConnect);
            }
            world.await(here.connect(target, _ -> client));

            onLoop(server, it -> assertThat(it.socketOptions()).isEqualTo(tcp ? ofPort : null));
            onLoop(
                    client,
                    it -> {
                        assertThat(it.socketOptions()).isEqualTo(tcp ? ofConnect : null);
                        it.setSocketOptions(others);
                        assertThat(it.socketOptions()).isEqualTo(tcp ? others : null);
                        it.write(Bytes.utf8("goes on"));
                    });
            assertThat(world.await(server.received(7))).isEqualTo("goes on");
        }

        @Test
        void tellWhoIsAtTheOtherEndOfAUnixSocketAlone() {
            Pair pair = connected();
            boolean unix = pair.client().transport().peer() instanceof Address.Unix;

            onLoop(
                    pair.server(),
                    it ->
                            assertThat(it.peerCredentials())
                                    .isEqualTo(unix ? world.credentials(here) : null));
            onLoop(
                    pair.client(),
                    it ->
                            assertThat(it.peerCredentials())
                                    .isEqualTo(unix ? world.credentials(there) : null));
        }

        @Test
        void belongToTheirLoop() {
            Transport transport = connected().client().transport();

            OffTheLoop.refuses(transport);
            onLoop(
                    there,
                    () ->
                            assertThatThrownBy(() -> transport.write(Bytes.utf8("x")))
                                    .isInstanceOf(IllegalStateException.class));
        }
    }

    private void tellsInAComingTurnOnce(Consumer<Transport> end) {
        Probe client = probe().onLost(() -> journal.add("lost"));
        connected(client, probe());
        onLoop(
                client,
                transport -> {
                    end.accept(transport);
                    journal.add("asked");
                });
        world.await(client.lost());
        letTimePass();

        assertThat(journal).containsExactly("asked", "lost");
    }

    @Nested
    class Closing {
        @Test
        void isCleanAtBothEnds() {
            Pair pair = connected();
            onLoop(pair.client(), Transport::loseConnection);

            assertThat(world.await(pair.client().lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(pair.server().lost())).isEqualTo(new CloseReason.Done());
        }

        @Test
        void sendsWhatIsBufferedFirstAndNothingMore() {
            Pair pair = connected();
            onLoop(
                    pair.client(),
                    transport -> {
                        transport.write(bytes(5 * MEBIBYTE));
                        transport.loseConnection();
                        transport.loseConnection();
                        transport.write(Bytes.utf8("ignored"));
                    });

            assertThat(world.await(pair.client().lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(pair.server().lost())).isEqualTo(new CloseReason.Done());
            assertThat(pair.server().text()).hasSize(5 * MEBIBYTE).doesNotContain("i");
        }

        @Test
        void tellsTheProtocolInAComingTurn() {
            tellsInAComingTurnOnce(Transport::loseConnection);
        }

        @Test
        void deliversNothingMore() {
            Probe server = probe();
            server.onData(_ -> {
                journal.add("data");
                server.transport().loseConnection();
            });
            Pair pair = connected(probe(), server);
            onLoop(pair.client(), transport -> transport.write(bytes(MEBIBYTE)));
            world.await(server.lost());
            letTimePass();

            assertThat(journal).containsExactly("data");
        }

        @Test
        void isAbortedAtTheDeadlineIfThePeerDoesNotRead() {
            haveHaste();
            Pair pair = connected(probe(), probe().onMade(Transport::pauseReading));
            onLoop(
                    pair.client(),
                    transport -> {
                        transport.write(bytes(MORE_THAN_A_SOCKET_TAKES));
                        transport.loseConnection();
                    });

            assertThat(world.await(pair.client().lost())).isInstanceOf(CloseReason.Aborted.class);
            onLoop(pair.server(), Transport::abortConnection);
        }

        @Test
        void happensWhilePausedToo() {
            Pair pair = connected(probe().onMade(Transport::pauseReading), probe());
            onLoop(pair.client(), Transport::loseConnection);

            assertThat(world.await(pair.client().lost())).isEqualTo(new CloseReason.Done());
        }
    }

    @Nested
    class Aborting {
        @Test
        void breaksTheConnectionAtBothEnds() {
            Pair pair = connected();
            onLoop(pair.client(), Transport::abortConnection);

            assertThat(world.await(pair.client().lost())).isEqualTo(new CloseReason.Aborted(null));
            assertReset(pair.server());
        }

        @Test
        void tellsTheProtocolInAComingTurnOnce() {
            tellsInAComingTurnOnce(transport -> {
                transport.abortConnection();
                transport.abortConnection();
                transport.loseConnection();
            });
        }

        @Test
        void dropsWhatIsBuffered() {
            Pair pair = connected();
            onLoop(
                    pair.client(),
                    transport -> {
                        transport.write(Bytes.utf8("dropped"));
                        transport.abortConnection();
                        assertThat(transport.write(Bytes.utf8("ignored"))).isFalse();
                    });
            world.await(pair.server().lost());

            assertThat(pair.server().text()).isEmpty();
        }

        /// What is read last and the reset may be seen in one turn, or in two.
        @RepeatedTest(20)
        void isSeenByAPeerThatIsStillReading() {
            Pair pair = connected(probe(), probe());
            onLoop(
                    pair.server(),
                    transport -> {
                        transport.write(bytes(2 * HIGH_MARK));
                        there.callLater(Duration.ZERO, transport::abortConnection);
                    });

            assertThat(world.await(pair.server().lost())).isEqualTo(new CloseReason.Aborted(null));
            assertReset(pair.client());
        }

        @Test
        void cutsACloseShort() {
            Pair pair = connected(probe(), probe().onMade(Transport::pauseReading));
            onLoop(
                    pair.client(),
                    transport -> {
                        transport.write(bytes(MORE_THAN_A_SOCKET_TAKES));
                        transport.loseConnection();
                        transport.abortConnection();
                    });

            assertThat(world.await(pair.client().lost())).isEqualTo(new CloseReason.Aborted(null));
            onLoop(pair.server(), Transport::abortConnection);
        }
    }
}
