package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.Deferred;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
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

    Lookups(NettyReactor reactor, Resolver resolver) {
        this(
                reactor,
                resolver,
                Thread.ofPlatform()
                        .daemon()
                        .name(reactor.options().threadName() + "-dns-", 1)
                        .factory());
    }

    Lookups(NettyReactor reactor, Resolver resolver, ThreadFactory factory) {
        this.reactor = reactor;
        this.resolver = resolver;
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

    /// The addresses of `host`, on the loop. Cancelling it gives the look-up up.
    CompletableFuture<List<InetAddress>> find(String host) {
        Lookup lookup = new Lookup(host);
        try {
            threads.execute(lookup);
        } catch (OutOfMemoryError noThread) {
            lookup.found.fail(noThread);
        }
        return lookup.found;
    }

    /// Why there is no connection to `peer` whose name was not found.
    ///
    /// @param failure what [#find] came to; null if to no address
    static ConnectFailedException failed(Address peer, @Nullable Throwable failure) {
        return failure == null || failure instanceof UnknownHostException
                ? new ConnectFailedException(Kind.UNKNOWN_HOST, peer, "unknown host", failure)
                : new ConnectFailedException(
                        Kind.UNREACHABLE,
                        peer,
                        "its name cannot be looked up: " + failure,
                        failure);
    }

    private final class Lookup implements Runnable {
        private final String host;
        private final Deferred<List<InetAddress>> found =
                new Deferred<>(reactor, () -> threads.remove(this));

        private Lookup(String host) {
            this.host = host;
        }

        @Override
        public void run() {
            if (!found.isDone()) {
                try {
                    List<InetAddress> addresses = resolver.resolve(host);
                    tell(() -> found.succeed(addresses));
                } catch (Throwable failed) {
                    tell(() -> found.failUnlessGivenUp(failed));
                }
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
