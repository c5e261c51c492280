package dev.torsion.sim;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One connection of a NATS client to a door, from the client's side: says what it is told to, and
/// writes down what it hears. It shares no code with the door.
final class NatsSession implements Protocol {
    private static final String END = "\r\n";
    private static final String STATUS = "NATS/1.0 503";

    /// A message that came.
    ///
    /// @param noResponders whether it says that nobody answers
    record Heard(
            String sid,
            String subject,
            @Nullable String replyTo,
            String text,
            boolean noResponders,
            long nanos) {

        /// The first word of its text, which names it.
        String id() {
            int space = text.indexOf(' ');
            return space < 0 ? text : text.substring(0, space);
        }
    }

    /// A SUB; each message is its own if it has no group.
    static final class Subscription {
        final String pattern;
        final @Nullable String group;
        final List<Heard> heard = new ArrayList<>();
        final Set<String> ids = new LinkedHashSet<>();

        /// After so many messages it ends; 0 if it does not.
        int max;

        /// Of those, so many may have come before the door knew that it ends.
        int heardBefore = Integer.MAX_VALUE;

        long knownSince = Long.MAX_VALUE;

        Subscription(String pattern, @Nullable String group) {
            this.pattern = pattern;
            this.group = group;
        }
    }

    private final Simulation sim;
    private final String client;
    private final String name;
    private final Consumer<NatsSession> greeted;
    private final Consumer<NatsSession> over;
    private final Map<String, Subscription> subscriptions = new LinkedHashMap<>();
    private final List<String> errors = new ArrayList<>();
    private final ArrayDeque<Runnable> awaitingPong = new ArrayDeque<>();
    private Consumer<Heard> listener = _ -> {};
    private @Nullable Transport transport;
    private @Nullable CloseReason reason;
    private String server = "";
    private String unread = "";
    private @Nullable String announced;
    private long endedAt = Long.MAX_VALUE;
    private long messages;
    private long published;
    private long accepted;
    private boolean paused;

    /// @param client whose it is
    /// @param name of this connection: no other has it
    /// @param greeted called when the door has said who it is
    /// @param over called when the connection has ended
    NatsSession(
            Simulation sim,
            String client,
            String name,
            Consumer<NatsSession> greeted,
            Consumer<NatsSession> over) {
        this.sim = sim;
        this.client = client;
        this.name = name;
        this.greeted = greeted;
        this.over = over;
    }

    String client() {
        return client;
    }

    String name() {
        return name;
    }

    /// The `server_id` of the door.
    String server() {
        return server;
    }

    Map<String, Subscription> subscriptions() {
        return subscriptions;
    }

    /// What `-ERR` said.
    List<String> errors() {
        return errors;
    }

    /// How many messages came.
    long messages() {
        return messages;
    }

    /// How many messages it published.
    long published() {
        return published;
    }

    /// Of those, how many the door had taken for sure.
    long accepted() {
        return accepted;
    }

    /// When it ended; the end of time if it has not.
    long endedAt() {
        return endedAt;
    }

    /// Whether nothing was lost with it: it stands, or was ended in good order.
    boolean isWhole() {
        return reason == null || reason instanceof CloseReason.Done;
    }

    /// Whether it broke while it was read.
    boolean hasBrokenWhileRead() {
        return !isWhole() && !paused;
    }

    /// Whether it broke while it was not, so that it never heard why it was to end.
    boolean hasBrokenUnread() {
        return !isWhole() && paused;
    }

    boolean isOpen() {
        return transport != null && reason == null;
    }

    void onMessage(Consumer<Heard> newListener) {
        listener = newListener;
    }

    Transport transport() {
        return Objects.requireNonNull(transport, "no connection was made yet");
    }

    // ---- what it says ----

    void say(String line) {
        transport().write(Bytes.wrap((line + END).getBytes(ISO_8859_1)));
    }

    void subscribe(String sid, String pattern, @Nullable String group) {
        Subscription subscription = new Subscription(pattern, group);
        subscriptions.put(sid, subscription);
        say("SUB " + pattern + (group == null ? " " : " " + group + " ") + sid);
        ping(() -> subscription.knownSince = sim.now().toNanos());
    }

    /// Ends a subscription after so many messages in all.
    void unsubscribe(String sid, int max) {
        Subscription subscription = Objects.requireNonNull(subscriptions.get(sid));
        subscription.max = max;
        say("UNSUB " + sid + " " + max);
        ping(() -> subscription.heardBefore = subscription.heard.size());
    }

    void publish(String subject, @Nullable String replyTo, String text) {
        String to = replyTo == null ? subject : subject + " " + replyTo;
        say("PUB " + to + " " + text.length() + END + text);
        published++;
    }

    void pauseReading() {
        paused = true;
        transport().pauseReading();
    }

    void resumeReading() {
        paused = false;
        transport().resumeReading();
    }

    /// @param answered called when all that was said before has been done
    void ping(Runnable answered) {
        long before = published;
        awaitingPong.add(() -> {
            accepted = before;
            answered.run();
        });
        say("PING");
    }

    // ---- what it hears ----

    @Override
    public void connectionMade(Transport made) {
        transport = made;
    }

    @Override
    public void dataReceived(Bytes data) {
        unread += new String(data.toArray(), ISO_8859_1);
        while (announced == null ? line() : payload(announced)) {
            // one by one
        }
    }

    private boolean line() {
        int end = unread.indexOf(END);
        if (end < 0) {
            return false;
        }
        String line = unread.substring(0, end);
        unread = unread.substring(end + END.length());
        String verb = line.split(" ", 2)[0];
        switch (verb) {
            case "INFO" -> info(line);
            case "MSG", "HMSG" -> announced = line;
            case "PING" -> say("PONG");
            case "PONG" -> awaitingPong.remove().run();
            case "-ERR" -> errors.add(line.substring(verb.length()).strip());
            default -> throw new AssertionError("a door does not say \"" + line + "\"");
        }
        return true;
    }

    private void info(String line) {
        if (server.isEmpty()) {
            server = line.replaceFirst(".*\"server_id\":\"([^\"]+)\".*", "$1");
            greeted.accept(this);
        }
    }

    private boolean payload(String line) {
        List<String> words = List.of(line.split(" ", -1));
        int total = Integer.parseInt(words.getLast());
        if (unread.length() < total + END.length()) {
            return false;
        }
        boolean headed = words.getFirst().equals("HMSG");
        int headers = headed ? Integer.parseInt(words.get(words.size() - 2)) : 0;
        String replyTo = words.size() == (headed ? 6 : 5) ? words.get(3) : null;
        Heard heard =
                new Heard(
                        words.get(2),
                        words.get(1),
                        replyTo,
                        unread.substring(headers, total),
                        unread.startsWith(STATUS),
                        sim.now().toNanos());
        sim.claim(
                "a message is as long as it says",
                unread.startsWith(END, total),
                name + " was sent " + line + ", and then no end of line");
        unread = unread.substring(total + END.length());
        announced = null;
        messages++;
        Subscription subscription = subscriptions.get(heard.sid());
        if (subscription == null) {
            throw new BrokenClaimError("a message is for a subscription", name + ": " + heard);
        }
        subscription.heard.add(heard);
        subscription.ids.add(heard.id());
        listener.accept(heard);
        return true;
    }

    @Override
    public void connectionLost(CloseReason why) {
        ended(why, sim.now().toNanos());
        over.accept(this);
    }

    /// The client's process ended, so that nobody told it.
    void vanished(long nanos) {
        if (reason == null) {
            ended(new CloseReason.Lost(new IOException("the client is no more")), nanos);
        }
    }

    private void ended(CloseReason why, long nanos) {
        reason = why;
        endedAt = nanos;
    }

    @Override
    public String toString() {
        return name + " at " + server;
    }
}
