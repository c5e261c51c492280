package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Transport;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What a reactor promises to a side that is faster than the other.
abstract class FlowControlContract extends TwoPeers {
    @Nested
    class Brakes {
        @Test
        void writeSaysWhetherTheBufferIsBelowTheHighMark() {
            Pair pair = connected();
            onLoop(
                    pair.client(),
                    transport -> {
                        assertThat(transport.write(bytes(HIGH_MARK / 2))).isTrue();
                        assertThat(transport.pendingBytes()).isEqualTo(HIGH_MARK / 2);
                        assertThat(transport.write(bytes(HIGH_MARK / 2 + 1))).isFalse();
                        assertThat(transport.pendingBytes()).isEqualTo(HIGH_MARK + 1);
                    });
            world.await(pair.client().becameWritable());
            onLoop(pair.client(), transport -> transport.write(Bytes.utf8("more")));
            letTimePass();

            assertThat(pair.client().happenings()).containsExactly("made", "writable again");
        }

        @Test
        void saysWritableAgainOnlyWhenThePeerHasRead() {
            Probe client = probe();
            client.onWritableAgain(() -> {
                long left = client.transport().pendingBytes();
                journal.add(left < here.writeMarks().low() ? "below the low mark" : "" + left);
            });
            Pair pair = connected(client, probe().onMade(Transport::pauseReading));
            onLoop(pair.client(), transport -> transport.write(bytes(MORE_THAN_A_SOCKET_TAKES)));
            letTimePass();
            assertThat(pair.client().happenings()).containsExactly("made");

            onLoop(pair.server(), Transport::resumeReading);
            world.await(pair.client().becameWritable());
            assertThat(journal).containsExactly("below the low mark");
            assertThat(world.await(pair.server().received(MORE_THAN_A_SOCKET_TAKES)))
                    .hasSize(MORE_THAN_A_SOCKET_TAKES);
        }

        @Test
        void saysNothingWhenTheHighMarkWasNotPassed() {
            Pair pair = connected();
            onLoop(pair.client(), transport -> transport.write(bytes(HIGH_MARK / 2)));
            world.await(pair.server().received(HIGH_MARK / 2));
            letTimePass();

            assertThat(pair.client().happenings()).containsExactly("made");
        }

        @Test
        void giveAConnectionUpAtTheHardLimit() {
            Pair pair = connected();
            Bytes piece = bytes(MEBIBYTE);
            onLoop(
                    pair.client(),
                    transport -> {
                        for (int i = 0; i <= 64; i++) {
                            transport.write(piece);
                        }
                        assertThat(pair.client().lost()).isNotDone();
                    });

            assertThat(world.await(pair.client().lost())).isInstanceOf(CloseReason.Failed.class);
        }

        @Test
        void deliverNothingWhileReadingIsPaused() {
            Probe server = probe();
            server.onData(_ -> {
                journal.add("data");
                server.transport().pauseReading();
            });
            Pair pair = connected(probe(), server);
            onLoop(pair.client(), transport -> transport.write(bytes(MEBIBYTE)));
            world.await(server.received(1));
            letTimePass();
            assertThat(journal).containsExactly("data");

            server.onData(_ -> {});
            onLoop(server, Transport::resumeReading);
            assertThat(world.await(server.received(MEBIBYTE))).hasSize(MEBIBYTE);
        }

        @Test
        void deliverAllToAProtocolThatPausesAfterEachPiece() {
            Probe server = probe();
            server.onData(_ -> {
                server.transport().pauseReading();
                there.callFromThread(server.transport()::resumeReading);
            });
            Pair pair = connected(probe(), server);
            onLoop(pair.client(), transport -> transport.write(bytes(2 * MEBIBYTE)));

            assertThat(world.await(server.received(2 * MEBIBYTE))).hasSize(2 * MEBIBYTE);
        }

        @Test
        void deliverInAComingTurnWhenReadingIsResumed() {
            Probe server = probe().onMade(Transport::pauseReading).onData(_ -> journal.add("data"));
            Pair pair = connected(probe(), server);
            onLoop(pair.client(), transport -> transport.write(Bytes.utf8("x")));
            letTimePass();
            onLoop(
                    server,
                    transport -> {
                        transport.resumeReading();
                        transport.resumeReading();
                        journal.add("resumed");
                    });
            world.await(server.received(1));

            assertThat(journal).containsExactly("resumed", "data");
        }
    }
}
