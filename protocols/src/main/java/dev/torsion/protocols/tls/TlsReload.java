package dev.torsion.protocols.tls;

import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.LoopingCall;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Service;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Reads certificates, keys and trust again when their files change, for the handshakes that begin
/// afterwards; connections that there are stay as they are. (A client can do without: see
/// [TlsClient#reloading].)
///
/// ```java
/// TlsServer tls = new TlsServer(options(chain, key));
/// new TlsReload(reactor, List.of(chain, key), EVERY, () -> options(chain, key), tls::use).start();
/// ```
///
/// It looks at the content of the files, so that it misses no change, whatever their dates say and
/// whether they are written, renamed or links to others. Files that belong together may be replaced
/// one after the other: what is read is used as a whole or not at all, and while the new key does
/// not fit the old certificate, or a file is missing or broken, what was read last stays in use;
/// what is wrong is logged as a warning, once for each change.
///
/// To have them read at a signal besides, call [#reload()] by [Reactor#onSignal].
///
/// **Thread:** any. The files are read on virtual threads, one read at a time.
public final class TlsReload implements Service {
    private final Reactor reactor;
    private final List<Path> files;
    private final Duration interval;
    private final SeenFiles.Reading reading;
    private final ReentrantLock oneByOne = new ReentrantLock();

    // Of the loop alone.
    private @Nullable LoopingCall looking;
    private CompletionStage<?> last;

    /// Not started yet; what `use` has been given before is the caller's business.
    ///
    /// @param files those that `read` reads
    /// @param interval from one look at the files to the next; more than zero
    /// @param read makes a whole of the files; may block. What it throws says what is wrong
    /// @param use is given what was read, on a virtual thread: [TlsServer#use], [TlsClient#use]
    public <T> TlsReload(
            Reactor reactor,
            List<Path> files,
            Duration interval,
            Callable<T> read,
            Consumer<T> use) {
        if (!interval.isPositive()) {
            throw new IllegalArgumentException("an interval is more than zero, not " + interval);
        }
        this.reactor = reactor;
        this.files = List.copyOf(files);
        this.interval = interval;
        last = Deferred.succeeded(reactor, null);
        reading = () -> use.accept(read.call());
    }

    /// Begins to look, at once and then each interval. The first look reads the files whatever they
    /// hold, so that a change before the start is not missed; if that fails it is logged.
    ///
    /// @return completes when the first look is over; with [IllegalStateException] if it is started
    @Override
    public CompletionStage<Void> start() {
        return Deferred.onLoop(reactor, this::startLooking);
    }

    private CompletionStage<Void> startLooking() {
        if (looking != null) {
            return Deferred.failed(
                    reactor, new IllegalStateException("these files are looked at already"));
        }
        SeenFiles seen = new SeenFiles(files, reading);
        Deferred<Void> first = new Deferred<>(reactor);
        looking =
                LoopingCall.counting(
                        reactor,
                        interval,
                        _ -> inTurn(seen::look).whenComplete((_, _) -> first.succeed(null)));
        var _ = looking.start(true);
        return first;
    }

    /// Looks no more. Idempotent.
    @Override
    public CompletionStage<Void> stop() {
        // When the reactor has ended, nothing is looked at any more.
        return Deferred.onLoop(reactor, this::lookNoMore).exceptionally(_ -> null);
    }

    private CompletionStage<Void> lookNoMore() {
        if (looking != null) {
            looking.stop();
            looking = null;
        }
        return Deferred.succeeded(reactor, null);
    }

    /// Reads the files now, whether they have changed or not, and whether this is started or not.
    ///
    /// @return completes, on the loop, when what was read is in use; or with what is wrong, which
    ///   is not logged: what was in use stays. Cancelling it gives the read up
    public CompletionStage<Void> reload() {
        return Deferred.onLoop(reactor, () -> inTurn(reading));
    }

    /// One that was given up may still be reading, and would put its files to use after newer ones.
    private void read(SeenFiles.Reading next) throws Exception {
        oneByOne.lockInterruptibly();
        try {
            next.read();
        } finally {
            oneByOne.unlock();
        }
    }

    /// One read after the other.
    private CompletionStage<Void> inTurn(SeenFiles.Reading next) {
        CompletionStage<Void> stage =
                last.handle((_, _) -> next)
                        .thenCompose(it ->
                                reactor.callInThread(() -> {
                                    read(it);
                                    return files;
                                }))
                        .thenAccept(_ -> {});
        last = stage;
        return stage;
    }
}
