package dev.torsion.sim;

import dev.torsion.bus.Event;
import dev.torsion.bus.Gap;
import dev.torsion.bus.Topic;
import java.time.Duration;
import java.util.Locale;

/// Something that happened in a run.
public sealed interface Happening {

    /// When, in virtual time since the start of the world.
    long nanos();

    /// Where; empty for the whole world.
    String node();

    /// A client published.
    record Published(long nanos, String node, long incarnation, String client, Event event)
            implements Happening {}

    /// A watch was handed an event.
    record Delivered(long nanos, String node, long incarnation, Watch watch, Event event)
            implements Happening {}

    /// A watch was told that it missed events.
    record Missed(long nanos, String node, long incarnation, Watch watch, Gap gap)
            implements Happening {}

    /// A client asked a question.
    ///
    /// @param number counts the questions of the run
    record Asked(
            long nanos,
            String node,
            long incarnation,
            String client,
            long number,
            Topic topic,
            String text,
            Duration deadline)
            implements Happening {}

    /// A question was answered.
    record Answered(long nanos, String node, long number, Event answer) implements Happening {}

    /// A question will not be answered.
    record Unanswered(long nanos, String node, long number, String why) implements Happening {}

    /// A node began or ended a life.
    record Lived(long nanos, String node, long incarnation, boolean started) implements Happening {}

    /// A fault began or ended.
    record Faulted(long nanos, String node, Fault fault, boolean begins) implements Happening {}

    /// What somebody wanted to stand in the time line.
    record Noted(long nanos, String node, String text) implements Happening {}

    /// The world is healed, and all nodes have found each other.
    record Settled(long nanos, String node) implements Happening {}

    /// What sort of thing it is, in one word.
    default String kind() {
        return switch (this) {
            case Published _ -> "publish";
            case Delivered _ -> "deliver";
            case Missed _ -> "miss";
            case Asked _ -> "ask";
            case Answered _ -> "answer";
            case Unanswered _ -> "refuse";
            case Lived it -> it.started ? "start" : "end";
            case Faulted it -> it.begins ? "break" : "mend";
            case Noted _ -> "note";
            case Settled _ -> "settle";
        };
    }

    /// As one line of a time line: seconds, place, kind, what.
    default String line() {
        return String.format(
                Locale.ROOT,
                "%12.6f %-8s %-7s %s",
                nanos() / 1e9,
                node().isEmpty() ? "-" : node(),
                kind(),
                String.join(" / ", describe().lines().toList()));
    }

    /// In words, without its time and place.
    default String describe() {
        return switch (this) {
            case Published it ->
                    it.client + " publishes " + it.event.id() + " on " + it.event.topic();
            case Delivered it ->
                    it.watch + " is given " + it.event.id() + " on " + it.event.topic();
            case Missed it -> it.watch + " missed " + it.gap.count() + ", " + it.gap.reason();
            case Asked it -> it.client + " asks question " + it.number + " on " + it.topic;
            case Answered it -> "question " + it.number + " is answered by " + it.answer.id();
            case Unanswered it -> "question " + it.number + " is not answered: " + it.why;
            case Lived it -> "incarnation " + it.incarnation + (it.started ? " starts" : " ends");
            case Faulted it -> (it.begins ? "" : "over: ") + it.fault.describe();
            case Noted it -> it.text;
            case Settled _ -> "healed and settled";
        };
    }
}
