package dev.torsion.tests;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.netty.NettyReactor;
import dev.torsion.netty.ReactorOptions.Io;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.DatagramOptions;
import dev.torsion.reactor.DatagramProtocol;
import dev.torsion.reactor.DatagramTransport;
import dev.torsion.reactor.MulticastGroup;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// UDP with the real Twisted at the other end.
@OnEveryIo
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TwistedDatagramTest {
    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final NettyReactor reactor;
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    TwistedDatagramTest(Io io) {
        reactor = RealReactor.create(io);
    }

    @AfterEach
    void stop() throws Exception {
        await(reactor.stop());
    }

    private static <T> T await(CompletionStage<T> stage) throws Exception {
        return stage.toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    private String told() throws InterruptedException {
        return String.valueOf(told.poll(20, TimeUnit.SECONDS));
    }

    /// Says how many bytes it receives, or the text of a few, and that it was refused.
    private class Tells implements DatagramProtocol {
        @Override
        public void datagramReceived(Bytes data, Address.Inet from) {
            told.add(data.size() > 100 ? data.size() + " bytes" : "\"" + data.utf8() + "\"");
        }

        @Override
        public void connectionRefused() {
            told.add("refused");
        }
    }

    private static final class Echo implements DatagramProtocol {
        @SuppressWarnings("NullAway.Init") // started() comes first
        private DatagramTransport port;

        @Override
        public void started(DatagramTransport transport) {
            port = transport;
        }

        @Override
        public void datagramReceived(Bytes data, Address.Inet from) {
            port.send(data, from);
        }
    }

    private DatagramTransport connected(int port) throws Exception {
        return await(
                reactor.connectUdp(
                        Address.of(LOOPBACK, port),
                        new Tells(),
                        DatagramOptions.DEFAULT,
                        PATIENCE));
    }

    private void send(DatagramTransport from, int size) {
        reactor.callFromThread(() -> from.send(Bytes.utf8("x".repeat(size))));
    }

    @Test
    void twistedGetsWhatItSentAndCutsItsReadsAt8192() throws Exception {
        int port = reactor.listenUdp(0, new Echo()).port();
        try (TwistedPeer client =
                TwistedPeer.start("datagram_peer.py", "send", port, 5, 0, 8192, 8193)) {
            assertThat(client.linesTo("done"))
                    .containsExactly("same 5", "same 0", "same 8192", "differs 8192", "done");
        }
    }

    @Test
    void weGetBackWhatTwistedReads() throws Exception {
        try (TwistedPeer server = TwistedPeer.start("datagram_peer.py", "echo")) {
            DatagramTransport client = connected(server.port());
            for (int size : new int[] {101, 0, 8192, 20_000}) {
                send(client, size);
                assertThat(server.line()).isEqualTo("received " + Math.min(size, 8192));
            }
            assertThat(List.of(told(), told(), told(), told()))
                    .containsExactly("101 bytes", "\"\"", "8192 bytes", "8192 bytes");
        }
    }

    @Test
    void weHearThatTwistedIsGone() throws Exception {
        DatagramTransport client;
        try (TwistedPeer server = TwistedPeer.start("datagram_peer.py", "echo")) {
            client = connected(server.port());
            send(client, 1);
            assertThat(told()).isEqualTo("\"x\"");
        }
        send(client, 1);
        assertThat(told()).isEqualTo("refused");
    }

    @Test
    void twistedHearsThatWeAreGone() throws Exception {
        DatagramTransport gone = reactor.listenUdp(0, new Tells());
        int port = gone.port();
        try (TwistedPeer client = TwistedPeer.start("datagram_peer.py", "refused", port)) {
            assertThat(told()).isEqualTo("\"is anybody there?\"");
            await(gone.stopListening());
            assertThat(client.line()).isEqualTo("refused");
        }
    }

    @Test
    void twistedHearsTheGroupsThatWeSendTo() throws Exception {
        String group = "239.255.77.11";
        try (TwistedPeer hearer = TwistedPeer.start("datagram_peer.py", "hear", group)) {
            speak(group, hearer.port(), 1);
            assertThat(hearer.line()).isEqualTo("heard hello");
        }
    }

    @Test
    void weHearTheGroupsThatTwistedSendsTo() throws Exception {
        String group = "239.255.77.12";
        DatagramTransport hearer =
                reactor.listenUdp(Address.of(group, 0), new Tells(), DatagramOptions.DEFAULT);
        reactor.callFromThread(() -> {
            hearer.joinGroup(MulticastGroup.of(group).on(LOOPBACK));
            told.add("joined");
        });
        assertThat(told()).isEqualTo("joined");
        try (TwistedPeer speaker =
                TwistedPeer.start("datagram_peer.py", "speak", group, hearer.port(), "hello")) {
            assertThat(speaker.line()).isEqualTo("sent");
            assertThat(told()).isEqualTo("\"hello\"");
        }
    }

    @Test
    void whatIsSentToAGroupHasTheTimeToLiveThatWasAskedFor() throws Exception {
        String group = "239.255.77.13";
        try (TwistedPeer hearer = TwistedPeer.start("datagram_peer.py", "ttl", group)) {
            speak(group, hearer.port(), 7);
            assertThat(hearer.line()).isEqualTo("ttl 7");
        }
    }

    private void speak(String group, int port, int timeToLive) {
        DatagramOptions.Multicast byLoopback =
                DatagramOptions.Multicast.DEFAULT
                        .withNetworkInterface(LOOPBACK)
                        .withTimeToLive(timeToLive);
        DatagramTransport speaker =
                reactor.listenUdp(
                        Address.of(LOOPBACK, 0),
                        new Tells(),
                        DatagramOptions.DEFAULT.withMulticast(byLoopback));
        reactor.callFromThread(() -> speaker.send(Bytes.utf8("hello"), Address.of(group, port)));
    }
}
