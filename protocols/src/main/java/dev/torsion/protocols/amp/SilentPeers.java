package dev.torsion.protocols.amp;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Reactor;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.WeakHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Warns of peers that one reactor has given up for their silence, once a minute: whoever can
/// connect can be silent, and must not be able to fill the log. Those that are kept back are
/// counted in the next warning. Loop only, except [#of].
final class SilentPeers {
    private static final Logger log = LoggerFactory.getLogger(AmpProtocol.class);
    private static final Duration BETWEEN = Duration.ofMinutes(1);

    private static final Map<Reactor, SilentPeers> BY_REACTOR =
            Collections.synchronizedMap(new WeakHashMap<>());

    private long lastWarning;
    private boolean warned;
    private int keptBack;

    private SilentPeers() {}

    /// Those of `reactor`. Thread-safe.
    static SilentPeers of(Reactor reactor) {
        return BY_REACTOR.computeIfAbsent(reactor, _ -> new SilentPeers());
    }

    /// One is aborted.
    void aborted(Address peer, Duration silence, long now) {
        if (warned && now - lastWarning < BETWEEN.toNanos()) {
            keptBack++;
            log.debug("{} is aborted: no sign of life for {}", peer, silence);
            return;
        }
        String more = keptBack == 0 ? "" : "; so were %d others meanwhile".formatted(keptBack);
        log.warn("{} is aborted: no sign of life for {}{}", peer, silence, more);
        warned = true;
        lastWarning = now;
        keptBack = 0;
    }
}
