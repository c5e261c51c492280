package dev.torsion.protocols.amp;

import dev.torsion.reactor.Deferred;
import dev.torsion.reactor.DelayedCall;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The questions of one connection that wait for their answers, by the tags they were sent with:
/// lowercase hexadecimal, counting from 1, as Twisted's.
final class Calls {
    private static final int MOST_FORGOTTEN = 1_000;
    private static final long FORGOTTEN_FOR_NANOS = Duration.ofMinutes(1).toNanos();

    private final Map<String, Call<?>> waiting = new LinkedHashMap<>();

    /// The latest of those that nobody waits for any more and that are not answered yet, by when
    /// they were given up.
    private final SequencedMap<String, Long> forgotten = new LinkedHashMap<>();

    private long lastTag;

    /// What an answer box means to the one who asked.
    interface Reading<T> {
        T read(Box box) throws AmpException.Unreadable;
    }

    /// A question that was sent.
    record Call<T>(
            String tag,
            Command<?, ?> command,
            Reading<T> reading,
            Deferred<T> outcome,
            DelayedCall deadline) {

        void answered(Box box) {
            try {
                outcome.succeed(reading.read(box));
            } catch (AmpException.Unreadable unreadable) {
                outcome.fail(unreadable);
            } catch (Throwable broken) {
                outcome.fail(broken);
                throw broken; // the connection fails with it
            }
        }

        void failed(Exception why) {
            outcome.failUnlessGivenUp(why);
        }
    }

    int size() {
        return waiting.size();
    }

    /// How many the peer has not answered, whether anybody waits for that or has given it up less
    /// than a minute ago.
    int unanswered(long nanoTime) {
        while (!forgotten.isEmpty()
                && nanoTime - forgotten.firstEntry().getValue() > FORGOTTEN_FOR_NANOS) {
            forgotten.pollFirstEntry();
        }
        return waiting.size() + forgotten.size();
    }

    /// The tag of the next question.
    String nextTag() {
        return Long.toHexString(lastTag + 1);
    }

    /// The tag of a question whose answer nobody waits for.
    String takeTag() {
        String tag = nextTag();
        lastTag++;
        return tag;
    }

    /// The question with the next tag was sent.
    void sent(Call<?> call) {
        waiting.put(call.tag, call);
        lastTag++;
    }

    /// The call that waits for this answer, and waits no longer; null if it did not any more.
    ///
    /// @throws AmpException.Unreadable if nothing was ever asked with this tag
    @Nullable Call<?> answered(String tag) throws AmpException.Unreadable {
        Call<?> call = remove(tag);
        if (call == null && forgotten.remove(tag) == null && !wasAsked(tag)) {
            throw new AmpException.Unreadable("an answer to what was never asked");
        }
        return call;
    }

    private boolean wasAsked(String tag) {
        return tag.matches("[1-9a-f][0-9a-f]{0,14}") && Long.parseLong(tag, 16) <= lastTag;
    }

    /// The call waits no longer; null if it did not any more.
    @Nullable Call<?> forget(String tag, long nanoTime) {
        Call<?> call = remove(tag);
        if (call != null) {
            if (forgotten.size() == MOST_FORGOTTEN) {
                forgotten.pollFirstEntry();
            }
            forgotten.put(tag, nanoTime);
        }
        return call;
    }

    private @Nullable Call<?> remove(String tag) {
        Call<?> call = waiting.remove(tag);
        if (call != null) {
            call.deadline.cancel();
        }
        return call;
    }

    /// None of them will be answered.
    ///
    /// @param why makes the failure, given the command's name
    void failAll(Function<String, AmpException> why) {
        List<Call<?>> all = List.copyOf(waiting.values());
        waiting.clear();
        all.forEach(call -> {
            call.deadline.cancel();
            call.failed(why.apply(call.command.name()));
        });
    }
}
