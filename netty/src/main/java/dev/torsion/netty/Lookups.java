package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.Deferred;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Finds the addresses of names, not on virtual threads: user code that computes without a pause
/// can occupy all that carry them, and connects would wait for it.
///
/// At most 16 look-ups run at once; the others queue, each within its time to connect. Threads that
/// have nothing to do end. Thread-safe.
final class Lookups {
    static final int MOST_AT_ONCE = 16;
    private static final Duration IDLE = Duration.ofSeconds(5);

    private final NettyReactor reactor;
    private final Resolver resolver;
    private final ThreadPoolExecutor threads;

    Lookups(NettyReactor reactor) {
        this(
                reactor,
                Thread.ofPlatform()
                        .daemon()
                        .name(reactor.options().threadName() + "-dns-", 1)
                        .factory());
    }

    Lookups(NettyReactor reactor, ThreadFactory factory) {
        this.reactor = reactor;
        resolver = reactor.options().resolver();
        threads =
                new ThreadPoolExecutor(
                        MOST_AT_ONCE,
                        MOST_AT_ONCE,
                        IDLE.toSeconds(),
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        factory);
        threads.allowCoreThreadTimeOut(true);
    }

    /// The addresses of `host`, on the loop; at once if it is one, in numbers. Cancelling it gives
    /// the look-up up.
    CompletableFuture<List<InetAddress>> find(String host) {
        InetAddress numbered = Candidates.numbered(host);
        if (numbered != null) {
            return Deferred.succeeded(reactor, List.of(numbered));
        }
        Lookup lookup = new Lookup(host);
        try {
            threads.execute(lookup.work);
        } catch (OutOfMemoryError noThread) {
            lookup.found.fail(noThread);
        }
        return lookup.found;
    }

    /// The address of `host` where a port is to be, on this thread, which may have to wait.
    ///
    /// @throws IOException saying why there is none
    InetAddress ofPort(String host) throws IOException {
        InetAddress numbered = Candidates.numbered(host);
        if (numbered != null) {
            return numbered;
        }
        try {
            List<InetAddress> found = List.copyOf(resolver.resolve(host));
            if (!found.isEmpty()) {
                return found.getFirst();
            }
        } catch (UnknownHostException unknown) {
            throw new IOException("unknown host \"" + host + "\"", unknown);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the name was looked up", interrupted);
        } catch (IOException | RuntimeException failed) {
            throw new IOException(whyNot(failed), failed);
        }
        throw new IOException("the name \"" + host + "\" has no address");
    }

    private static String whyNot(Throwable failure) {
        return "its name cannot be looked up: " + failure;
    }

    /// Why there is no connection to `peer` whose name was not found.
    ///
    /// @param failure what [#find] came to; null if to no address
    static ConnectFailedException failed(Address peer, @Nullable Throwable failure) {
        return failure == null || failure instanceof UnknownHostException
                ? new ConnectFailedException(Kind.UNKNOWN_HOST, peer, "unknown host", failure)
                : new ConnectFailedException(Kind.UNREACHABLE, peer, whyNot(failure), failure);
    }

    private final class Lookup implements Runnable {
        private final String host;
        private final FutureTask<?> work = new FutureTask<>(this, null);
        private final Deferred<List<InetAddress>> found = new Deferred<>(reactor, this::giveUp);

        private Lookup(String host) {
            this.host = host;
        }

        private void giveUp() {
            threads.remove(work);
            work.cancel(true);
        }

        @Override
        public void run() {
            try {
                List<InetAddress> addresses = List.copyOf(resolver.resolve(host));
                tell(() -> found.succeed(addresses));
            } catch (Throwable failed) {
                tell(() -> found.failUnlessGivenUp(failed));
            }
        }

        private void tell(Runnable outcome) {
            try {
                reactor.execute(outcome);
            } catch (RejectedExecutionException reactorEnded) {
                // Its end has failed the connect.
            }
        }
    }
}
