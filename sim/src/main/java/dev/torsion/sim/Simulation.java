package dev.torsion.sim;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.testing.Chunks;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryNetwork;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/// A world of nodes, clients and a network, with one seed and a clock that jumps from one thing due
/// to the next.
///
/// ```java
/// List<SimulatedNode> nodes = sim.nodes(3, node -> node.watch("orders.>", SubscribeOptions.defaults()));
/// sim.settle(Duration.ofSeconds(30));
/// sim.faults(Faults.swarm());
/// Client shop = sim.client("shop", nodes.get(0));
/// shop.every(Duration.ofMillis(100), () -> shop.publish(Draft.to("orders.new")));
/// sim.runFor(Duration.ofMinutes(2));
/// sim.healAndSettle(Duration.ofSeconds(60));
/// sim.history().holds();
/// ```
public final class Simulation {
    private static final Duration STEP = Duration.ofMillis(10);
    private static final Duration CALM = Duration.ofSeconds(3);

    /// Longer than it takes to notice that the other end of a connection is gone.
    private static final Duration STEADY = Duration.ofSeconds(4);

    private static final int SEEDS = 3;

    private final long seed;
    private final FaultSelection selection;
    private final MemoryNetwork memory;
    private final SimulatedNetwork network;
    private final History history;
    private final Breakage breakage;
    private final Vigil vigil;
    private final Map<String, SimulatedNode> nodes = new LinkedHashMap<>();
    private final List<SimulatedNode> seeds = new ArrayList<>();
    private final Map<String, Machine> machines = new LinkedHashMap<>();
    private final List<Fault> plan = new ArrayList<>();
    private final Map<String, Boolean> sometimes = new LinkedHashMap<>();
    private final RandomGenerator faultChance;
    private @Nullable Faults faults;
    private List<Faults.Kind> kinds = List.of();
    private @Nullable AssertionError broken;
    private boolean over;

    /// @param selection which of the faults that the seed draws shall happen
    Simulation(long seed, FaultSelection selection) {
        this.seed = seed;
        this.selection = selection;
        this.memory = new MemoryNetwork(seed);
        this.history = new History(this, memory);
        this.breakage = new Breakage(this, memory);
        this.vigil = new Vigil(this, breakage);
        this.network = new SimulatedNetwork(breakage, memory, vigil);
        this.faultChance = random("faults");
        network.latency(Duration.ofNanos(100_000), Duration.ofMillis(2));
        network.chunks(drawChunks());
        vigil.start();
    }

    /// Mostly as they were sent, since pieces take their time; the worst for a few seeds only.
    private Chunks drawChunks() {
        return switch (random("chunks").nextInt(32)) {
            case 0 -> Chunks.SINGLE_BYTES;
            case 1, 2, 3, 4, 5, 6, 7 -> Chunks.RANDOM;
            default -> Chunks.WHOLE;
        };
    }

    // ---- the world ----

    public long seed() {
        return seed;
    }

    /// The network, for faults by hand.
    public SimulatedNetwork network() {
        return network;
    }

    /// Starts nodes called `n1`, `n2` and so on, whose seeds are the first three nodes.
    ///
    /// @param makeUp says what each is made of, before it starts
    public List<SimulatedNode> nodes(int count, Consumer<SimulatedNode> makeUp) {
        List<SimulatedNode> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            made.add(node("n" + (nodes.size() + 1), makeUp));
        }
        return List.copyOf(made);
    }

    /// Starts one node.
    public SimulatedNode node(String name, Consumer<SimulatedNode> makeUp) {
        SimulatedNode node = new SimulatedNode(this, name);
        add(node.machine());
        nodes.put(name, node);
        if (seeds.size() < SEEDS) {
            seeds.add(node);
        }
        makeUp.accept(node);
        node.complete();
        node.machine().start();
        return node;
    }

    /// Starts a program that is no node.
    ///
    /// @param main is called at the start of each of its lives, with that life's reactor
    public SimulatedProgram program(String name, Consumer<ManualReactor> main) {
        SimulatedProgram program = new SimulatedProgram(this, name, main);
        add(program.machine());
        program.machine().start();
        return program;
    }

    private void add(Machine machine) {
        if (machines.putIfAbsent(machine.name(), machine) != null) {
            throw new IllegalArgumentException(
                    "there is a node or program called " + machine.name() + " already");
        }
    }

    /// A client at a node.
    public Client client(String name, SimulatedNode node) {
        return new Client(this, name, node);
    }

    /// Chance for one purpose, which no other purpose shifts.
    public RandomGenerator random(String purpose) {
        return new SplittableRandom(seed * 0x9e3779b97f4a7c15L ^ Fingerprint.of(purpose));
    }

    /// Virtual time since the start of the world.
    public Duration now() {
        return Duration.ofNanos(memory.nanoTime());
    }

    public History history() {
        return history;
    }

    // ---- what goes wrong ----

    /// Draws faults from the seed, for each [#runFor] from now on.
    public void faults(Faults newFaults) {
        faults = newFaults;
        kinds = newFaults.choose(faultChance);
    }

    /// Begins a fault at its time, which must not have passed. Faults by hand belong to the
    /// scenario: they are not drawn, and not made fewer when a failure is made small.
    public void inject(Fault fault) {
        at(fault.at(), () -> breakage.begin(fault));
    }

    /// Does something at a moment of virtual time.
    public void at(Duration time, Runnable action) {
        Duration left = time.minus(now());
        if (left.isNegative()) {
            throw new IllegalArgumentException(time + " has passed, it is " + now());
        }
        memory.callLater(left, action);
    }

    // ---- time ----

    /// Lets virtual time go by, with the faults that fall into it.
    public void runFor(Duration time) {
        if (faults != null) {
            faults.plan(kinds, placeNames(), now(), now().plus(time), faultChance)
                    .forEach(this::planned);
        }
        memory.advance(time);
        throwIfBroken();
    }

    private void planned(Fault drawn) {
        Fault fault = selection.choose(plan.size(), drawn);
        plan.add(drawn);
        if (fault != null) {
            at(fault.at(), () -> breakage.begin(fault));
        }
    }

    /// Runs until every node is linked to the newest life of every other, and for a few seconds
    /// more if anything was broken before: until links that are half open have been noticed, and
    /// what was late has come.
    ///
    /// @throws BrokenClaimError if they are not `within` this much virtual time
    public void settle(Duration within) {
        List<SimulatedNode> all = List.copyOf(nodes.values());
        Steadiness steadiness = new Steadiness(all);
        await("the cluster settles", within, steadiness::isReached);
        history.settled();
    }

    /// Whether all nodes have been linked, by the same links, for long enough.
    private final class Steadiness {
        private final List<SimulatedNode> all;
        private final Duration needed = breakage.hasBroken() ? STEADY : Duration.ZERO;
        private Duration since = now();
        private long links;

        Steadiness(List<SimulatedNode> all) {
            this.all = all;
        }

        boolean isReached() {
            boolean found = breakage.isWhole() && all.stream().allMatch(node -> node.hasFound(all));
            long linksNow = found ? all.stream().mapToLong(SimulatedNode::links).sum() : -1;
            if (linksNow != links) {
                links = linksNow;
                since = now();
            }
            return found && now().minus(since).compareTo(needed) >= 0;
        }
    }

    /// Ends every fault, waits until all nodes have found each other again, lets the clients go on
    /// for a calm while, then stops them and waits until everything underway has arrived.
    ///
    /// @throws BrokenClaimError if they have not `within` this much virtual time
    public void healAndSettle(Duration within) {
        faults = null;
        breakage.healAll();
        settle(within);
        memory.advance(CALM);
        over = true;
        memory.advance(CALM);
        await(
                "nothing waits for ever",
                within,
                () -> nodes.values().stream().allMatch(SimulatedNode::isIdle));
        machines.values().forEach(Machine::tellFailures);
        throwIfBroken();
    }

    private void await(String claim, Duration within, BooleanSupplier condition) {
        Duration end = now().plus(within);
        while (!condition.getAsBoolean()) {
            if (now().compareTo(end) >= 0) {
                List<String> seen = new ArrayList<>();
                nodes.values().forEach(node -> seen.add(node.whatItSees()));
                throw new BrokenClaimError(claim, "not within " + within + ": " + seen);
            }
            memory.advance(STEP);
            throwIfBroken();
        }
    }

    // ---- claims ----

    /// Fails the run if the condition does not hold.
    public void claim(String claim, boolean holds, String otherwise) {
        if (!holds) {
            throw new BrokenClaimError(claim, otherwise);
        }
    }

    /// A condition that some seed must meet: if none does, the scenario does not test what it seems
    /// to.
    public void sometimes(String condition, boolean met) {
        sometimes.merge(condition, met, Boolean::logicalOr);
    }

    /// Adds a line to the time line.
    public void note(String text) {
        history.noted("", text);
    }

    // ---- for the parts ----

    Map<String, Boolean> sometimes() {
        return sometimes;
    }

    /// The faults drawn so far, whether selected or not.
    List<Fault> plan() {
        return List.copyOf(plan);
    }

    boolean isOver() {
        return over;
    }

    MemoryNetwork memory() {
        return memory;
    }

    Machine machine(String place) {
        Machine machine = machines.get(place);
        if (machine == null) {
            throw new IllegalArgumentException(
                    "there is no node or program called " + place + ", only " + machines.keySet());
        }
        return machine;
    }

    /// Of nodes and programs, in the order they were made in.
    List<String> placeNames() {
        return List.copyOf(machines.keySet());
    }

    Vigil vigil() {
        return vigil;
    }

    @Nullable SimulatedNode nodeCalled(String name) {
        return nodes.get(name);
    }

    /// Whether the others are told to dial it.
    boolean isSeed(SimulatedNode node) {
        return seeds.contains(node);
    }

    List<SimulatedNode> allNodes() {
        return List.copyOf(nodes.values());
    }

    /// By whom nodes find one another.
    List<Address.Inet> seeds() {
        return seeds.stream().map(SimulatedNode::address).toList();
    }

    /// Something is wrong that nobody who could throw has seen; the first counts.
    void broken(AssertionError error) {
        if (broken == null) {
            broken = error;
        }
    }

    private void throwIfBroken() {
        if (broken != null) {
            throw broken;
        }
    }

    /// The scenario has returned.
    void end() {
        machines.values().forEach(Machine::tellFailures);
        throwIfBroken();
    }

    /// Two runs that differ in anything that was written down or took a turn differ in this.
    long fingerprint() {
        return memory.fingerprint() * 31 + history.fingerprint();
    }
}
