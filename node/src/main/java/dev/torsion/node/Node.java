package dev.torsion.node;

import dev.torsion.bus.BusOptions;
import dev.torsion.bus.BusStats;
import dev.torsion.bus.Component;
import dev.torsion.bus.ComponentHost;
import dev.torsion.bus.EventBus;
import dev.torsion.bus.Settings;
import dev.torsion.bus.SettingsException;
import dev.torsion.cluster.Cluster;
import dev.torsion.cluster.ClusterOptions;
import dev.torsion.cluster.LinkStats;
import dev.torsion.gateways.Gateway;
import dev.torsion.gateways.GatewayContext;
import dev.torsion.gateways.nats.NatsDoor;
import dev.torsion.gateways.nats.NatsOptions;
import dev.torsion.netty.NettyReactorGroup;
import dev.torsion.netty.ReactorOptions;
import dev.torsion.node.Configuration.ComponentPart;
import dev.torsion.node.Configuration.GatewayPart;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.ReactorGroup;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node, put together from its configuration: reactors, the bus on them, the components, the
/// links to other nodes, and last the doors. It stops in reverse: first nobody comes in any more
/// and clients' messages are refused, then the other nodes hear that nothing more is wanted here,
/// then the components handle what they have (the last one first, so list those that publish after
/// those that listen to them), and when the other nodes have got what they published, goodbye.
final class Node {
    private static final Logger log = LoggerFactory.getLogger(Node.class);

    private static final String NATS = "nats";
    private static final String LINK = "link";
    private static final Duration START_PATIENCE = Duration.ofSeconds(30);
    private static final Duration STOP_DEADLINE = Duration.ofSeconds(10);
    private static final Duration FLUSH = Duration.ofSeconds(2);
    private static final Duration GOODBYE = Duration.ofSeconds(2);
    private static final Duration BEFORE_GOODBYE = FLUSH.plus(GOODBYE).plus(GOODBYE);

    private final Configuration configuration;
    private final Lifecycle lifecycle = new Lifecycle(STOP_DEADLINE);
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Map<String, Optional<Address>> ports = new LinkedHashMap<>();
    private volatile @Nullable Cluster cluster;
    private volatile boolean ready;

    Node(Configuration configuration) {
        this.configuration = configuration;
    }

    /// Starts everything, or nothing: what was started before a failure is stopped again.
    ///
    /// @return where it listens
    /// @throws ConfigurationException if a class or a setting is wrong
    /// @throws CommandFailedException if a port is taken or a component does not start
    Ready start() throws InterruptedException {
        try {
            startParts();
            ready = true;
            return new Ready(configuration.name(), ports);
        } catch (Throwable thrown) {
            stop();
            throw thrown;
        }
    }

    /// Stops within the deadline of 10 s. Idempotent.
    ///
    /// @return whether everything ended in time; what did not is named in the log
    boolean stop() {
        try {
            return lifecycle.stop();
        } finally {
            stopped.countDown();
        }
    }

    void awaitStopped() throws InterruptedException {
        stopped.await();
    }

    private void startParts() throws InterruptedException {
        Instances instances = Instances.of(configuration);
        ports.put(NATS, Optional.empty());
        ports.put(LINK, Optional.empty());
        NettyReactorGroup reactors = startReactors();
        EventBus bus = startBus(reactors);
        NatsDoor door = startDoor(bus);
        lifecycle.started("the links to other nodes", FLUSH.plus(GOODBYE), this::leaveCluster);
        for (Instances.OfComponent each : instances.components()) {
            startComponent(each.part(), each.component(), bus, reactors);
        }
        joinCluster(bus, reactors.reactors().getFirst());
        lifecycle.started("taking messages", BEFORE_GOODBYE, door::takeNoMore);
        open(NATS, configuration.nats(), door, reactors);
        for (Instances.OfGateway each : instances.gateways()) {
            openGateway(each.part(), each.gateway(), bus, reactors);
        }
    }

    private NettyReactorGroup startReactors() {
        NettyReactorGroup reactors =
                NettyReactorGroup.create(
                        Runtime.getRuntime().availableProcessors(),
                        ReactorOptions.DEFAULT.withShutdownDeadline(FLUSH));
        lifecycle.started("the reactors", Duration.ZERO, reactors::stop);
        return reactors;
    }

    private EventBus startBus(ReactorGroup reactors) {
        EventBus bus =
                new EventBus(
                        BusOptions.of(configuration.name(), System.currentTimeMillis()), reactors);
        lifecycle.started(
                "the bus",
                FLUSH,
                () -> {
                    bus.close();
                    if (ready) {
                        log.info("{}", books(bus.stats()));
                    }
                    return CompletableFuture.completedStage(null);
                });
        return bus;
    }

    private static String books(BusStats stats) {
        return "books: published "
                + stats.published()
                + " (nobody wanted "
                + stats.unheard()
                + "), offered "
                + stats.offered()
                + " = delivered "
                + stats.delivered()
                + " + waiting "
                + stats.waiting()
                + " + dropped "
                + stats.droppedTotal()
                + (stats.dropped().isEmpty() ? "" : " " + stats.dropped());
    }

    /// Its port comes later than it, and closes earlier: clients still get what components publish
    /// at their end.
    private NatsDoor startDoor(EventBus bus) {
        BusOptions who = bus.options();
        String serverId = who.node() + "-" + Long.toString(who.incarnation(), 36);
        NatsDoor door = new NatsDoor(bus, NatsOptions.of(who.node(), serverId));
        lifecycle.started("the NATS door", FLUSH.plus(GOODBYE), door::drain);
        return door;
    }

    private void startComponent(
            ComponentPart part, Component component, EventBus bus, ReactorGroup reactors)
            throws InterruptedException {
        String what = "component " + part.name();
        CompletionStage<ComponentHost> starting =
                ComponentHost.start(
                        part.name(),
                        component,
                        bus,
                        reactors.next(),
                        part.settings(),
                        part.blocking());
        ComponentHost host = await(starting, part.type().where() + ": " + what);
        lifecycle.started(what, BEFORE_GOODBYE, host::stop);
        failIfUnread(part.settings());
    }

    private void joinCluster(EventBus bus, Reactor home) {
        Endpoint.Tcp endpoint = configuration.link();
        if (endpoint == null) {
            return;
        }
        ClusterOptions options =
                ClusterOptions.at(endpoint)
                        .withSeeds(configuration.seeds())
                        .withStopDeadline(GOODBYE);
        Cluster joined = listen(LINK, () -> Cluster.start(options, bus, home));
        cluster = joined;
        lifecycle.started("the interest told to other nodes", BEFORE_GOODBYE, joined::withdraw);
        ports.put(LINK, Optional.of(joined.address()));
    }

    private CompletionStage<Void> leaveCluster() {
        Cluster joined = cluster;
        if (joined == null) {
            return CompletableFuture.completedStage(null);
        }
        return joined.stop()
                .thenRun(() -> joined.links().forEach(link -> log.info("{}", books(link))));
    }

    private static String books(LinkStats link) {
        return "books of the links to "
                + link.node()
                + ": received "
                + link.received()
                + ", offered "
                + link.offered()
                + " = sent "
                + link.sent()
                + (link.unconfirmed() == 0 ? "" : " (" + link.unconfirmed() + " unconfirmed)")
                + " + waiting "
                + link.waiting()
                + " + dropped "
                + link.droppedTotal()
                + (link.dropped().isEmpty() ? "" : " " + link.dropped());
    }

    private static <T> T await(CompletionStage<T> starting, String what)
            throws InterruptedException {
        try {
            return starting.toCompletableFuture()
                    .get(START_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new CommandFailedException(
                    what + " did not start within " + START_PATIENCE.toSeconds() + " s", e);
        } catch (ExecutionException e) {
            throw failure(what, e.getCause());
        }
    }

    private static RuntimeException failure(String what, @Nullable Throwable cause) {
        return cause instanceof SettingsException wrong
                ? new ConfigurationException(List.of(String.valueOf(wrong.getMessage())))
                : new CommandFailedException(what + " did not start: " + cause, cause);
    }

    private static void failIfUnread(Settings settings) {
        List<String> unread =
                settings.unread().stream().map(Throwable::getMessage).map(String::valueOf).toList();
        if (!unread.isEmpty()) {
            throw new ConfigurationException(unread);
        }
    }

    private void openGateway(
            GatewayPart part, Gateway gateway, EventBus bus, ReactorGroup reactors) {
        String what = "gateway " + part.name();
        ProtocolFactory factory;
        try {
            factory = gateway.open(new GatewayContext(part.name(), bus, part.settings()));
        } catch (RuntimeException e) {
            throw failure(part.type().where() + ": " + what, e);
        }
        lifecycle.started(
                what,
                BEFORE_GOODBYE,
                () -> {
                    gateway.close();
                    return CompletableFuture.completedStage(null);
                });
        failIfUnread(part.settings());
        open(part.name(), part.listen(), factory, reactors);
    }

    private void open(
            String port,
            @Nullable Endpoint endpoint,
            ProtocolFactory factory,
            ReactorGroup reactors) {
        if (endpoint == null) {
            return;
        }
        ListeningPort listening = listen(port, () -> reactors.listen(endpoint, factory));
        lifecycle.started("port " + port, BEFORE_GOODBYE, listening::stopListening);
        ports.put(port, Optional.of(listening.address()));
    }

    private static <T> T listen(String port, Supplier<T> listening) {
        try {
            return listening.get();
        } catch (CannotListenException e) {
            throw new CommandFailedException(port + ": " + e.getMessage(), e);
        }
    }
}
