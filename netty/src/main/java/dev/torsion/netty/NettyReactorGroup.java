package dev.torsion.netty;

import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.ReactorGroup;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/// Several [NettyReactor]s, each on a thread of its own. A port spreads its connections evenly over
/// all.
public final class NettyReactorGroup implements ReactorGroup {
    private final List<NettyReactor> reactors;
    private final boolean stopsAtExit;
    private final AtomicInteger turn = new AtomicInteger();

    private NettyReactorGroup(List<NettyReactor> reactors, boolean stopsAtExit) {
        this.reactors = reactors;
        this.stopsAtExit = stopsAtExit;
    }

    /// Makes a group; no thread starts before its reactor is used.
    ///
    /// @param loops how many, at least one; normally one per core
    /// @throws IllegalStateException if the way to watch sockets cannot be had here
    public static NettyReactorGroup create(int loops, ReactorOptions options) {
        if (loops < 1) {
            throw new IllegalArgumentException("a group has at least 1 loop, not " + loops);
        }
        NettyReactorGroup group =
                create(loops, options, each -> new NettyReactor(each, false, Threads.SYSTEM));
        group.reactors.getFirst().introduced();
        return group;
    }

    /// If one cannot be made, none stays open.
    static NettyReactorGroup create(
            int loops, ReactorOptions options, Function<ReactorOptions, NettyReactor> maker) {
        List<NettyReactor> reactors = new ArrayList<>();
        try {
            for (int n = 1; n <= loops; n++) {
                reactors.add(maker.apply(options.withThreadName(options.threadName() + "-" + n)));
            }
        } catch (Throwable failed) {
            reactors.forEach(NettyReactor::stop);
            reactors.forEach(made -> made.life().end().await());
            throw failed;
        }
        return new NettyReactorGroup(List.copyOf(reactors), options.stopsAtExit());
    }

    @Override
    public List<Reactor> reactors() {
        return List.copyOf(reactors);
    }

    @Override
    public Reactor next() {
        return nextReactor();
    }

    private NettyReactor nextReactor() {
        return Life.firstNotEnding(reactors, turn.getAndIncrement());
    }

    /// On Linux every reactor has a listening socket of its own (SO_REUSEPORT), so that accepting
    /// spreads over the cores; elsewhere one accepts for all. Either way a reactor that has more
    /// connections than its share gives what it accepts to the one that has least.
    ///
    /// The port is refused as "address already in use" if anybody listens there, another group too.
    /// A program of the same user that sets SO_REUSEPORT itself could join it later.
    ///
    /// A reactor that hangs for a second, of which the log tells, accepts when it goes on; if it is
    /// the one whose turn it is to open the port, that waits for it, as [NettyReactor#listen] does.
    /// [ListeningPort#stopListening] fails if one still hangs at the close deadline
    /// ([ReactorOptions.Deadlines]), and says which: the system goes on to give connections to it.
    @Override
    public ListeningPort listen(Endpoint endpoint, ProtocolFactory factory) {
        NettyReactor acceptor = acceptor();
        List<NettyReactor> all = new ArrayList<>(reactors);
        all.remove(acceptor);
        all.addFirst(acceptor);
        Port port = acceptor.listen(endpoint, factory, List.copyOf(all));
        port.spread(!acceptor.inLoop());
        return port;
    }

    /// The caller's own loop if it is on one: two loops that waited for each other would hang.
    private NettyReactor acceptor() {
        return reactors.stream().filter(Reactor::inLoop).findFirst().orElseGet(this::nextReactor);
    }

    /// Waits until every reactor has ended; what ends the JVM meanwhile stops them all, as it does
    /// one in its [NettyReactor#run()]. If the loop of one dies, the others are stopped.
    @Override
    public void run() {
        for (NettyReactor reactor : reactors) {
            reactor.life().requireMayWait();
        }
        for (NettyReactor reactor : reactors) {
            reactor.life().end().ifItDies(this::stop);
        }
        if (!stopsAtExit) {
            join();
            return;
        }
        try (var _ = new ShutdownHook(() -> Life.stopAtExit(lives()))) {
            join();
        }
    }

    private void join() {
        IllegalStateException died = null;
        for (NettyReactor reactor : reactors) {
            try {
                reactor.life().end().join();
            } catch (IllegalStateException one) {
                died = one;
            }
        }
        if (died != null) {
            throw died;
        }
    }

    @Override
    public CompletionStage<Void> stop() {
        Deferred<Void> stopped = new Deferred<>(reactors.getFirst());
        var _ =
                Life.stop(lives()).stream()
                        .reduce((some, one) -> some.runAfterBoth(one, () -> {}))
                        .orElseThrow()
                        .whenComplete((_, died) -> {
                            if (died == null) {
                                stopped.succeed(null);
                            } else {
                                stopped.fail(Deferred.cause(died));
                            }
                        });
        return stopped;
    }

    private List<Life> lives() {
        return reactors.stream().map(NettyReactor::life).toList();
    }
}
