package dev.torsion.netty;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import io.netty.channel.ChannelFuture;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.NetUtil;
import io.netty.util.concurrent.Future;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One connection being made: finds the host's addresses, tries them one after the other, and gives
/// up when the time is over.
///
/// This is the "happy eyeballs" of RFC 8305: the next address is tried when the one before has
/// failed or has kept silent for a moment, IPv6 and IPv4 in turn, and the first connection that is
/// made ends the other attempts.
final class Dial {
    private static final Duration HEAD_START = Duration.ofMillis(300);

    private final NettyReactor reactor;
    private final Address address;
    private final ProtocolFactory factory;
    private final Duration timeout;
    private final CompletableFuture<Protocol> result = new CompletableFuture<>();
    private Iterator<InetAddress> candidates = List.<InetAddress>of().iterator();
    private final Set<SocketChannel> attempts = new LinkedHashSet<>();
    private @Nullable Future<?> deadline;
    private @Nullable Future<?> headStart;
    private @Nullable Throwable lastFailure;
    private int port;
    private boolean over;

    Dial(NettyReactor reactor, Address address, ProtocolFactory factory, Duration timeout) {
        this.reactor = reactor;
        this.address = address;
        this.factory = factory;
        this.timeout = timeout;
        var _ =
                result.whenComplete((_, failure) -> {
                    if (failure instanceof CancellationException) {
                        reactor.callFromThread(this::giveUp);
                    }
                });
    }

    CompletableFuture<Protocol> result() {
        return result;
    }

    void begin() {
        if (reactor.stopping()) {
            stopped();
            return;
        }
        reactor.opened(this);
        deadline =
                reactor.schedule(
                        timeout, () -> fail(Kind.TIMED_OUT, "no answer in " + timeout, null));
        switch (address) {
            case Address.Inet inet -> resolve(inet);
            case Address.Unix _ -> fail(Kind.UNREACHABLE, "no UNIX sockets yet", null);
        }
    }

    private void resolve(Address.Inet inet) {
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(inet.host());
        port = inet.port();
        if (literal != null) {
            resolved(literal);
        } else {
            reactor.callInThread(() -> reactor.resolver().resolve(inet.host()))
                    .whenComplete(this::resolved);
        }
    }

    private void resolved(byte[] literal) {
        try {
            candidates = List.of(InetAddress.getByAddress(literal)).iterator();
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
        tryNext();
    }

    private void resolved(@Nullable List<InetAddress> found, @Nullable Throwable failure) {
        if (found == null) {
            fail(Kind.UNKNOWN_HOST, "unknown host", failure);
        } else {
            candidates = interleaved(found).iterator();
            tryNext();
        }
    }

    /// The families in turn, beginning with the one that the system put first.
    static List<InetAddress> interleaved(List<InetAddress> found) {
        Map<Class<?>, ArrayDeque<InetAddress>> families = new LinkedHashMap<>();
        for (InetAddress one : found) {
            families.computeIfAbsent(one.getClass(), _ -> new ArrayDeque<>()).add(one);
        }
        List<InetAddress> ordered = new ArrayList<>();
        while (ordered.size() < found.size()) {
            for (ArrayDeque<InetAddress> family : families.values()) {
                if (!family.isEmpty()) {
                    ordered.add(family.remove());
                }
            }
        }
        return ordered;
    }

    private void tryNext() {
        stopHeadStart();
        if (over) {
            return;
        }
        if (!candidates.hasNext()) {
            if (attempts.isEmpty()) {
                failed(lastFailure);
            }
            return;
        }
        InetSocketAddress target = new InetSocketAddress(candidates.next(), port);
        if (candidates.hasNext()) {
            headStart = reactor.schedule(HEAD_START, this::tryNext);
        }
        attempt(target);
    }

    private void attempt(InetSocketAddress target) {
        SocketChannel channel = null;
        try {
            channel = reactor.newClient();
            attempts.add(channel);
            channel.pipeline().addLast(new Connection(reactor, channel, factory, this));
            NettyReactor.done(reactor.register(channel));
            SocketChannel registered = channel;
            channel.connect(target).addListener((ChannelFuture f) -> connected(registered, f));
        } catch (Exception failure) {
            attemptFailed(channel, failure);
        }
    }

    private void connected(SocketChannel attempt, ChannelFuture connect) {
        if (!connect.isSuccess()) {
            attemptFailed(attempt, connect.cause());
        }
    }

    private void attemptFailed(@Nullable SocketChannel attempt, Throwable failure) {
        if (attempt != null) {
            attempts.remove(attempt);
            var _ = attempt.close();
        }
        lastFailure = failure;
        tryNext();
    }

    private void failed(@Nullable Throwable failure) {
        String message = failure == null ? "no address" : String.valueOf(failure.getMessage());
        if (failure instanceof ConnectException && message.contains("refused")) {
            fail(Kind.REFUSED, "connection refused", failure);
        } else if (failure instanceof ConnectException && message.contains("timed out")) {
            fail(Kind.TIMED_OUT, "no answer", failure);
        } else {
            fail(Kind.UNREACHABLE, message, failure);
        }
    }

    /// Whether nobody waits for the connection any more.
    boolean abandoned() {
        return over || result.isDone();
    }

    void made(Protocol protocol, SocketChannel winner) {
        attempts.remove(winner);
        end();
        result.complete(protocol);
    }

    void refused(@Nullable Throwable cause) {
        if (reactor.stopping()) {
            stopped();
        } else {
            fail(Kind.REFUSED_BY_FACTORY, "the factory built no protocol", cause);
        }
    }

    void stopped() {
        fail(Kind.STOPPED, "the reactor was stopped", null);
    }

    private void fail(Kind kind, String why, @Nullable Throwable cause) {
        giveUp();
        result.completeExceptionally(new ConnectFailedException(kind, address, why, cause));
    }

    private void giveUp() {
        if (!over) {
            end();
        }
    }

    private void end() {
        over = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        stopHeadStart();
        for (SocketChannel attempt : List.copyOf(attempts)) {
            var _ = attempt.close();
        }
        attempts.clear();
        reactor.closed(this);
    }

    private void stopHeadStart() {
        if (headStart != null) {
            headStart.cancel(false);
            headStart = null;
        }
    }
}
