package dev.torsion.protocols.guide;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.DatagramMetrics;
import dev.torsion.reactor.DatagramOptions;
import dev.torsion.reactor.DatagramProtocol;
import dev.torsion.reactor.DatagramTransport;
import dev.torsion.reactor.MulticastGroup;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The samples of `docs/guides/datagrams.md`: they run here, and the page shows nothing else.
final class DatagramsGuideTest {
    private static final Logger log = LoggerFactory.getLogger(DatagramsGuideTest.class);

    static final class Uppercase implements DatagramProtocol {
        private @Nullable DatagramTransport port;

        @Override
        public void started(DatagramTransport transport) {
            port = transport;
        }

        @Override
        public void datagramReceived(Bytes data, Address.Inet from) {
            String answer = data.utf8().toUpperCase(Locale.ROOT);
            requireNonNull(port).send(Bytes.utf8(answer), from);
        }
    }

    static final class Asker implements DatagramProtocol {
        private final List<String> told = new ArrayList<>();

        @Override
        public void started(DatagramTransport transport) {
            transport.send(Bytes.utf8("hello"));
        }

        @Override
        public void datagramReceived(Bytes data, Address.Inet from) {
            told.add(data.utf8());
        }

        @Override
        public void connectionRefused() {
            told.add("nobody listens");
        }
    }

    static DatagramTransport announcer(Reactor reactor) {
        DatagramOptions.Multicast farther =
                DatagramOptions.Multicast.DEFAULT.withNetworkInterface("eth0").withTimeToLive(4);
        return reactor.listenUdp(
                Address.of("0.0.0.0", 0),
                new DatagramProtocol() {},
                DatagramOptions.DEFAULT.withMulticast(farther));
    }

    static final class Listener implements DatagramProtocol {
        private final List<String> heard = new ArrayList<>();

        @Override
        public void started(DatagramTransport transport) {
            transport.joinGroup(MulticastGroup.of("239.1.2.3").on("eth0"));
        }

        @Override
        public void datagramReceived(Bytes data, Address.Inet from) {
            heard.add(data.utf8());
        }
    }

    private static void send(DatagramTransport port, Bytes reading, Address.Inet collector) {
        if (!port.send(reading, collector)) {
            DatagramMetrics metrics = port.metrics();
            log.warn(
                    "{} of {} readings were not sent: {}",
                    metrics.noRoom() + metrics.refused(),
                    metrics.noRoom() + metrics.refused() + metrics.sent(),
                    metrics.lastRefusal());
        }
    }

    private static List<String> ask(ManualReactor reactor, Address.Inet server) {
        Asker asker = new Asker();
        reactor.connectUdp(server, asker, DatagramOptions.DEFAULT, Duration.ofSeconds(5));
        reactor.runUntilIdle();
        return asker.told;
    }

    @Test
    void aServerAnswers() {
        ManualReactor reactor = new ManualReactor();
        DatagramTransport server = reactor.listenUdp(0, new Uppercase());

        assertThat(ask(reactor, server.address())).containsExactly("HELLO");
    }

    @Test
    void aClientHearsThatNobodyListens() {
        assertThat(ask(new ManualReactor(), Address.of("127.0.0.1", 4000)))
                .containsExactly("nobody listens");
    }

    @Test
    void whatIsNotSentIsCounted() {
        ManualReactor reactor = new ManualReactor();
        DatagramTransport port = reactor.listenUdp(0, new DatagramProtocol() {});
        send(port, Bytes.utf8("21.5"), Address.of("255.255.255.255", 4000));

        assertThat(port.metrics().refused()).isEqualTo(1);
        assertThat(port.metrics().lastRefusal()).contains("may not broadcast");
    }

    @Test
    void aNetworkLosesSomeOfWhatIsSentToAGroup() {
        var network = new MemoryNetwork(1);
        ManualReactor a = network.reactor("a");
        ManualReactor b = network.reactor("b");
        var listener = new Listener();
        b.listenUdp(Address.of("0.0.0.0", 4000), listener, DatagramOptions.DEFAULT);
        DatagramTransport sender =
                a.listenUdp(Address.of("a", 0), new DatagramProtocol() {}, DatagramOptions.DEFAULT);
        network.lose("a", "b", 20);
        for (int i = 0; i < 100; i++) {
            sender.send(Bytes.utf8("reading " + i), Address.of("239.1.2.3", 4000));
        }
        network.runUntilIdle();
        assertThat(listener.heard).hasSize(100 - (int) network.lostDatagrams());
        assertThat(network.lostDatagrams()).isBetween(5L, 40L);
    }

    @Test
    void thePageShowsNothingElse() throws Exception {
        Guide.showsOnlyWhatRuns("datagrams.md", "DatagramsGuideTest.java");
    }
}
