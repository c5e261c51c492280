package dev.torsion.reactor;

import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A result that is still to come: the [CompletionStage] that everything asynchronous here returns,
/// and what is derived from one is another.
///
/// **Thread:** thread-safe. Callbacks run on the loop of the reactor, whoever completes the stage
/// and whenever they are attached: at once if that is done on the loop and the result is there (or,
/// 32 callbacks deep in each other, before the outermost of them is over), in a coming turn if it
/// is done elsewhere. (Only the forms of `CompletionStage` that take an executor run them there.)
/// When the loop has ended they run where they are attached. To block on one is for other threads
/// ([Reactor#await]): [#get()] and [#join()] throw [IllegalStateException] on the loop if it has
/// not completed.
///
/// **Cancelling** a stage ([#cancel], or [#orTimeout] when the time is over) completes it, and
/// takes back what it waits for, as far as nobody else waits for that: the stage or stages it was
/// derived from and, with `thenCompose`, the one that the function returned. Who waits is every
/// stage derived from it that has not completed, and every thread that blocks on it; merely to hold
/// a stage is not to wait. So it goes on upstream to where the work is done, and each method that
/// returns such a stage says what cancelling it does there. A foreign [CompletableFuture] on the
/// way is cancelled if nothing else depends on it. A stage that others wait for too keeps what was
/// derived from it and cancelled until it completes itself, as every [CompletableFuture] does: who
/// waits for a long-lived one again and again does it by [#first], `thenCompose` or
/// [Reactor#await], which leave nothing behind.
///
/// **Failures** are not swallowed. One that nobody has seen when the stage is garbage, or when the
/// reactor ends, is logged, once for all the stages it went through, with its stack; so is what a
/// callback throws. Who sees it is
///
/// - a callback of `handle`, `whenComplete`, `exceptionally` or `exceptionallyCompose`;
/// - who is given it by [#get()], [#join()] or [Reactor#await], or asks the stage once it has
///   failed by [#getNow], [#resultNow], [#exceptionNow] or [#isCompletedExceptionally];
/// - a foreign [CompletableFuture] that is combined or composed with the stage, and swallows what
///   nobody sees of it.
///
/// To hold the stage is not to see it, nor are [#toCompletableFuture], [#orTimeout], `isDone`, or a
/// wait that was given up before the failure came. Nothing tells that a stage was given to
/// `CompletableFuture.allOf` or `anyOf`: what these pass on is logged all the same ([#all] and
/// [#first] are better). Cancellations are not logged.
///
/// Its result is the engine's: [#complete], [#completeExceptionally] and `obtrude…` throw
/// [UnsupportedOperationException].
///
/// For those who have a result to give:
///
/// ```java
/// var answer = new Deferred<Event>(reactor, () -> forget(question));
/// …
/// answer.succeed(event);
/// ```
public final class Deferred<T extends @Nullable Object> extends LoopStage<T> {
    private static final Logger log = LoggerFactory.getLogger(Deferred.class);
    private static final StackWalker CALLERS =
            StackWalker.getInstance(StackWalker.Option.RETAIN_CLASS_REFERENCE);

    private final Reactor reactor;
    private final @Nullable Runnable whenCancelled;
    private final Unhandled unhandled;
    private final AtomicInteger waiters = new AtomicInteger();
    private volatile List<Awaited> awaited = List.of();
    private volatile boolean givenUp; // before it is complete
    private volatile boolean looked; // whatever becomes of its failure is known to somebody
    private volatile Unhandled.@Nullable Watch watch;
    private @Nullable Failure failure; // guarded by this

    /// A result that will come whatever its receivers do: cancelling the stage ends the wait alone,
    /// and cancelling what is derived from it leaves it as it is.
    ///
    /// @param reactor on whose loop callbacks run
    public Deferred(Reactor reactor) {
        this(reactor, Loops.on(reactor), null, Unhandled.LOGGED);
    }

    /// A result that can be given up.
    ///
    /// @param reactor on whose loop callbacks run
    /// @param whenCancelled called on that loop, once, if the stage is cancelled before it has
    ///   completed
    public Deferred(Reactor reactor, Runnable whenCancelled) {
        this(reactor, Loops.on(reactor), whenCancelled, Unhandled.LOGGED);
    }

    Deferred(
            Reactor reactor,
            Executor callbacks,
            @Nullable Runnable whenCancelled,
            Unhandled unhandled) {
        super(callbacks);
        this.reactor = reactor;
        this.whenCancelled = whenCancelled;
        this.unhandled = unhandled;
    }

    /// A result whose callbacks run elsewhere than on a loop: on a thread or in a queue of their
    /// own.
    ///
    /// @param callbacks runs them, at once or later
    /// @param whenCancelled as of [#Deferred(Reactor, Runnable)], on the loop of `reactor`; null if
    ///   the result will come whatever its receivers do
    public static <T extends @Nullable Object> Deferred<T> calledBackBy(
            Executor callbacks, Reactor reactor, @Nullable Runnable whenCancelled) {
        return new Deferred<>(reactor, callbacks, whenCancelled, Unhandled.LOGGED);
    }

    /// A result that is there.
    public static <T extends @Nullable Object> Deferred<T> succeeded(
            Reactor reactor, @Nullable T result) {
        Deferred<T> deferred = new Deferred<>(reactor);
        deferred.succeed(result);
        return deferred;
    }

    /// A failure that is there.
    public static <T extends @Nullable Object> Deferred<T> failed(
            Reactor reactor, Throwable cause) {
        Deferred<T> deferred = new Deferred<>(reactor);
        deferred.fail(cause);
        return deferred;
    }

    /// Logs the failures of a reactor's stages that nobody has looked at so far, which might be
    /// lost with the JVM: what an implementation of [Reactor] calls when it ends, before it says
    /// so.
    public static void reactorEnds(Reactor reactor) {
        Unhandled.LOGGED.reactorEnds(reactor);
    }

    /// What a stage failed with, without what the stages on the way wrapped around it.
    ///
    /// @param failure what a callback was given, or a thread that waited
    public static Throwable cause(Throwable failure) {
        List<Throwable> causes = Thrown.causes(failure);
        return causes.stream()
                .filter(each -> !isWrapper(each))
                .findFirst()
                .orElseGet(causes::getLast);
    }

    private static boolean isWrapper(Throwable thrown) {
        return thrown instanceof CompletionException || thrown instanceof ExecutionException;
    }

    /// Has `work` done on the loop of a reactor, at once if the caller is on it. Thread-safe.
    ///
    /// @return ends as the stage of `work` does, which is cancelled with it; or with
    ///   [IllegalStateException] if the loop has ended
    public static <T extends @Nullable Object> CompletionStage<T> onLoop(
            Reactor reactor, Supplier<CompletionStage<T>> work) {
        if (reactor.inLoop()) {
            return work.get();
        }
        Deferred<Supplier<CompletionStage<T>>> entered = new Deferred<>(reactor);
        CompletionStage<T> outcome = entered.thenComposeAsync(Supplier::get, Runnable::run);
        Loops.enter(reactor, entered, () -> entered.succeed(work));
        return outcome;
    }

    /// `stage`, as one of ours: its callbacks run on the loop, cancelling it cancels `stage` as far
    /// as nobody else waits for that, and its failure is not swallowed.
    public static <T extends @Nullable Object> CompletableFuture<T> of(
            Reactor reactor, CompletionStage<T> stage) {
        return waitingFor(reactor, stage);
    }

    @SuppressWarnings("unchecked") // a stage takes no results
    static <T extends @Nullable Object> Deferred<T> waitingFor(
            Reactor reactor, CompletionStage<? extends T> stage) {
        CompletionStage<T> source = (CompletionStage<T>) stage;
        return (Deferred<T>) succeeded(reactor, null).thenComposeAsync(_ -> source, Runnable::run);
    }

    // ---- several together ----

    /// The results of all these stages.
    ///
    /// @return completes with them, in the order of the stages, when the last has come; or with the
    ///   first failure, when that comes, and then gives up the others, as far as nobody else waits
    ///   for them. Cancelling it gives them all up so. A failure that comes still later is not this
    ///   one's, and is logged if nobody else sees it
    public static <T extends @Nullable Object> CompletableFuture<List<T>> all(
            Reactor reactor, Collection<? extends CompletionStage<? extends T>> stages) {
        return stages.isEmpty()
                ? succeeded(reactor, List.of())
                : Gathering.of(reactor, stages, Gathering::results);
    }

    /// How all these stages end.
    ///
    /// @return completes with their outcomes, in the order of the stages, when the last has come;
    ///   failures are seen with that. Cancelling it gives up those that have not, as far as nobody
    ///   else waits for them
    public static <T extends @Nullable Object> CompletableFuture<List<Outcome<T>>> outcomes(
            Reactor reactor, Collection<? extends CompletionStage<? extends T>> stages) {
        return stages.isEmpty()
                ? succeeded(reactor, List.of())
                : Gathering.of(reactor, stages, Gathering::each);
    }

    /// The result of the first of these stages that has one; of several that have one already, the
    /// foremost.
    ///
    /// @return completes with it, and gives up the others then, as far as nobody else waits for
    ///   them; failures until then are of no account. If all fail, with the failure of the last, to
    ///   which those of the others are added as suppressed. Cancelling it gives them all up
    /// @throws IllegalArgumentException if there is no stage
    public static <T extends @Nullable Object> CompletableFuture<T> first(
            Reactor reactor, Collection<? extends CompletionStage<? extends T>> stages) {
        if (stages.isEmpty()) {
            throw new IllegalArgumentException("the first of no stages would never come");
        }
        return Gathering.of(reactor, stages, Gathering::firstResult);
    }

    // ---- for who has the result ----

    /// Completes the stage, unless it is complete already.
    public void succeed(@Nullable T result) {
        super.complete(result);
    }

    /// Completes the stage with a failure, unless it is complete already. If it was given up,
    /// nobody learns of `cause` but from the log, where it goes unless it is an interruption.
    public void fail(Throwable cause) {
        if (!failFirst(cause) && givenUp && !isInterruption(cause)) {
            Thrown.log(log, "what was given up failed", cause);
        }
    }

    /// As [#fail], but if it was given up nobody learns of `cause` at all: for a failure that is no
    /// news to anybody but its receivers.
    public void failUnlessGivenUp(Throwable cause) {
        var _ = failFirst(cause);
    }

    /// @return whether it was not complete
    private boolean failFirst(Throwable cause) {
        boolean first = super.completeExceptionally(Thrown.speakable(cause));
        if (first) {
            watch();
        }
        return first;
    }

    private static boolean isInterruption(Throwable thrown) {
        return Thrown.causes(thrown).stream()
                .anyMatch(each ->
                        each instanceof InterruptedException
                                || each instanceof InterruptedIOException
                                || each instanceof ClosedByInterruptException
                                || each instanceof CancellationException);
    }

    // ---- giving up ----

    /// Gives the result up; see above.
    ///
    /// @param mayInterruptIfRunning of no effect
    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        giveUp(() -> super.completeExceptionally(new CancellationException()));
        return isCancelled();
    }

    /// Cancels the stage if it has not completed after this much time of the reactor's clock, but
    /// with [TimeoutException] as its failure.
    @Override
    public CompletableFuture<T> orTimeout(long timeout, TimeUnit unit) {
        return after(
                timeout,
                unit,
                time -> {
                    var late = new TimeoutException("not completed within " + time);
                    if (giveUp(() -> super.completeExceptionally(late))) {
                        watch();
                    }
                });
    }

    /// Cancels the stage if it has not completed after this much time of the reactor's clock, but
    /// with `value` as its result.
    @Override
    public CompletableFuture<T> completeOnTimeout(@Nullable T value, long timeout, TimeUnit unit) {
        return after(timeout, unit, _ -> giveUp(() -> super.complete(value)));
    }

    private Deferred<T> after(long timeout, TimeUnit unit, Consumer<Duration> late) {
        Duration time = Duration.ofNanos(unit.toNanos(Math.max(0, timeout)));
        Loops.enter(
                reactor,
                () -> {
                    if (!isDone()) {
                        DelayedCall timer = reactor.callLater(time, () -> late.accept(time));
                        onCompletion(() -> Loops.enter(reactor, timer::cancel));
                    }
                });
        return this;
    }

    /// Gives it up as [#orTimeout] does, for who has told of `why` already.
    void giveUp(Throwable why) {
        if (giveUp(() -> super.completeExceptionally(why))) {
            seen();
        }
    }

    private boolean giveUp(BooleanSupplier completion) {
        if (isDone()) {
            return false;
        }
        givenUp = true;
        if (!completion.getAsBoolean()) {
            return false;
        }
        if (whenCancelled != null) {
            Loops.enter(reactor, whenCancelled);
        }
        return true;
    }

    /// Somebody waits, and takes care of its failure unless he gives up before it comes.
    void waiterCame() {
        waiters.incrementAndGet();
        endWatch();
    }

    /// Somebody who waited knows how it has ended, or no longer needs to: then he has seen nothing
    /// of its failure, be that there or still to come.
    ///
    /// @param known the failure that he has now, of this stage or of another one; null if he has
    ///   none
    void waiterIsDone(@Nullable Failure known) {
        boolean done = isDone();
        Failure own = failure();
        if (done && (own == null || (known != null && known.cause().equals(own.cause())))) {
            look();
        }
        waiterLeft();
    }

    /// Somebody waits no longer, but has not given it up.
    private void waiterLeft() {
        if (waiters.decrementAndGet() == 0) {
            watch();
        }
    }

    /// Somebody who waited knows nothing, and does not want to any more.
    void waiterGaveUp() {
        if (waiters.decrementAndGet() == 0) {
            if (whenCancelled != null || !awaited.isEmpty()) {
                Nesting.run(this::takeBack);
            }
            watch();
        }
    }

    /// Unless somebody has begun to wait for it while this was put off.
    private void takeBack() {
        if (waiters.get() == 0) {
            giveUp(() -> super.completeExceptionally(new TakenBack()));
        }
    }

    /// Without a stack, which would be that of a chain.
    private static final class TakenBack extends CancellationException {
        private static final long serialVersionUID = 1L;

        TakenBack() {
            super("what was derived from it was given up");
        }

        @Override
        public Throwable fillInStackTrace() {
            return this;
        }
    }

    // ---- waiting ----

    @Override
    public T get() throws InterruptedException, ExecutionException {
        startWaiting();
        try {
            return super.get();
        } finally {
            stopWaiting();
        }
    }

    @Override
    public T get(long timeout, TimeUnit unit)
            throws InterruptedException, ExecutionException, TimeoutException {
        startWaiting();
        try {
            return super.get(timeout, unit);
        } finally {
            stopWaiting();
        }
    }

    @Override
    public T join() {
        startWaiting();
        try {
            return super.join();
        } finally {
            stopWaiting();
        }
    }

    private void startWaiting() {
        if (!isDone()) {
            Loops.forbid(reactor, "to wait for a stage that it has to complete");
        }
        waiterCame();
    }

    private void stopWaiting() {
        if (isDone()) {
            seen();
        }
        waiterLeft();
    }

    @Override
    public T getNow(T valueIfAbsent) {
        seen();
        return super.getNow(valueIfAbsent);
    }

    @Override
    public T resultNow() {
        seen();
        return super.resultNow();
    }

    @Override
    public Throwable exceptionNow() {
        seen();
        return super.exceptionNow();
    }

    @Override
    public boolean isCompletedExceptionally() {
        seen();
        return super.isCompletedExceptionally();
    }

    /// This stage. Its failure is logged like that of any other if nobody sees it.
    @Override
    public CompletableFuture<T> toCompletableFuture() {
        if (isUnattended() && CALLERS.getCallerClass().getNestHost() == CompletableFuture.class) {
            look(); // a foreign stage, which will depend on it in a way that cannot be seen
        }
        return this;
    }

    /// A [#copy], since nobody can complete that either.
    @Override
    public CompletionStage<T> minimalCompletionStage() {
        return copy();
    }

    // ---- failures ----

    /// Somebody takes care of how it ends.
    private void look() {
        looked = true;
        endWatch();
    }

    /// Somebody is given its failure, if it has one by now.
    private void seen() {
        Failure failed = failure();
        if (failed != null) {
            failed.seen();
            look();
        }
    }

    private boolean isUnattended() {
        return !looked && waiters.get() == 0;
    }

    private synchronized void watch() {
        endWatch();
        Failure failed = failure();
        if (failed != null && isUnattended()) {
            watch = unhandled.watch(reactor, this, failed);
            if (!isUnattended()) {
                endWatch();
            }
        }
    }

    private void endWatch() {
        Unhandled.Watch watching = watch;
        if (watching != null) {
            watching.end();
        }
    }

    /// Its failure, which it shares with the stage that it came from; null if it has none, or was
    /// cancelled.
    private synchronized @Nullable Failure failure() {
        if (failure == null && super.isCompletedExceptionally() && !isCancelled()) {
            Throwable cause = cause(super.exceptionNow());
            if (!(cause instanceof CancellationException)) {
                failure = inherited(cause);
            }
        }
        return failure;
    }

    private Failure inherited(Throwable cause) {
        for (Awaited one : awaited) {
            if (one.stage() instanceof Deferred<?> source) {
                Failure before = source.failure();
                if (before != null && before.cause().equals(cause)) {
                    return before;
                }
            }
        }
        return new Failure(cause);
    }

    // ---- what is derived ----

    @Override
    public <U> CompletableFuture<U> newIncompleteFuture() {
        return new Deferred<>(reactor, defaultExecutor(), null, unhandled);
    }

    private <U> CompletableFuture<U> derived(CompletableFuture<U> made) {
        return derived(made, List.of(Awaited.of(this)));
    }

    /// @param other is waited for too
    private <U> CompletableFuture<U> derived(Awaited other, CompletableFuture<U> made) {
        return derived(made, List.of(Awaited.of(this), other));
    }

    private static <U> CompletableFuture<U> derived(
            CompletableFuture<U> made, List<Awaited> sources) {
        ((Deferred<U>) made).begin(sources);
        return made;
    }

    private void begin(List<Awaited> sources) {
        awaited = sources;
        onCompletion(this::end);
    }

    private void end() {
        watch();
        Failure known = failure();
        awaited.forEach(givenUp ? Awaited::giveUp : one -> one.end(known));
        awaited = List.of();
    }

    /// Has `action` done when the stage has completed, whoever completes it; nobody has looked
    /// then.
    void onCompletion(Runnable action) {
        var _ = super.whenCompleteAsync((_, _) -> action.run(), Runnable::run);
    }

    @Override
    public CompletableFuture<T> copy() {
        return derived(super.copy());
    }

    @Override
    public <U> CompletableFuture<U> thenApplyAsync(
            Function<? super T, ? extends U> fn, Executor executor) {
        return derived(super.thenApplyAsync(fn, executor));
    }

    @Override
    public CompletableFuture<Void> thenAcceptAsync(Consumer<? super T> action, Executor executor) {
        return derived(super.thenAcceptAsync(action, executor));
    }

    @Override
    public CompletableFuture<Void> thenRunAsync(Runnable action, Executor executor) {
        return derived(super.thenRunAsync(action, executor));
    }

    /// The other of two, as one of our type: what is derived from the first of them to complete is
    /// of that one's type.
    private <U extends @Nullable Object> Deferred<U> ours(CompletionStage<U> other) {
        return other instanceof Deferred<U> ours ? ours : waitingFor(reactor, other);
    }

    @Override
    public <U, V> CompletableFuture<V> thenCombineAsync(
            CompletionStage<? extends U> other,
            BiFunction<? super T, ? super U, ? extends V> fn,
            Executor executor) {
        var ours = ours(other);
        return derived(Awaited.of(ours), super.thenCombineAsync(ours, fn, executor));
    }

    @Override
    public <U> CompletableFuture<Void> thenAcceptBothAsync(
            CompletionStage<? extends U> other,
            BiConsumer<? super T, ? super U> action,
            Executor executor) {
        var ours = ours(other);
        return derived(Awaited.of(ours), super.thenAcceptBothAsync(ours, action, executor));
    }

    @Override
    public CompletableFuture<Void> runAfterBothAsync(
            CompletionStage<?> other, Runnable action, Executor executor) {
        var ours = ours(other);
        return derived(Awaited.of(ours), super.runAfterBothAsync(ours, action, executor));
    }

    @Override
    public <U> CompletableFuture<U> applyToEitherAsync(
            CompletionStage<? extends T> other, Function<? super T, U> fn, Executor executor) {
        var ours = ours(other);
        return derived(Awaited.of(ours), super.applyToEitherAsync(ours, fn, executor));
    }

    @Override
    public CompletableFuture<Void> acceptEitherAsync(
            CompletionStage<? extends T> other, Consumer<? super T> action, Executor executor) {
        var ours = ours(other);
        return derived(Awaited.of(ours), super.acceptEitherAsync(ours, action, executor));
    }

    @Override
    public CompletableFuture<Void> runAfterEitherAsync(
            CompletionStage<?> other, Runnable action, Executor executor) {
        var ours = ours(other);
        return derived(Awaited.of(ours), super.runAfterEitherAsync(ours, action, executor));
    }

    @Override
    public <U> CompletableFuture<U> thenComposeAsync(
            Function<? super T, ? extends CompletionStage<U>> fn, Executor executor) {
        Awaited inner = new Awaited();
        return derived(inner, super.thenComposeAsync(it -> inner.become(fn.apply(it)), executor));
    }

    @Override
    public CompletableFuture<T> whenCompleteAsync(
            BiConsumer<? super T, ? super Throwable> action, Executor executor) {
        return derived(
                super.whenCompleteAsync(
                        (result, thrown) -> {
                            action.accept(result, thrown);
                            seen();
                        },
                        executor));
    }

    @Override
    public <U> CompletableFuture<U> handleAsync(
            BiFunction<? super T, Throwable, ? extends U> fn, Executor executor) {
        return derived(
                super.handleAsync(
                        (result, thrown) -> {
                            seen();
                            return fn.apply(result, thrown);
                        },
                        executor));
    }

    @Override
    public CompletableFuture<T> exceptionallyAsync(
            Function<Throwable, ? extends T> fn, Executor executor) {
        return derived(
                super.exceptionallyAsync(
                        thrown -> {
                            seen();
                            return fn.apply(thrown);
                        },
                        executor));
    }

    @Override
    public CompletableFuture<T> exceptionallyComposeAsync(
            Function<Throwable, ? extends CompletionStage<T>> fn, Executor executor) {
        Awaited inner = new Awaited();
        return derived(
                inner,
                super.exceptionallyComposeAsync(
                        thrown -> {
                            seen();
                            return inner.become(fn.apply(thrown));
                        },
                        executor));
    }

    // ---- what is not for its receivers ----

    /// Throws [UnsupportedOperationException].
    @Override
    public boolean complete(T value) {
        throw notYours();
    }

    /// Throws [UnsupportedOperationException].
    @Override
    public boolean completeExceptionally(Throwable cause) {
        throw notYours();
    }

    /// Throws [UnsupportedOperationException].
    @Override
    public CompletableFuture<T> completeAsync(Supplier<? extends T> supplier, Executor executor) {
        throw notYours();
    }

    /// Throws [UnsupportedOperationException].
    @Override
    public void obtrudeValue(T value) {
        throw notYours();
    }

    /// Throws [UnsupportedOperationException].
    @Override
    public void obtrudeException(Throwable cause) {
        throw notYours();
    }

    private static UnsupportedOperationException notYours() {
        return new UnsupportedOperationException(
                "a stage is completed by who does the work; cancel() gives it up, and"
                        + " new CompletableFuture<>() makes one that anybody can complete");
    }
}
