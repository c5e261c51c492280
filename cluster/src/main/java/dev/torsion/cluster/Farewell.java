package dev.torsion.cluster;

/// Why one end of a link says goodbye. The codes travel; they never change their meaning.
enum Farewell {
    /// The node stops: nothing more is to be sent to it. The other end sends what waits, says
    /// goodbye too, and closes.
    STOPPING(1),
    /// The two nodes have a link already.
    DUPLICATE(2),
    /// Both ends are the same node.
    SELF(3),
    /// The other end speaks another version.
    VERSION(4),
    /// The other end has this node's name.
    NAME_TAKEN(5),
    /// A newer node has the other end's name.
    REPLACED(6),
    /// The other end sent what the protocol does not allow.
    PROTOCOL_ERROR(7),
    /// The other end said nothing for too long.
    SILENCE(8),
    /// More waits for the other end than may.
    OVERLOADED(9),
    /// A code from the future.
    OTHER(255);

    private final int code;

    Farewell(int code) {
        this.code = code;
    }

    int code() {
        return code;
    }

    static Farewell of(int code) {
        for (Farewell farewell : values()) {
            if (farewell.code == code) {
                return farewell;
            }
        }
        return OTHER;
    }
}
