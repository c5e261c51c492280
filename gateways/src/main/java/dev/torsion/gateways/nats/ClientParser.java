package dev.torsion.gateways.nats;

import dev.torsion.gateways.nats.ClientCommand.Connect;
import dev.torsion.gateways.nats.ClientCommand.Invalid;
import dev.torsion.gateways.nats.ClientCommand.Ping;
import dev.torsion.gateways.nats.ClientCommand.Pong;
import dev.torsion.gateways.nats.ClientCommand.Publish;
import dev.torsion.gateways.nats.ClientCommand.Subscribe;
import dev.torsion.gateways.nats.ClientCommand.Unsubscribe;
import dev.torsion.reactor.Bytes;
import java.util.List;
import java.util.Locale;
import java.util.StringTokenizer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// From bytes in arbitrary pieces to commands.
///
/// ```
///   ┌──────────── any other command ────────────┐
///   ▼                                           │
/// LINE ──PUB or HPUB──▶ PAYLOAD ──CR LF──▶ LINE ┘
/// ```
///
/// What has not arrived yet takes no memory: the room for a payload grows with its bytes, not with
/// its announced size.
final class ClientParser {
    private static final String FIRST_LETTERS = "PHSUC";
    private static final int MAX_DIGITS = 9;

    private final int maxLine;
    private final int maxPayload;
    private final Consumer<ClientCommand> commands;
    private final Unfinished unfinished = new Unfinished();
    private @Nullable Announcement announced;
    private int announcedBytes; // what it took on the wire

    /// PUB or HPUB, before its payload.
    ///
    /// @param headers size of the header block, -1 if there is none
    /// @param total size of header block and payload together
    private record Announcement(String subject, @Nullable String replyTo, int headers, int total) {}

    ClientParser(int maxLine, int maxPayload, Consumer<ClientCommand> commands) {
        this.maxLine = maxLine;
        this.maxPayload = maxPayload;
        this.commands = commands;
    }

    /// Hands out at most one command of `chunk` from `from` on, or keeps what is not a whole one.
    ///
    /// @return where the rest begins
    int consume(Bytes chunk, int from) {
        Announcement publication = announced;
        return publication == null ? line(chunk, from) : payload(publication, chunk, from);
    }

    /// How many bytes have come of a command that is not there whole.
    int unfinishedBytes() {
        return announcedBytes + unfinished.size();
    }

    // ---- LINE ----

    private int line(Bytes chunk, int from) {
        int end = chunk.indexOf((byte) '\n', from);
        int upTo = end < 0 ? chunk.size() : end;
        if (unfinished.size() == 0 && FIRST_LETTERS.indexOf(chunk.at(from) & ~0x20) < 0) {
            // Neither TLS nor HTTP has to send a whole line to be told.
            return invalid("Unknown Protocol Operation", chunk);
        }
        if (unfinished.size() + upTo - from > maxLine + 1) {
            return invalid("Maximum Control Line Exceeded", chunk);
        }
        if (end < 0) {
            unfinished.append(chunk, from, upTo);
            return upTo;
        }
        int bytes = unfinished.size() + end + 1 - from;
        Bytes line = unfinished.finish(chunk, from, end);
        if (!line.isEmpty() && line.at(line.size() - 1) == '\r') {
            line = line.slice(0, line.size() - 1);
        }
        if (line.size() > maxLine) {
            return invalid("Maximum Control Line Exceeded", chunk);
        }
        command(line);
        announcedBytes = announced == null ? 0 : bytes;
        return end + 1;
    }

    private int invalid(String error, Bytes chunk) {
        commands.accept(new Invalid(error));
        return chunk.size();
    }

    private void command(Bytes line) {
        ClientCommand command;
        try {
            command = parse(Text.strictUtf8("the line", line));
        } catch (IllegalArgumentException e) {
            command = new Invalid("Parser Error: " + e.getMessage());
        }
        if (command != null) {
            commands.accept(command);
        }
    }

    /// Reads a line.
    ///
    /// @return null if a payload has to follow
    private @Nullable ClientCommand parse(String line) {
        StringTokenizer words = new StringTokenizer(line, " \t");
        String verb = words.hasMoreTokens() ? words.nextToken().toUpperCase(Locale.ROOT) : "";
        return switch (verb) {
            case "PUB" -> announce(publication(arguments(words)));
            case "HPUB" -> announce(publicationWithHeaders(arguments(words)));
            case "SUB" -> subscribe(arguments(words));
            case "UNSUB" -> unsubscribe(arguments(words));
            case "PING" -> new Ping();
            case "PONG" -> new Pong();
            case "CONNECT" -> new Connect(ConnectOptions.parse(line.substring(verb.length())));
            default -> new Invalid("Unknown Protocol Operation");
        };
    }

    private static List<String> arguments(StringTokenizer words) {
        String[] arguments = new String[words.countTokens()];
        for (int i = 0; i < arguments.length; i++) {
            arguments[i] = words.nextToken();
        }
        return List.of(arguments);
    }

    private static Announcement publication(List<String> arguments) {
        return switch (arguments.size()) {
            case 2 -> new Announcement(arguments.get(0), null, -1, number(arguments.get(1)));
            case 3 ->
                    new Announcement(
                            arguments.get(0), arguments.get(1), -1, number(arguments.get(2)));
            default -> throw expected("PUB SUBJECT [REPLY] SIZE");
        };
    }

    private static Announcement publicationWithHeaders(List<String> arguments) {
        int count = arguments.size();
        if (count != 3 && count != 4) {
            throw expected("HPUB SUBJECT [REPLY] HEADER-SIZE TOTAL-SIZE");
        }
        int headers = number(arguments.get(count - 2));
        int total = number(arguments.get(count - 1));
        if (headers > total) {
            throw new IllegalArgumentException("HPUB has more bytes of headers than in total");
        }
        return new Announcement(
                arguments.get(0), count == 4 ? arguments.get(1) : null, headers, total);
    }

    private @Nullable ClientCommand announce(Announcement publication) {
        if (publication.total > maxPayload) {
            return new Invalid("Maximum Payload Violation");
        }
        announced = publication;
        return null;
    }

    private static Subscribe subscribe(List<String> arguments) {
        return switch (arguments.size()) {
            case 2 -> new Subscribe(arguments.get(0), null, arguments.get(1));
            case 3 -> new Subscribe(arguments.get(0), arguments.get(1), arguments.get(2));
            default -> throw expected("SUB SUBJECT [GROUP] SID");
        };
    }

    private static Unsubscribe unsubscribe(List<String> arguments) {
        return switch (arguments.size()) {
            case 1 -> new Unsubscribe(arguments.get(0), 0);
            case 2 -> new Unsubscribe(arguments.get(0), number(arguments.get(1)));
            default -> throw expected("UNSUB SID [MAX]");
        };
    }

    private static IllegalArgumentException expected(String form) {
        return new IllegalArgumentException("expected " + form);
    }

    private static int number(String digits) {
        if (digits.length() > MAX_DIGITS || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException(
                    "expected a number of at most " + MAX_DIGITS + " digits, not " + digits);
        }
        return Integer.parseInt(digits);
    }

    // ---- PAYLOAD ----

    private int payload(Announcement publication, Bytes chunk, int from) {
        int wanted = publication.total + 2 - unfinished.size();
        int to = Math.min(chunk.size(), from + wanted);
        if (to - from < wanted) {
            unfinished.append(chunk, from, to);
            return to;
        }
        announced = null;
        announcedBytes = 0;
        Bytes body = unfinished.finish(chunk, from, to).owned();
        if (body.at(publication.total) != '\r' || body.at(publication.total + 1) != '\n') {
            return invalid(
                    "Parser Error: expected CR LF after "
                            + publication.total
                            + " bytes of payload on "
                            + publication.subject,
                    chunk);
        }
        commands.accept(publish(publication, body));
        return to;
    }

    private static Publish publish(Announcement publication, Bytes body) {
        int headers = Math.max(0, publication.headers);
        return new Publish(
                publication.subject,
                publication.replyTo,
                publication.headers < 0 ? null : body.slice(0, headers),
                body.slice(headers, publication.total));
    }
}
