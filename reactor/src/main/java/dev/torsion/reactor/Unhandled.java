package dev.torsion.reactor;

import java.lang.ref.Cleaner;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells of failures that nobody has looked at: when the last stage that had them is gone, and at
/// the latest when their reactor ends.
///
/// A stage that has a result costs nothing here. Of one that has failed a [Watch] is kept, some
/// words of memory, until somebody looks at the stage or it is gone.
final class Unhandled {
    private static final Logger log = LoggerFactory.getLogger(Deferred.class);

    /// As [Cleaner#register].
    @FunctionalInterface
    interface Collection {
        Cleaner.Cleanable register(Object object, Runnable whenGone);
    }

    /// Lines in the log.
    static final Unhandled LOGGED =
            new Unhandled(
                    Collector::register,
                    failure ->
                            Thrown.log(
                                    log,
                                    "a stage failed, and nobody has looked at its failure",
                                    failure));

    /// Its thread begins with the first failure to be watched.
    private static final class Collector {
        private static final Cleaner CLEANER = Cleaner.create();

        static Cleaner.Cleanable register(Object object, Runnable whenGone) {
            return CLEANER.register(object, whenGone);
        }
    }

    private final Collection collection;
    private final Consumer<Throwable> report;
    private final Set<Watch> watches = Collections.synchronizedSet(new LinkedHashSet<>());

    /// @param collection finds out that an object is gone
    /// @param report is told
    Unhandled(Collection collection, Consumer<Throwable> report) {
        this.collection = collection;
        this.report = report;
    }

    /// Watches over a stage of `reactor` that has failed, and that nobody has looked at.
    Watch watch(Reactor reactor, Deferred<?> stage, Failure failure) {
        Watch watch = new Watch(reactor, failure);
        watches.add(watch);
        watch.cleanable = collection.register(stage, watch);
        return watch;
    }

    /// Tells of the failures of this reactor's stages that nobody has looked at so far.
    void reactorEnds(Reactor reactor) {
        for (Watch watch : watches.toArray(Watch[]::new)) {
            if (watch.reactor.equals(reactor)) {
                watch.run();
            }
        }
    }

    /// How many stages are watched over; for tests.
    int watched() {
        return watches.size();
    }

    /// Waits for the end of one stage, which it must not hold.
    final class Watch implements Runnable {
        private final Reactor reactor;
        private final Failure failure;
        private Cleaner.@Nullable Cleanable cleanable;
        private volatile boolean off;

        private Watch(Reactor reactor, Failure failure) {
            this.reactor = reactor;
            this.failure = failure;
        }

        /// Nobody will look at the stage in time.
        @Override
        public void run() {
            watches.remove(this);
            if (!off && failure.toBeTold()) {
                report.accept(failure.cause());
            }
        }

        /// Somebody looks at the stage.
        void end() {
            off = true;
            if (cleanable != null) {
                cleanable.clean();
            }
        }
    }
}
