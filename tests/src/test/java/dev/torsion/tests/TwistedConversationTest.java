package dev.torsion.tests;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.netty.NettyReactor;
import dev.torsion.protocols.LengthPrefix;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.NetstringProtocol;
import dev.torsion.protocols.blocking.CloseAskedException;
import dev.torsion.protocols.blocking.Conversation;
import dev.torsion.protocols.blocking.Framing;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ProtocolFactory;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Conversations in blocking style, with the real Twisted at the other end.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TwistedConversationTest {
    private final NettyReactor reactor = RealReactor.create();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    enum Kind {
        LINES,
        NETSTRING,
        INT16;

        String twisted() {
            return name().toLowerCase(Locale.ROOT);
        }

        Framing<Bytes> framing() {
            return switch (this) {
                case LINES -> Framing.lines();
                case NETSTRING -> Framing.netstrings(NetstringProtocol.MAX_LENGTH);
                case INT16 -> Framing.frames(LengthPrefix.INT16, LineProtocol.MAX_LENGTH);
            };
        }
    }

    @AfterEach
    void stop() throws Exception {
        reactor.stop().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private void connect(int port, ProtocolFactory factory) throws Exception {
        var _ =
                reactor.await(
                        reactor.connect(
                                new Address.Inet("127.0.0.1", port),
                                factory,
                                Duration.ofSeconds(30)));
    }

    @ParameterizedTest
    @EnumSource
    void twistedAnswersAConversation(Kind kind) throws Exception {
        try (TwistedPeer server = TwistedPeer.start("framing_peer.py", "echo", kind.twisted())) {
            connect(
                    server.port(),
                    Conversation.over(
                            kind.framing(),
                            twisted -> {
                                for (int size : new int[] {1, 0, 16_000}) {
                                    twisted.send(Bytes.utf8("x".repeat(size)));
                                    Bytes echo = twisted.receive();
                                    told.add(echo == null ? "end" : size + "=" + echo.size());
                                }
                            }));

            assertThat(List.of(told.take(), told.take(), told.take()))
                    .containsExactly("1=1", "0=0", "16000=16000");
            assertThat(server.linesTo("lost")).endsWith("lost ConnectionDone");
        }
    }

    @ParameterizedTest
    @EnumSource
    void aConversationAnswersTwisted(Kind kind) throws Exception {
        int port =
                reactor.listenTcp(
                                0,
                                Conversation.over(
                                        kind.framing(),
                                        twisted -> {
                                            Bytes said = twisted.receive();
                                            while (said != null) {
                                                twisted.send(said);
                                                said = twisted.receive();
                                            }
                                        }))
                        .port();

        try (TwistedPeer client =
                TwistedPeer.start(
                        "framing_peer.py", "send", kind.twisted(), port, 1, 0, 1000, 16_000)) {
            assertThat(client.linesTo("lost"))
                    .containsExactly(
                            "same 1", "same 0", "same 1000", "same 16000", "lost ConnectionDone");
        }
    }

    @Test
    void twistedAnswersTheGoodbyeOfAConversationWhoseReactorStops() throws Exception {
        try (TwistedPeer server = TwistedPeer.start("framing_peer.py", "echo", "lines")) {
            connect(
                    server.port(),
                    Conversation.over(
                            Framing.lines(),
                            twisted -> {
                                twisted.send(Bytes.utf8("hello"));
                                told.add(requireNonNull(twisted.receive()).utf8());
                                try {
                                    twisted.receive();
                                } catch (CloseAskedException asked) {
                                    twisted.send(Bytes.utf8("goodbye"));
                                    told.add(requireNonNull(twisted.receive()).utf8());
                                }
                            }));
            assertThat(told.take()).isEqualTo("hello");
            stop();

            assertThat(told).containsExactly("goodbye");
            assertThat(server.linesTo("lost")).endsWith("lost ConnectionDone");
        }
    }

    @Test
    void aConversationHearsThatTwistedWasKilled() throws Exception {
        try (TwistedPeer server = TwistedPeer.start("framing_peer.py", "echo", "lines")) {
            connect(
                    server.port(),
                    Conversation.over(
                            Framing.lines(),
                            twisted -> {
                                twisted.send(Bytes.utf8("still there?"));
                                told.add(twisted.receive() == null ? "end" : "heard");
                                told.add(twisted.receive() == null ? "end" : "heard");
                            }));
            assertThat(told.take()).isEqualTo("heard");
        }
        assertThat(told.take()).isEqualTo("end");
    }
}
