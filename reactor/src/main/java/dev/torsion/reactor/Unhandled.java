package dev.torsion.reactor;

import java.lang.ref.Cleaner;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells of failures that nobody has looked at, when the last stage that had them is gone.
///
/// @param collection finds out that an object is gone
/// @param report is told
record Unhandled(Collection collection, Consumer<Throwable> report) {
    private static final Logger log = LoggerFactory.getLogger(Deferred.class);

    /// As [Cleaner#register].
    @FunctionalInterface
    interface Collection {
        Cleaner.Cleanable register(Object object, Runnable whenGone);
    }

    /// Lines in the log, when the garbage collector has found the stage.
    static final Unhandled LOGGED =
            new Unhandled(
                    Cleaner.create()::register,
                    failure ->
                            log.error(
                                    "a stage failed, and was dropped before anybody looked at its"
                                            + " failure",
                                    failure));

    /// Watches over a stage that has failed, and that nobody has looked at.
    Watch watch(Deferred<?> stage, Failure failure) {
        Watch watch = new Watch(failure, report);
        watch.cleanable = collection.register(stage, watch);
        return watch;
    }

    /// Of one stage, which it must not hold.
    static final class Watch implements Runnable {
        private final Failure failure;
        private final Consumer<Throwable> report;
        private Cleaner.@Nullable Cleanable cleanable;
        private volatile boolean off;

        private Watch(Failure failure, Consumer<Throwable> report) {
            this.failure = failure;
            this.report = report;
        }

        /// The stage is gone.
        @Override
        public void run() {
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
