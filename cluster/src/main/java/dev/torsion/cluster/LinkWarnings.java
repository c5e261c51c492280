package dev.torsion.cluster;

import dev.torsion.reactor.Reactor;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Warns of connections that did not become links, and of links that break, a few a minute: whoever
/// can reach the port must not be able to fill the log. What is kept back is counted, and told at
/// the minute's end. Loop only.
final class LinkWarnings {
    private static final Logger log = LoggerFactory.getLogger(Link.class);
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final int MOST = 10;

    private final Reactor home;
    private int warnings;

    LinkWarnings(Reactor home) {
        this.home = home;
    }

    void warn(Link link, String text) {
        if (++warnings == 1) {
            home.callLater(WINDOW, this::endWindow);
        }
        if (warnings <= MOST) {
            log.warn("{}: {}", link, text);
        } else {
            log.debug("{}: {}", link, text);
        }
    }

    private void endWindow() {
        if (warnings > MOST) {
            log.warn(
                    "{} more warnings of connections that did not become links, or broke, within"
                            + " {} s (DEBUG has them)",
                    warnings - MOST,
                    WINDOW.toSeconds());
        }
        warnings = 0;
    }
}
