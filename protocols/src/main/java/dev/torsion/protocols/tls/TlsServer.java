package dev.torsion.protocols.tls;

import static java.util.stream.Collectors.toUnmodifiableSet;

import dev.torsion.protocols.Layer;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Thrown;
import dev.torsion.reactor.Transport;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A server's side of TLS, around any factory ([#around]) or from some point of a stream on
/// ([#layer]).
///
/// The protocols of the factory are made when the handshake is over; of one that failed or was late
/// the factory never hears: the connection is closed, [#refused()] counts it, and the reason is in
/// the log at debug level, since strangers must not be able to fill it. New options, and with them
/// new certificates, hold for the handshakes that begin afterwards ([#use]; [TlsReload] does it
/// when files change). A certificate that has expired or is not valid yet when it comes into use is
/// shown all the same, and logged as a warning, once: clients will refuse it. When one expires that
/// is in use is not watched.
///
/// ```java
/// TlsServer tls = new TlsServer(TlsServerOptions.of(TlsIdentity.read(chain, key)));
/// reactor.listenTcp(4433, tls.around(_ -> new Echo()));
/// ```
///
/// **Thread:** any.
public final class TlsServer {
    private static final Logger log = LoggerFactory.getLogger(TlsServer.class);

    private final AtomicReference<Setting> setting;
    private final AtomicLong refused = new AtomicLong();

    private record Setting(TlsServerOptions options, SSLContext context) {
        static Setting of(TlsServerOptions options) {
            Identities identities =
                    new Identities(options.identities(), options.identitiesByName());
            return new Setting(options, TlsContext.of(identities, options.clientTrust()));
        }

        TlsLayer layer(TlsLayer.Above above) {
            SSLEngine engine = TlsContext.serverEngine(context, options);
            boolean mayBlock = TlsTrust.mayBlock(options.clientTrust());
            return new TlsLayer(engine, null, mayBlock, options.handshakeTimeout(), above);
        }
    }

    public TlsServer(TlsServerOptions options) {
        setting = new AtomicReference<>(Setting.of(options));
        warnOfDates(identities(options).toList());
    }

    /// What handshakes that begin now go by.
    public TlsServerOptions options() {
        return setting.get().options();
    }

    /// Handshakes that begin from now on go by `options`; connections that there are stay.
    public synchronized void use(TlsServerOptions options) {
        Set<X509Certificate> shown =
                identities(options()).map(it -> it.chain().getFirst()).collect(toUnmodifiableSet());
        setting.set(Setting.of(options));
        warnOfDates(
                identities(options).filter(it -> !shown.contains(it.chain().getFirst())).toList());
    }

    private static Stream<TlsIdentity> identities(TlsServerOptions options) {
        return Stream.concat(
                        options.identities().stream(), options.identitiesByName().values().stream())
                .distinct();
    }

    private static void warnOfDates(List<TlsIdentity> identities) {
        for (TlsIdentity identity : identities) {
            String why = identity.outOfDate();
            if (why != null) {
                Thrown.warn(
                        log,
                        "clients will refuse this server: {}; renew it, or look at the clock",
                        why);
            }
        }
    }

    /// Handshakes that begin from now on go by what `change` makes of the options there are. Of two
    /// changes none undoes the other.
    public synchronized void change(UnaryOperator<TlsServerOptions> change) {
        use(change.apply(options()));
    }

    /// How many handshakes have failed or were late, or came to nothing because the peer left.
    public long refused() {
        return refused.get();
    }

    /// Connections of `wrapped` begin with a handshake.
    ///
    /// @param wrapped its `buildProtocol` is called after the handshake, on the connection's loop;
    ///   its connections end as a whole, since there is no half-close
    public ProtocolFactory around(ProtocolFactory wrapped) {
        return peer ->
                setting.get()
                        .layer(
                                new TlsLayer.Above() {
                                    @Override
                                    public @Nullable Protocol opened(Transport secured) {
                                        return wrapped.buildProtocol(peer);
                                    }

                                    @Override
                                    public void failed(Throwable cause) {
                                        refuse(peer, cause);
                                    }
                                });
    }

    /// For a stream that goes on over TLS, this end being the server:
    /// [dev.torsion.protocols.FramingProtocol#startTls].
    public Layer layer() {
        return above ->
                setting.get()
                        .layer(
                                new InStream(above) {
                                    @Override
                                    public void failed(Throwable cause) {
                                        refuse(null, cause);
                                    }
                                });
    }

    private void refuse(@Nullable Address peer, Throwable cause) {
        refused.incrementAndGet();
        if (log.isDebugEnabled()) {
            log.debug(
                    "{} is refused: {}",
                    peer == null ? "a connection that was to go on over TLS" : peer,
                    TlsFailure.text(cause));
        }
    }
}
