package dev.torsion.netty;

import static java.util.Collections.list;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

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
import dev.torsion.reactor.testing.DatagramProbe;
import dev.torsion.reactor.testing.Logged;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DatagramChannelConfig;
import java.io.File;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What UDP ports do on a real network, beyond what every reactor promises: interfaces, IPv6,
/// names, broadcast, several loops on one port.
@Timeout(300)
abstract class UdpContract {
    private static final String IPV6_GROUP = "ff11::4d:1";

    private final List<NettyReactor> reactors = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // start() comes first
    private RealWorld world;

    @SuppressWarnings("NullAway.Init") // start() comes first
    private Reactor reactor;

    abstract ReactorOptions.Io io();

    @BeforeEach
    void start() {
        world = new RealWorld(io(), false);
        reactor = newReactor(Resolver.system());
    }

    @AfterEach
    void stop() {
        reactors.forEach(one -> world.await(one.stop()));
    }

    private NettyReactor newReactor(Resolver resolver) {
        NettyReactor made =
                NettyReactor.create(ReactorOptions.DEFAULT.withIo(io()).withResolver(resolver));
        reactors.add(made);
        return made;
    }

    private DatagramProbe at(String host, DatagramOptions options) {
        DatagramProbe probe = new DatagramProbe();
        reactor.listenUdp(Address.of(host, 0), probe, options);
        return probe;
    }

    private DatagramProbe sender(String host, DatagramOptions.Multicast multicast) {
        return at(host, DatagramOptions.DEFAULT.withMulticast(multicast));
    }

    private static DatagramOptions.Multicast by(String networkInterface) {
        return DatagramOptions.Multicast.DEFAULT.withNetworkInterface(networkInterface);
    }

    private boolean send(DatagramProbe from, String text, Address.Inet to) {
        CompletableFuture<Boolean> taken = new CompletableFuture<>();
        reactor.callFromThread(() -> taken.complete(from.transport().send(Bytes.utf8(text), to)));
        return world.await(taken);
    }

    private void join(DatagramProbe member, MulticastGroup group) {
        CompletableFuture<Void> joined = new CompletableFuture<>();
        reactor.callFromThread(() -> {
            try {
                member.transport().joinGroup(group);
                joined.complete(null);
            } catch (RuntimeException failed) {
                joined.completeExceptionally(failed);
            }
        });
        world.await(joined);
    }

    private void requireIpv6() {
        try {
            world.await(at("::1", DatagramOptions.DEFAULT).transport().stopListening());
        } catch (CannotListenException none) {
            abort("no IPv6 here: " + none.getMessage());
        }
    }

    // ---- finding the peer ----

    /// Look-ups that get their answer when the test gives it.
    private static final class SlowNames implements Resolver {
        final Set<String> asked = ConcurrentHashMap.newKeySet();
        final Semaphore begun = new Semaphore(0);
        final CompletableFuture<List<InetAddress>> answer = new CompletableFuture<>();

        @Override
        public List<InetAddress> resolve(String host) {
            asked.add(host);
            begun.release();
            return answer.join();
        }
    }

    private static CompletableFuture<DatagramTransport> connect(
            Reactor reactor, String host, Duration timeout) {
        return reactor.connectUdp(
                        Address.of(host, 1), new DatagramProbe(), DatagramOptions.DEFAULT, timeout)
                .toCompletableFuture();
    }

    @Test
    void failsWhatWaitsForANameWhenItIsStopped() {
        SlowNames names = new SlowNames();
        NettyReactor stopped = newReactor(names);
        var connect = connect(stopped, "slow.example", Duration.ofDays(1));
        names.begun.acquireUninterruptibly();
        world.await(stopped.stop());
        assertThat(connect).isCompletedExceptionally();
        assertThatThrownBy(connect::join)
                .cause()
                .isInstanceOfSatisfying(
                        ConnectFailedException.class,
                        why -> assertThat(why.kind()).isEqualTo(Kind.STOPPED));
        names.answer.complete(List.of());
    }

    @Test
    void looksNothingUpForAConnectThatWasCancelled() {
        SlowNames names = new SlowNames();
        NettyReactor busy = newReactor(names);
        for (int i = 0; i < Lookups.MOST_AT_ONCE; i++) {
            var _ = connect(busy, i + ".example", Duration.ofDays(1));
        }
        names.begun.acquireUninterruptibly(Lookups.MOST_AT_ONCE);
        var cancelled = connect(busy, "cancelled.example", Duration.ofDays(1));
        busy.callFromThread(() -> cancelled.cancel(false));
        var last = connect(busy, "last.example", Duration.ofDays(1));
        CompletableFuture<Void> queued = new CompletableFuture<>();
        busy.callFromThread(() -> queued.complete(null));
        world.await(queued);
        names.answer.complete(List.of(InetAddress.getLoopbackAddress()));
        world.await(last);
        assertThat(names.asked).contains("last.example").doesNotContain("cancelled.example");
    }

    @Test
    void saysNothingOfAConnectThatWasCancelled() {
        SlowNames names = new SlowNames();
        NettyReactor slow = newReactor(names);
        CompletableFuture<Void> later = new CompletableFuture<>();
        List<String> logged =
                Logged.during(() -> {
                    slow.callFromThread(() -> {
                        connect(slow, "slow.example", Duration.ofNanos(1)).cancel(false);
                        slow.callFromThread(() ->
                                slow.callLater(Duration.ofNanos(1), () -> later.complete(null)));
                    });
                    world.await(later);
                });
        assertThat(logged).noneMatch(line -> line.contains("given up"));
        names.answer.complete(List.of());
    }

    /// It is cancelled on another thread while `started` is called.
    @Test
    void stopsAPortThatNobodyHas() {
        CompletableFuture<CompletableFuture<DatagramTransport>> connect = new CompletableFuture<>();
        DatagramProbe abandoned =
                new DatagramProbe()
                        .onStarted(_ -> {
                            CompletableFuture<DatagramTransport> result = connect.join();
                            CompletableFuture.runAsync(() -> result.cancel(false)).join();
                        });
        connect.complete(
                reactor.connectUdp(
                                Address.of("127.0.0.1", 1),
                                abandoned,
                                DatagramOptions.DEFAULT,
                                Duration.ofMinutes(1))
                        .toCompletableFuture());
        assertThat(world.await(abandoned.stopped())).isEqualTo(new CloseReason.Done());
    }

    // ---- addresses ----

    @Test
    void speaksIpv6() {
        requireIpv6();
        DatagramProbe server = at("::1", DatagramOptions.DEFAULT).echo();
        DatagramProbe client = at("::1", DatagramOptions.DEFAULT);
        send(client, "hello", server.transport().address());

        assertThat(world.await(client.happened(1))).containsExactly("hello");
        assertThat(server.senders().getFirst().port())
                .isEqualTo(client.transport().address().port());
    }

    /// Through an interface, by its name, as the address is given; the kernel tells its number.
    @Test
    void hearsThePeerOfALink() {
        DatagramProbe server = at(RealWorld.requireLink(), DatagramOptions.DEFAULT).echo();
        DatagramProbe client = new DatagramProbe();
        DatagramTransport transport =
                world.await(
                        reactor.connectUdp(
                                server.transport().address(),
                                client,
                                DatagramOptions.DEFAULT,
                                Duration.ofMinutes(1)));
        reactor.callFromThread(() -> transport.send(Bytes.utf8("hello")));

        assertThat(world.await(client.happened(1))).containsExactly("hello");
        assertThat(transport.peer()).isEqualTo(client.senders().getFirst());
    }

    // With a time to live of 0 nothing leaves the machine. Loopback does not do here: it loops all
    // back whatever it is told, and has no way to groups of IPv6.

    @Test
    void joinsGroupsOfIpv6() {
        String outside = anInterfaceBesideLoopbackWith(Inet6Address.class);
        DatagramProbe member = at("::", DatagramOptions.DEFAULT);
        DatagramProbe sender = sender("::", by(outside).withTimeToLive(0));
        Address.Inet group = Address.of(IPV6_GROUP, member.transport().address().port());
        send(sender, "before", group);
        join(member, MulticastGroup.of(IPV6_GROUP).on(outside));
        send(sender, "during", group);

        assertThat(world.await(member.happened(1))).containsExactly("during");
    }

    /// A port of IPv6 sends to groups of IPv4 too.
    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::"})
    void loopsBackToItsOwnMachineIfToldTo(String anywhere) {
        if (anywhere.equals("::")) {
            requireIpv6();
        }
        String outside = anInterfaceBesideLoopbackWith(Inet4Address.class);
        String group = "239.255.77.2";
        DatagramProbe member = at(group, DatagramOptions.DEFAULT);
        join(member, MulticastGroup.of(group).on(outside));
        Address.Inet address = member.transport().address();
        DatagramOptions.Multicast inside = by(outside).withTimeToLive(0);
        send(sender(anywhere, inside.withLoopback(false)), "unheard", address);
        send(sender(anywhere, inside), "heard", address);

        assertThat(world.await(member.happened(1))).containsExactly("heard");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "::"})
    void hearsNoGroupThatAnotherHasJoined(String anywhere) {
        if (anywhere.equals("::")) {
            requireIpv6();
        }
        DatagramOptions shared = DatagramOptions.DEFAULT.withShared(true);
        DatagramProbe bystander = at(anywhere, shared);
        int port = bystander.transport().address().port();
        String group = "239.255.77.5";
        DatagramProbe member = new DatagramProbe();
        reactor.listenUdp(Address.of(group, port), member, shared);
        join(member, MulticastGroup.of(group).on("127.0.0.1"));
        DatagramProbe sender = sender("127.0.0.1", by("127.0.0.1"));
        send(sender, "to the group", Address.of(group, port));
        world.await(member.happened(1));
        send(sender, "to the port", Address.of("127.0.0.1", port));

        assertThat(world.await(bystander.happened(1))).containsExactly("to the port");
    }

    private static String anInterfaceBesideLoopbackWith(Class<? extends InetAddress> family) {
        try {
            for (NetworkInterface one : list(NetworkInterface.getNetworkInterfaces())) {
                if (one.isUp()
                        && one.supportsMulticast()
                        && !one.isLoopback()
                        && one.inetAddresses().anyMatch(family::isInstance)) {
                    return one.getName();
                }
            }
        } catch (SocketException none) {
            // As if there were none.
        }
        return abort("no network interface that can do multicast here, but loopback");
    }

    @Test
    void saysThatAnInterfaceIsNotThere() {
        DatagramProbe member = at("0.0.0.0", DatagramOptions.DEFAULT);

        assertThatThrownBy(() -> join(member, MulticastGroup.of("239.255.77.3").on("nowhere0")))
                .cause()
                .isInstanceOf(CannotJoinException.class)
                .hasMessageContaining("239.255.77.3")
                .hasMessageContaining("nowhere0");
        assertThatThrownBy(() -> sender("127.0.0.1", by("nowhere0")))
                .isInstanceOf(CannotListenException.class)
                .hasMessageContaining("nowhere0");
    }

    @Test
    void saysThatAnAddressIsNotThisMachines() {
        assertThatThrownBy(() -> at("192.0.2.1", DatagramOptions.DEFAULT))
                .isInstanceOf(CannotListenException.class)
                .hasMessageContaining("this machine has no address 192.0.2.1");
    }

    @Test
    void refusesWhatTheSystemCannotSend() {
        DatagramProbe sender = at("127.0.0.1", DatagramOptions.DEFAULT);

        assertThat(send(sender, "to another family", Address.of("::1", 9))).isFalse();
        assertThat(sender.transport().metrics().refused()).isEqualTo(1);
        assertThat(sender.transport().metrics().lastRefusal())
                .isEqualTo("this port is of IPv4, and has no way to IPv6");
    }

    @Test
    void looksUpTheNameOfAPeer() {
        DatagramProbe server = at("127.0.0.1", DatagramOptions.DEFAULT).echo();
        NettyReactor asking =
                newReactor(host -> {
                    assertThat(host).isEqualTo("a.name.test");
                    return List.of(InetAddress.ofLiteral("127.0.0.1"));
                });
        int port = server.transport().address().port();
        DatagramProbe client = new DatagramProbe();
        DatagramTransport transport =
                world.await(
                        asking.connectUdp(
                                Address.of("a.name.test", port),
                                client,
                                DatagramOptions.DEFAULT,
                                Duration.ofMinutes(1)));
        asking.callFromThread(() -> transport.send(Bytes.utf8("found")));

        assertThat(transport.peer()).isEqualTo(Address.of("127.0.0.1", port));
        assertThat(world.await(client.happened(1))).containsExactly("found");
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "needs the broadcast address of loopback")
    void broadcastsIfAllowed() {
        DatagramProbe everybody = at("0.0.0.0", DatagramOptions.DEFAULT);
        Address.Inet address =
                Address.of("127.255.255.255", everybody.transport().address().port());
        DatagramProbe modest = at("127.0.0.1", DatagramOptions.DEFAULT);
        DatagramProbe loud = at("127.0.0.1", DatagramOptions.DEFAULT.withBroadcast(true));

        assertThat(send(modest, "not allowed", address)).isFalse();
        assertThat(send(loud, "to everybody", address)).isTrue();
        assertThat(world.await(everybody.happened(1))).containsExactly("to everybody");
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "needs SO_REUSEPORT that spreads")
    void spreadsTheSendersOfOnePortOverLoops() throws Exception {
        DatagramOptions shared = DatagramOptions.DEFAULT.withShared(true);
        Semaphore came = new Semaphore(0);
        DatagramProbe one = at("127.0.0.1", shared).onDatagram((_, _) -> came.release());
        DatagramProbe other = new DatagramProbe().onDatagram((_, _) -> came.release());
        newReactor(Resolver.system()).listenUdp(one.transport().address(), other, shared);
        int senders = 64; // all on one loop, by chance: once in 2 to the power of 63 runs
        for (int i = 0; i < senders; i++) {
            DatagramProbe sender = at("127.0.0.1", DatagramOptions.DEFAULT);
            send(sender, "first", one.transport().address());
            send(sender, "second", one.transport().address());
        }
        assertThat(came.tryAcquire(2 * senders, 60, TimeUnit.SECONDS)).isTrue();
        stop();
        reactors.clear();

        assertThat(one.senders()).isNotEmpty().doesNotContainAnyElementsOf(other.senders());
        assertThat(other.senders()).isNotEmpty();
    }

    @Test
    void hasBuffersOfTheSizeAskedFor() {
        DatagramProbe probe = at("127.0.0.1", DatagramOptions.DEFAULT.withBuffers(20_000, 30_000));
        DatagramChannelConfig config = ((DatagramPort) probe.transport()).channel().config();

        // Linux tells twice as much, for what it keeps beside the bytes.
        assertThat(config.getOption(ChannelOption.SO_RCVBUF)).isIn(20_000, 40_000);
        assertThat(config.getOption(ChannelOption.SO_SNDBUF)).isIn(30_000, 60_000);
    }

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "counts in /proc")
    void leavesNoFileDescriptorOpen() {
        DatagramProbe server = at("127.0.0.1", DatagramOptions.DEFAULT);
        openAndClose(server.transport().address()); // what is opened once stays
        int before = openFiles();
        for (int i = 0; i < 20; i++) {
            openAndClose(server.transport().address());
        }

        assertThat(openFiles()).isEqualTo(before);
    }

    private void openAndClose(Address.Inet peer) {
        DatagramTransport connected =
                world.await(
                        reactor.connectUdp(
                                peer,
                                new DatagramProbe(),
                                DatagramOptions.DEFAULT,
                                Duration.ofMinutes(1)));
        DatagramProbe listening = at("127.0.0.1", DatagramOptions.DEFAULT);
        send(listening, "", peer);
        world.await(listening.transport().stopListening());
        CompletableFuture<Boolean> sent = new CompletableFuture<>();
        reactor.callFromThread(() -> sent.complete(connected.send(Bytes.empty())));
        assertThat(world.await(sent)).isTrue();
        DatagramProbe refused = new DatagramProbe();
        assertThatThrownBy(() -> reactor.listenUdp(peer, refused, DatagramOptions.DEFAULT))
                .isInstanceOf(CannotListenException.class);
        world.await(connected.stopListening());
    }

    private static int openFiles() {
        return requireNonNull(new File("/proc/self/fd").list()).length;
    }
}
