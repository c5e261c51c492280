package dev.torsion.sim;

import dev.torsion.bus.BusOptions;
import dev.torsion.bus.BusStats;
import dev.torsion.bus.Component;
import dev.torsion.bus.ComponentHost;
import dev.torsion.bus.Event;
import dev.torsion.bus.EventBus;
import dev.torsion.bus.EventHandler;
import dev.torsion.bus.Gap;
import dev.torsion.bus.Settings;
import dev.torsion.bus.SettingsException;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.Subscription;
import dev.torsion.bus.TopicPattern;
import dev.torsion.cluster.Cluster;
import dev.torsion.cluster.ClusterOptions;
import dev.torsion.cluster.LinkStats;
import dev.torsion.cluster.Member;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.Program;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.ScriptedProgram;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/// A node of the world: the product's own bus and cluster, on a machine of its own in the network
/// in memory. [Simulation#node] makes it; what it is made of is said then, once, and is there again
/// in each life; its faults are the world's ([Fault], [SimulatedNetwork]).
///
/// ```java
/// sim.node(
///         "n1",
///         node ->
///                 node.component("averages", Averages::new, Map.of())
///                         .watch("averages.>", SubscribeOptions.defaults()));
/// ```
///
/// It is down before its first life, and from the end of each until the next. **Thread:** that of
/// the simulation, which all of the world runs on.
public final class SimulatedNode implements Place {
    /// Where the links of every node are accepted.
    static final int LINK_PORT = 7400;

    private final Simulation sim;
    private final String name;
    private final Machine machine;
    private final List<Consumer<Life>> parts = new ArrayList<>();
    private final Set<Watch> watches = new LinkedHashSet<>();
    private int watchesOfVersion;
    private UnaryOperator<ClusterOptions> clusterChange = UnaryOperator.identity();
    private UnaryOperator<BusOptions> busChange = UnaryOperator.identity();
    private @Nullable Consumer<SimulatedNode> nextVersion;
    private boolean handlersMayThrow;
    private boolean complete;
    private long capacity;
    private @Nullable Life life;

    /// One incarnation.
    record Life(
            ManualReactor reactor,
            EventBus bus,
            Cluster cluster,
            ClusterOptions options,
            long incarnation) {}

    /// The books of one incarnation, at its end or now.
    record Books(String node, long incarnation, BusStats bus, List<LinkStats> links) {}

    SimulatedNode(Simulation sim, String name) {
        this.sim = sim;
        this.name = name;
        this.machine = new Machine(sim, name, this::boot, _ -> goodbye(), this::ending);
    }

    // ---- what it is made of ----

    /// Runs a component on this node, a new instance in each life. The run fails if its start
    /// throws, or leaves a setting unread, which most likely is misspelt.
    public SimulatedNode component(
            String componentName,
            Supplier<? extends Component> component,
            Map<String, String> settings) {
        return component(componentName, component, settings, false);
    }

    /// Runs a component that is configured `blocking`: on virtual threads, which take turns in an
    /// order that every run repeats; see [ManualReactor#callInThread].
    ///
    /// @throws IllegalStateException if the JVM was not started with `--add-opens
    ///   java.base/java.lang=ALL-UNNAMED`
    public SimulatedNode blockingComponent(
            String componentName,
            Supplier<? extends Component> component,
            Map<String, String> settings) {
        if (!ManualReactor.canWait()) {
            throw new IllegalStateException(
                    "a component that is blocking can be simulated in a JVM that was started with"
                            + " --add-opens java.base/java.lang=ALL-UNNAMED");
        }
        return component(componentName, component, settings, true);
    }

    private SimulatedNode component(
            String componentName,
            Supplier<? extends Component> component,
            Map<String, String> settings,
            boolean blocking) {
        return with(it -> {
            Settings given = Settings.of(settings);
            ComponentHost.start(
                            componentName, component.get(), it.bus(), it.reactor(), given, blocking)
                    .whenComplete((_, failure) -> started(componentName, given, failure));
        });
    }

    private void started(String componentName, Settings given, @Nullable Throwable failure) {
        if (failure != null) {
            notStarted(componentName, failure.toString());
            return;
        }
        List<String> unread =
                given.unread().stream().map(SettingsException::getMessage).sorted().toList();
        if (!unread.isEmpty()) {
            notStarted(componentName, String.join("; ", unread));
        }
    }

    private void notStarted(String componentName, String why) {
        sim.broken(
                new BrokenClaimError(
                        "components start", componentName + " on " + name + ": " + why));
    }

    /// Writes down every event on this node that matches, or this node's share of them if the
    /// options name a group.
    public SimulatedNode watch(String pattern, SubscribeOptions how) {
        Watch watch = new Watch(name, ++watchesOfVersion, new TopicPattern(pattern), how.group());
        watches.add(watch);
        int room = how.capacity();
        return withKnown(it -> {
            capacity += capacity < 0 ? 0 : room;
            it.bus().subscribe(watch.pattern(), new Recorder(watch, it.incarnation()), how);
        });
    }

    /// A watch that ends and begins again and again, until the clients are told to stop.
    ///
    /// @param mean how long it stands, and then is away, about
    public SimulatedNode watchNowAndThen(String pattern, SubscribeOptions how, Duration mean) {
        Watch watch = new Watch(name, ++watchesOfVersion, new TopicPattern(pattern), how.group());
        watches.add(watch);
        return with(it -> new NowAndThen(watch, how, mean, it).open());
    }

    /// Does something with the bus at the start of each life, such as to subscribe.
    public SimulatedNode atStart(Consumer<EventBus> action) {
        return with(it -> action.accept(it.bus()));
    }

    /// Opens a port in each life, on an interface of the node's name: the way in for a
    /// [SimulatedProgram].
    ///
    /// @param door makes, from the life's bus, what serves the connections: a gateway, or a
    ///   protocol of the user's own
    public SimulatedNode listen(int port, Function<EventBus, ProtocolFactory> door) {
        return with(it -> it.reactor().listen(endpoint(port), door.apply(it.bus())));
    }

    /// Says which programs the node finds when it starts one, in each life. There are no real ones
    /// here: [dev.torsion.reactor.Reactor#spawn] of any other ends as it does where none of that
    /// name is installed.
    ///
    /// @param installed the one to run for what is asked, a new one for each start; null if there
    ///   is no such program
    public SimulatedNode programs(Function<Program, @Nullable ScriptedProgram> installed) {
        return with(it -> it.reactor().programs(installed));
    }

    private Endpoint.Tcp endpoint(int port) {
        return Endpoint.Tcp.parse("tcp:" + port + ":interface=" + name);
    }

    /// From its next life on, the node is made of what this says, and of nothing else: another
    /// version of its program. Give it the same watches in the same order, so that the claims can
    /// go on; options of bus and cluster stay unless it changes them.
    public void nextVersion(Consumer<SimulatedNode> makeUp) {
        nextVersion = makeUp;
    }

    /// Runs with other options of the bus.
    public SimulatedNode busOptions(UnaryOperator<BusOptions> change) {
        busChange = change;
        return this;
    }

    /// Runs with other options of the cluster.
    public SimulatedNode clusterOptions(UnaryOperator<ClusterOptions> change) {
        clusterChange = change;
        return this;
    }

    /// Lets handlers here, and what components call later, throw: [History#noHandlerThrows] does
    /// not mind, though each time is written down.
    public SimulatedNode handlersMayThrow() {
        handlersMayThrow = true;
        return this;
    }

    private SimulatedNode with(Consumer<Life> part) {
        return withKnown(it -> {
            takesMore();
            part.accept(it);
        });
    }

    private SimulatedNode withKnown(Consumer<Life> part) {
        if (complete) {
            throw new IllegalStateException(
                    "node " + name + " has started: say what it is made of where it is made");
        }
        parts.add(part);
        return this;
    }

    // ---- its life ----

    @Override
    public String name() {
        return name;
    }

    /// Which life it is in, or was last: the first is 1.
    public long incarnation() {
        return machine.incarnation();
    }

    public boolean isUp() {
        return machine.isUp();
    }

    public boolean isPaused() {
        return machine.isPaused();
    }

    /// Its bus in this life.
    ///
    /// @throws IllegalStateException if it is down
    public EventBus bus() {
        takesMore();
        return alive().bus();
    }

    /// Its links in this life.
    ///
    /// @throws IllegalStateException if it is down
    public Cluster cluster() {
        return alive().cluster();
    }

    /// Its reactor in this life.
    ///
    /// @throws IllegalStateException if it is down
    public ManualReactor reactor() {
        return alive().reactor();
    }

    List<Watch> watches() {
        return List.copyOf(watches);
    }

    Machine machine() {
        return machine;
    }

    /// What it is made of has been said.
    void complete() {
        complete = true;
    }

    private void boot(ManualReactor reactor) {
        if (nextVersion != null) {
            Consumer<SimulatedNode> makeUp = nextVersion;
            nextVersion = null;
            parts.clear();
            watchesOfVersion = 0;
            handlersMayThrow = false;
            complete = false;
            makeUp.accept(this);
            complete = true;
        }
        long incarnation = incarnation();
        EventBus bus =
                new EventBus(
                        busChange.apply(BusOptions.of(name, incarnation)),
                        ReactorGroup.of(reactor));
        bus.listenToFailures(
                (where, thrown) -> sim.history().threw(name, where, thrown, handlersMayThrow));
        ClusterOptions options =
                clusterChange.apply(ClusterOptions.at(endpoint(LINK_PORT)).withSeeds(sim.seeds()));
        Cluster cluster = Cluster.start(options, bus, reactor);
        Life started = new Life(reactor, bus, cluster, options, incarnation);
        life = started;
        capacity = 0;
        parts.forEach(part -> part.accept(started));
    }

    private CompletionStage<Void> goodbye() {
        return alive().cluster().stop();
    }

    private void ending() {
        sim.history().close(books());
        life = null;
    }

    // ---- what is seen of it ----

    /// It has subscriptions of which nothing is known.
    void takesMore() {
        capacity = -1;
    }

    /// How many events may wait on its bus; negative if that is not known.
    long capacity() {
        return capacity;
    }

    /// How many links it has had in this life.
    long links() {
        return alive().cluster().links().stream().mapToLong(LinkStats::links).sum();
    }

    /// Whether it lives on and does its work.
    boolean isRunning() {
        return isUp() && !isPaused() && !machine.isLeaving();
    }

    /// Where its links are accepted.
    Address.Inet address() {
        return Address.of(name, LINK_PORT);
    }

    Life life() {
        return alive();
    }

    Books books() {
        Life now = alive();
        return new Books(name, incarnation(), now.bus().stats(), now.cluster().links());
    }

    /// Whether it is linked to exactly the newest lives of `others`, and owes nobody an event.
    boolean hasFound(List<SimulatedNode> others) {
        if (life == null || machine.isPaused()) {
            return false;
        }
        List<String> linked = new ArrayList<>();
        for (Member member : life.cluster().members()) {
            if (member.linked()) {
                linked.add(member.name() + " " + member.incarnation());
            }
        }
        List<String> wanted = new ArrayList<>();
        for (SimulatedNode other : others) {
            if (other != this) {
                wanted.add(other.name + " " + other.incarnation());
            }
        }
        return linked.size() == wanted.size() && linked.containsAll(wanted);
    }

    boolean isIdle() {
        Books now = books();
        return now.bus().waiting() == 0
                && now.links().stream()
                        .allMatch(link -> link.waiting() == 0 && link.waitingBytes() == 0);
    }

    /// What it knows of another node of that name; null if nothing.
    @Nullable Member member(String other) {
        for (Member member : cluster().members()) {
            if (member.name().equals(other)) {
                return member;
            }
        }
        return null;
    }

    /// What it knows of the others, for a message.
    String whatItSees() {
        return life == null ? name + " is down" : name + " sees " + life.cluster().members();
    }

    private Life alive() {
        if (life == null) {
            throw new IllegalStateException("node " + name + " is down");
        }
        return life;
    }

    private final class Recorder implements EventHandler {
        private final Watch watch;
        private final long born;
        private final Reader reader;

        Recorder(Watch watch, long born) {
            this.watch = watch;
            this.born = born;
            this.reader = sim.history().reader(watch, born);
        }

        @Override
        public void handle(Event event) {
            sim.history().delivered(reader, event);
        }

        @Override
        public void missed(Gap gap) {
            sim.history().missed(name, born, watch, gap);
        }
    }

    /// A subscription that comes and goes, in one life.
    private final class NowAndThen {
        private final Watch watch;
        private final SubscribeOptions how;
        private final Duration mean;
        private final Life born;

        NowAndThen(Watch watch, SubscribeOptions how, Duration mean, Life born) {
            this.watch = watch;
            this.how = how;
            this.mean = mean;
            this.born = born;
        }

        void open() {
            Subscription open =
                    born.bus()
                            .subscribe(
                                    watch.pattern(), new Recorder(watch, born.incarnation()), how);
            sim.history().stands(watch, true);
            later(() -> {
                open.close();
                sim.history().stands(watch, false);
                later(this::open);
            });
        }

        private void later(Runnable action) {
            double part = 0.5 + born.reactor().random().nextDouble();
            born.reactor()
                    .callLater(
                            Duration.ofNanos((long) (mean.toNanos() * part)),
                            () -> {
                                if (!sim.isOver()) {
                                    action.run();
                                }
                            });
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
