package dev.torsion.netty;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.Deferred;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;

/// Finds the addresses of names, not on virtual threads: user code that computes without a pause
/// can occupy all that carry them, and connects would wait for it.
///
/// At most 16 look-ups run at once; the others queue, each within its time to connect. Threads that
/// have nothing to do end. Thread-safe.
final class Lookups {
    static final int MOST_AT_ONCE = 16;

    private final NettyReactor reactor;
    private final Resolver resolver;
    private final ThreadFactory factory;
    private final ThreadPoolExecutor threads;

    Lookups(NettyReactor reactor) {
        this(reactor, Threads.named(reactor.options().threadName() + "-dns-"));
    }

    Lookups(NettyReactor reactor, ThreadFactory factory) {
        this.reactor = reactor;
        this.factory = factory;
        resolver = reactor.options().resolver();
        threads = Threads.pool(MOST_AT_ONCE, factory);
    }

    /// The addresses of `place`, one at least, on the loop; at once if it is in numbers. Cancelling
    /// it gives the look-up up.
    ///
    /// @return fails as is told by [#failed]
    CompletableFuture<List<InetAddress>> find(Address.Inet place) {
        InetAddress numbered = Candidates.numbered(place.host());
        if (numbered != null) {
            return Deferred.succeeded(reactor, List.of(numbered));
        }
        if (place.isLiteral()) {
            return Deferred.failed(reactor, new IOException(noSuch(place)));
        }
        Lookup lookup = new Lookup(place.host());
        try {
            threads.execute(lookup.work);
        } catch (OutOfMemoryError noThread) {
            lookup.found.fail(noThread);
        }
        return lookup.found;
    }

    /// The address of `place` where a port is to be, for which this thread may have to wait: until
    /// the reactor ends, if need be.
    ///
    /// @throws IOException if there is none; as what else the resolver throws, for [#whyNoPort]
    InetAddress ofPort(Address.Inet place) throws IOException {
        InetAddress numbered = Candidates.numbered(place.host());
        if (numbered != null) {
            return numbered;
        }
        if (place.isLiteral()) {
            throw new IOException(noSuch(place));
        }
        if (reactor.inLoop()) { // it would wait for a thread that may wait for it
            return resolveHere(place.host());
        }
        CompletableFuture<List<InetAddress>> found = new CompletableFuture<>();
        Thread asking = factory.newThread(() -> resolve(place.host(), found));
        try {
            asking.start();
        } catch (OutOfMemoryError none) {
            throw new IOException("the system has no thread to look the name up", none);
        }
        try {
            if (!reactor.life().end().isOverBefore(found)) {
                return found.join().getFirst();
            }
            asking.interrupt();
            throw new IOException("the reactor was stopped");
        } catch (InterruptedException interrupted) {
            asking.interrupt();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the name was looked up", interrupted);
        } catch (CompletionException failed) {
            switch (failed.getCause()) {
                case IOException why -> throw why;
                case RuntimeException why -> throw why;
                case Error why -> throw why;
                case null, default -> throw new IOException(failed.getCause());
            }
        }
    }

    private InetAddress resolveHere(String host) throws IOException {
        try {
            return resolve(host).getFirst();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the name was looked up", interrupted);
        }
    }

    private void resolve(String host, CompletableFuture<List<InetAddress>> found) {
        try {
            found.complete(resolve(host));
        } catch (Throwable failed) {
            found.completeExceptionally(failed);
        }
    }

    /// Why no port can be at `place`, whose address was not found by [#ofPort].
    static String whyNoPort(Address.Inet place, Exception failure) {
        return failure instanceof UnknownHostException
                ? "unknown host \"" + place.host() + "\""
                : whyNot(place, failure);
    }

    private List<InetAddress> resolve(String host) throws IOException, InterruptedException {
        List<InetAddress> found =
                List.copyOf(requireNonNull(resolver.resolve(host), "the resolver gave null"));
        if (found.isEmpty()) {
            throw new UnknownHostException(host);
        }
        return found;
    }

    /// Of an address in numbers with a zone that is not here.
    static String noSuch(Address.Inet place) {
        return "this machine has no such address: " + place;
    }

    private static String whyNot(Address.Inet place, Throwable failure) {
        return place.isLiteral() ? noSuch(place) : "its name cannot be looked up: " + failure;
    }

    /// Why there is no connection to `peer` whose address was not found.
    ///
    /// @param failure what [#find] came to
    static ConnectFailedException failed(Address.Inet peer, Throwable failure) {
        return failure instanceof UnknownHostException
                ? new ConnectFailedException(Kind.UNKNOWN_HOST, peer, "unknown host", failure)
                : new ConnectFailedException(
                        Kind.UNREACHABLE, peer, whyNot(peer, failure), failure);
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
                List<InetAddress> addresses = resolve(host);
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
