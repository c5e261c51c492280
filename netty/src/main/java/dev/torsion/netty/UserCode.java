package dev.torsion.netty;

import org.slf4j.Logger;

/// Code that is not ours, and may throw anything.
final class UserCode {
    private UserCode() {}

    /// Logs what it threw, even if that throws when it is asked what it is.
    static void threw(Logger log, String what, Throwable thrown) {
        try {
            log.error(what, thrown);
        } catch (Throwable unspeakable) {
            log.error("{}: {}, which cannot say what it is", what, thrown.getClass().getName());
        }
    }
}
