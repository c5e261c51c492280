package dev.torsion.protocols.tls;

import static java.util.concurrent.TimeUnit.NANOSECONDS;

import dev.torsion.protocols.Layer;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.ConnectFailedException;
import dev.torsion.reactor.ConnectFailedException.Kind;
import dev.torsion.reactor.Connector;
import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A client's side of TLS, around any connector ([#around]) or from some point of a stream on
/// ([#layer]).
///
/// A failed handshake is a failed connect: [ConnectFailedException] of the kind
/// [ConnectFailedException.Kind#TLS], whose message says whether the certificate is for another
/// host (and which), expired or from an unknown authority, whether the peer sent an alert, or
/// something that is not TLS. With TLS 1.3 a server looks at its client's certificate after the
/// client's handshake is over: if it refuses it the connection is made, and lost at once.
///
/// **Thread:** any.
public final class TlsClient {
    private static final Logger log = LoggerFactory.getLogger(TlsClient.class);

    private final AtomicReference<Setting> setting;
    private final @Nullable RenewedFiles files;

    private record Setting(TlsClientOptions options, SSLContext context) {
        static Setting of(TlsClientOptions options) {
            TlsIdentity own = options.identity();
            Identities identities = own == null ? null : new Identities(List.of(own), Map.of());
            return new Setting(options, TlsContext.of(identities, options.trust()));
        }

        TlsLayer layer(String host, int port, Duration timeout, TlsLayer.Above above) {
            return new TlsLayer(
                    TlsContext.clientEngine(context, options, host, port),
                    TlsContext.serverName(host),
                    TlsTrust.mayBlock(options.trust()),
                    timeout,
                    above);
        }
    }

    public TlsClient(TlsClientOptions options) {
        setting = new AtomicReference<>(Setting.of(options));
        files = null;
    }

    private TlsClient(
            TlsClientOptions options,
            List<Path> files,
            Duration interval,
            Callable<TlsClientOptions> read) {
        setting = new AtomicReference<>(Setting.of(options));
        SeenFiles seen = new SeenFiles(List.copyOf(files), () -> use(read.call()));
        this.files = new RenewedFiles(seen, interval);
    }

    /// A client that lasts longer than its certificates: when it connects it looks at its files
    /// first, unless it did within `interval`, and goes by what is new in them; connections that
    /// there are stay. There is nothing to start or to stop.
    ///
    /// As with [TlsReload], it is the content that is looked at, on a virtual thread; what is read
    /// is used as a whole or not at all, and while a file is missing or broken what was read last
    /// stays in use, and what is wrong is logged as a warning, once for each change. The first
    /// connect looks whatever the files hold. A look is part of the time to connect; who connects
    /// during another's look does not wait for it. [#layer] never looks, and goes by what was read
    /// last.
    ///
    /// @param options what is used until the files are read
    /// @param files those that `read` reads
    /// @param interval by the clock of the reactor that connects; more than zero
    /// @param read makes a whole of the files; may block. What it throws says what is wrong
    /// @throws IllegalArgumentException if there are no files
    public static TlsClient reloading(
            TlsClientOptions options,
            List<Path> files,
            Duration interval,
            Callable<TlsClientOptions> read) {
        if (files.isEmpty()) {
            throw new IllegalArgumentException("no files to look at: use new TlsClient(options)");
        }
        return new TlsClient(options, files, interval, read);
    }

    /// What handshakes that begin now go by.
    public TlsClientOptions options() {
        return setting.get().options();
    }

    /// Handshakes that begin from now on go by `options`; connections that there are stay.
    public void use(TlsClientOptions options) {
        setting.set(Setting.of(options));
    }

    /// TLS over TCP; the server must be `address.host()`.
    public Connector tcp(Reactor reactor, Address.Inet address) {
        return around(reactor, Connector.to(reactor, address), address);
    }

    /// TLS over whatever `below` connects to. The time allowed is for both.
    ///
    /// @param reactor that of `below`'s connections
    /// @param server who must be there: its host, a name or an address, is what the certificate
    ///   must be for, and if it is a name, what is asked for by SNI
    public Connector around(Reactor reactor, Connector below, Address.Inet server) {
        Connector secured =
                (factory, timeout) -> {
                    Attempt attempt = new Attempt(reactor, server, factory, timeout);
                    attempt.connect(below);
                    return attempt.outcome;
                };
        return secured.withTimeout(below.timeout());
    }

    /// For a stream that goes on over TLS, this end being the client:
    /// [dev.torsion.protocols.FramingProtocol#startTls].
    ///
    /// @param host what the server's certificate must be for
    public Layer layer(String host) {
        return above -> {
            Setting now = setting.get();
            return now.layer(
                    host,
                    -1,
                    now.options().handshakeTimeout(),
                    new InStream(above) {
                        @Override
                        public void failed(Throwable cause) {
                            log.debug("no TLS with {}: {}", host, TlsFailure.text(cause));
                        }
                    });
        };
    }

    /// One connection on its way.
    private final class Attempt implements TlsLayer.Above {
        private final Deferred<Protocol> outcome;
        private final Reactor reactor;
        private final Address.Inet server;
        private final ProtocolFactory factory;
        private final Duration timeout;
        private final long begun;
        private Address peer;
        private volatile @Nullable CompletableFuture<Protocol> connecting;
        private @Nullable TlsLayer layer; // on the loop

        Attempt(Reactor reactor, Address.Inet server, ProtocolFactory factory, Duration timeout) {
            this.reactor = reactor;
            this.server = server;
            this.peer = server;
            this.factory = factory;
            this.timeout = timeout;
            this.begun = reactor.nanoTime();
            this.outcome = new Deferred<>(reactor, this::abandon);
        }

        void connect(Connector below) {
            Deferred<Void> look = files == null ? null : files.look(reactor);
            CompletionStage<Protocol> stage =
                    look == null
                            ? below.connect(this::build, timeout)
                            : look.orTimeout(NANOSECONDS.convert(timeout), NANOSECONDS)
                                    .handle((_, late) -> late)
                                    .thenCompose(late -> connect(below, late));
            connecting = stage.whenComplete((_, failure) -> below(failure)).toCompletableFuture();
        }

        private CompletionStage<Protocol> connect(Connector below, @Nullable Throwable late) {
            if (late == null) {
                return below.connect(this::build, left());
            }
            String why = "the files of TLS were not read within " + timeout;
            return Deferred.failed(
                    reactor, new ConnectFailedException(Kind.TIMED_OUT, server, why, late));
        }

        private Duration left() {
            Duration left = timeout.minusNanos(reactor.nanoTime() - begun);
            return left.isPositive() ? left : Duration.ofNanos(1);
        }

        /// TCP is connected.
        Protocol build(Address seen) {
            peer = seen;
            layer = setting.get().layer(server.host(), server.port(), left(), this);
            return layer;
        }

        private void below(@Nullable Throwable failure) {
            if (failure != null) {
                outcome.fail(Deferred.cause(failure));
            }
        }

        private void abandon() {
            CompletableFuture<Protocol> stage = connecting;
            if (stage != null) {
                stage.cancel(false);
            }
            if (layer != null) {
                layer.giveUp(new CloseReason.Aborted("nobody waits for the connection"));
            }
        }

        @Override
        public @Nullable Protocol opened(Transport secured) {
            Protocol protocol;
            try {
                protocol = factory.buildProtocol(peer);
            } catch (RuntimeException | Error thrown) {
                fail(Kind.REFUSED_BY_FACTORY, "the factory threw " + thrown, thrown);
                throw thrown;
            }
            if (protocol == null) {
                fail(Kind.REFUSED_BY_FACTORY, "the factory built no protocol", null);
            }
            return protocol;
        }

        @Override
        public void made(Protocol protocol) {
            outcome.succeed(protocol);
        }

        @Override
        public void unmade(Throwable cause) {
            outcome.fail(ConnectFailedException.failed(server, cause));
        }

        @Override
        public void failed(Throwable cause) {
            if (cause instanceof TimeoutException) {
                fail(Kind.TIMED_OUT, "no TLS handshake within " + timeout, cause);
            } else if (cause instanceof CancellationException) {
                fail(Kind.STOPPED, "the reactor was stopped", cause);
            } else {
                fail(Kind.TLS, TlsFailure.text(cause), cause);
            }
        }

        private void fail(Kind kind, String why, @Nullable Throwable cause) {
            outcome.fail(new ConnectFailedException(kind, server, why, cause));
        }
    }
}
