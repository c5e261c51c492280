package dev.torsion.protocols.amp;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The bounds of an AMP connection.
///
/// @param deadline how long a call waits for its answer, unless its command says otherwise; at the
///   answering end, how long a peer is kept from being read (see `maxQuestions`)
/// @param maxCalls how many calls may wait for their answers; one more fails with
///   [AmpException.TooManyCalls]
/// @param maxQuestions how many of the peer's questions may wait for our answers; one more is
///   answered with [AmpException.Remote#BUSY]. If it wants no answer, no more of the peer is read
///   until there is room; if none of those that wait is done within the deadline of that command,
///   the connection is aborted, and an error is logged that names it. While calls of this end wait
///   for answers the peer is read all the same, and twice as many close the connection. As many
///   answers may wait for the peer to decide on a change, see [AmpProtocol#callToSwitch]
/// @param maxBoxBytes the most that the keys and values of one box may take together; a longer box
///   closes the connection, and so does one of more than 1,024 keys
/// @param heartbeat after this much silence of the peer it is asked for a sign of life, after as
///   much again the connection is aborted; null for never. Any byte ends the silence, be it of a
///   box that comes slowly. Any AMP peer gives that sign, if only by saying that it does not know
///   the command. While one end decides on another protocol or on TLS no sign is expected.
public record AmpOptions(
        Duration deadline,
        int maxCalls,
        int maxQuestions,
        int maxBoxBytes,
        @Nullable Duration heartbeat) {

    /// A minute, 10,000 calls, 1,000 questions, 1 MiB, no heartbeat.
    public static final AmpOptions DEFAULT =
            new AmpOptions(Duration.ofMinutes(1), 10_000, 1_000, 1 << 20, null);

    /// @throws IllegalArgumentException if one is not more than zero
    public AmpOptions {
        if (maxCalls < 1 || maxQuestions < 1 || maxBoxBytes < 1) {
            throw new IllegalArgumentException(
                    "bounds are 1 or more, not %d, %d, %d"
                            .formatted(maxCalls, maxQuestions, maxBoxBytes));
        }
        positive(deadline);
        if (heartbeat != null) {
            positive(heartbeat);
        }
    }

    /// The same with another deadline.
    public AmpOptions withDeadline(Duration newDeadline) {
        return new AmpOptions(newDeadline, maxCalls, maxQuestions, maxBoxBytes, heartbeat);
    }

    /// The same with a heartbeat.
    public AmpOptions withHeartbeat(Duration newHeartbeat) {
        return new AmpOptions(deadline, maxCalls, maxQuestions, maxBoxBytes, newHeartbeat);
    }

    static Duration positive(Duration duration) {
        if (duration.isZero() || duration.isNegative()) {
            throw new IllegalArgumentException("expected more than zero, not " + duration);
        }
        return duration;
    }
}
