package dev.torsion.reactor.testing;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ManualReactorTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualReactor reactor = new ManualReactor();
    private final List<String> journal = new ArrayList<>();

    @Test
    void movesTheClockOnlyByHand() {
        assertThat(reactor.nanoTime()).isZero();
        assertThat(reactor.now()).isEqualTo(Instant.parse("2026-01-01T00:00:00Z"));

        reactor.advance(SECOND);

        assertThat(reactor.nanoTime()).isEqualTo(1_000_000_000);
        assertThat(reactor.now()).isEqualTo(Instant.parse("2026-01-01T00:00:01Z"));
    }

    @Test
    void runsEachCallAtItsTime() {
        reactor.callLater(
                SECOND,
                () -> {
                    journal.add("at " + reactor.nanoTime());
                    reactor.callLater(SECOND, () -> journal.add("at " + reactor.nanoTime()));
                });
        assertThat(reactor.pendingTimers()).isEqualTo(1);

        reactor.advance(Duration.ofSeconds(5));

        assertThat(journal).containsExactly("at 1000000000", "at 2000000000");
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void leavesTheClockAloneUntilIdle() {
        reactor.callLater(Duration.ZERO, () -> journal.add("now"));
        reactor.callLater(SECOND, () -> journal.add("later"));

        reactor.runUntilIdle();

        assertThat(journal).containsExactly("now");
        assertThat(reactor.nanoTime()).isZero();
    }

    @Test
    void runsUntilWhatTheTestWaitsFor() {
        reactor.callLater(SECOND, () -> journal.add("x"));

        reactor.runUntil(() -> !journal.isEmpty(), SECOND);

        assertThat(reactor.nanoTime()).isEqualTo(SECOND.toNanos());
        assertThatThrownBy(() -> reactor.runUntil(() -> false, SECOND))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("PT1S");
    }

    @Test
    void runsByItselfUntilStopped() {
        reactor.callLater(SECOND, reactor::stop);
        reactor.run();

        assertThat(reactor.nanoTime()).isEqualTo(SECOND.toNanos());
    }

    @Test
    void refusesToRunForEver() {
        assertThatThrownBy(reactor::run).hasMessageContaining("nobody stopped the reactor");
    }

    @Test
    void showsWhatAProtocolHasThrownAtItsEnd() {
        AssertionError thrown = new AssertionError("by a test");
        var transport =
                MemoryTransport.connect(
                        reactor,
                        new Protocol() {
                            @Override
                            public void connectionLost(CloseReason reason) {
                                throw thrown;
                            }
                        });
        transport.loseConnection();
        reactor.runUntilIdle();

        assertThat(reactor.failures()).containsExactly(thrown);
    }

    @Test
    void refusesToMoveTimeInsideATurn() {
        reactor.callFromThread(() -> reactor.advance(SECOND));
        reactor.runUntilIdle();

        assertThat(reactor.failures()).singleElement().isInstanceOf(IllegalStateException.class);
    }

    @Test
    void sendsWhatIsWrittenInOneTurnTogether() {
        Probe server = new Probe();
        ListeningPort port = reactor.listenTcp(0, _ -> server);
        Probe client =
                new Probe()
                        .onMade(transport -> {
                            transport.write(Bytes.utf8("to"));
                            transport.write(Bytes.utf8("gether"));
                        });
        reactor.connect(port.address(), _ -> client, SECOND);
        reactor.runUntilIdle();

        assertThat(server.happenings()).containsExactly("made", "together");
    }

    @Test
    void abortsConnectionsAtTheShutdownDeadline() {
        Probe server = new Probe().onMade(Transport::pauseReading);
        MemoryNetwork network = reactor.network();
        ManualReactor stopping = network.reactor("localhost");
        ListeningPort port = reactor.listenTcp(0, _ -> server);
        Probe client =
                new Probe().onMade(transport -> transport.write(Bytes.wrap(new byte[1 << 20])));
        network.await(stopping.connect(port.address(), _ -> client, SECOND), SECOND);

        var stopped = stopping.stop().toCompletableFuture();
        network.advance(Duration.ofSeconds(9));
        assertThat(stopped).isNotDone();
        network.advance(SECOND);

        assertThat(stopped).isCompleted();
        assertThat(client.lost().resultNow()).isInstanceOf(CloseReason.Aborted.class);
        assertThat(server.lost().resultNow()).isInstanceOf(CloseReason.Lost.class);
    }

    @Test
    void givesTheSameChanceForTheSameSeed() {
        long first = new ManualReactor(5).random().nextLong();

        assertThat(new ManualReactor(5).random().nextLong()).isEqualTo(first);
        assertThat(new ManualReactor(6).random().nextLong()).isNotEqualTo(first);
    }

    /// Says hello, and tells what it hears.
    private final class Talker implements Protocol {
        private final String name;
        private @Nullable Transport transport;

        Talker(String name) {
            this.name = name;
        }

        @Override
        public void connectionMade(Transport made) {
            transport = made;
            made.write(Bytes.utf8("I am the " + name));
        }

        @Override
        public void dataReceived(Bytes data) {
            journal.add(name + " hears " + data.utf8());
        }

        @Override
        public void connectionLost(CloseReason reason) {
            journal.add(name + ": " + reason);
        }
    }

    @Test
    void wiresTwoProtocolsToEachOther() {
        Talker client = new Talker("client");
        reactor.wire(client, new Talker("server"));
        assertThat(journal)
                .containsExactlyInAnyOrder(
                        "client hears I am the server", "server hears I am the client");

        requireNonNull(client.transport).loseConnection();
        reactor.runUntilIdle();
        assertThat(journal).contains("client: closed cleanly", "server: closed cleanly");
        assertThat(reactor.pendingTimers()).isZero();
        assertThat(reactor.nanoTime()).isZero();
    }

    @Test
    void cutsTheBytesOfWiredProtocolsAsItsNetworkDoes() {
        reactor.network().chunks(Chunks.SINGLE_BYTES);
        reactor.wire(new Talker("a"), new Talker("b"));

        assertThat(journal).hasSize(20).contains("a hears I", "a hears b");
    }

    @Test
    void namesWhatIsLeftBehind() {
        reactor.programs(_ -> new ScriptedProgram() {});
        reactor.listen(Endpoint.parse("tcp:7000:interface=localhost"), _ -> new Idle());
        reactor.listen(Endpoint.parse("unix:/run/a.sock"), _ -> new Idle());
        reactor.listenUdp(7001, new DatagramProbe());
        MemoryTransport.connect(reactor, new Idle());
        var program = reactor.spawn(Program.of("sleep", "1000"), new ProcessProbe());
        var later = reactor.callLater(SECOND, () -> journal.add("later"));
        var sooner = reactor.callLater(Duration.ofMillis(5), new Named());
        reactor.runUntilIdle();
        reactor.network().reactor("elsewhere");
        reactor.network().cut("localhost", "elsewhere", Cut.HOLD);
        var attempt = reactor.connect(Address.parse("elsewhere:1"), _ -> new Idle(), SECOND);

        assertThat(reactor.leftovers())
                .containsExactly(
                        "a port: localhost:7000",
                        "a port: unix:/run/a.sock",
                        "a port: UDP port 127.0.0.1:7001",
                        "an attempt to connect: to elsewhere:1",
                        "a connection: 127.0.0.1:8888 with 127.0.0.1:50000, of "
                                + Idle.class.getName(),
                        "a program: sleep",
                        "a delayed call: " + Named.class.getName() + ", due in PT0.005S",
                        "a delayed call: " + ManualReactorTest.class.getName() + ", due in PT1S");

        assertThat(later.cancel()).isTrue();
        assertThat(sooner.cancel()).isTrue();
        assertThat(attempt.toCompletableFuture().cancel(false)).isTrue();
        var _ = reactor.stop();
        reactor.advance(Duration.ofSeconds(10));

        assertThat(program).isCompleted();
        assertThat(reactor.leftovers()).isEmpty();
    }

    @Test
    void startsNoProgramWhoseScriptThrowsOrHasRun() {
        ScriptedProgram once = new ScriptedProgram() {};
        reactor.programs(program -> {
            if (program.toString().equals("once")) {
                return once;
            }
            throw new IllegalStateException("by the test");
        });
        ProcessProbe first = new ProcessProbe();
        var ran = reactor.spawn(Program.of("once"), first);
        var again = reactor.spawn(Program.of("once"), new ProcessProbe());
        var thrown = reactor.spawn(Program.of("thrown"), new ProcessProbe());
        reactor.runUntilIdle();

        assertThat(ran).isNotDone();
        assertThat(List.of(again, thrown))
                .extracting(stage -> requireNonNull(stage.toCompletableFuture().getNow(null)))
                .extracting(Object::toString)
                .satisfiesExactly(
                        told ->
                                assertThat(told)
                                        .endsWith(
                                                "for once: a scripted program runs once:"
                                                        + " make a new one for each start"),
                        told -> assertThat(told).endsWith("for thrown: by the test"));
        assertThat(reactor.failures()).hasSize(2);
        assertThat(reactor.leftovers()).containsExactly("a program: once");

        var stopped = reactor.stop();
        reactor.runUntilIdle();
        assertThat(stopped).isCompleted();
        assertThat(ran).isCompleted();
    }

    private static final class Idle implements Protocol {}

    private static final class Named implements Runnable {
        @Override
        public void run() {}
    }

    @Test
    void leavesNothingBehindOnceAllIsClosed() {
        ListeningPort port = reactor.listenTcp(0, _ -> new Idle());
        Talker client = new Talker("client");
        var _ = reactor.connect(port.address(), _ -> client, SECOND);
        reactor.callLater(SECOND, () -> journal.add("later"));
        var work = reactor.callInThread(() -> 1);
        reactor.runUntilIdle();
        assertThat(work).isCompleted();
        assertThat(reactor.leftovers()).hasSize(4); // a port, two ends, a delayed call

        var _ = port.stopListening();
        requireNonNull(client.transport).loseConnection();
        reactor.advance(SECOND);

        assertThat(reactor.leftovers()).isEmpty();
    }

    @Test
    void namesWhatAPauseHoldsBack() {
        reactor.callLater(SECOND, new Named());
        reactor.network().pause(reactor);
        reactor.advance(SECOND);

        assertThat(reactor.leftovers())
                .containsExactly("a delayed call: " + Named.class.getName() + ", due in PT0S");

        reactor.network().resume(reactor);
        reactor.runUntilIdle();

        assertThat(reactor.leftovers()).isEmpty();
    }
}
