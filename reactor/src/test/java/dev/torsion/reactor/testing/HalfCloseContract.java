package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.HalfCloseable;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What a reactor promises of connections whose two directions end one after the other.
abstract class HalfCloseContract extends TwoPeers {
    /// A [Probe] that goes on when the peer has ended its direction.
    private static final class HalfClosing implements HalfCloseable {
        private final Probe probe;
        private final CompletableFuture<Void> readEnded = new CompletableFuture<>();
        private Runnable onReadEnded = () -> {};

        private HalfClosing(Probe probe) {
            this.probe = probe;
        }

        @Override
        public void connectionMade(Transport transport) {
            probe.connectionMade(transport);
        }

        @Override
        public void dataReceived(Bytes data) {
            assertThat(readEnded).isNotDone();
            probe.dataReceived(data);
        }

        @Override
        public void writableAgain() {
            probe.writableAgain();
        }

        @Override
        public void readConnectionLost() {
            assertThat(readEnded).isNotDone();
            assertThat(probe.transport().reactor().inLoop()).isTrue();
            onReadEnded.run();
            readEnded.complete(null);
        }

        @Override
        public void connectionLost(CloseReason reason) {
            probe.connectionLost(reason);
        }
    }

    @Nested
    class HalfClosedConnections {
        private final HalfClosing client = new HalfClosing(probe());
        private final HalfClosing server = new HalfClosing(probe());

        private void connect(Protocol clientProtocol, Protocol serverProtocol) {
            ListeningPort port = listen(_ -> serverProtocol);
            world.await(here.connect(port.address(), _ -> clientProtocol, PATIENCE));
            world.await(server.probe.made());
        }

        private void connectAndEndTheDirectionOf(Protocol clientProtocol) {
            connect(clientProtocol, server);
            onLoop(client.probe, Transport::loseWriteConnection);
            world.await(server.readEnded);
        }

        @Test
        void sendWhatIsBufferedAndTheEndAndGoOnReceiving() {
            connect(client, server);
            onLoop(
                    client.probe,
                    transport -> {
                        transport.write(Bytes.utf8("question"));
                        transport.loseWriteConnection();
                        transport.loseWriteConnection();
                        assertThat(transport.write(Bytes.utf8("ignored"))).isFalse();
                    });
            world.await(server.readEnded);
            assertThat(server.probe.text()).isEqualTo("question");
            onLoop(server.probe, transport -> transport.write(Bytes.utf8("answer")));
            world.await(client.probe.received(6));
            onLoop(server.probe, Transport::loseWriteConnection);

            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(client.readEnded).isCompleted();
        }

        @Test
        void endAsAWholeForAProtocolThatDoesNotHalfClose() {
            connect(client, server.probe);
            onLoop(client.probe, Transport::loseWriteConnection);

            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(client.readEnded).isCompleted();
        }

        @Test
        void sendWhatIsBufferedThoughTheProtocolDoesNotHalfClose() {
            server.probe.onMade(made -> made.write(bytes(MORE_THAN_A_SOCKET_TAKES)));
            client.probe.onMade(made -> {
                made.pauseReading();
                made.loseWriteConnection();
            });
            connect(client, server.probe);
            letTimePass();
            onLoop(client.probe, Transport::resumeReading);

            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(client.probe.text()).hasSize(MORE_THAN_A_SOCKET_TAKES);
        }

        @Test
        void sendAllThatIsWrittenLastThoughReadingWasPausedWhenThePeersEndCame() {
            pausedWhenThePeersEndCame(transport -> {
                transport.write(bytes(MORE_THAN_A_SOCKET_TAKES));
                transport.loseConnection();
            });

            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(server.probe.text()).hasSize(MORE_THAN_A_SOCKET_TAKES);
        }

        @Test
        void areAbortedWhileTheySendToAPeerThatHasEnded() {
            server.probe.onMade(Transport::pauseReading);
            pausedWhenThePeersEndCame(
                    transport -> transport.write(bytes(MORE_THAN_A_SOCKET_TAKES)));
            letTimePass();
            onLoop(client.probe, Transport::abortConnection);

            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Aborted(null));
            onLoop(server.probe, Transport::abortConnection);
        }

        private void pausedWhenThePeersEndCame(Consumer<Transport> then) {
            connect(client.probe.onMade(Transport::pauseReading), server);
            onLoop(server.probe, Transport::loseWriteConnection);
            letTimePass();
            onLoop(client.probe, then);
        }

        @Test
        void areNotResetByWhatIsAskedOfThemInTheirLastCall() {
            client.probe.onLost(() -> client.probe.transport().abortConnection());
            connect(client.probe, server);
            onLoop(client.probe, transport -> transport.write(bytes(HIGH_MARK / 2)));
            onLoop(server.probe, Transport::loseWriteConnection);

            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(server.probe.text()).hasSize(HIGH_MARK / 2);
        }

        @Test
        void endForAProtocolThatDoesNotHalfCloseWhenThePeerEndsToo() {
            connectAndEndTheDirectionOf(client.probe);
            onLoop(
                    server.probe,
                    transport -> {
                        transport.write(Bytes.utf8("last"));
                        transport.loseConnection();
                    });

            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(client.probe.text()).isEqualTo("last");
        }

        @Test
        void mayBeAbortedStill() {
            connectAndEndTheDirectionOf(client);
            onLoop(server.probe, Transport::abortConnection);

            assertReset(client.probe);
            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Aborted(null));
        }

        @Test
        void areLostAtOnceWhenThePeerResetsThem() {
            assumeThat(world.tellsLateLosses()).isTrue();
            connectToAPausedClientThatEnds();
            world.await(server.readEnded);
            resetByTheClient();

            assertThat(world.await(server.probe.lost())).isInstanceOf(CloseReason.Lost.class);
        }

        @Test
        void areLostAtOnceThoughReadingWasPausedWhenThePeersEndCame() {
            assumeThat(world.tellsLateLosses()).isTrue();
            server.probe.onMade(Transport::pauseReading);
            connectToAPausedClientThatEnds();
            letTimePass();
            resetByTheClient();

            assertThat(world.await(server.probe.lost())).isInstanceOf(CloseReason.Lost.class);
            assertThat(server.readEnded).isNotDone();
        }

        @Test
        void areLostWhenTheyWriteAfterAReset() {
            connectToAPausedClientThatEnds();
            world.await(server.readEnded);
            resetByTheClient();
            letTimePass();
            onLoop(server.probe, transport -> transport.write(Bytes.utf8("too late")));

            assertThat(world.await(server.probe.lost())).isInstanceOf(CloseReason.Lost.class);
        }

        @Test
        void areLostWhenTheyGoOnSendingToAPeerThatHasClosed() {
            connect(client.probe, server);
            onLoop(client.probe, Transport::loseConnection);
            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            world.await(server.readEnded);
            onLoop(server.probe, this::goOnSending);

            assertThat(world.await(server.probe.lost())).isInstanceOf(CloseReason.Lost.class);
        }

        private void goOnSending(Transport transport) {
            if (!server.probe.lost().isDone()) {
                transport.write(Bytes.utf8("more"));
                transport.reactor().callLater(Duration.ofMillis(100), () -> goOnSending(transport));
            }
        }

        /// What it leaves unread makes the end of a UNIX socket a reset.
        private void connectToAPausedClientThatEnds() {
            connect(client.probe.onMade(Transport::pauseReading), server);
            onLoop(server.probe, transport -> transport.write(Bytes.utf8("unread")));
            onLoop(client.probe, Transport::loseWriteConnection);
        }

        private void resetByTheClient() {
            onLoop(client.probe, Transport::abortConnection);
            world.await(client.probe.lost());
        }

        private void writeLateAndEndWhileTheServerIsPaused() {
            server.probe.onMade(Transport::pauseReading);
            connect(client, server);
            onLoop(
                    client.probe,
                    transport -> {
                        transport.write(Bytes.utf8("late"));
                        transport.loseWriteConnection();
                    });
        }

        @Test
        void areNotLostWhenBothEndThoughReadingIsPaused() {
            writeLateAndEndWhileTheServerIsPaused();
            onLoop(server.probe, Transport::loseWriteConnection);
            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            letTimePass();
            onLoop(server.probe, Transport::resumeReading);

            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Done());
            assertThat(server.probe.text()).isEqualTo("late");
        }

        @Test
        void mayBeClosedByTheSideThatEndedItsDirection() {
            connectAndEndTheDirectionOf(client);
            onLoop(client.probe, Transport::loseConnection);
            assertThat(world.await(client.probe.lost())).isEqualTo(new CloseReason.Done());
            onLoop(server.probe, Transport::loseConnection);
            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Done());
        }

        @Test
        void tellTheEndAfterWhatWaitedForAPausedReader() {
            writeLateAndEndWhileTheServerIsPaused();
            letTimePass();
            assertThat(server.readEnded).isNotDone();
            onLoop(server.probe, Transport::resumeReading);
            world.await(server.readEnded);

            assertThat(server.probe.text()).isEqualTo("late");
            onLoop(server.probe, Transport::loseConnection);
            world.await(client.probe.lost());
        }

        @Test
        void endWithTheExceptionOfReadConnectionLost() {
            IllegalStateException thrown = new IllegalStateException("thrown by the test");
            server.onReadEnded =
                    () -> {
                        throw thrown;
                    };
            connect(client, server);
            onLoop(client.probe, Transport::loseWriteConnection);

            assertThat(world.await(server.probe.lost())).isEqualTo(new CloseReason.Failed(thrown));
            world.await(client.probe.lost());
        }

        @Test
        void areEndedByTheirLoopsOnly() {
            connect(client, server);
            OffTheLoop.refuses(client.probe.transport());
        }
    }
}
