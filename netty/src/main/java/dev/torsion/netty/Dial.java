package dev.torsion.netty;

import static java.util.Objects.requireNonNull;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.SocketOptions;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.DuplexChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// One connection being made: finds the host's addresses, tries them one after the other, and gives
/// up when the time is over.
///
/// This is the "happy eyeballs" of RFC 8305: the next address is tried when the one before has
/// failed or has kept silent for [ReactorOptions#attemptDelay()], IPv6 and IPv4 in turn, and the
/// first connection that is made ends the other attempts.
///
/// **Thread:** loop only, except its making, [#result] and [#notTaken].
final class Dial implements Origin {
    private final NettyReactor reactor;
    private final ClientEndpoint endpoint;
    private final Address address;
    private final ProtocolFactory factory;
    private final Deferred<Protocol> result;
    private Iterator<SocketAddress> candidates = List.<SocketAddress>of().iterator();
    private final Set<DuplexChannel> attempts = new LinkedHashSet<>();
    private @Nullable CompletableFuture<?> lookup;
    private @Nullable Future<?> deadline;
    private @Nullable Future<?> headStart;
    private @Nullable ConnectFailedException lastFailure;
    private @Nullable InetSocketAddress bind;
    private boolean over;
    private boolean trying;
    private boolean tryAgain;

    Dial(NettyReactor reactor, ClientEndpoint endpoint, ProtocolFactory factory) {
        this.reactor = reactor;
        this.endpoint = endpoint;
        this.address = endpoint.address();
        this.factory = factory;
        this.result = new Deferred<>(reactor, this::end);
    }

    @Override
    public ProtocolFactory factory() {
        return factory;
    }

    @Override
    public SocketOptions options() {
        return endpoint instanceof ClientEndpoint.Tcp tcp ? tcp.options() : SocketOptions.DEFAULT;
    }

    @Override
    public Address.@Nullable Unix place() {
        return address instanceof Address.Unix unix ? unix : null;
    }

    CompletionStage<Protocol> result() {
        return result;
    }

    /// For tests that look at what is under way, the oldest first.
    List<DuplexChannel> attempts() {
        return List.copyOf(attempts);
    }

    void begin() {
        if (abandoned()) {
            return; // by who asked for it, in the same turn
        }
        if (reactor.stopping()) {
            stopped();
            return;
        }
        reactor.opened().add(this);
        deadline = reactor.schedule(endpoint.timeout(), this::timedOut);
        switch (endpoint) {
            case ClientEndpoint.Tcp tcp -> findTcp(tcp);
            case ClientEndpoint.Unix unix -> findUnix(unix.address());
        }
    }

    private void findUnix(Address.Unix unix) {
        SocketAddress place;
        try {
            UnixSocketFile.requireShort(unix.path());
            place = reactor.sockets().unixAddress(unix);
        } catch (IOException | RuntimeException noPath) { // too long, or not in this encoding
            fail(SocketFailure.notConnected(unix, noPath));
            return;
        }
        tryAll(new Candidates(List.of(place)));
    }

    private void findTcp(ClientEndpoint.Tcp tcp) {
        Address.Inet wanted = tcp.bind();
        if (wanted != null) {
            InetAddress end = Candidates.numbered(wanted.host());
            if (end == null) {
                String why =
                        wanted.isLiteral()
                                ? Lookups.noSuch(wanted)
                                : "an end is bound to a number, not to a name: " + wanted;
                fail(Kind.CANNOT_BIND, why, null);
                return;
            }
            bind = new InetSocketAddress(end, wanted.port());
        }
        int port = tcp.address().port();
        lookup =
                reactor.lookups()
                        .find(tcp.address())
                        .whenComplete((found, failure) -> {
                            if (failure != null) {
                                fail(Lookups.failed(tcp.address(), failure));
                            } else {
                                tryAll(Candidates.of(found, port, bind));
                            }
                        });
    }

    // ---- attempts ----

    private void tryAll(Candidates found) {
        candidates = found.inOrder().iterator();
        tryNext();
    }

    /// Not anew for an attempt that fails at once: that would go as deep as there are addresses.
    private void tryNext() {
        tryAgain = true;
        if (trying) {
            return;
        }
        trying = true;
        try {
            while (tryAgain) {
                tryAgain = false;
                tryOne();
            }
        } finally {
            trying = false;
        }
    }

    private void tryOne() {
        stopHeadStart();
        if (over) {
            return;
        }
        if (!candidates.hasNext()) {
            if (attempts.isEmpty()) {
                if (lastFailure == null) {
                    fail(Kind.UNREACHABLE, noneLikeThisEnd(), null);
                } else {
                    fail(lastFailure);
                }
            }
            return;
        }
        SocketAddress target = candidates.next();
        if (candidates.hasNext()) {
            headStart = reactor.schedule(reactor.options().attemptDelay(), this::tryNext);
        }
        attempt(target);
    }

    private String noneLikeThisEnd() {
        String end = PeerAddresses.textual(requireNonNull(bind)).toString();
        return "no address of the family of " + end + ", this end";
    }

    private void attempt(SocketAddress target) {
        DuplexChannel channel = null;
        try {
            channel = reactor.streamSockets().client(endpoint);
            attempts.add(channel);
            channel.pipeline().addLast(new Connection(reactor, channel, this));
            reactor.register(channel);
            if (bind != null && !bind(channel, bind)) {
                return;
            }
            DuplexChannel registered = channel;
            channel.connect(target).addListener((ChannelFuture f) -> connected(registered, f));
        } catch (Exception failure) {
            attemptFailed(channel, SocketFailure.notConnected(address, failure));
        }
    }

    private boolean bind(DuplexChannel attempt, InetSocketAddress end) {
        try {
            NettyReactor.done(attempt.bind(end));
            return true;
        } catch (IOException failed) {
            attemptFailed(attempt, SocketFailure.notConnected(address, end, failed));
            return false;
        }
    }

    private void connected(DuplexChannel attempt, ChannelFuture connect) {
        if (!connect.isSuccess()) {
            attemptFailed(attempt, SocketFailure.notConnected(address, connect.cause()));
        }
    }

    private void attemptFailed(@Nullable DuplexChannel attempt, ConnectFailedException failure) {
        if (attempt != null) {
            attempts.remove(attempt);
            var _ = attempt.close();
        }
        lastFailure = failure;
        tryNext();
    }

    // ---- what becomes of it; the connection tells ----

    @Override
    public boolean abandoned() {
        return over || result.isDone();
    }

    @Override
    public void unused(DuplexChannel attempt) {
        if (abandoned()) {
            return;
        }
        if (reactor.stopping()) {
            stopped();
        } else {
            String why = "the connection was gone before it was made";
            attemptFailed(
                    attempt, new ConnectFailedException(Kind.UNREACHABLE, address, why, null));
        }
    }

    @Override
    public void used(DuplexChannel winner) {
        attempts.remove(winner);
    }

    @Override
    public void refused(@Nullable Throwable cause) {
        String why = cause == null ? "the factory built no protocol" : "buildProtocol threw";
        fail(Kind.REFUSED_BY_FACTORY, why, cause);
    }

    @Override
    public void failed(Throwable cause) {
        fail(ConnectFailedException.failed(address, cause));
    }

    /// Nobody has it if the attempt has been given up meanwhile, by another thread or by
    /// `connectionMade` itself.
    @Override
    public boolean made(Protocol protocol) {
        end();
        return reactor.succeed(result, protocol);
    }

    // ---- the end ----

    private void timedOut() {
        boolean nameless = lookup != null && !lookup.isDone();
        String what = nameless ? "no answer to the look-up of its name in " : "no answer in ";
        fail(Kind.TIMED_OUT, what + endpoint.timeout(), null);
    }

    void stopped() {
        fail(whyStopped());
    }

    /// The loop has ended, and it will not begin. On the thread that asked for it.
    void notTaken() {
        result.fail(whyStopped());
    }

    private ConnectFailedException whyStopped() {
        return new ConnectFailedException(Kind.STOPPED, address, "the reactor was stopped", null);
    }

    private void fail(Kind kind, String why, @Nullable Throwable cause) {
        fail(new ConnectFailedException(kind, address, why, cause));
    }

    private void fail(ConnectFailedException failure) {
        end();
        reactor.complete(result, () -> result.failUnlessGivenUp(failure));
    }

    private void end() {
        if (over) {
            return;
        }
        over = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        stopHeadStart();
        if (lookup != null) {
            lookup.cancel(false);
        }
        for (DuplexChannel attempt : attempts()) {
            var _ = attempt.close();
        }
        attempts.clear();
        reactor.opened().remove(this);
    }

    private void stopHeadStart() {
        if (headStart != null) {
            headStart.cancel(false);
            headStart = null;
        }
    }
}
