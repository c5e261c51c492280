package dev.torsion.protocols.amp;

import dev.torsion.reactor.CloseReason;
import org.jspecify.annotations.Nullable;

/// Where an AMP connection stands.
///
/// ```
///            ask for a change
///   Talking ──────────────────▶ Proposed ──agreed: a protocol──▶ Switched
///      ▲                         │    │
///      └──refused, agreed: TLS───┘    └──────no answer─────────▶ GivenUp
/// ```
///
/// The peer's asking leads from Talking to Switched too, its silence or its speaking no AMP from
/// wherever AMP is spoken to GivenUp, and the end of the connection from anywhere to Lost.
sealed interface Phase {

    /// Whether AMP is spoken no more.
    default boolean isOver() {
        return switch (this) {
            case Talking _, Proposed _, GivenUp _ -> false;
            case Switched _, Lost _ -> true;
        };
    }

    /// Boxes go both ways.
    record Talking() implements Phase {}

    /// The peer was asked to go on with another protocol, or over TLS. Until it has answered
    /// nothing is sent: it may have switched already, and would take a box for something else.
    ///
    /// @param tag of the question
    /// @param held answers that wait for its decision
    record Proposed(String tag, HeldAnswers held) implements Phase {
        Proposed(String tag) {
            this(tag, new HeldAnswers());
        }
    }

    /// The connection is another protocol's.
    record Switched() implements Phase {}

    /// This end is closing the connection because of the peer.
    record GivenUp(Exception why) implements Phase {}

    /// The connection is gone.
    ///
    /// @param cause why this end had given it up, if it had
    record Lost(CloseReason reason, @Nullable Exception cause) implements Phase {
        AmpException failure(String command) {
            return new AmpException.Lost(command, reason, cause);
        }
    }
}
