package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.DatagramOptions;
import dev.torsion.reactor.MulticastGroup;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// What a [MemoryNetwork] does to datagrams on their way.
final class MemoryDatagramsTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final String GROUP = "239.1.2.3";

    private final List<String> trace = new ArrayList<>();
    private final MemoryNetwork network = new MemoryNetwork(7);
    private final ManualReactor a = network.reactor("a");
    private final ManualReactor b = network.reactor("b");
    private final DatagramProbe sender = at(a, "a", DatagramOptions.DEFAULT);
    private final DatagramProbe receiver = at(b, "b", DatagramOptions.DEFAULT);

    private static DatagramProbe at(ManualReactor reactor, String host, DatagramOptions options) {
        DatagramProbe probe = new DatagramProbe();
        reactor.listenUdp(Address.of(host, 0), probe, options);
        return probe;
    }

    private boolean send(String text) {
        return send(sender, text, receiver.transport().address());
    }

    private static boolean send(DatagramProbe from, String text, Address.Inet to) {
        return from.transport().send(Bytes.utf8(text), to);
    }

    private static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(String::valueOf).toList();
    }

    @Test
    void eachTakesALatencyOfItsOwnSoThatTheyOvertake() {
        network.latency(Duration.ZERO, SECOND);
        numbers(20).forEach(this::send);
        network.advance(SECOND);

        assertThat(receiver.happenings())
                .containsExactlyInAnyOrderElementsOf(numbers(20))
                .isNotEqualTo(numbers(20));
    }

    @Test
    void comeToTheirAddressThoughOthersHaveItsPortAtOthers() {
        DatagramProbe member = new DatagramProbe();
        DatagramProbe local = new DatagramProbe();
        int port = receiver.transport().address().port();
        b.listenUdp(Address.of(GROUP, port), member, DatagramOptions.DEFAULT);
        b.listenUdp(Address.of("127.0.0.1", port), local, DatagramOptions.DEFAULT);
        send("hello");
        network.runUntilIdle();

        assertThat(receiver.happenings()).containsExactly("hello");
        assertThat(member.happenings()).isEmpty();
        assertThat(local.happenings()).isEmpty();
    }

    @Test
    void someAreLostAndCounted() {
        network.traceTo(trace::add);
        network.lose("a", "b", 50);
        numbers(100).forEach(this::send);
        network.runUntilIdle();
        int arrived = receiver.happenings().size();

        assertThat(arrived).isBetween(20, 80);
        assertThat(network.lostDatagrams()).isEqualTo(100 - arrived);
        assertThat(trace.stream().filter(line -> line.contains("lost"))).hasSize(100 - arrived);
        assertThat(sender.transport().metrics().sent()).isEqualTo(100);
    }

    @Test
    void theSameOnesAreLostInEveryRunOfASeed() {
        assertThat(survivors(3)).isEqualTo(survivors(3)).isNotEqualTo(survivors(4));
    }

    private static List<String> survivors(long seed) {
        MemoryNetwork network = new MemoryNetwork(seed);
        DatagramProbe from = at(network.reactor("a"), "a", DatagramOptions.DEFAULT);
        DatagramProbe to = at(network.reactor("b"), "b", DatagramOptions.DEFAULT);
        network.lose("a", "b", 50);
        numbers(50).forEach(text -> send(from, text, to.transport().address()));
        network.runUntilIdle();
        return to.happenings();
    }

    @Test
    void noneWaitsBehindACut() {
        network.latency(SECOND, SECOND);
        send("underway");
        network.advance(Duration.ofMillis(500));
        network.cut("a", "b", Cut.HOLD);
        send("behind it");
        network.advance(Duration.ofSeconds(5));
        network.heal("a", "b");
        send("after it");
        network.advance(SECOND);

        assertThat(receiver.happenings()).containsExactly("after it");
        assertThat(network.lostDatagrams()).isEqualTo(2);
    }

    @Test
    void theSenderIsToldWhenANarrowWayLeavesNoRoom() {
        network.limit("a", "b", 100_000);
        String large = "x".repeat(50_000);
        long taken = IntStream.range(0, 10).filter(_ -> send(large)).count();
        network.advance(Duration.ofMinutes(1));

        assertThat(taken).isEqualTo(5);
        assertThat(receiver.happenings()).hasSize(5);
        assertThat(sender.transport().metrics().noRoom()).isEqualTo(5);
        assertThat(sender.transport().metrics().sent()).isEqualTo(5);
    }

    @Test
    void thoseThatFindTheReceiversBufferFullAreLostAndCounted() {
        network.traceTo(trace::add);
        receiver.transport().pauseReading();
        String large = "x".repeat(50_000);
        IntStream.range(0, 10).forEach(_ -> send(large));
        network.runUntilIdle();
        receiver.transport().resumeReading();
        network.runUntilIdle();

        assertThat(receiver.happenings()).hasSize(5);
        assertThat(network.lostDatagrams()).isEqualTo(5);
        assertThat(trace).anyMatch(line -> line.contains("the buffer of its receiver is full"));
    }

    @Test
    void aSlowProgramReadsOneAtATime() {
        network.readSlowly("b", 1, SECOND);
        numbers(3).forEach(this::send);
        network.advance(Duration.ofMillis(2500));
        assertThat(receiver.happenings()).containsExactly("0", "1");
        network.readAsUsual("b");
        network.advance(SECOND);
        assertThat(receiver.happenings()).containsExactly("0", "1", "2");
    }

    @Test
    void aPausedProcessFindsThemWhenItGoesOn() {
        network.pause(b);
        send("waits");
        network.runUntilIdle();
        assertThat(receiver.happenings()).isEmpty();
        network.resume(b);
        network.runUntilIdle();
        assertThat(receiver.happenings()).containsExactly("waits");
    }

    @Test
    void aConnectedPortHearsOfAKilledProcessButNotOfAMachineWithoutPower() {
        DatagramProbe connected = new DatagramProbe();
        a.connectUdp(receiver.transport().address(), connected, DatagramOptions.DEFAULT, SECOND);
        network.runUntilIdle();
        network.kill(b);
        connected.transport().send(Bytes.utf8("killed?"));
        network.runUntilIdle();
        assertThat(connected.happenings()).containsExactly("refused");

        network.losePower(network.reactor("b"));
        connected.transport().send(Bytes.utf8("no power?"));
        network.runUntilIdle();
        assertThat(connected.happenings()).containsExactly("refused");
        assertThat(receiver.stopped()).isNotDone();
    }

    @Test
    void thoseToAGroupReachItsMembersOnEveryHost() {
        DatagramOptions shared = DatagramOptions.DEFAULT.withShared(true);
        DatagramProbe there = at(b, "0.0.0.0", shared);
        Address.Inet group = Address.of(GROUP, there.transport().address().port());
        DatagramProbe here = new DatagramProbe();
        a.listenUdp(Address.of("0.0.0.0", group.port()), here, shared);
        DatagramProbe local = new DatagramProbe();
        b.listenUdp(Address.of("0.0.0.0", group.port()), local, shared);
        here.transport().joinGroup(MulticastGroup.of(GROUP));
        there.transport().joinGroup(MulticastGroup.of(GROUP));
        local.transport().joinGroup(MulticastGroup.of(GROUP).on("lo"));
        DatagramOptions.Multicast multicast = DatagramOptions.Multicast.DEFAULT;

        send(sender, "all", group);
        send(sending(multicast.withTimeToLive(0)), "this machine", group);
        send(sending(multicast.withLoopback(false)), "others", group);
        network.runUntilIdle();

        assertThat(here.happenings()).containsExactly("all", "this machine");
        assertThat(there.happenings()).containsExactly("all", "others");
        assertThat(local.happenings()).isEmpty();
    }

    private DatagramProbe sending(DatagramOptions.Multicast multicast) {
        return at(a, "a", DatagramOptions.DEFAULT.withMulticast(multicast));
    }

    @Test
    void thoseToEverybodyReachThePortsOnAllAddresses() {
        DatagramProbe everywhere = at(b, "0.0.0.0", DatagramOptions.DEFAULT);
        Address.Inet everybody =
                Address.of("255.255.255.255", everywhere.transport().address().port());
        DatagramProbe loud = at(a, "a", DatagramOptions.DEFAULT.withBroadcast(true));

        assertThat(send(loud, "hello", everybody)).isTrue();
        network.runUntilIdle();
        assertThat(everywhere.happenings()).containsExactly("hello");
        assertThat(everywhere.senders()).containsExactly(loud.transport().address());
    }

    @Test
    void aPortOfLoopbackReachesNoOtherHost() {
        DatagramProbe loopback = at(a, "127.0.0.1", DatagramOptions.DEFAULT);

        assertThat(send(loopback, "hello", receiver.transport().address())).isFalse();
        assertThat(loopback.transport().metrics().lastRefusal()).contains("loopback");
    }

    @Test
    void thoseToNobodyAreLostAndCounted() {
        assertThat(send(sender, "hello", Address.of("192.0.2.7", 9))).isTrue();
        assertThat(send(sender, "hello", Address.of("b", 9))).isTrue();
        network.runUntilIdle();

        assertThat(network.lostDatagrams()).isEqualTo(2);
        assertThat(sender.happenings()).isEmpty();
    }

    @Test
    void whatAProtocolThrowsIsAmongTheFailures() {
        RuntimeException thrown = new RuntimeException("thrown by a test");
        receiver.onDatagram((_, _) -> {
            throw thrown;
        });
        send("hello");
        network.runUntilIdle();

        assertThat(b.failures()).containsExactly(thrown);
    }
}
