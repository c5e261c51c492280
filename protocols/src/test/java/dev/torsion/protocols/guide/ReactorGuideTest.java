package dev.torsion.protocols.guide;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.netty.NettyReactor;
import dev.torsion.netty.NettyReactorGroup;
import dev.torsion.netty.ReactorOptions;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.DelayedCall;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.ListeningService;
import dev.torsion.reactor.LoopMetrics;
import dev.torsion.reactor.LoopingCall;
import dev.torsion.reactor.Phase;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.Registration;
import dev.torsion.reactor.ServiceGroup;
import dev.torsion.reactor.Signal;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// The samples of `docs/guides/reactor.md`: they run here, and the page shows nothing else.
@Timeout(60)
final class ReactorGuideTest {
    private final List<Object> notes = new ArrayList<>();

    static final class Greeting implements Protocol {
        @Override
        public void connectionMade(Transport transport) {
            transport.write(Bytes.utf8("hello\n"));
        }

        @Override
        public void dataReceived(Bytes data) {}
    }

    static final class Chatter implements Protocol {
        @Override
        public void closeAsked(Transport transport) {
            transport.write(Bytes.utf8("server stops\n"));
            transport.loseConnection();
        }
    }

    private @Nullable CompletionStage<?> note(String what) {
        notes.add(what);
        return null;
    }

    private void log(Object... values) {
        notes.addAll(List.of(values));
    }

    private static String readTheDisk() {
        return "found\n";
    }

    @Test
    void runsOnAThreadOfItsOwn() {
        Reactor reactor = NettyReactor.create();
        ListeningPort port = reactor.listenTcp(0, _ -> new Greeting());
        whenThisThreadWaits(reactor::stop);
        reactor.run();
        assertThat(port.stopListening().toCompletableFuture()).isCompleted();
    }

    @Test
    void runsWhereItIsMade() {
        // The page's sample, whole: nothing but its own timer stops it.
        Reactor reactor = NettyReactor.createHere();
        ListeningPort port = reactor.listenTcp(0, _ -> new Greeting());
        reactor.callLater(Duration.ofMillis(1), reactor::stop);
        reactor.run();
        assertThat(port.stopListening().toCompletableFuture()).isCompleted();
    }

    @Test
    void runsOnAllCores() {
        int cores = 2;
        ReactorGroup group = NettyReactorGroup.create(cores, ReactorOptions.DEFAULT);
        ListeningPort port = group.listen(Endpoint.tcp(0), _ -> new Greeting());
        whenThisThreadWaits(group::stop);
        group.run();
        assertThat(port.stopListening().toCompletableFuture()).isCompleted();
    }

    private static void whenThisThreadWaits(Runnable action) {
        Thread here = Thread.currentThread();
        Thread.ofPlatform()
                .start(() -> {
                    while (here.getState() != Thread.State.WAITING) {
                        Thread.onSpinWait();
                    }
                    action.run();
                });
    }

    @Test
    void keepsTime() {
        MemoryTransport transport = MemoryTransport.connect(new Greeting());
        ManualReactor reactor = transport.reactor();
        transport.takeWrittenText();
        reactor.callFromThread(() -> timeOut(reactor, transport));
        reactor.callFromThread(() -> beat(reactor, transport));
        reactor.advance(Duration.ofSeconds(12));
        assertThat(transport.takeWrittenText()).isEqualTo("ping\nping\nping\n");
    }

    private static void timeOut(Reactor reactor, Transport transport) {
        DelayedCall timeout = reactor.callLater(Duration.ofSeconds(30), transport::abortConnection);
        timeout.reset(Duration.ofSeconds(30)); // something came: wait anew
        timeout.cancel();
    }

    private static void beat(Reactor reactor, Transport transport) {
        LoopingCall heartbeat =
                LoopingCall.of(
                        reactor,
                        Duration.ofSeconds(5),
                        () -> transport.write(Bytes.utf8("ping\n")));
        heartbeat.start(true);
    }

    @Test
    void worksBesideTheLoop() {
        MemoryTransport transport = MemoryTransport.connect(new Greeting());
        ManualReactor reactor = transport.reactor();
        transport.takeWrittenText();
        reactor.callInThread(() -> readTheDisk())
                .thenAccept(found -> transport.write(Bytes.utf8(found)));
        reactor.runUntilIdle();
        assertThat(transport.takeWrittenText()).isEqualTo("found\n");

        LoopMetrics metrics = reactor.metrics();
        log(
                metrics.longestTurn(),
                metrics.longestLag(),
                metrics.queueDepth(),
                metrics.slowestCallee());
        assertThat(notes).hasSize(4);
    }

    @Test
    void startsAndStops() {
        ManualReactor reactor = new ManualReactor();
        ListeningPort port = reactor.listenTcp(0, _ -> new Greeting());
        reactor.at(Phase.STARTUP, "say hello", () -> note("running"));
        reactor.at(Phase.BEFORE_SHUTDOWN, "drain", () -> port.drain(Duration.ofSeconds(5)));
        reactor.at(Phase.AFTER_SHUTDOWN, "close the books", () -> note("closed"));
        ServiceGroup services = new ServiceGroup(reactor, Duration.ofSeconds(5));
        services.add(
                new ListeningService(reactor, () -> reactor.listenTcp(0, _ -> new Greeting())));
        services.startWithReactor();
        reactor.runUntilIdle();
        reactor.stop();
        reactor.run();
        assertThat(notes).containsExactly("running", "closed");
    }

    private void readSettings() {
        note("settings");
    }

    @Test
    void readsItsSettingsAgain() {
        ManualReactor reactor = new ManualReactor();
        Registration reloading = reactor.onSignal(Signal.HUP, this::readSettings);
        reactor.raise(Signal.HUP);
        reactor.runUntilIdle();
        assertThat(notes).containsExactly("settings");
        assertThat(reloading.remove()).isTrue();
    }

    @Test
    void saysGoodbye() {
        MemoryTransport transport = MemoryTransport.connect(new Chatter());
        transport.reactor().stop();
        transport.reactor().run();
        assertThat(transport.takeWrittenText()).isEqualTo("server stops\n");
        assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
    }

    @Test
    void isAllThatThePageShows() throws IOException {
        Guide.showsOnlyWhatRuns("reactor.md", "ReactorGuideTest.java");
    }
}
