package dev.torsion.reactor.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Signal;
import dev.torsion.reactor.Transport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

final class MemoryNetworkTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final MemoryNetwork network = new MemoryNetwork(7);
    private final ManualReactor a = network.reactor("a");
    private final ManualReactor b = network.reactor("b");
    private final Probe client = new Probe();
    private final Probe server = new Probe();

    private CompletionStage<Protocol> connect() {
        return a.connect(Address.of("b", 7400), _ -> client, SECOND);
    }

    private void connected() {
        b.listen(Endpoint.parse("tcp:7400:interface=b"), _ -> server);
        connect();
        network.runUntilIdle();
        assertThat(client.happenings()).containsExactly("made");
        assertThat(server.happenings()).containsExactly("made");
    }

    @Test
    void carriesBytesBothWays() {
        connected();
        server.onData(data -> server.transport().write(Bytes.utf8("re: " + data.utf8())));

        client.transport().write(Bytes.utf8("hello"));
        network.runUntilIdle();

        assertThat(client.happenings()).containsExactly("made", "re: hello");
    }

    @Test
    void givesBothEndsTheSameTwoAddresses() {
        connected();

        assertThat(client.transport().peer()).isEqualTo(Address.of("b", 7400));
        assertThat(server.transport().host()).isEqualTo(client.transport().peer());
        assertThat(server.transport().peer()).isEqualTo(client.transport().host());
    }

    @Test
    void takesTheLatencyForEachWay() {
        network.latency(SECOND.dividedBy(10), SECOND.dividedBy(10));
        b.listen(Endpoint.parse("tcp:7400:interface=b"), _ -> server);
        var made = connect().toCompletableFuture();

        network.advance(Duration.ofMillis(199));
        assertThat(made).isNotDone();
        network.advance(Duration.ofMillis(1));
        assertThat(made).isCompleted();
    }

    @Test
    void tellsNobodyThatAHostWithoutPowerWasAboutToConnect() {
        network.latency(SECOND.dividedBy(10), SECOND.dividedBy(10));
        b.listen(Endpoint.parse("tcp:7400:interface=b"), _ -> server);
        connect();
        network.advance(Duration.ofMillis(150));
        network.losePower(a);
        network.advance(SECOND);

        assertThat(server.happenings()).containsExactly("made");
    }

    @Test
    void keepsTheOrderOfBytesWhenTheLatencyVaries() {
        connected();
        network.latency(Duration.ZERO, SECOND);
        StringBuilder sent = new StringBuilder();
        StringBuilder received = new StringBuilder();
        server.onData(data -> received.append(data.utf8()));

        for (int i = 0; i < 50; i++) {
            sent.append(i).append(' ');
            client.transport().write(Bytes.utf8(i + " "));
            network.runUntilIdle();
        }
        network.advance(SECOND);

        assertThat(received).hasToString(sent.toString());
    }

    @Test
    void cutsBytesIntoSinglesWhenTold() {
        network.chunks(Chunks.SINGLE_BYTES);
        connected();

        client.transport().write(Bytes.utf8("abc"));
        network.runUntilIdle();

        assertThat(server.happenings()).containsExactly("made", "a", "b", "c");
    }

    @Test
    void joinsWhatWaitsToBeReadInSomeRunsWhenToldToCutAtRandom() {
        Set<List<String>> runs = new HashSet<>();
        for (long seed = 0; seed < 100; seed++) {
            runs.add(readAfterAPause(new MemoryNetwork(seed)));
        }

        assertThat(runs)
                .containsAll(
                        List.of(List.of("abcd"), List.of("a", "bc", "d"), List.of("ab", "cd")));
        assertThat(runs)
                .allSatisfy(pieces -> assertThat(String.join("", pieces)).isEqualTo("abcd"));
    }

    /// In which pieces `ab` and `cd` come, which were sent one after the other.
    private static List<String> readAfterAPause(MemoryNetwork network) {
        network.chunks(Chunks.RANDOM);
        ManualReactor reactor = network.reactor("a");
        Probe from = new Probe();
        Probe to = new Probe().onMade(Transport::pauseReading);
        reactor.wire(from, to);
        from.transport().write(Bytes.utf8("ab"));
        network.runUntilIdle();
        from.transport().write(Bytes.utf8("cd"));
        network.runUntilIdle();
        assertThat(to.happenings()).containsExactly("made");

        to.transport().resumeReading();
        network.runUntilIdle();
        return to.happenings().stream().skip(1).toList();
    }

    @Test
    void holdsBytesAcrossACutAndDeliversThemWhenHealed() {
        connected();
        network.cut("a", "b", Cut.HOLD);
        client.transport().write(Bytes.utf8("one"));
        network.advance(SECOND);
        client.transport().write(Bytes.utf8("two"));
        network.advance(SECOND);
        assertThat(server.happenings()).containsExactly("made");

        network.heal("a", "b");
        network.runUntilIdle();

        assertThat(server.happenings()).containsExactly("made", "one", "two");
    }

    @Test
    void letsAConnectTimeOutAcrossAHoldingCut() {
        network.cut("a", "b", Cut.HOLD);

        assertFails(connect(), Kind.TIMED_OUT);
    }

    @Test
    void breaksConnectionsAtBothEndsWhenTheCutResets() {
        connected();
        network.cut("a", "b", Cut.RESET);
        network.runUntilIdle();

        assertThat(client.happenings()).last().asString().startsWith("lost: connection lost");
        assertThat(server.happenings()).last().asString().startsWith("lost: connection lost");
        assertFails(connect(), Kind.UNREACHABLE);
    }

    @Test
    void letsTheOthersGoOnWhenTwoAreCut() {
        network.reactor("c");
        connected();
        network.cut("a", "c", Cut.RESET);
        client.transport().write(Bytes.utf8("through"));
        network.runUntilIdle();

        assertThat(server.happenings()).containsExactly("made", "through");
    }

    @Test
    void tellsOnlyThePeersOfAKilledProcess() {
        connected();
        List<String> ranAfterDeath = new ArrayList<>();
        b.callLater(Duration.ZERO, () -> ranAfterDeath.add("x"));
        network.kill(b);
        network.advance(SECOND);

        assertThat(ranAfterDeath).isEmpty();
        assertThat(server.happenings()).containsExactly("made");
        assertThat(client.happenings())
                .containsExactly("made", "lost: connection lost: connection reset by peer");
        assertFails(connect(), Kind.REFUSED);
    }

    @Test
    void takesNoCallsForLaterOnceKilled() {
        network.kill(b);
        assertThatIllegalStateException()
                .isThrownBy(() -> b.at(Phase.AFTER_SHUTDOWN, "tidy up", () -> null))
                .withMessage("too late for \"tidy up\": reactor of b has ended");
        assertThatIllegalStateException()
                .isThrownBy(() -> b.onSignal(Signal.HUP, () -> {}))
                .withMessage("nothing is called at SIGHUP any more: reactor of b has ended");
    }

    @Test
    void startsAProcessInPlaceOfAKilledOne() {
        connected();
        network.kill(b);
        Probe second = new Probe();
        network.reactor("b").listen(Endpoint.parse("tcp:7400:interface=b"), _ -> second);

        network.await(connect(), SECOND);

        assertThat(second.happenings()).containsExactly("made");
    }

    @Test
    void resetsTheConnectionsOfAHostThatLivesOn() {
        connected();
        network.resetConnections("b");
        network.runUntilIdle();

        assertThat(client.happenings()).last().asString().contains("reset");
        assertThat(server.happenings()).last().asString().contains("reset");
        network.await(connect(), SECOND);
    }

    @Test
    void keepsLoopbackPortsToTheirHost() {
        b.listenTcp(7400, _ -> server);
        a.listenTcp(7400, _ -> client);

        assertFails(connect(), Kind.REFUSED);
    }

    @Test
    void letsAnotherListenAtTheSamePortOfAnotherAddress() {
        Probe local = new Probe();
        b.listen(Endpoint.parse("tcp:7400"), _ -> local);
        connected();
        assertThat(local.happenings()).isEmpty();
        var _ = b.connect(Address.of("127.0.0.1", 7400), _ -> new Probe(), SECOND);
        network.runUntilIdle();

        assertThat(local.happenings()).containsExactly("made");
        for (String taken : List.of("b", "127.0.0.1", "0.0.0.0")) {
            assertThatThrownBy(() ->
                            b.listen(
                                    Endpoint.parse("tcp:7400:interface=" + taken),
                                    _ -> new Probe()))
                    .isInstanceOf(CannotListenException.class)
                    .hasMessageContaining("address already in use");
        }
    }

    @Test
    void reachesAWildcardByNameAndByLoopback() {
        b.listen(Endpoint.parse("tcp:7400:interface=0.0.0.0"), _ -> new Probe());

        network.await(connect(), SECOND);
        network.await(b.connect(Address.of("127.0.0.1", 7400), _ -> new Probe(), SECOND), SECOND);
    }

    @Test
    void knowsNoOtherNames() {
        assertFails(a.connect(Address.of("nowhere", 1), _ -> client, SECOND), Kind.UNKNOWN_HOST);
        assertThatThrownBy(() -> a.listen(Endpoint.parse("tcp:1:interface=b"), _ -> client))
                .isInstanceOf(CannotListenException.class)
                .hasMessageContaining("\"b\" is not an address of a");
        assertThatThrownBy(() -> network.heal("a", "nowhere"))
                .hasMessageContaining("known: [a, b]");
    }

    @Test
    void refusesCallsFromTheLoopOfAnotherReactor() {
        connected();
        b.callFromThread(() -> client.transport().write(Bytes.utf8("x")));
        network.runUntilIdle();

        assertThat(b.failures()).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void holdsOneDirectionWhileTheOtherGoesOn() {
        connected();
        network.cutOneWay("a", "b");

        client.transport().write(Bytes.utf8("lost for now"));
        server.transport().write(Bytes.utf8("heard"));
        network.advance(SECOND);
        assertThat(client.happenings()).containsExactly("made", "heard");
        assertThat(server.happenings()).containsExactly("made");

        network.heal("a", "b");
        network.advance(SECOND);
        assertThat(server.happenings()).containsExactly("made", "lost for now");
    }

    @Test
    void slowsOneDirectionAlone() {
        connected();
        network.slow("a", "b", SECOND, SECOND);

        client.transport().write(Bytes.utf8("late"));
        server.transport().write(Bytes.utf8("at once"));
        network.runUntilIdle();
        assertThat(client.happenings()).containsExactly("made", "at once");
        assertThat(server.happenings()).containsExactly("made");

        network.advance(SECOND);
        assertThat(server.happenings()).containsExactly("made", "late");
    }

    @Test
    void runsWhatFellDueInAPauseInItsOrderWhenResumed() {
        connected();
        List<String> ran = new ArrayList<>();
        var cancelled = b.callLater(Duration.ofMillis(3), () -> ran.add("cancelled"));
        b.callLater(Duration.ofMillis(2), () -> ran.add("second"));
        b.callLater(
                Duration.ofMillis(1),
                () -> {
                    ran.add("first");
                    cancelled.cancel();
                });
        network.pause(b);

        client.transport().write(Bytes.utf8("for later"));
        network.advance(SECOND);
        assertThat(ran).isEmpty();
        assertThat(server.happenings()).containsExactly("made");
        assertThat(b.leftovers()).filteredOn(left -> left.startsWith("a delayed call")).hasSize(3);

        network.resume(b);
        network.runUntilIdle();
        assertThat(ran).containsExactly("first", "second");
        assertThat(server.happenings()).containsExactly("made", "for later");
    }

    @Test
    void tellsNobodyOfALossOfPowerUntilTheHostIsUpAndSpokenTo() {
        connected();
        network.losePower(b);
        client.transport().write(Bytes.utf8("anybody there?"));
        network.advance(SECOND);
        assertThat(client.happenings()).containsExactly("made");
        assertFails(a.connect(Address.of("b", 7400), _ -> new Probe(), SECOND), Kind.TIMED_OUT);

        network.reactor("b");
        network.runUntilIdle();
        assertThat(client.happenings()).containsExactly("made");
        client.transport().write(Bytes.utf8("and now?"));
        network.runUntilIdle();
        assertThat(client.happenings()).last().asString().startsWith("lost: ");
    }

    @Test
    void letsThroughNoMoreThanTheLimit() {
        connected();
        network.limit("a", "b", 1000);
        client.transport().write(Bytes.wrap(new byte[960]));
        client.transport().write(Bytes.wrap(new byte[960]));

        network.advance(Duration.ofMillis(1959));
        assertThat(server.text()).isEmpty();
        network.advance(Duration.ofMillis(1));
        assertThat(server.text()).hasSize(1920);

        network.unlimited("a", "b");
        client.transport().write(Bytes.wrap(new byte[960]));
        network.runUntilIdle();
        assertThat(server.text()).hasSize(2880);
    }

    @Test
    void sharesTheLimitAmongAllConnectionsOfItsWay() {
        connected();
        Probe second = new Probe();
        a.connect(Address.of("b", 7400), _ -> second, SECOND);
        network.runUntilIdle();
        network.limit("a", "b", 1000);
        client.transport().write(Bytes.wrap(new byte[960]));
        network.runUntilIdle();
        second.transport().write(Bytes.wrap(new byte[10]));

        network.advance(Duration.ofMillis(1049));
        assertThat(server.text()).hasSize(960);
        network.advance(Duration.ofMillis(1));
        assertThat(server.text()).hasSize(970);
    }

    @Test
    void bringsWhatWasLostLateButAllOfItInOrder() {
        connected();
        network.lose("a", "b", 50);
        StringBuilder sent = new StringBuilder();
        StringBuilder atOnce = new StringBuilder();
        for (int i = 0; i < 50; i++) {
            sent.append(i).append(' ');
            client.transport().write(Bytes.utf8(i + " "));
            network.runUntilIdle();
        }
        atOnce.append(server.text());

        network.advance(Duration.ofMinutes(1));
        assertThat(server.text()).isEqualTo(sent.toString()).isNotEqualTo(atOnce.toString());
    }

    @Test
    void bringsWhatIsUnderwaySoonerWhenTheWayGetsBetter() {
        connected();
        network.slow("a", "b", Duration.ofHours(1), Duration.ofHours(1));
        client.transport().write(Bytes.utf8("late"));
        network.advance(SECOND);
        assertThat(server.text()).isEmpty();

        network.usualLatency("a", "b");
        client.transport().write(Bytes.utf8(" news"));
        network.runUntilIdle();
        assertThat(server.text()).isEqualTo("late news");
    }

    @Test
    void readsSlowlyAndHoldsBackTheSender() {
        connected();
        network.readSlowly("b", 1000, SECOND);
        for (int i = 0; i < 200; i++) {
            client.transport().write(Bytes.wrap(new byte[1000]));
        }
        network.advance(Duration.ofMillis(2500));

        assertThat(server.text()).hasSize(2000);
        assertThat(client.transport().pendingBytes()).isGreaterThan(100_000);

        network.readAsUsual("b");
        network.advance(SECOND);
        assertThat(server.text()).hasSize(200_000);
        assertThat(client.happenings()).contains("writable again");
    }

    @Test
    void forgetsConnectionsWithoutAWordToTheOtherEnd() {
        connected();
        network.forgetConnections("b");
        network.advance(SECOND);
        assertThat(server.happenings()).last().asString().startsWith("lost: ");
        assertThat(client.happenings()).containsExactly("made");

        client.transport().write(Bytes.utf8("still there?"));
        network.runUntilIdle();
        assertThat(client.happenings()).last().asString().startsWith("lost: ");
    }

    @Test
    void refusesLimitsThatMeanNothing() {
        connected();
        assertThatThrownBy(() -> network.limit("a", "b", 0))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> network.lose("a", "b", 100))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> network.readSlowly("a", 0, SECOND))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void jumpsTheTimeOfDayOfOneHost() {
        var before = a.now();
        long nanos = a.nanoTime();
        network.jumpClock("a", Duration.ofDays(-1));

        assertThat(a.now()).isEqualTo(before.minus(Duration.ofDays(1)));
        assertThat(a.nanoTime()).isEqualTo(nanos);
        assertThat(b.now()).isEqualTo(before);
    }

    @Test
    void runsTheSameForTheSameSeed() {
        assertThat(trace(1)).isEqualTo(trace(1)).isNotEqualTo(trace(2)).isNotEmpty();
    }

    private static List<String> trace(long seed) {
        List<String> lines = new ArrayList<>();
        MemoryNetwork network = new MemoryNetwork(seed);
        network.traceTo(lines::add);
        network.latency(Duration.ofMillis(1), Duration.ofMillis(20));
        network.chunks(Chunks.RANDOM);
        ManualReactor a = network.reactor("a");
        ManualReactor b = network.reactor("b");
        Probe client = new Probe();
        Probe echo = new Probe();
        echo.onData(data -> echo.transport().write(data));
        b.listen(Endpoint.parse("tcp:1:interface=b"), _ -> echo);
        network.await(a.connect(Address.of("b", 1), _ -> client, SECOND), SECOND);
        for (int i = 0; i < 20; i++) {
            client.transport().write(Bytes.wrap(new byte[1 + a.random().nextInt(100)]));
            network.advance(Duration.ofMillis(a.random().nextInt(10)));
        }
        network.advance(SECOND);
        lines.addAll(client.happenings());
        return lines;
    }

    private void assertFails(CompletionStage<Protocol> connect, Kind kind) {
        assertThatThrownBy(() -> network.await(connect, SECOND))
                .isInstanceOf(CompletionException.class)
                .extracting(Throwable::getCause)
                .isInstanceOfSatisfying(
                        ConnectFailedException.class,
                        failed -> assertThat(failed.kind()).isEqualTo(kind));
    }
}
