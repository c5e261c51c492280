package dev.torsion.protocols;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.ConnectionGroup.SlowPeer;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Transport;
import dev.torsion.reactor.WriteMarks;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryNetwork;
import dev.torsion.reactor.testing.MemoryTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// On two loops.
final class ConnectionGroupTest {
    private static final Address PEER = Address.of("192.0.2.1", 1000);
    private static final int HIGH = WriteMarks.DEFAULT.high();

    private final MemoryNetwork network = new MemoryNetwork(1);
    private final ManualReactor one = network.reactor("one");
    private final ManualReactor two = network.reactor("two");
    private final List<String> told = new ArrayList<>();
    private final ConnectionGroup<Chat> group = new ConnectionGroup<>((_, _) -> new Chat());

    private class Chat implements Protocol {
        private @Nullable Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(Bytes data) {
            group.write(data, SlowPeer.SKIP);
        }

        @Override
        public void closeAsked(Transport asked) {
            asked.write(Bytes.utf8("goodbye"));
            asked.loseConnection();
        }

        Reactor reactor() {
            return requireNonNull(transport).reactor();
        }

        void say(String text) {
            requireNonNull(transport).write(Bytes.utf8(text));
        }
    }

    private static MemoryTransport accept(ProtocolFactory factory, ManualReactor reactor) {
        return MemoryTransport.connect(reactor, requireNonNull(factory.buildProtocol(PEER)));
    }

    private MemoryTransport accept(ManualReactor reactor) {
        return accept(group, reactor);
    }

    /// One that has more waiting than its high mark.
    private MemoryTransport acceptSlow(ManualReactor reactor) {
        MemoryTransport slow = accept(reactor);
        slow.writable(false);
        slow.write(Bytes.wrap(new byte[HIGH + 1]));
        return slow;
    }

    private void run() {
        one.runUntilIdle(); // and the other, whose time is the same
    }

    /// Has the loop of `one` do it.
    private void run(Runnable action) {
        one.callFromThread(action);
        run();
    }

    @Test
    void countsConnectionsFromTheirBeginningToTheirEndOnAllLoops() {
        assertThat(group.size()).isZero();
        MemoryTransport first = accept(one);
        MemoryTransport second = accept(two);
        accept(two);
        assertThat(group.size()).isEqualTo(3);

        first.peerClosed();
        second.peerReset();
        assertThat(group.size()).isEqualTo(1);
    }

    @Test
    void doesNotCountWhomItsFactoryRefusesNorWhoNeverHadAConnection() {
        ConnectionGroup<Chat> refusing = new ConnectionGroup<>((_, _) -> null);
        assertThat(refusing.buildProtocol(PEER)).isNull();

        requireNonNull(group.buildProtocol(PEER)).connectionLost(new CloseReason.Done());
        assertThat(group.size()).isZero();
    }

    @Test
    void writesToAllOnAllLoopsInTheOrderOfAsking() {
        MemoryTransport first = accept(one);
        MemoryTransport second = accept(two);

        run(() -> {
            group.write(Bytes.utf8("1"), SlowPeer.SKIP);
            group.forEach(chat -> chat.say("2"));
            group.write(Bytes.utf8("3"), SlowPeer.ABORT);
        });

        assertThat(first.takeWrittenText()).isEqualTo("123");
        assertThat(second.takeWrittenText()).isEqualTo("123");
        assertThat(group.skipped() + group.aborted()).isZero();
    }

    @Test
    void writesAtOnceToThoseOfTheLoopThatAsksEvenWhatIsBorrowed() {
        MemoryTransport first = accept(one);
        MemoryTransport neighbour = accept(one);
        MemoryTransport far = accept(two);

        one.callFromThread(() -> {
            first.receive(Bytes.utf8("hello"));
            assertThat(first.takeWrittenText()).isEqualTo("hello");
            assertThat(neighbour.takeWrittenText()).isEqualTo("hello");
            assertThat(far.takeWrittenText()).isEmpty();
        });
        run();
        assertThat(one.failures()).isEmpty();
        assertThat(far.takeWrittenText()).isEqualTo("hello");
    }

    @Test
    void callsEachProtocolOnItsLoop() {
        accept(one);
        accept(two);

        run(() ->
                group.forEach(chat -> {
                    assertThat(one.inLoop()).isEqualTo(chat.reactor().equals(one));
                    assertThat(two.inLoop()).isEqualTo(chat.reactor().equals(two));
                    told.add("called");
                }));

        assertThat(told).containsExactly("called", "called");
        assertThat(group.size()).isEqualTo(2);
    }

    @Test
    void doesWhatAnActionAsksForWithinIt() {
        MemoryTransport first = accept(one);
        MemoryTransport second = accept(one);

        run(() ->
                group.forEach(chat -> {
                    if (first.takeWrittenText().isEmpty()) {
                        group.write(Bytes.utf8("all;"), SlowPeer.SKIP);
                    }
                    chat.say("one;");
                }));

        assertThat(first.takeWrittenText()).isEmpty();
        assertThat(second.takeWrittenText()).isEqualTo("all;one;");
    }

    @Test
    void failsTheConnectionAloneForWhichACallThrows() {
        MemoryTransport first = accept(one);
        MemoryTransport second = accept(one);
        List<Chat> called = new ArrayList<>();

        group.forEach(chat -> {
            called.add(chat);
            if (called.size() == 1) {
                throw new IllegalStateException("as asked");
            }
        });
        run();

        assertThat(called).hasSize(2);
        assertThat(first.closeReason()).isInstanceOf(CloseReason.Failed.class);
        assertThat(second.closeReason()).isNull();
    }

    @Test
    void skipsAPeerThatIsSlowUntilItHasRead() {
        MemoryTransport slow = acceptSlow(one);
        MemoryTransport quick = accept(one);

        group.write(Bytes.utf8("missed"), SlowPeer.SKIP);
        run();
        assertThat(quick.takeWrittenText()).isEqualTo("missed");
        assertThat(slow.pendingBytes()).isEqualTo(HIGH + 1);
        assertThat(group.skipped()).isEqualTo(1);

        slow.writable(true);
        slow.takeWritten();
        group.write(Bytes.utf8("heard"), SlowPeer.SKIP);
        run();
        assertThat(slow.takeWrittenText()).isEqualTo("heard");
        assertThat(group.skipped()).isEqualTo(1);
        assertThat(group.aborted()).isZero();
    }

    @Test
    void abortsAPeerThatIsSlowOnceIfItIsToMissNothing() {
        MemoryTransport slow = acceptSlow(one);
        MemoryTransport quick = accept(one);

        run(() -> {
            group.write(Bytes.utf8("1"), SlowPeer.ABORT);
            group.write(Bytes.utf8("2"), SlowPeer.ABORT);
        });

        assertThat(quick.takeWrittenText()).isEqualTo("12");
        assertThat(slow.closeReason()).isInstanceOf(CloseReason.Aborted.class);
        assertThat(group.aborted()).isEqualTo(1);
        assertThat(group.skipped()).isZero();
        assertThat(group.size()).isEqualTo(1);
    }

    /// One that has more waiting than its high mark, and whose protocol does `ending` then.
    private MemoryTransport acceptEnding(
            ConnectionGroup<?> room, ManualReactor reactor, Consumer<Transport> ending) {
        MemoryTransport slow = accept(room, reactor);
        slow.writable(false);
        run(() ->
                room.forEach(protocol -> {
                    Transport transport = transportOf(protocol);
                    if (transport.pendingBytes() == 0) {
                        transport.write(Bytes.wrap(new byte[100_000]));
                        ending.accept(transport);
                    }
                }));
        return slow;
    }

    private static Transport transportOf(Protocol protocol) {
        return protocol instanceof FramingProtocol framing
                ? framing.transport()
                : requireNonNull(((Chat) protocol).transport);
    }

    private static final List<Consumer<Transport>> ENDINGS =
            List.of(Transport::loseConnection, Transport::loseWriteConnection);

    @Test
    void letsWhatWaitsLeaveOnAConnectionWhoseProtocolHasEndedIt() {
        for (SlowPeer slow : SlowPeer.values()) {
            for (Consumer<Transport> ending : ENDINGS) {
                MemoryTransport transport = acceptEnding(group, one, ending);

                group.write(Bytes.utf8("news"), slow);
                run();
                transport.writable(true);
                run();

                assertThat(transport.takeWritten().size()).isEqualTo(100_000);
                transport.peerClosed();
                assertThat(transport.closeReason()).isEqualTo(new CloseReason.Done());
            }
        }
        assertThat(group.skipped() + group.aborted()).isZero();
    }

    @Test
    void letsItLeaveThroughALayerToo() {
        for (Consumer<Transport> ending : ENDINGS) {
            ConnectionGroup<LineProtocol> room =
                    new ConnectionGroup<>((_, _) ->
                            new LineProtocol() {
                                @Override
                                protected void connected() {
                                    var _ = startTls(Late::new);
                                }

                                @Override
                                protected void lineReceived(Bytes line) {}
                            });
            MemoryTransport transport = acceptEnding(room, one, ending);

            room.write(Bytes.utf8("news"), SlowPeer.SKIP);
            room.write(Bytes.utf8("news"), SlowPeer.ABORT);
            run();

            assertThat(transport.closeReason()).isNull();
            assertThat(room.skipped() + room.aborted()).isZero();
        }
    }

    /// Closes what is beneath only when the peer has taken all.
    private static final class Late extends WrappingProtocol {
        Late(Protocol above) {
            super(above);
        }

        @Override
        public void connectionMade(Transport transport) {
            super.connectionMade(
                    new ForwardingTransport(transport) {
                        @Override
                        public void loseConnection() {}

                        @Override
                        public void loseWriteConnection() {}
                    });
        }
    }

    @Test
    void letsItLeaveThoughItsLoopIsLate() {
        MemoryTransport far = acceptEnding(group, two, Transport::loseConnection);

        run(() -> group.write(Bytes.wrap(new byte[WriteMarks.DEFAULT.hard() + 1]), SlowPeer.ABORT));
        far.writable(true);
        run();

        assertThat(far.takeWritten().size()).isEqualTo(100_000);
        assertThat(far.closeReason()).isEqualTo(new CloseReason.Done());
        assertThat(group.aborted()).isZero();
    }

    @Test
    void asksNobodyToCloseWhoseProtocolHasDoneIt() {
        ConnectionGroup<Chat> room =
                new ConnectionGroup<>((_, _) ->
                        new Chat() {
                            @Override
                            public void closeAsked(Transport asked) {
                                told.add("asked");
                            }
                        });
        acceptEnding(room, one, Transport::loseConnection);
        run(room::closeAll);
        assertThat(told).isEmpty();

        acceptEnding(room, one, Transport::loseWriteConnection); // the peer may still send
        run(room::closeAll);
        assertThat(told).containsExactly("asked");
    }

    @Test
    void writesToAPeerUpToItsHighMarkAndOneMore() {
        MemoryTransport slow = accept(one);
        slow.writable(false);
        Bytes half = Bytes.wrap(new byte[HIGH / 2]);

        for (int i = 0; i < 5; i++) {
            group.write(half, SlowPeer.SKIP);
        }
        run();

        assertThat(slow.pendingBytes()).isEqualTo(3L * half.size());
        assertThat(group.skipped()).isEqualTo(2);
    }

    @Test
    void takesAllOfALoopForSlowThatIsLateByMoreThanMayWaitOnAConnection() {
        MemoryTransport far = accept(two);
        Bytes tooMuch = Bytes.wrap(new byte[WriteMarks.DEFAULT.hard() + 1]);

        run(() -> {
            group.write(tooMuch, SlowPeer.SKIP);
            group.write(Bytes.utf8("after"), SlowPeer.SKIP);
        });

        assertThat(far.takeWrittenText()).isEqualTo("after");
        assertThat(far.closeReason()).isNull();
        assertThat(group.skipped()).isEqualTo(1);
    }

    @Test
    void abortsAllOfALoopThatIsSoLateOnceIfNobodyIsToMissAnything() {
        MemoryTransport far = accept(two);
        Bytes half = Bytes.wrap(new byte[WriteMarks.DEFAULT.hard() / 2]);

        run(() -> {
            for (int i = 0; i < 4; i++) {
                group.write(half, SlowPeer.ABORT);
            }
        });

        assertThat(far.closeReason()).isInstanceOf(CloseReason.Aborted.class);
        assertThat(group.aborted()).isEqualTo(1);
    }

    @Test
    void countsWhatAWriteTakesOnItsWayBesideItsBytes() {
        MemoryTransport far = accept(two);
        int fit = WriteMarks.DEFAULT.hard() / 100;

        run(() -> {
            for (int i = 0; i < fit + 3; i++) {
                group.write(Bytes.empty(), SlowPeer.SKIP);
            }
            assertThat(group.skipped()).isEqualTo(3); // no call waits to count them
        });
        run(() -> group.write(Bytes.utf8("after"), SlowPeer.SKIP));

        assertThat(far.takeWrittenText()).isEqualTo("after");
        assertThat(group.skipped()).isEqualTo(3);
    }

    @Test
    void isTooMuchForAllIfItIsMoreThanMayWaitOnAConnection() {
        MemoryTransport near = accept(one);
        MemoryTransport far = accept(two);
        Bytes tooMuch = Bytes.wrap(new byte[WriteMarks.DEFAULT.hard() + 1]);

        run(() -> group.write(tooMuch, SlowPeer.SKIP));
        assertThat(group.skipped()).isEqualTo(2);
        assertThat(near.closeReason()).isNull();
        assertThat(far.closeReason()).isNull();

        run(() -> group.write(tooMuch, SlowPeer.ABORT));
        assertThat(group.aborted()).isEqualTo(2);
        assertThat(near.closeReason()).isInstanceOf(CloseReason.Aborted.class);
        assertThat(far.closeReason()).isInstanceOf(CloseReason.Aborted.class);
    }

    @Test
    void asksAllToCloseWhoMaySayGoodbye() {
        MemoryTransport first = accept(one);
        MemoryTransport second = accept(two);

        run(group::closeAll);

        for (MemoryTransport each : List.of(first, second)) {
            assertThat(each.takeWrittenText()).isEqualTo("goodbye");
            assertThat(each.closeReason()).isEqualTo(new CloseReason.Done());
        }
        assertThat(group.size()).isZero();
    }

    @Test
    void reachesTheOneWhoAsksInItsOwnConnectionMade() {
        ConnectionGroup<Chat> room =
                new ConnectionGroup<>((group, _) ->
                        new Chat() {
                            @Override
                            public void connectionMade(Transport made) {
                                super.connectionMade(made);
                                group.forEach(chat -> chat.say("joined;"));
                            }
                        });
        MemoryTransport first = accept(room, one);
        MemoryTransport second = accept(room, one);

        assertThat(first.takeWrittenText()).isEqualTo("joined;joined;");
        assertThat(second.takeWrittenText()).isEqualTo("joined;");
    }

    @Test
    void writesWithinThePoliciesAroundIt() {
        MemoryTransport paced = accept(new RateLimit(group, 1000, 1000), one);

        group.write(Bytes.wrap(new byte[500]), SlowPeer.SKIP);
        run();

        assertThat(paced.takeWritten().size()).isEqualTo(100);
    }

    @Test
    void writesThroughTheLayerThatAProtocolHasStarted() {
        ConnectionGroup<LineProtocol> room =
                new ConnectionGroup<>((_, _) ->
                        new LineProtocol() {
                            @Override
                            protected void lineReceived(Bytes line) {
                                var _ =
                                        startTls(above ->
                                                new Rewriting(above, text -> "[" + text + "]"));
                            }
                        });
        MemoryTransport transport = accept(room, one);
        room.write(Bytes.utf8("plain"), SlowPeer.SKIP);
        run();
        transport.receive(Bytes.utf8("STARTTLS\r\n"));
        room.write(Bytes.utf8("secret"), SlowPeer.SKIP);
        run();

        assertThat(transport.takeWrittenText()).isEqualTo("plain[secret]");
    }

    @Test
    void passesOverALoopThatHasEnded() {
        MemoryTransport first = accept(one);
        accept(two);
        two.stop();
        run();

        run(() -> group.write(Bytes.utf8("hello"), SlowPeer.ABORT));

        assertThat(first.takeWrittenText()).isEqualTo("hello");
        assertThat(group.size()).isEqualTo(1);
    }
}
