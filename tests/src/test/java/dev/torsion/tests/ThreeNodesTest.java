package dev.torsion.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Three nodes, three processes, and what is left when one of them dies.
@Timeout(300)
final class ThreeNodesTest {
    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private final List<AutoCloseable> running = new ArrayList<>();

    @SuppressWarnings("NullAway.Init") // started before each test
    private NodeProcess a;

    @SuppressWarnings("NullAway.Init")
    private NodeProcess b;

    @SuppressWarnings("NullAway.Init")
    private NodeProcess c;

    @BeforeEach
    void start() throws Exception {
        a = node("a", "tcp:0");
        b = node("b", "tcp:0", "--seed", a.port("link"));
        c = node("c", "tcp:0", "--seed", a.port("link"));
    }

    @AfterEach
    void end() throws Exception {
        for (AutoCloseable each : running.reversed()) {
            each.close();
        }
    }

    @Test
    void goOnWithoutTheOneThatIsKilledAndTakeItBack() throws Exception {
        NatsUser publisher = user(a);
        NatsUser onB = user(b).listenTo("work", "", "b");
        NatsUser onC = user(c).listenTo("work", "", "c");
        publisher.awaitListener("b");
        publisher.awaitListener("c");

        publisher.publish("work", 0, 1000);
        assertThat(onB.next(1000)).isEqualTo(numbers(0, 1000));
        assertThat(onC.next(1000)).isEqualTo(numbers(0, 1000));

        b.kill();
        publisher.publish("work", 1000, 2000);
        assertThat(onC.next(1000)).isEqualTo(numbers(1000, 2000));

        NodeProcess again = node("b", b.endpoint("link"), "--seed", c.port("link"));
        NatsUser back = user(again).listenTo("work", "", "b2");
        publisher.awaitListener("b2");
        publisher.publish("work", 2000, 3000);
        assertThat(back.next(1000)).isEqualTo(numbers(2000, 3000));
        assertThat(onC.next(1000)).isEqualTo(numbers(2000, 3000));
    }

    @Test
    void leaveWithExitCodeZero() throws Exception {
        assertThat(b.terminate()).as(b::log).isZero();
        assertThat(a.terminate()).as(a::log).isZero();
        assertThat(c.terminate()).as(c::log).isZero();
        assertThat(c.log()).contains("books: published");
    }

    @Test
    void sendAllThatWasPublishedBeforeTheyLeave() throws Exception {
        NatsUser listener = user(c).listenTo("work", "", "c");
        NatsUser publisher = user(b);
        publisher.awaitListener("c");

        publisher.publish("work", 0, 20_000);

        assertThat(b.terminate()).as(b::log).isZero();
        assertThat(listener.next(20_000)).isEqualTo(numbers(0, 20_000));
    }

    @Test
    void loseNothingOfAGroupWhenOneOfItsMembersLeaves() throws Exception {
        NatsUser publisher = user(a);
        NatsUser onB = user(b).listenTo("work", "workers", "b");
        NatsUser onC = user(c).listenTo("work", "workers", "c");
        publisher.awaitListener("b");
        publisher.awaitListener("c");

        publisher.publish("work", 0, 10_000);
        assertThat(b.terminate()).as(b::log).isZero();
        publisher.publish("work", 10_000, 20_000);

        List<String> all = new ArrayList<>(onB.rest());
        all.addAll(onC.next(20_000 - all.size()));
        assertThat(all).containsExactlyInAnyOrderElementsOf(numbers(0, 20_000));
    }

    private static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    private NodeProcess node(String name, String link, String... more) throws Exception {
        List<String> flags = new ArrayList<>(List.of("--nats", "tcp:0", "--link", link));
        flags.addAll(List.of(more));
        NodeProcess node = NodeProcess.start(folder, name, flags.toArray(String[]::new));
        running.add(node);
        return node;
    }

    private NatsUser user(NodeProcess node) throws Exception {
        NatsUser user = NatsUser.at(node);
        running.add(user);
        return user;
    }
}
