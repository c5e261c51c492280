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
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// One attempt to connect: finds the host's addresses, tries them in turn, and gives up when the
/// time is over.
final class Dial {
    private final NettyReactor reactor;
    private final Address address;
    private final ProtocolFactory factory;
    private final Duration timeout;
    private final CompletableFuture<Protocol> result = new CompletableFuture<>();
    private Iterator<InetAddress> candidates = List.<InetAddress>of().iterator();
    private @Nullable Future<?> deadline;
    private @Nullable SocketChannel channel;
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
        byte[] literal = NetUtil.createByteArrayFromIpAddressString(address.host());
        if (literal != null) {
            resolved(literal);
        } else {
            reactor.callInThread(() -> List.of(InetAddress.getAllByName(address.host())))
                    .whenComplete(this::resolved);
        }
    }

    private void resolved(byte[] literal) {
        try {
            tryNext(List.of(InetAddress.getByAddress(literal)).iterator(), null);
        } catch (UnknownHostException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private void resolved(@Nullable List<InetAddress> found, @Nullable Throwable failure) {
        if (found == null) {
            fail(Kind.UNKNOWN_HOST, "unknown host", failure);
        } else {
            tryNext(found.iterator(), null);
        }
    }

    private void tryNext(Iterator<InetAddress> remaining, @Nullable Throwable lastFailure) {
        candidates = remaining;
        if (over) {
            return;
        }
        if (!candidates.hasNext()) {
            failed(lastFailure);
            return;
        }
        InetSocketAddress target = new InetSocketAddress(candidates.next(), address.port());
        try {
            SocketChannel attempt = reactor.newClient();
            channel = attempt;
            attempt.pipeline().addLast(new Connection(reactor, attempt, factory, this));
            NettyReactor.done(reactor.register(attempt));
            attempt.connect(target).addListener((ChannelFuture f) -> connected(attempt, f));
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
            var _ = attempt.close();
        }
        tryNext(candidates, failure);
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

    void made(Protocol protocol) {
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
        if (over) {
            return;
        }
        end();
        if (channel != null) {
            var _ = channel.close();
        }
    }

    private void end() {
        over = true;
        if (deadline != null) {
            deadline.cancel(false);
        }
        reactor.closed(this);
    }
}
