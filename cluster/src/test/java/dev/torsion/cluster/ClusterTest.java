package dev.torsion.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.bus.Draft;
import dev.torsion.bus.DropReason;
import dev.torsion.bus.Event;
import dev.torsion.bus.NoListenersException;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import dev.torsion.cluster.World.Inbox;
import dev.torsion.cluster.World.Node;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.CannotListenException;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.testing.Chunks;
import dev.torsion.reactor.testing.Cut;
import dev.torsion.reactor.testing.Logged;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class ClusterTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final SubscribeOptions WORKERS =
            SubscribeOptions.defaults().withGroup("workers").withCapacity(10_000);

    private final World world = new World(7);

    private void idle() {
        world.network.runUntilIdle();
    }

    private static String[] numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toArray(String[]::new);
    }

    private static void assertBooksBalance(Node... nodes) {
        for (Node node : nodes) {
            for (LinkStats link : node.cluster().links()) {
                assertThat(link.sent() + link.waiting() + link.droppedTotal())
                        .as("%s", link)
                        .isEqualTo(link.offered());
            }
            assertThat(node.reactor().failures()).isEmpty();
        }
    }

    // ---- events ----

    @Test
    void carriesEventsToTheNodesThatWantThemAndToNoOthers() {
        Node a = world.node("a");
        Node b = world.node("b", "a");
        Node c = world.node("c", "a");
        world.meshed(a, b, c);
        Inbox inbox = b.subscribe("orders.>");
        idle();

        Event sent = a.publish("orders.eu", "1");
        a.publish("readings.x", "2");
        idle();

        assertThat(inbox.events()).hasSize(1);
        assertThat(inbox.events().getFirst())
                .usingRecursiveComparison()
                .ignoringFields("data")
                .isEqualTo(sent);
        assertThat(inbox.texts()).containsExactly("1");
        assertThat(a.linkTo("b").offered()).isEqualTo(1);
        assertThat(a.linkTo("c").offered()).isZero();
        assertThat(c.linkTo("a").received()).isZero();
    }

    @Test
    void sendsAnEventOnceToANodeHoweverManySubscribersAreThere() {
        Node a = world.node("a");
        Node b = world.node("b", "a");
        world.meshed(a, b);
        List<Inbox> inboxes = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            inboxes.add(b.subscribe("x"));
            inboxes.add(b.subscribe("*", WORKERS.withGroup("group-" + i)));
        }
        idle();

        a.publish("x", "once");
        idle();

        assertThat(inboxes).allSatisfy(inbox -> assertThat(inbox.texts()).containsExactly("once"));
        assertThat(a.linkTo("b").sent()).isEqualTo(1);
    }

    @Test
    void keepsTheOrderOfEvents() {
        world.network.latency(Duration.ofMillis(1), Duration.ofMillis(50));
        Node a = world.node("a");
        Node b = world.node("b", "a");
        world.meshed(a, b);
        Inbox inbox = b.subscribe("x");
        world.advance(SECOND);

        for (String number : numbers(0, 5000)) {
            a.publish("x", number);
        }
        world.advance(SECOND);

        assertThat(inbox.texts()).containsExactly(numbers(0, 5000));
    }

    @Test
    void tellsAnInterestBeforeTheEventThatIsAnsweredToIt() {
        world.network.latency(Duration.ofMillis(1), Duration.ofMillis(50));
        Node a = world.node("a");
        Node b = world.node("b", "a");
        world.meshed(a, b);
        a.bus()
                .subscribe(
                        new TopicPattern("ask"),
                        _ -> a.publish("told", "here it is"),
                        SubscribeOptions.defaults());
        world.advance(SECOND);

        Inbox inbox = b.subscribe("told");
        b.publish("ask", "");
        world.advance(SECOND);

        assertThat(inbox.texts()).containsExactly("here it is");
    }

    @Test
    void sharesTheEventsOfAGroupBetweenItsMembersOnAllNodes() {
        Node a = world.node("a");
        Node b = world.node("b", "a");
        Node c = world.node("c", "a");
        world.meshed(a, b, c);
        List<Inbox> workers =
                List.of(
                        a.subscribe("jobs.*", WORKERS),
                        b.subscribe("jobs.*", WORKERS),
                        c.subscribe("jobs.*", WORKERS),
                        c.subscribe("jobs.*", WORKERS));
        idle();

        for (String number : numbers(0, 4000)) {
            a.publish("jobs." + number, number);
        }
        idle();

        assertThat(workers).extracting(worker -> worker.events().size()).containsOnly(1000);
        assertThat(workers.stream().flatMap(worker -> worker.texts().stream()).toList())
                .containsExactlyInAnyOrder(numbers(0, 4000));
    }

    @Test
    void givesTheShareOfANodeThatDiesToTheOthers() {
        Node a = world.node("a");
        Node b = world.node("b", "a");
        Node c = world.node("c", "a");
        world.meshed(a, b, c);
        b.subscribe("jobs", WORKERS);
        Inbox rest = c.subscribe("jobs", WORKERS);
        idle();
        Logged.during(() -> {
            b.kill();
            idle();
        });

        for (String number : numbers(0, 100)) {
            a.publish("jobs", number);
        }
        idle();

        assertThat(rest.texts()).containsExactly(numbers(0, 100));
    }

    @Test
    void answersRequestsOfOtherNodes() {
        Node a = world.node("a");
        Node b = world.node("b", "a");
        world.meshed(a, b);
        b.bus()
                .subscribe(
                        new TopicPattern("double"),
                        question ->
                                b.bus()
                                        .publish(
                                                Draft.answering(question)
                                                        .withText(
                                                                question.text() + question.text())),
                        SubscribeOptions.defaults());
        idle();

        Event answer =
                world.network.await(
                        a.bus().request(Draft.to("double").withText("ha"), SECOND), SECOND);
        assertThat(answer.text()).isEqualTo("haha");
    }

    @Test
    void saysSoonThatNobodyListensWhenTheListenerLeftMeanwhile() {
        world.network.latency(Duration.ofMillis(10), Duration.ofMillis(10));
        Node a = world.node("a");
        Node b = world.node("b", "a");
        world.meshed(a, b);
        Inbox listener = b.subscribe("double");
        world.advance(SECOND);

        listener.subscription().close();
        var answer = a.bus().request(Draft.to("double"), MINUTE).toCompletableFuture();
        world.advance(Duration.ofMillis(50));

        assertThat(answer).isCompletedExceptionally();
        assertThatThrownBy(answer::join).hasCauseInstanceOf(NoListenersException.class);
    }

    // ---- membership ----

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void findsEveryNodeFromOneSeedWithOneLinkPerPair(long seed) {
        World any = new World(seed);
        any.network.latency(Duration.ofMillis(1), Duration.ofMillis(30));
        any.network.chunks(seed % 2 == 0 ? Chunks.SINGLE_BYTES : Chunks.RANDOM);
        Node[] nodes = {
            any.node("c"),
            any.node("a", "c"),
            any.node("e", "c"),
            any.node("b", "c"),
            any.node("d", "c")
        };
        List<Inbox> inboxes = new ArrayList<>();
        for (Node node : nodes) {
            inboxes.add(node.subscribe("all"));
        }
        any.meshed(nodes);
        any.advance(MINUTE);

        for (Node node : nodes) {
            assertThat(node.linked()).hasSize(4);
            assertThat(node.cluster().links())
                    .allSatisfy(link -> assertThat(link.links()).isEqualTo(1));
            node.publish("all", node.bus().options().node());
        }
        any.advance(SECOND);
        assertThat(inboxes)
                .allSatisfy(inbox ->
                        assertThat(inbox.texts())
                                .containsExactlyInAnyOrder("a", "b", "c", "d", "e"));
        assertBooksBalance(nodes);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void keepsOneLinkWhenBothDialAtOnce(long seed) {
        World any = new World(seed);
        any.network.latency(Duration.ofMillis(1), Duration.ofMillis(30));
        Node a = any.node("a", "b");
        Node b = any.node("b", "a");
        any.meshed(a, b);
        any.advance(MINUTE);

        assertThat(a.linkTo("b").links()).isEqualTo(1);
        assertThat(b.linkTo("a").links()).isEqualTo(1);
        assertThat(a.linked()).containsExactly("b");
    }

    @Test
    void takesItselfForASeedWithoutAWord() {
        List<String> lines =
                Logged.during(() -> {
                    Node a = world.node("a", "a", "b");
                    Node b = world.node("b", "a", "b");
                    world.meshed(a, b);
                    world.advance(MINUTE);
                    assertThat(a.known()).containsExactly("b");
                });

        assertThat(lines).filteredOn(line -> !line.contains("nothing listens there")).isEmpty();
    }

    @Test
    void dialsASeedUntilItIsThere() {
        List<String> lines =
                Logged.during(() -> {
                    Node b = world.node("b", "a");
                    world.network.reactor("a");
                    world.advance(MINUTE);
                    Node a = world.node("a");
                    world.meshed(a, b);
                });

        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst()).contains("no link to a:7400 yet", "trying on");
    }

    @Test
    void saysWhenANodeIsLinkedAndItsInterestKnown() {
        world.network.latency(Duration.ofMillis(10), Duration.ofMillis(10));
        Node a = world.node("a");
        var linked = a.cluster().whenLinked("b");
        Node b = world.node("b", "a");
        Inbox inbox = b.subscribe("x");

        Member member = world.network.await(linked, World.SOON);
        a.publish("x", "1");
        world.advance(SECOND);

        assertThat(member).isEqualTo(new Member("b", 1, World.at("b"), true));
        assertThat(inbox.texts()).containsExactly("1");
        assertThat(world.network.await(a.cluster().whenLinked("b"), SECOND)).isEqualTo(member);
    }

    // ---- what breaks ----

    @ParameterizedTest
    @ValueSource(strings = {"RESET", "HOLD"})
    void comesBackByItselfWhenThePartitionIsHealed(Cut how) {
        Node a = world.node("a");
        Node b = world.node("b", "a");
        world.meshed(a, b);
        Inbox inbox = b.subscribe("x");
        idle();

        Logged.during(() -> {
            world.network.cut("a", "b", how);
            world.advance(SECOND.multipliedBy(20));
        });
        assertThat(a.linked()).isEmpty();
        assertThat(b.linked()).isEmpty();
        a.publish("x", "nobody is there");
        world.network.heal("a", "b");
        world.meshed(a, b);
        a.publish("x", "back");
        idle();

        assertThat(inbox.texts()).containsExactly("back");
        assertThat(a.bus().stats().unheard()).isEqualTo(1);
        assertBooksBalance(a, b);
    }

    @Test
    void losesNothingInAPauseShorterThanTheSilenceLimit() {
        Node a = world.node("a");
        Node b = world.node("b", "a");
        world.meshed(a, b);
        Inbox inbox = b.subscribe("x");
        idle();

        world.network.cut("a", "b", Cut.HOLD);
        a.publish("x", "patience");
        world.advance(SECOND.multipliedBy(4));
        world.network.heal("a", "b");
        idle();

        assertThat(inbox.texts()).containsExactly("patience");
        assertThat(a.linkTo("b").links()).isEqualTo(1);
    }

    @Test
    void findsANodeAgainThatTwoOthersHadForgotten() {
        Node a = world.node("a");
        Node b = world.node("b", "a");
        Node c = world.node("c", "a");
        world.meshed(a, b, c);
        Logged.during(() -> {
            world.network.cut("b", "c", Cut.RESET);
            world.advance(MINUTE.multipliedBy(10));
        });
        assertThat(b.linked()).containsExactly("a");

        world.network.heal("b", "c");
        world.network.runUntil(() -> b.linked().contains("c"), MINUTE.multipliedBy(3));
    }

    @Test
    void forgetsADeadNodeAfterATime() {
        Node a = world.node("a");
        Node b = world.node("b", "a");
        Node c = world.node("c", "a");
        world.meshed(a, b, c);
        Logged.during(() -> {
            b.kill();
            world.advance(SECOND.multipliedBy(59));
            assertThat(a.known()).containsExactly("b", "c");
            world.advance(SECOND.multipliedBy(2));
        });

        assertThat(a.known()).containsExactly("c");
        assertThat(c.known()).containsExactly("a");
        assertThat(a.linked()).containsExactly("c");
    }

    @Test
    void takesAKilledNodeBackInItsNextLife() {
        Node a = world.node("a");
        Node b = world.node("b", "a");
        Node c = world.node("c", "a");
        world.meshed(a, b, c);
        Logged.during(() -> {
            b.kill();
            world.advance(SECOND);
        });
        Node next = world.node("b", "b", 2, options -> options, "a");
        Inbox inbox = next.subscribe("x");
        world.meshed(a, next, c);
        c.publish("x", "welcome");
        idle();

        assertThat(inbox.texts()).containsExactly("welcome");
        assertThat(a.cluster().members()).contains(new Member("b", 2, World.at("b"), true));
        assertBooksBalance(a, next, c);
    }

    @Test
    void findsASeedAgainThatWasStartedAnew() {
        Node a = world.node("a");
        Node b = world.node("b", "a");
        world.meshed(a, b);
        Logged.during(() -> {
            a.kill();
            world.advance(MINUTE.multipliedBy(5));
        });
        Node next = world.node("a", "a", 2, options -> options);
        world.meshed(next, b);
    }

    @Test
    void letsTheNewerOfTwoNamesakesHaveTheLinksAndSaysSoOnBoth() {
        Node a = world.node("a");
        Node older = world.node("twin", "x", 1, options -> options, "a");
        world.meshed(a, older);

        List<String> lines =
                Logged.during(() -> {
                    Node newer = world.node("twin", "y", 2, options -> options, "a");
                    world.meshed(a, newer);
                    world.advance(MINUTE);
                });

        assertThat(a.cluster().members())
                .containsExactly(new Member("twin", 2, World.at("y"), true));
        assertThat(older.linked()).isEmpty();
        assertThat(lines)
                .anySatisfy(line ->
                        assertThat(line).contains("twin: a gives this node no link", "rename one"));
        assertThat(lines)
                .anySatisfy(line -> assertThat(line).contains("a: twin", "keeps the name"));
        assertThat(lines).hasSizeLessThan(10);
    }

    // ---- leaving ----

    @Test
    void leavesNothingBehindWhenItStops() {
        world.network.latency(Duration.ofMillis(1), Duration.ofMillis(20));
        Node a = world.node("a");
        Node b = world.node("b", "a");
        Node c = world.node("c", "a");
        world.meshed(a, b, c);
        Inbox atB = b.subscribe("from-a");
        Inbox atA = a.subscribe("from-c");
        world.advance(SECOND);

        for (String number : numbers(0, 3000)) {
            a.publish("from-a", number);
            c.publish("from-c", number);
        }
        List<String> lines =
                Logged.during(() -> {
                    var stopped = a.cluster().stop();
                    world.network.await(stopped, SECOND.multipliedBy(4));
                    world.network.await(a.cluster().stop(), SECOND);
                });
        world.advance(SECOND);

        assertThat(lines).isEmpty();
        assertThat(atB.texts()).containsExactly(numbers(0, 3000));
        assertThat(atA.texts()).containsExactly(numbers(0, 3000));
        assertThat(a.linkTo("b").dropped()).isEmpty();
        assertThat(c.linkTo("a").dropped()).isEmpty();
        assertThat(b.known()).containsExactly("c");
        assertThat(c.known()).containsExactly("b");
        assertThat(a.reactor().pendingTimers()).isZero();
        world.advance(MINUTE);
        assertThat(b.known()).containsExactly("c");
    }

    @Test
    void stopsBeforeItHasEverLinked() {
        Node a = world.node("a", "b");
        var linked = a.cluster().whenLinked("b").toCompletableFuture();
        world.network.await(a.cluster().stop(), SECOND);

        assertThat(linked).isCompletedExceptionally();
        assertThatThrownBy(() -> RawPeer.dial(world, "x", "a"))
                .hasMessageContaining("nothing listens there");
    }

    @Test
    void endsAWaitForALinkThatIsCancelled() {
        Node a = world.node("a", "b");
        var heard = new ArrayList<Member>();
        var given = a.cluster().whenLinked("b").thenAccept(heard::add).toCompletableFuture();
        var kept = a.cluster().whenLinked("b").toCompletableFuture();
        given.cancel(false);
        Node b = world.node("b", "a");
        world.meshed(a, b);

        assertThat(kept).isCompleted();
        assertThat(heard).isEmpty();
    }

    @Test
    void countsWhatIsPublishedForANodeThatHasLeft() {
        Node a = world.node("a");
        Node b = world.node("b", "a");
        world.meshed(a, b);
        b.subscribe("x");
        idle();
        a.cluster().stop();
        idle();
        a.publish("x", "late");

        assertThat(a.bus().stats().unheard()).isEqualTo(1);
        assertBooksBalance(a, b);
    }

    // ---- start ----

    @Test
    void saysWhichPortIsTaken() {
        world.node("a");
        assertThatThrownBy(() -> world.node("other", "a", 1, options -> options))
                .isInstanceOf(CannotListenException.class)
                .hasMessageContaining("tcp:7400:interface=a");
    }

    @Test
    void refusesToTellOthersToComeToEveryInterface() {
        ClusterOptions everywhere =
                ClusterOptions.at(Endpoint.Tcp.parse("tcp:7400:interface=0.0.0.0"));
        assertThatThrownBy(() -> world.node("a", "a", 1, _ -> everywhere))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("advertised");
    }

    @Test
    void isReachedAtTheAdvertisedAddress() {
        Node a =
                world.node(
                        "a",
                        "a",
                        1,
                        _ ->
                                ClusterOptions.at(Endpoint.Tcp.parse("tcp:0:interface=0.0.0.0"))
                                        .withAdvertised(Address.of("a", 0)));
        int port = a.cluster().address().port();
        Node b =
                world.node(
                        "b", "b", 1, options -> options.withSeeds(List.of(Address.of("a", port))));
        world.meshed(a, b);

        assertThat(b.cluster().members())
                .containsExactly(new Member("a", 1, Address.of("a", port), true));
    }

    // ---- all of it ----

    /// Whatever breaks, and in whatever order: every event is in the books, no node gets one twice,
    /// and in the end all are linked again.
    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16, 17, 18, 19, 20})
    void heals(long seed) {
        World any = new World(seed);
        SplittableRandom chance = new SplittableRandom(seed);
        any.network.latency(Duration.ofMillis(1), Duration.ofMillis(80));
        any.network.chunks(Chunks.RANDOM);
        String[] names = {"a", "b", "c", "d"};
        Node[] nodes = new Node[4];
        Inbox[] inboxes = new Inbox[4];
        for (int i = 0; i < 4; i++) {
            nodes[i] = any.node(names[i], "a", "b");
            inboxes[i] = nodes[i].subscribe("news.>");
        }
        List<Inbox> all = new ArrayList<>(List.of(inboxes));
        long life = 1;
        for (int step = 0; step < 60; step++) {
            int i = chance.nextInt(4);
            int j = (i + 1 + chance.nextInt(3)) % 4;
            switch (chance.nextInt(6)) {
                case 0 -> {
                    long next = ++life;
                    int k = i;
                    Logged.during(() -> {
                        nodes[k].kill();
                        nodes[k] = any.node(names[k], names[k], next, o -> o, "a", "b");
                    });
                    inboxes[i] = nodes[i].subscribe("news.>");
                    all.add(inboxes[i]);
                }
                case 1 -> any.network.cut(names[i], names[j], Cut.RESET);
                case 2 -> any.network.cut(names[i], names[j], Cut.HOLD);
                case 3, 4 -> any.network.heal(names[i], names[j]);
                default -> any.network.resetConnections(names[i]);
            }
            for (int n = 0; n < 20; n++) {
                nodes[chance.nextInt(4)].publish("news." + n, "x");
            }
            Logged.during(() -> any.advance(Duration.ofMillis(chance.nextInt(4000))));
        }
        for (int i = 0; i < 4; i++) {
            for (int j = i + 1; j < 4; j++) {
                any.network.heal(names[i], names[j]);
            }
        }
        Logged.during(() -> {
            any.advance(MINUTE);
            any.meshed(nodes);
        });

        assertBooksBalance(nodes);
        for (Inbox inbox : all) {
            assertThat(inbox.events().stream().map(Event::id).toList()).doesNotHaveDuplicates();
        }
        assertThat(all).anyMatch(inbox -> !inbox.events().isEmpty());
        nodes[0].publish("news.last", "the end");
        any.advance(SECOND);
        for (Inbox inbox : inboxes) {
            assertThat(inbox.texts()).endsWith("the end");
        }
    }

    // ---- the books of what was on its way ----

    @Test
    void countsExactlyWhatWasLostWithAConnection() {
        world.network.latency(Duration.ofMillis(20), Duration.ofMillis(20));
        Node a = world.node("a");
        Node b = world.node("b", "a");
        world.meshed(a, b);
        Inbox inbox = b.subscribe("x");
        world.advance(SECOND);
        publishEvery(Duration.ofMillis(1), a, 100);

        world.network.cut("a", "b", Cut.HOLD);
        world.advance(MINUTE);
        assertThat(a.linkTo("b").unconfirmed()).isPositive();
        world.network.heal("a", "b");
        world.meshed(a, b);
        world.advance(MINUTE);

        LinkStats books = a.linkTo("b");
        assertThat(inbox.texts()).hasSizeBetween(1, 99);
        assertThat(books.sent()).isEqualTo(inbox.texts().size());
        assertThat(books.dropped()).containsOnlyKeys(DropReason.LINK_LOST);
        assertThat(books.droppedTotal()).isEqualTo(100 - inbox.texts().size());
        assertThat(books.unconfirmed()).isZero();
        assertBooksBalance(a, b);
    }

    private void publishEvery(Duration pause, Node node, int events) {
        for (int i = 0; i < events; i++) {
            node.publish("x", Integer.toString(i));
            world.advance(pause);
        }
    }

    @Test
    void countsAsLostWhatANodeThatDiedHadNotConfirmed() {
        world.network.latency(Duration.ofMillis(20), Duration.ofMillis(20));
        Node a = world.node("a");
        Node b = world.node("b", "a");
        world.meshed(a, b);
        Inbox inbox = b.subscribe("x");
        world.advance(SECOND);
        publishEvery(Duration.ofMillis(1), a, 50);

        b.kill();
        world.advance(MINUTE);
        assertThat(a.linkTo("b").unconfirmed()).isEqualTo(50);
        Node again = world.node("b", "b", 2, options -> options, "a");
        world.meshed(a, again);

        assertThat(inbox.texts()).hasSizeLessThan(50);
        assertThat(a.linkTo("b").dropped()).containsEntry(DropReason.LINK_LOST, 50L);
        assertThat(a.linkTo("b").unconfirmed()).isZero();
        assertBooksBalance(a, again);
    }

    @Test
    void confirmsWhatArrived() {
        Node a = world.node("a");
        Node b = world.node("b", "a");
        world.meshed(a, b);
        b.subscribe("x");
        idle();
        publishEvery(Duration.ofMillis(1), a, 10);
        assertThat(a.linkTo("b").unconfirmed()).isEqualTo(10);
        world.advance(SECOND.multipliedBy(2));

        assertThat(a.linkTo("b").unconfirmed()).isZero();
        assertThat(a.linkTo("b").sent()).isEqualTo(10);
        assertThat(a.linkTo("b").dropped()).isEmpty();
    }

    // ---- leaving in two steps ----

    @Test
    void withdrawsBeforeItLeavesAndIsHeardUntilThen() {
        world.network.latency(Duration.ofMillis(20), Duration.ofMillis(20));
        Node a = world.node("a");
        Node b = world.node("b", "a");
        world.meshed(a, b);
        Inbox there = b.subscribe("result");
        Inbox here = a.subscribe("work");
        world.advance(SECOND);

        b.publish("work", "on its way");
        world.network.await(a.cluster().withdraw(), World.SOON);
        b.publish("work", "too late");
        assertThat(here.texts()).containsExactly("on its way");

        a.publish("result", "of what was taken");
        world.network.await(a.cluster().stop(), World.SOON);

        assertThat(there.texts()).containsExactly("of what was taken");
        assertThat(b.linkTo("a").offered()).isEqualTo(1);
        assertThat(b.linkTo("a").unconfirmed()).isZero();
        assertThat(a.linkTo("b").unconfirmed()).isZero();
        assertBooksBalance(a, b);
    }

    @Test
    void saysThatItsReactorHasEndedWhenItCannotLeaveAnyMore() {
        Node a = world.node("a");
        world.network.await(a.reactor().stop(), MINUTE);

        for (CompletionStage<Void> leaving : List.of(a.cluster().withdraw(), a.cluster().stop())) {
            assertThatThrownBy(() -> world.network.await(leaving, SECOND))
                    .hasMessageContaining("has ended");
        }
    }

    @Test
    void hasLeftWhenItsReactorEndsMeanwhile() {
        Node a = world.node("a");
        RawPeer.dial(world, "x", "a").link("0");
        var withdrawn = a.cluster().withdraw();
        var stopped = a.cluster().stop();
        world.network.await(a.reactor().stop(), MINUTE);

        assertThat(withdrawn.toCompletableFuture()).isCompleted();
        assertThat(stopped.toCompletableFuture()).isCompleted();
    }

    @Test
    void withdrawsWithinHalfOfTheStopDeadlineFromAPeerThatDoesNotAnswer() {
        Node a = world.node("a");
        RawPeer peer = RawPeer.dial(world, "x", "a").link("0");
        var withdrawn = a.cluster().withdraw();
        world.advance(Duration.ofMillis(2400));
        assertThat(peer.received(Frame.Withdrawn.class)).hasSize(1);
        assertThat(withdrawn.toCompletableFuture()).isNotDone();
        world.advance(Duration.ofMillis(200));

        assertThat(withdrawn.toCompletableFuture()).isCompleted();
    }
}
