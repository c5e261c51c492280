package dev.torsion.reactor.testing;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CannotJoinException;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.DatagramOptions;
import dev.torsion.reactor.DatagramTransport;
import dev.torsion.reactor.MulticastGroup;
import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// What every [Reactor] promises of UDP ports. An implementation inherits this class, as it does
/// [ReactorContract].
///
/// What must not arrive is followed by something that must: the ways between the two reactors here
/// keep the order, so that when the latter has come the former never will.
public abstract class DatagramContract extends TwoReactors {
    private static final String LOOPBACK = "127.0.0.1";
    private static final String GROUP = "239.255.77.1";

    private final List<DatagramProbe> probes = Collections.synchronizedList(new ArrayList<>());

    /// A new world, for one test.
    @Override
    protected abstract ReactorContract.World world();

    @AfterEach
    @Override
    void stop() {
        super.stop();
        for (DatagramProbe probe : probes) {
            assertThat(probe.broken()).isEmpty();
            assertThat(probe.stopped().isDone()).isEqualTo(probe.started());
        }
    }

    // ---- tools ----

    private DatagramProbe probe() {
        DatagramProbe probe = new DatagramProbe();
        probes.add(probe);
        return probe;
    }

    /// A probe at a port of its own.
    private DatagramProbe at(Reactor reactor) {
        return at(reactor, probe());
    }

    private DatagramProbe at(Reactor reactor, DatagramProbe probe) {
        reactor.listenUdp(0, probe);
        return probe;
    }

    private DatagramProbe at(Reactor reactor, String host, int port, DatagramOptions options) {
        DatagramProbe probe = probe();
        reactor.listenUdp(Address.of(host, port), probe, options);
        return probe;
    }

    private DatagramProbe connected(Reactor reactor, Address.Inet peer) {
        DatagramProbe probe = probe();
        world.await(reactor.connectUdp(peer, probe, DatagramOptions.DEFAULT, PATIENCE));
        return probe;
    }

    private <T> T onLoop(DatagramProbe probe, Callable<T> work) {
        return onLoop(probe.transport().reactor(), work);
    }

    private void onLoop(DatagramProbe probe, Runnable work) {
        onLoop(probe.transport().reactor(), work);
    }

    private boolean send(DatagramProbe from, String text, Address.Inet to) {
        return send(from, Bytes.utf8(text), to);
    }

    private boolean send(DatagramProbe from, Bytes data, Address.Inet to) {
        return onLoop(from, () -> from.transport().send(data, to));
    }

    private boolean send(DatagramProbe from, String text, DatagramProbe to) {
        return send(from, text, to.transport().address());
    }

    private static Throwable causeOf(Runnable call) {
        try {
            call.run();
            throw new AssertionError("it did not fail");
        } catch (CompletionException failed) {
            return requireNonNull(failed.getCause());
        }
    }

    private void assertFails(CompletionStage<DatagramTransport> connect, Kind kind) {
        assertThat(causeOf(() -> world.await(connect)))
                .isInstanceOfSatisfying(
                        ConnectFailedException.class,
                        failed -> assertThat(failed.kind()).isEqualTo(kind));
    }

    @Nested
    class Ports {
        @Test
        void areOpenWithTheirProtocolToldWhenTheCallReturns() {
            DatagramProbe probe = probe();
            DatagramTransport port = here.listenUdp(0, probe);

            assertThat(probe.transport()).isSameAs(port);
            assertThat(port.address().host()).isEqualTo(LOOPBACK);
            assertThat(port.address().port()).isPositive();
            assertThat(port.peer()).isNull();
            assertThat(port.reactor()).isSameAs(here);
        }

        @Test
        void areNotSharedUnlessAllSaySo() {
            int taken = at(here).transport().address().port();

            assertThatThrownBy(() -> there.listenUdp(taken, probe()))
                    .isInstanceOf(CannotListenException.class)
                    .hasMessageContaining("127.0.0.1:" + taken)
                    .hasMessageContaining("address already in use")
                    .satisfies(Frames.ofCaller("areNotSharedUnlessAllSaySo"));
        }

        @Test
        void areSharedIfAllSaySoAndADatagramReachesOne() {
            DatagramOptions shared = DatagramOptions.DEFAULT.withShared(true);
            DatagramProbe one = at(here, LOOPBACK, 0, shared);
            DatagramProbe other = at(there, LOOPBACK, one.transport().address().port(), shared);
            DatagramProbe sender = at(here);
            DatagramProbe witness = at(here);
            CompletableFuture<Void> came = new CompletableFuture<>();
            one.onDatagram((_, _) -> came.complete(null));
            other.onDatagram((_, _) -> came.complete(null));
            send(sender, "for one", one);
            send(sender, "witness", witness);
            world.await(came);
            world.await(witness.happened(1));
            letTimePass();

            assertThat(one.happenings().size() + other.happenings().size()).isEqualTo(1);
        }

        @Test
        void cannotBeOpenedWhenTheReactorHasStopped() {
            world.await(here.stop());

            assertThatThrownBy(() -> here.listenUdp(0, probe()))
                    .isInstanceOf(CannotListenException.class)
                    .hasMessageContaining("stopped");
            assertFails(
                    here.connectUdp(
                            Address.of(LOOPBACK, 9), probe(), DatagramOptions.DEFAULT, PATIENCE),
                    Kind.STOPPED);
        }

        @Test
        void areClosedForAProtocolThatThrowsWhenStarted() {
            RuntimeException thrown = new RuntimeException("thrown by a test");
            DatagramProbe probe =
                    probe().onStarted(_ -> {
                        throw thrown;
                    });
            assertThatThrownBy(() -> here.listenUdp(0, probe))
                    .isInstanceOf(CannotListenException.class)
                    .hasMessageContaining("started")
                    .hasMessageEndingWith("thrown by a test")
                    .hasRootCause(thrown);
            assertThat(world.await(probe.stopped())).isEqualTo(new CloseReason.Failed(thrown));

            DatagramProbe connected =
                    probe().onStarted(_ -> {
                        throw thrown;
                    });
            assertFails(
                    here.connectUdp(
                            Address.of(LOOPBACK, 9), connected, DatagramOptions.DEFAULT, PATIENCE),
                    Kind.FAILED);
            assertThat(world.await(connected.stopped())).isEqualTo(new CloseReason.Failed(thrown));
        }

        @Test
        void sayNothingAfterTheyWereStopped() {
            DatagramProbe sender = at(here);
            DatagramProbe probe = probe();
            probe.onDatagram((_, _) -> probe.transport().stopListening());
            at(there, probe);
            send(sender, "first", probe);
            send(sender, "second", probe);

            assertThat(world.await(probe.stopped())).isEqualTo(new CloseReason.Done());
            world.await(probe.transport().stopListening());
            assertThat(probe.happenings()).containsExactly("first");
            assertThat(send(probe, "too late", sender)).isFalse();
            assertThat(probe.transport().metrics().refused()).isEqualTo(1);
            assertThat(probe.transport().metrics().lastRefusal()).contains("stopped");
        }

        @Test
        void areFreeAgainWhenTheyWereStopped() {
            DatagramProbe probe = at(here);
            int port = probe.transport().address().port();
            world.await(probe.transport().stopListening());

            assertThat(probe.stopped()).isCompleted();
            assertThat(there.listenUdp(port, probe()).address().port()).isEqualTo(port);
        }

        @Test
        void areStoppedWithTheirReactor() {
            DatagramProbe probe = at(here);
            world.await(here.stop());

            assertThat(probe.stopped()).isCompletedWithValue(new CloseReason.Done());
        }

        @Test
        void belongToTheirLoop() {
            DatagramTransport port = at(here).transport();
            MulticastGroup group = MulticastGroup.of(GROUP);

            OffTheLoop.refused(
                    "DatagramTransport.send", () -> port.send(Bytes.empty(), port.address()));
            OffTheLoop.refused("DatagramTransport.pauseReading", port::pauseReading);
            OffTheLoop.refused("DatagramTransport.resumeReading", port::resumeReading);
            OffTheLoop.refused("DatagramTransport.joinGroup", () -> port.joinGroup(group));
            OffTheLoop.refused("DatagramTransport.leaveGroup", () -> port.leaveGroup(group));
        }

        @Test
        void areOpenedAndClosedByAnyThread() {
            DatagramProbe server = probe();
            DatagramTransport port = elsewhere(() -> there.listenUdp(0, server));
            DatagramProbe client = probe();
            world.await(
                    elsewhere(() ->
                            here.connectUdp(
                                    port.address(), client, DatagramOptions.DEFAULT, PATIENCE)));
            send(client, "hello", server);
            world.await(server.happened(1));
            world.await(elsewhere(port::stopListening));

            assertThat(server.happenings()).containsExactly("hello");
            assertThat(server.stopped()).isCompletedWithValue(new CloseReason.Done());
        }

        @Test
        void areOpenedByNoOtherLoopWhichWouldHaveToWait() {
            assertThat(causeOf(() -> onLoop(there, () -> here.listenUdp(0, probe()))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("cannot stop to open a port on " + here);
        }

        @Test
        void areOpenedByNoThreadOnceTheReactorHasEnded() {
            world.await(here.stop());

            assertThat(causeOf(() -> elsewhere(() -> here.listenUdp(0, probe()))))
                    .isInstanceOf(CannotListenException.class)
                    .hasMessageEndingWith("the reactor was stopped");
            assertFails(
                    elsewhere(() ->
                            here.connectUdp(
                                    Address.of(LOOPBACK, 9),
                                    probe(),
                                    DatagramOptions.DEFAULT,
                                    PATIENCE)),
                    Kind.STOPPED);
        }
    }

    @Nested
    class Datagrams {
        @Test
        void arriveWholeAndSayFromWhom() {
            DatagramProbe client = at(here);
            DatagramProbe server = at(there, probe().echo());
            assertThat(send(client, "one", server)).isTrue();
            assertThat(send(client, "two", server)).isTrue();

            assertThat(world.await(client.happened(2))).containsExactly("one", "two");
            assertThat(server.senders()).containsOnly(client.transport().address());
            assertThat(client.senders()).containsOnly(server.transport().address());
            assertThat(client.transport().metrics().sent()).isEqualTo(2);
            assertThat(server.transport().metrics().delivered()).isEqualTo(2);
        }

        @Test
        void mayBeEmpty() {
            DatagramProbe client = at(here);
            DatagramProbe server = at(there, probe().echo());
            assertThat(send(client, "", server)).isTrue();

            assertThat(world.await(client.happened(1))).containsExactly("");
        }

        @Test
        void mayBeAsLongAsIpv4Carries() {
            String longest = "x".repeat(DatagramTransport.LARGEST);
            DatagramProbe client = at(here);
            DatagramProbe server = at(there, probe().echo());
            assertThat(send(client, longest, server)).isTrue();

            assertThat(world.await(client.happened(1))).containsExactly(longest);
        }

        @Test
        void mayNotBeLonger() {
            DatagramProbe sender = at(here);
            DatagramProbe receiver = at(there);
            Bytes tooLong = Bytes.wrap(new byte[DatagramTransport.LARGEST + 1]);

            assertThat(causeOf(() -> send(sender, tooLong, receiver.transport().address())))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("65507")
                    .hasMessageContaining("65508");
            assertThat(sender.transport().metrics().sent()).isZero();
        }

        @Test
        void thatAreLongerThanTheReceiverTakesAreDroppedAndCounted() {
            DatagramProbe sender = at(here);
            DatagramProbe receiver =
                    at(there, LOOPBACK, 0, DatagramOptions.DEFAULT.withReceiveSize(5));
            send(sender, "longer", receiver);
            send(sender, "right", receiver);

            assertThat(world.await(receiver.happened(1))).containsExactly("right");
            assertThat(receiver.transport().metrics().tooLong()).isEqualTo(1);
            assertThat(receiver.transport().metrics().delivered()).isEqualTo(1);
        }

        @Test
        void areSentToAddressesNotToNames() {
            DatagramProbe sender = at(here);

            assertThat(causeOf(() -> send(sender, "hello", Address.of("some.name.invalid", 9))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("some.name.invalid");
            assertThat(causeOf(() -> send(sender, "hello", Address.of(LOOPBACK, 0))))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("port 0");
        }

        @Test
        void areNotBroadcastWithoutPermission() {
            DatagramProbe sender = at(here, "0.0.0.0", 0, DatagramOptions.DEFAULT);

            assertThat(send(sender, "everybody", Address.of("255.255.255.255", 9))).isFalse();
            assertThat(sender.transport().metrics().refused()).isEqualTo(1);
            assertThat(sender.transport().metrics().lastRefusal())
                    .containsIgnoringCase("permission denied");
        }

        @Test
        void areLentAndMayBeSentOnInParts() {
            DatagramProbe client = at(here);
            DatagramProbe server = probe();
            server.onDatagram((data, from) -> {
                server.transport().send(data.slice(6, 11), from);
                server.transport().send(data.slice(0, 5), from);
                server.transport().send(data, from);
            });
            at(there, server);
            send(client, "hello world", server);

            assertThat(world.await(client.happened(3)))
                    .containsExactly("world", "hello", "hello world");
        }

        @Test
        void areLentForTheTimeOfTheCallOnly() {
            List<Bytes> kept = new ArrayList<>();
            List<Bytes> owned = new ArrayList<>();
            DatagramProbe sender = at(here);
            DatagramProbe receiver =
                    at(
                            there,
                            probe().onDatagram((data, _) -> {
                                kept.add(data);
                                kept.add(data.slice(0, 1));
                                owned.add(data.owned());
                            }));
            send(sender, "one", receiver);
            send(sender, "two", receiver);
            world.await(receiver.happened(2));
            onLoop(receiver, () -> {}); // the call that lent the last is over

            assertThat(kept)
                    .allSatisfy(bytes ->
                            assertThatThrownBy(bytes::size)
                                    .isInstanceOf(IllegalStateException.class));
            assertThat(owned).extracting(Bytes::utf8).containsExactly("one", "two");
        }

        @Test
        void leaveThePortOpenWhateverItsProtocolThrows() {
            DatagramProbe sender = at(here);
            DatagramProbe receiver =
                    at(
                            there,
                            probe().onDatagram(
                                            (_, _) -> {
                                                throw new IllegalStateException("by a test");
                                            })
                                    .onStopped(() -> {
                                        throw new IllegalStateException("by a test");
                                    }));
            List<String> logged =
                    Logged.during(() -> {
                        send(sender, "one", receiver);
                        send(sender, "two", receiver);
                        world.await(receiver.happened(2));
                        onLoop(receiver, () -> {});
                    });

            assertThat(receiver.happenings()).containsExactly("one", "two");
            assertThat(logged)
                    .filteredOn(line -> line.endsWith("IllegalStateException: by a test"))
                    .hasSize(2);
        }

        @Test
        void waitWhileReadingIsPaused() {
            DatagramProbe sender = at(here);
            DatagramProbe receiver = probe();
            receiver.onDatagram((_, _) -> receiver.transport().pauseReading());
            at(there, receiver);
            IntStream.range(0, 5).forEach(i -> send(sender, "number " + i, receiver));
            world.await(receiver.happened(1));
            letTimePass();
            assertThat(receiver.happenings()).containsExactly("number 0");

            onLoop(
                    receiver,
                    () -> {
                        receiver.transport().resumeReading();
                        receiver.transport().resumeReading();
                        assertThat(receiver.happenings()).hasSize(1);
                    });
            world.await(receiver.happened(2));
            receiver.onDatagram((_, _) -> {});
            onLoop(receiver, () -> receiver.transport().resumeReading());

            assertThat(world.await(receiver.happened(5)))
                    .containsExactly("number 0", "number 1", "number 2", "number 3", "number 4");
        }

        @Test
        void areNotDeliveredByAPausedPortThatIsStopped() {
            DatagramProbe sender = at(here);
            DatagramProbe receiver = probe();
            receiver.onDatagram((_, _) -> receiver.transport().pauseReading());
            at(there, receiver);
            send(sender, "heard", receiver);
            send(sender, "unheard", receiver);
            world.await(receiver.happened(1));
            onLoop(receiver, () -> receiver.transport().stopListening());
            world.await(receiver.stopped());

            assertThat(receiver.happenings()).containsExactly("heard");
            assertThat(receiver.transport().metrics().delivered()).isEqualTo(1);
        }
    }

    @Nested
    class ConnectedPorts {
        @Test
        void sendToTheirPeerAndHearNobodyElse() {
            DatagramProbe server = at(there, probe().echo());
            DatagramProbe client = connected(here, server.transport().address());
            DatagramProbe stranger = at(there);
            assertThat(client.transport().peer()).isEqualTo(server.transport().address());
            send(stranger, "from a stranger", client);
            assertThat(onLoop(client, () -> client.transport().send(Bytes.utf8("hello")))).isTrue();
            send(client, "again", server);

            assertThat(world.await(client.happened(2))).containsExactly("hello", "again");
            assertThat(server.senders()).containsOnly(client.transport().address());
        }

        @Test
        void sendToNobodyElse() {
            DatagramProbe server = at(there);
            DatagramProbe client = connected(here, server.transport().address());

            assertThat(causeOf(() -> send(client, "hello", client)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(server.transport().address().toString());
            assertThat(causeOf(() -> onLoop(server, () -> server.transport().send(Bytes.empty()))))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("connected to nobody");
        }

        @Test
        void carryEmptyDatagramsToo() {
            DatagramProbe server = at(there, probe().echo());
            DatagramProbe client = connected(here, server.transport().address());
            send(client, "", server);
            send(client, "full", server);
            send(client, "", server);

            assertThat(world.await(client.happened(3))).containsExactly("", "full", "");
        }

        @Test
        void hearThatNobodyListensAndLiveOn() {
            DatagramProbe gone = at(there);
            Address.Inet address = gone.transport().address();
            world.await(gone.transport().stopListening());
            DatagramProbe client =
                    connected(here, address)
                            .onRefused(() -> {
                                throw new IllegalStateException("by a test");
                            });
            send(client, "is anybody there?", address);
            CompletableFuture<Void> refused = new CompletableFuture<>();
            client.onRefused(() -> refused.complete(null));
            send(client, "really?", address);
            world.await(refused);

            DatagramProbe back = probe().echo();
            there.listenUdp(address, back, DatagramOptions.DEFAULT);
            send(client, "you are back", address);
            world.await(back.happened(1));
            assertThat(back.happenings()).containsExactly("you are back");
            client.onDatagram((_, _) -> {});
            while (!client.happenings().contains("you are back")) {
                world.await(client.happened(client.happenings().size() + 1));
            }
        }

        @Test
        void cannotBeOpenedToANameThatNobodyHas() {
            assertFails(
                    here.connectUdp(
                            Address.of("no-such-host.invalid", 9),
                            probe(),
                            DatagramOptions.DEFAULT,
                            PATIENCE),
                    Kind.UNKNOWN_HOST);
        }

        @Test
        void areStoppedIfTheyAreGivenUpWhileTheyAreStarted() {
            List<CompletionStage<DatagramTransport>> connect = new ArrayList<>();
            DatagramProbe client =
                    probe().onStarted(_ -> connect.getFirst().toCompletableFuture().cancel(false));
            onLoop(here, () -> connect.add(connect(client)));

            assertThat(world.await(client.stopped())).isEqualTo(new CloseReason.Done());
            assertThat(connect.getFirst().toCompletableFuture()).isCancelled();
        }

        @Test
        void areNotOpenedIfWhoWaitsGivesThemUpBefore() {
            DatagramProbe client = probe();
            onLoop(
                    here,
                    () ->
                            connect(client)
                                    .thenApply(DatagramTransport::address)
                                    .toCompletableFuture()
                                    .cancel(false));
            letTimePass();

            assertThat(client.started()).isFalse();
        }

        private CompletionStage<DatagramTransport> connect(DatagramProbe client) {
            return here.connectUdp(
                    Address.of(LOOPBACK, 9), client, DatagramOptions.DEFAULT, PATIENCE);
        }

        @Test
        void needSomeTime() {
            assertThatThrownBy(() ->
                            here.connectUdp(
                                    Address.of(LOOPBACK, 9),
                                    probe(),
                                    DatagramOptions.DEFAULT,
                                    Duration.ZERO))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Nested
    class Groups {
        private final MulticastGroup group = MulticastGroup.of(GROUP).on(LOOPBACK);
        private final DatagramOptions.Multicast byLoopback =
                DatagramOptions.Multicast.DEFAULT.withNetworkInterface(LOOPBACK);

        /// Bound to the group's address, not joined.
        private DatagramProbe member() {
            return at(there, GROUP, 0, DatagramOptions.DEFAULT);
        }

        private DatagramProbe sender() {
            return at(here, LOOPBACK, 0, DatagramOptions.DEFAULT.withMulticast(byLoopback));
        }

        private void join(DatagramProbe member, MulticastGroup which) {
            onLoop(member, () -> member.transport().joinGroup(which));
        }

        private void leave(DatagramProbe member, MulticastGroup which) {
            onLoop(member, () -> member.transport().leaveGroup(which));
        }

        @Test
        void areHeardFromJoiningToLeaving() {
            DatagramProbe member = member();
            DatagramProbe sender = sender();
            send(sender, "before", member);
            join(member, group);
            join(member, group);
            send(sender, "during", member);
            world.await(member.happened(1));
            leave(member, group);
            leave(member, group);
            send(sender, "after", member);
            join(member, group);
            send(sender, "again", member);

            assertThat(world.await(member.happened(2))).containsExactly("during", "again");
            assertThat(member.senders()).containsOnly(sender.transport().address());
        }

        @Test
        void areHeardByAllWhoShareAPort() {
            DatagramOptions shared = DatagramOptions.DEFAULT.withShared(true);
            DatagramProbe one = at(there, GROUP, 0, shared);
            DatagramProbe other = at(here, GROUP, one.transport().address().port(), shared);
            join(one, group);
            join(other, group);
            send(sender(), "to all", one);

            assertThat(world.await(one.happened(1))).containsExactly("to all");
            assertThat(world.await(other.happened(1))).containsExactly("to all");
        }

        @Test
        void areHeardFromOneSourceIfThatIsAskedFor() {
            DatagramProbe deaf = member();
            DatagramProbe member = member();
            join(deaf, group.from("127.0.0.2"));
            join(member, group.from(LOOPBACK));
            DatagramProbe sender = sender();
            send(sender, "unheard", deaf);
            send(sender, "heard", member);
            world.await(member.happened(1));
            leave(deaf, group.from("127.0.0.2"));
            join(deaf, group.from(LOOPBACK));
            send(sender, "heard", deaf);

            assertThat(world.await(deaf.happened(1))).containsExactly("heard");
            assertThat(member.happenings()).containsExactly("heard");
        }

        @Test
        void areHeardByNoPortThatIsBoundToAnotherAddress() {
            DatagramProbe deaf = at(there);
            join(deaf, group);
            DatagramProbe sender = sender();
            send(sender, "to the group", Address.of(GROUP, deaf.transport().address().port()));
            send(sender, "to the port", deaf);

            assertThat(world.await(deaf.happened(1))).containsExactly("to the port");
        }

        @Test
        void haveAnAddressOfAGroup() {
            assertThatThrownBy(() -> MulticastGroup.of(LOOPBACK))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(LOOPBACK);
        }

        @Test
        void cannotBeJoinedByAPortOfAnotherFamily() {
            DatagramProbe member = at(there);

            assertThat(causeOf(() -> join(member, MulticastGroup.of("ff11::4d:1"))))
                    .isInstanceOf(CannotJoinException.class)
                    .hasMessageContaining("ff11");
            assertThat(member.stopped()).isNotDone();
        }

        @Test
        void cannotBeJoinedByAPortThatWasStopped() {
            DatagramProbe member = member();
            world.await(member.transport().stopListening());

            assertThat(causeOf(() -> join(member, group)))
                    .isInstanceOf(CannotJoinException.class)
                    .hasMessageContaining("stopped");
        }
    }
}
