package dev.torsion.protocols.amp;

import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.PeerText;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Why a call has no answer. The message says what happened to which command; it is fit for a log,
/// whatever the peer says.
public abstract sealed class AmpException extends Exception {
    private static final long serialVersionUID = 1L;

    /// Of what the peer says, in a message.
    private static final int MOST_SHOWN = 200;

    private AmpException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /// A peer may have thought of the name: see [Answers#otherwise].
    private static String named(String command) {
        return PeerText.shown(command, MOST_SHOWN);
    }

    /// The peer answered with an error that the command does not declare.
    public static final class Remote extends AmpException {
        private static final long serialVersionUID = 1L;

        /// The peer failed in a way that it does not tell; it closes the connection.
        public static final String UNKNOWN = "UNKNOWN";

        /// The peer does not know the command; the connection stays.
        public static final String UNHANDLED = "UNHANDLED";

        /// The peer, one of ours, has too many questions to answer already; the connection stays.
        public static final String BUSY = "BUSY";

        private final String code;
        private final String description;

        Remote(String command, String code, String description) {
            super(
                    named(command)
                            + " failed at the peer: "
                            + PeerText.shown(code + ": " + description, MOST_SHOWN),
                    null);
            this.code = code;
            this.description = description;
        }

        public String code() {
            return code;
        }

        public String description() {
            return description;
        }
    }

    /// A box that came does not hold what was expected.
    public static final class Unreadable extends AmpException {
        private static final long serialVersionUID = 1L;

        Unreadable(String why) {
            super(PeerText.shown(why, MOST_SHOWN), null);
        }

        Unreadable(String what, Throwable cause) {
            super(PeerText.shown(what + ": " + cause.getMessage(), MOST_SHOWN), cause);
        }
    }

    /// A value does not fit into a box: more than 65,535 bytes, or nothing that AMP can say.
    /// Nothing was sent.
    public static final class Unsendable extends AmpException {
        private static final long serialVersionUID = 1L;

        Unsendable(String why) {
            super(why, null);
        }

        Unsendable(String what, Throwable cause) {
            super(what + ": " + cause.getMessage(), cause);
        }
    }

    /// The connection ended before the answer came, or before the call was made.
    public static final class Lost extends AmpException {
        private static final long serialVersionUID = 1L;

        private final CloseReason reason;

        Lost(String command, CloseReason reason, @Nullable Throwable cause) {
            super(named(command) + " has no answer: " + reason, cause);
            this.reason = reason;
        }

        public CloseReason reason() {
            return reason;
        }
    }

    /// The answer did not come in time. The connection stays, a late answer is ignored.
    public static final class TimedOut extends AmpException {
        private static final long serialVersionUID = 1L;

        TimedOut(String command, Duration deadline) {
            super(named(command) + " has no answer after " + deadline, null);
        }
    }

    /// As many calls as allowed wait for their answers already. Nothing was sent.
    public static final class TooManyCalls extends AmpException {
        private static final long serialVersionUID = 1L;

        TooManyCalls(String command, int most) {
            super(
                    named(command) + " was not sent: " + most + " calls wait for their answers",
                    null);
        }
    }

    /// The connection speaks another protocol now, or waits for the peer to agree to one, or to
    /// TLS.
    public static final class Switched extends AmpException {
        private static final long serialVersionUID = 1L;

        Switched(String command) {
            super(
                    named(command)
                            + ": the connection changes to another protocol or to TLS, or has changed",
                    null);
        }
    }
}
