package dev.torsion.protocols;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Transport;
import java.util.HexFormat;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Tells what passes through connections, a line each: made, received, sent, closing, lost.
///
/// ```
/// 192.0.2.7:4711 made
/// 192.0.2.7:4711 received 7 bytes: hello\r\n
/// 192.0.2.7:4711 sent 70000 bytes: xxxxxxxx… and 69992 more
/// 192.0.2.7:4711 lost: closed cleanly
/// ```
///
/// **Secrets.** With [Content#NONE] nothing that was sent or received is in a line, only how much
/// it was; and of the reason of an end only its kind, since its words may quote what was received.
/// [Content#TEXT] and [Content#HEX] write down what passes, passwords and all: they are for a
/// developer's own connections. Under TLS it is the plain text that passes here.
///
/// A line holds at most a given number of bytes of content, 200 of the words of a reason, and no
/// control character: what a peer sends cannot forge lines.
///
/// What `lines` throws is the protocol's own failure, except in the last line: the protocol hears
/// of its end whatever becomes of that.
///
/// **Thread:** as [ProtocolFactory]; lines are told on the loops of the connections.
public final class TrafficLog implements ProtocolFactory {
    private static final int MOST = 65_536;
    private static final int MOST_OF_A_REASON = 200;

    private final ProtocolFactory wrapped;
    private final Content content;
    private final int maxBytes;
    private final Consumer<String> lines;

    /// What a line says of bytes, beside how many they are.
    public enum Content {
        /// Nothing but their number.
        NONE,
        /// ASCII as it is, everything else escaped, as in `\r\n` and `\xff`.
        TEXT,
        /// Two hexadecimal digits a byte.
        HEX
    }

    /// How much was received and sent, and nothing of it.
    ///
    /// @param lines where to tell; must be thread-safe if the factory serves several loops
    public TrafficLog(ProtocolFactory wrapped, Consumer<String> lines) {
        this(wrapped, Content.NONE, 1, lines);
    }

    /// @param maxBytes how many bytes of a piece are written down; 1 to 65,536
    /// @param lines where to tell; must be thread-safe if the factory serves several loops
    public TrafficLog(
            ProtocolFactory wrapped, Content content, int maxBytes, Consumer<String> lines) {
        if (maxBytes < 1 || maxBytes > MOST) {
            throw new IllegalArgumentException(
                    "a line holds 1 to " + MOST + " bytes of content, not " + maxBytes);
        }
        this.wrapped = wrapped;
        this.content = content;
        this.maxBytes = maxBytes;
        this.lines = lines;
    }

    @Override
    public @Nullable Protocol buildProtocol(Address peer) {
        Protocol protocol = wrapped.buildProtocol(peer);
        if (protocol == null) {
            lines.accept(peer + " refused");
            return null;
        }
        return new Logged(protocol, peer.toString()).faced();
    }

    private String told(String peer, String what, Bytes bytes) {
        String line = peer + " " + what + " " + bytes.size() + " bytes";
        return switch (content) {
            case NONE -> line;
            case TEXT -> line + ": " + start(bytes, maxBytes, TrafficLog::escaped);
            case HEX -> line + ": " + start(bytes, maxBytes, HexFormat.of()::formatHex);
        };
    }

    private String told(CloseReason reason) {
        if (content == Content.NONE) {
            return switch (reason) {
                case CloseReason.Done done -> done.toString();
                case CloseReason.Lost(Throwable cause) ->
                        "connection lost: " + cause.getClass().getName();
                case CloseReason.Aborted _ -> "aborted";
                case CloseReason.Failed(Throwable cause) -> "failed: " + cause.getClass().getName();
            };
        }
        return start(Bytes.utf8(reason.toString()), MOST_OF_A_REASON, TrafficLog::escaped);
    }

    private static String start(Bytes bytes, int most, Function<byte[], String> written) {
        int more = bytes.size() - most;
        String start = written.apply(bytes.slice(0, Math.min(bytes.size(), most)).toArray());
        return more <= 0 ? start : start + "… and " + more + " more";
    }

    private static String escaped(byte[] bytes) {
        StringBuilder text = new StringBuilder(bytes.length);
        for (byte each : bytes) {
            switch (each) {
                case '\r' -> text.append("\\r");
                case '\n' -> text.append("\\n");
                case '\t' -> text.append("\\t");
                case '\\' -> text.append("\\\\");
                default -> {
                    if (each >= ' ' && each <= '~') {
                        text.append((char) each);
                    } else {
                        text.append("\\x").append(HexFormat.of().toHexDigits(each));
                    }
                }
            }
        }
        return text.toString();
    }

    private final class Logged extends WrappingProtocol {
        private final String peer;

        Logged(Protocol wrapped, String peer) {
            super(wrapped);
            this.peer = peer;
        }

        @Override
        public void connectionMade(Transport transport) {
            try {
                lines.accept(peer + " made");
            } finally {
                super.connectionMade(new Telling(transport)); // or its end would come before
            }
        }

        @Override
        public void dataReceived(Bytes data) {
            lines.accept(told(peer, "received", data));
            super.dataReceived(data);
        }

        @Override
        public void connectionLost(CloseReason reason) {
            try {
                lines.accept(peer + " lost: " + told(reason));
            } finally {
                super.connectionLost(reason);
            }
        }

        private final class Telling extends ForwardingTransport {
            Telling(Transport transport) {
                super(transport);
            }

            @Override
            public boolean write(Bytes data) {
                lines.accept(told(peer, "sent", data));
                return super.write(data);
            }

            @Override
            public void loseConnection() {
                lines.accept(peer + " closing");
                super.loseConnection();
            }

            @Override
            public void loseWriteConnection() {
                lines.accept(peer + " ending its direction");
                super.loseWriteConnection();
            }

            @Override
            public void abortConnection() {
                lines.accept(peer + " aborting");
                super.abortConnection();
            }
        }
    }
}
