package dev.torsion.netty;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import com.sun.security.auth.module.UnixSystem;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.PeerCredentials;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Signal;
import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ReactorContract;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// Reactors on real sockets, for the contract that every reactor keeps.
///
/// @param here whether they run on the thread that makes them, which is then one of the test's
/// @param directory where the UNIX sockets are to be; null for TCP
public record RealWorld(ReactorOptions.Io io, boolean here, @Nullable Path directory)
        implements ReactorContract.World {
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /// Names ways to watch sockets that the machine forbids, as `io_uring` or `epoll,io_uring`.
    static final String WITHOUT = "TORSION_WITHOUT_IO";

    /// Skips the tests, saying why, if sockets cannot be watched this way here; or fails them, if
    /// that [#isRequired]. Native libraries are loaded at the first use, by one thread at a time.
    public static synchronized void requireHere(ReactorOptions.Io io) {
        try {
            SocketsChoice.of(io);
        } catch (IllegalStateException absent) {
            String machine = System.getProperty("os.name") + "/" + System.getProperty("os.arch");
            if (isRequired(io, machine, System.getenv())) {
                fail(
                        "%s; if this machine is to be so, %s=%s says it, and these tests are skipped"
                                .formatted(absent.getMessage(), WITHOUT, io.text()));
            }
            abort(String.valueOf(absent.getMessage()));
        }
    }

    /// Whether the tests are to miss nothing (`TORSION_INTEROP=require`) of what a machine of this
    /// kind has, unless [#WITHOUT] says that this one has it not.
    static boolean isRequired(
            ReactorOptions.Io io, String machine, Map<String, String> environment) {
        List<String> without =
                List.of(environment.getOrDefault(WITHOUT, "").toLowerCase(Locale.ROOT).split(","));
        return machine.equals("Linux/amd64")
                && "require".equals(environment.get("TORSION_INTEROP"))
                && !without.contains(io.text());
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
        return reactor(Duration.ofMillis(100));
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

    /// The JDK's selector tells no process.
    @Override
    public PeerCredentials credentials(Reactor reactor) {
        UnixSystem own = new UnixSystem();
        long pid = io == ReactorOptions.Io.NIO ? 0 : ProcessHandle.current().pid();
        return new PeerCredentials(own.getUid(), own.getGid(), pid);
    }

    @Override
    public void raise(Reactor reactor, Signal signal) {
        try {
            ChildJvm.send(signal.name(), ProcessHandle.current());
        } catch (IOException noKill) {
            abort("no signals are sent here: " + noKill.getMessage());
        }
    }

    @Override
    public <T> T await(CompletionStage<T> stage) {
        return stage.toCompletableFuture().copy().orTimeout(PATIENCE.toSeconds(), SECONDS).join();
    }
}
