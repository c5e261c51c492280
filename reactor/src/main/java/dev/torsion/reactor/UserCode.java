package dev.torsion.reactor;

import org.slf4j.Logger;

/// What code that is not the engine's throws, which may be anything: some exceptions throw again
/// when they are asked what they are. For whoever implements a [Reactor]. Thread-safe.
public final class UserCode {
    private UserCode() {}

    /// Logs as an error that something was thrown.
    ///
    /// @param what in words; no braces are filled in
    public static void threw(Logger log, String what, Throwable thrown) {
        try {
            log.error(what, thrown);
        } catch (Throwable unspeakable) {
            log.error("{}: {}, which cannot say what it is", what, thrown.getClass().getName());
        }
    }

    /// What an exception says of itself, or else the name of its class.
    static String text(Throwable thrown) {
        try {
            String message = thrown.getMessage();
            return message == null ? thrown.getClass().getSimpleName() : message;
        } catch (Throwable unspeakable) {
            return thrown.getClass().getName();
        }
    }
}
