package dev.torsion.netty;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ReactorContract;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Reactors on real sockets, for the contract that every reactor keeps.
///
/// @param here whether they run on the thread that makes them, which is then one of the test's
/// @param directory where the UNIX sockets are to be; null for TCP
record RealWorld(ReactorOptions.Io io, boolean here, @Nullable Path directory)
        implements ReactorContract.World {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /// Skips the tests, saying why, if sockets cannot be watched this way here.
    static void requireHere(ReactorOptions.Io io) {
        try {
            SocketsChoice.of(io);
        } catch (IllegalStateException absent) {
            abort(String.valueOf(absent.getMessage()));
        }
    }

    /// An address of this machine that means something on its link alone, with the name of its
    /// interface, `fe80:0:0:0:0:0:0:1%eth0`. Skips the test if there is none.
    static String requireLink() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(address -> address instanceof Inet6Address)
                    .filter(InetAddress::isLinkLocalAddress)
                    .map(InetAddress::getHostAddress)
                    .findFirst()
                    .orElseGet(() -> abort("no address of a link here"));
        } catch (SocketException none) {
            return abort("no network interface here: " + none.getMessage());
        }
    }

    /// Its loop dies of an error of its own, and nobody has stopped it.
    static void die(NettyReactor reactor) {
        Logged.inVain(() -> {
            reactor.execute(() -> {
                throw new OutOfMemoryError("by the test");
            });
            reactor.life().end().await();
        });
    }

    /// On TCP.
    RealWorld(ReactorOptions.Io io, boolean here) {
        this(io, here, null);
    }

    @Override
    public Endpoint endpoint() {
        return directory == null
                ? Endpoint.tcp(0)
                : Endpoint.unix(directory.resolve(UUID.randomUUID() + ".sock").toString());
    }

    /// The JDK's selector takes a socket out of which nothing is expected.
    @Override
    public boolean tellsLateLosses() {
        return io != ReactorOptions.Io.NIO;
    }

    @Override
    public Reactor reactor() {
        return reactor(PATIENCE);
    }

    @Override
    public Reactor hastyReactor() {
        return reactor(Duration.ofMillis(500));
    }

    private Reactor reactor(Duration closeDeadline) {
        ReactorOptions options =
                ReactorOptions.DEFAULT
                        .withIo(io)
                        .withCloseDeadline(closeDeadline)
                        .withShutdownDeadline(PATIENCE);
        return here ? runningHere(options) : NettyReactor.create(options);
    }

    /// A reactor that runs on the thread that made it: a new one.
    static NettyReactor runningHere(ReactorOptions options) {
        CompletableFuture<NettyReactor> made = new CompletableFuture<>();
        Thread.ofPlatform()
                .name("here")
                .start(() -> {
                    NettyReactor reactor = NettyReactor.createHere(options);
                    made.complete(reactor);
                    reactor.run();
                });
        return made.join();
    }

    @Override
    public <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().copy().orTimeout(PATIENCE.toSeconds(), SECONDS).join();
    }
}
