package dev.torsion.gateways.nats;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.Draft;
import dev.torsion.bus.DropReason;
import dev.torsion.bus.Event;
import dev.torsion.bus.EventBus;
import dev.torsion.bus.Topic;
import dev.torsion.reactor.Bytes;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class NatsDoorTest extends DoorTest {

    // ---- hello and goodbye ----

    @Test
    void greetsWithWhatItIs() {
        assertThat(newcomer().hears())
                .isEqualTo(
                        "INFO {\"server_id\":\"edge-1\",\"server_name\":\"edge\",\"version\":\"2.10.0\","
                                + "\"proto\":1,\"host\":\"127.0.0.1\",\"port\":8888,\"headers\":true,"
                                + "\"max_payload\":1000,\"client_id\":1,\"client_ip\":\"127.0.0.1\"}\n");
    }

    @Test
    void answersPingWithPong() {
        assertThat(connect().says("PING")).isEqualTo("PONG\n");
        assertThat(connect().says("ping ")).isEqualTo("PONG\n");
    }

    @Test
    void isVerboseUntilToldOtherwise() {
        Client client = connect();
        assertThat(client.says("SUB a 1")).isEqualTo("+OK\n");
        assertThat(client.says("UNSUB 1")).isEqualTo("+OK\n");
        assertThat(client.says("PUB a 2", "hi")).isEqualTo("+OK\n");
        assertThat(client.says("CONNECT {}")).isEqualTo("+OK\n");
        assertThat(client.says(QUIET)).isEmpty();
        assertThat(client.says("PUB a 2", "hi")).isEmpty();
    }

    @Test
    void sendsAwayWhomItHasNoRoomFor() {
        doorWith(NatsOptions.of("edge", "edge-1").withMaxConnections(1));
        Client first = connect();
        Client second = newcomer();
        assertThat(second.hears()).isEqualTo("-ERR 'maximum connections exceeded'\n");
        assertThat(second.transport().isClosing()).isTrue();
        assertThat(first.says("PING")).isEqualTo("PONG\n");
        first.transport().peerClosed();
        assertThat(connect().says("PING")).isEqualTo("PONG\n");
    }

    @Test
    void forgetsWhoLeft() {
        Client client = connect(QUIET);
        client.says("SUB a 1");
        client.transport().peerReset();
        bus.publish(Draft.to("a"));
        assertThat(bus.stats().offered()).isZero();
        assertThat(door.stats().connections()).isZero();
        assertThat(reactor.pendingTimers()).isZero();
    }

    @Test
    void pingsTheSilentAndLeavesTheDead() {
        doorWith(NatsOptions.of("edge", "edge-1").withPings(Duration.ofSeconds(10), 2));
        Client client = connect(QUIET);
        reactor.advance(Duration.ofSeconds(10));
        assertThat(client.hears()).as("it spoke within that time").isEmpty();
        reactor.advance(Duration.ofSeconds(10));
        assertThat(client.hears()).isEqualTo("PING\n");
        client.says("PONG");
        reactor.advance(Duration.ofSeconds(30));
        assertThat(client.hears()).isEqualTo("PING\nPING\n");
        reactor.advance(Duration.ofSeconds(10));
        assertThat(client.hears()).isEqualTo("-ERR 'Stale Connection'\n");
        assertThat(client.transport().isClosing()).isTrue();
        assertThat(door.stats().staleConnections()).isEqualTo(1);
    }

    @Test
    void leavesWithAGoodbyeAndNothingLeftBehind() {
        Client client = connect(WITH_HEADERS);
        Client old = connect(QUIET);
        old.says("SUB a 1");
        bus.publish(Draft.to("a").withText("last"));
        CompletionStage<Void> drained = door.drain();
        assertThat(client.hears()).contains("\"ldm\":true");
        assertThat(old.hears()).isEqualTo("MSG a 1 4\nlast\n");
        assertThat(drained).isCompleted();
        assertThat(client.transport().isClosing()).isTrue();
        assertThat(old.transport().isClosing()).isTrue();
        assertThat(door.stats().connections()).isZero();
        assertThat(newcomer().hears()).isEqualTo("-ERR 'Server Shutdown'\n");
        assertThat(door.drain()).isCompleted();
    }

    @Test
    void refusesWhatIsPublishedOnceTheNodeIsAboutToLeaveButStillDelivers() {
        watch("orders");
        Client client = connect(WITH_HEADERS);
        client.says("SUB news 1", "PUB orders 5", "taken");
        CompletionStage<Void> done = door.takeNoMore();
        assertThat(client.hears()).contains("\"ldm\":true");
        assertThat(done).isCompleted();
        assertThat(client.says("PUB orders 4", "late"))
                .isEqualTo(
                        "-ERR 'Server Shutdown: the node is leaving and takes no more messages'\n");
        bus.publish(Draft.to("news").withText("last"));
        assertThat(client.hears()).contains("last");
        assertThat(events).extracting(event -> event.data().utf8()).containsExactly("taken");
        assertThat(door.stats().refused()).isEqualTo(1);
        assertThat(door.drain()).isNotCompleted();
        assertThat(client.hears()).as("it was told before").isEmpty();
        assertThat(client.transport().isClosing()).isTrue();
    }

    // ---- publish and subscribe ----

    @Test
    void makesAnEventOfEachMessageInOrder() {
        watch("readings.>");
        connect(QUIET)
                .says(
                        "PUB readings.a 2",
                        "21",
                        "PUB readings.b r.1 0",
                        "",
                        "PUB readings.a 2",
                        "22");
        assertThat(events).extracting(Event::text).containsExactly("21", "", "22");
        Event second = events.get(1);
        assertThat(second.topic()).isEqualTo(Topic.of("readings.b"));
        assertThat(second.replyTo()).isEqualTo(Topic.of("r.1"));
        assertThat(second.source()).isEqualTo("/edge/nats/1");
        assertThat(second.type()).isEqualTo(Event.DEFAULT_TYPE);
        assertThat(second.headers()).isEmpty();
        assertThat(door.stats().published()).isEqualTo(3);
    }

    @Test
    void writesWhatIsSubscribed() {
        Client client = connect(QUIET);
        client.says("SUB readings.* 7");
        bus.publish(Draft.to("readings.a").withText("21").withReplyTo(Topic.of("r.1")));
        bus.publish(Draft.to("other"));
        assertThat(client.hears()).isEqualTo("MSG readings.a 7 r.1 2\n21\n");
        client.says("SUB > 8");
        bus.publish(Draft.to("readings.a"));
        assertThat(client.hears().lines()).contains("MSG readings.a 7 0", "MSG readings.a 8 0");
        assertThat(door.stats().written()).isEqualTo(3);
    }

    @Test
    void carriesBytesAsTheyAre() {
        Client client = connect(QUIET);
        client.says("SUB a 1");
        byte[] data = new byte[256];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) i;
        }
        bus.publish(Draft.to("a").withData(Bytes.wrap(data)));
        reactor.runUntilIdle();
        byte[] written = client.transport().takeWritten().toArray();
        assertThat(written).containsSequence(data);
    }

    @Test
    void aSecondSubscriptionOfTheSameNameChangesNothing() {
        Client client = connect(QUIET);
        client.says("SUB a 1", "SUB b 1");
        bus.publish(Draft.to("a"));
        bus.publish(Draft.to("b"));
        assertThat(client.hears()).isEqualTo("MSG a 1 0\n\n");
    }

    @Test
    void sharesTheEventsOfAGroupBetweenItsMembers() {
        Client one = connect(QUIET);
        Client two = connect(QUIET);
        one.says("SUB jobs workers 1");
        two.says("SUB jobs workers 1");
        for (int i = 0; i < 10; i++) {
            bus.publish(Draft.to("jobs"));
        }
        assertThat(one.hears().lines().filter(line -> line.startsWith("MSG"))).hasSize(5);
        assertThat(two.hears().lines().filter(line -> line.startsWith("MSG"))).hasSize(5);
    }

    @Test
    void bringsAClientItsOwnMessagesUnlessItWantsNoEcho() {
        Client client = connect(QUIET);
        assertThat(client.says("SUB a 1", "PUB a 2", "hi")).isEqualTo("MSG a 1 2\nhi\n");
        client.says("CONNECT {\"verbose\":false,\"echo\":false,\"headers\":true}");
        assertThat(client.says("PUB a 2", "hi")).isEmpty();
        String withSource = "HPUB a 38 38\r\nNATS/1.0\r\nce-id: 1\r\nce-source: /me\r\n\r\n";
        assertThat(client.says(withSource)).isEmpty();
        assertThat(door.stats().withheld()).isEqualTo(2);
        bus.publish(Draft.to("a"));
        assertThat(client.hears()).startsWith("HMSG a 1 ");
    }

    @Test
    void givesAMemberOfAGroupItsShareEvenOfItsOwn() {
        Client client = connect("CONNECT {\"verbose\":false,\"echo\":false}");
        assertThat(client.says("SUB a workers 1", "PUB a 2", "hi")).isEqualTo("MSG a 1 2\nhi\n");
    }

    // ---- unsubscribe ----

    @Test
    void unsubscribesAtOnceButWritesWhatCameBeforeAndOnlyThenPong() {
        Client client = connect(QUIET);
        client.says("SUB a 1");
        for (int i = 0; i < 200; i++) {
            bus.publish(Draft.to("a"));
        }
        String heard = client.says("UNSUB 1", "PING");
        assertThat(heard.lines().filter(line -> line.startsWith("MSG"))).hasSize(200);
        assertThat(heard).endsWith("PONG\n");
        bus.publish(Draft.to("a"));
        assertThat(client.hears()).isEmpty();
        assertThat(bus.stats().droppedTotal()).isZero();
    }

    @Test
    void pongComesAfterTheClientsOwnMessages() {
        Client client = connect(QUIET);
        assertThat(client.says("SUB a 1", "PUB a 2", "hi", "PING"))
                .isEqualTo("MSG a 1 2\nhi\nPONG\n");
    }

    @Test
    void unsubscribesAfterSoManyMessagesInAll() {
        Client client = connect(QUIET);
        client.says("SUB a 1", "PUB a 1", "1", "UNSUB 1 3");
        for (int i = 0; i < 5; i++) {
            bus.publish(Draft.to("a"));
        }
        assertThat(client.hears()).isEqualTo("MSG a 1 0\n\n".repeat(2));
        assertThat(bus.stats().dropped()).containsEntry(DropReason.CLOSED, 3L);
    }

    @Test
    void unsubscribesNowIfThereWereSoManyAlready() {
        Client client = connect(QUIET);
        client.says("SUB a 1", "PUB a 1", "1", "PUB a 1", "2", "UNSUB 1 2");
        bus.publish(Draft.to("a"));
        assertThat(client.hears()).isEmpty();
    }

    @Test
    void takesANameAgainThatWasUnsubscribed() {
        Client client = connect(QUIET);
        client.says("SUB a 1", "UNSUB 1", "UNSUB unknown", "SUB b 1");
        bus.publish(Draft.to("b"));
        assertThat(client.hears()).isEqualTo("MSG b 1 0\n\n");
    }

    // ---- requests ----

    @Test
    void carriesAQuestionAndItsAnswer() {
        Client service = connect(QUIET);
        Client asking = connect(WITH_HEADERS);
        service.says("SUB time 1");
        asking.says("SUB _INBOX.x.* 9", "PUB time _INBOX.x.1 0", "");
        assertThat(service.hears()).isEqualTo("MSG time 1 _INBOX.x.1 0\n\n");
        service.says("PUB _INBOX.x.1 4", "noon");
        assertThat(asking.hears()).startsWith("HMSG _INBOX.x.1 9 ").endsWith("noon\n");
    }

    @Test
    void saysAtOnceThatNobodyResponds() {
        Client client = connect(WITH_HEADERS);
        assertThat(client.says("SUB _INBOX.x.* 9", "PUB nobody _INBOX.x.1 0", ""))
                .isEqualTo("HMSG _INBOX.x.1 9 16 16\nNATS/1.0 503\n\n\n");
    }

    @Test
    void saysItOnlyToThoseWhoAskedForIt() {
        Client client = connect("CONNECT {\"verbose\":false,\"headers\":true}");
        Client watching = connect(WITH_HEADERS);
        watching.says("SUB > 1");
        watching.says("UNSUB 1", "SUB *.x.* 1");
        assertThat(client.says("SUB _INBOX.x.* 9", "PUB nobody _INBOX.x.1 0", "")).isEmpty();
        assertThat(watching.hears()).isEmpty();
        assertThat(door.stats().withheld()).isEqualTo(2);
    }

    @Test
    void wantsHeadersForNoResponders() {
        Client client = connect();
        assertThat(client.says("CONNECT {\"no_responders\":true}"))
                .isEqualTo("-ERR 'no responders requires headers support'\n");
        assertThat(client.transport().isClosing()).isTrue();
    }

    @Test
    void passesOnThatARequestReachedANodeTooLate() {
        Client client = connect(WITH_HEADERS);
        client.says("SUB _INBOX.x.* 9");
        bus.publish(Draft.to("_INBOX.x.1").withAttribute("type", EventBus.NO_LISTENERS_TYPE));
        assertThat(client.hears()).contains("NATS/1.0 503");
    }

    // ---- bounds and errors ----

    @ParameterizedTest
    @ValueSource(strings = {"a..b", "a.*", ">", ".a", "a."})
    void refusesASubjectThatIsNotATopicAndGoesOn(String subject) {
        Client client = connect(QUIET);
        assertThat(client.says("PUB " + subject + " 2", "hi"))
                .startsWith("-ERR 'Invalid Publish Subject: not a topic: \"" + subject + "\" has ");
        assertThat(client.says("PING")).isEqualTo("PONG\n");
        assertThat(door.stats().refused()).isEqualTo(1);
        assertThat(door.stats().published()).isZero();
    }

    @Test
    void refusesAReplyThatIsNotATopic() {
        assertThat(connect(QUIET).says("PUB a b..c 2", "hi"))
                .startsWith("-ERR 'Invalid Publish Subject: not a topic: \"b..c\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"SUB a..b 1", "SUB a.>.b 1", "SUB a bad..group 1"})
    void refusesASubscriptionThatCannotBeAndGoesOn(String line) {
        Client client = connect(QUIET);
        assertThat(client.says(line)).startsWith("-ERR 'Invalid Subject: not a ");
        assertThat(client.says("PING")).isEqualTo("PONG\n");
    }

    @Test
    void namesTheBoundOfASubject() {
        assertThat(connect(QUIET).says("SUB " + "a".repeat(600) + " 1"))
                .contains("longer than 512 characters");
    }

    @Test
    void refusesTheSubscriptionThatIsOneTooMany() {
        doorWith(NatsOptions.of("edge", "edge-1").withMaxSubscriptions(2));
        Client client = connect(QUIET);
        assertThat(client.says("SUB a 1", "SUB b 2", "SUB c 3"))
                .isEqualTo("-ERR 'maximum subscriptions exceeded: a client may have 2 at once'\n");
        assertThat(client.says("UNSUB 1", "SUB c 3", "PUB c 2", "hi")).isEqualTo("MSG c 3 2\nhi\n");
    }

    @Test
    void endsWithAPayloadThatIsTooLarge() {
        Client client = connect(QUIET);
        assertThat(client.says("PUB a 1001")).isEqualTo("-ERR 'Maximum Payload Violation'\n");
        assertThat(client.transport().isClosing()).isTrue();
    }

    @Test
    void takesTheLargestPayload() {
        watch("a");
        connect(QUIET).says("PUB a 1000", "x".repeat(1000));
        assertThat(events).singleElement().extracting(Event::text).isEqualTo("x".repeat(1000));
    }

    @Test
    void endsWithALineThatIsTooLong() {
        Client client = connect(QUIET);
        assertThat(client.says("SUB " + "a".repeat(4096)))
                .isEqualTo("-ERR 'Maximum Control Line Exceeded'\n");
        assertThat(client.transport().isClosing()).isTrue();
    }

    @Test
    void doesNothingThatFollowsAnErrorItEndedWith() {
        watch(">");
        assertThat(connect(QUIET).says("HELLO\r\nPUB a 2\r\nhi\r\nPING"))
                .isEqualTo("-ERR 'Unknown Protocol Operation'\n");
        assertThat(events).isEmpty();
    }

    @Test
    void letsNoQuoteEndAnErrorEarly() {
        assertThat(connect(QUIET).says("PUB it's..me 0", ""))
                .startsWith("-ERR 'Invalid Publish Subject: not a topic: \"it\"s..me\" has")
                .endsWith("'\n");
    }

    @Test
    void letsABurstWaitUntilItsClientReads() {
        Client client = connect(QUIET);
        client.says("SUB a 1");
        client.transport().writable(false);
        for (int i = 0; i < 100; i++) {
            bus.publish(Draft.to("a").withText("x".repeat(1000)));
        }
        assertThat(client.says("UNSUB 1", "PING")).isEmpty();
        assertThat(client.transport().pendingBytes()).isLessThan(2000);
        client.transport().writable(true);
        assertThat(client.hears())
                .isEqualTo(("MSG a 1 1000\n" + "x".repeat(1000) + "\n").repeat(100) + "PONG\n");
    }

    @Test
    void leavesOnlyWhenABurstHasBeenRead() {
        Client client = connect(QUIET);
        client.says("SUB a 1");
        client.transport().writable(false);
        bus.publish(Draft.to("a"));
        bus.publish(Draft.to("a"));
        CompletionStage<Void> drained = door.drain();
        reactor.runUntilIdle();
        assertThat(drained).isNotCompleted();
        client.transport().writable(true);
        assertThat(client.hears()).isEqualTo("MSG a 1 0\n\n".repeat(2));
        assertThat(drained).isCompleted();
        assertThat(door.stats().dropped()).isZero();
    }

    @Test
    void disconnectsAClientThatDoesNotRead() {
        doorWith(NatsOptions.of("edge", "edge-1").withMaxPending(1000, 2000));
        Client client = connect(QUIET);
        Client other = connect(QUIET);
        client.says("SUB a 1");
        other.says("SUB a 1");
        client.transport().writable(false);
        for (int i = 0; i < 4; i++) {
            bus.publish(Draft.to("a").withText("x".repeat(1000)));
            reactor.runUntilIdle();
        }
        assertThat(other.hears().lines().filter(line -> line.startsWith("MSG"))).hasSize(4);
        assertThat(client.transport().isClosing()).isTrue();
        client.transport().writable(true);
        assertThat(client.hears()).endsWith("\n-ERR 'Slow Consumer'\n");
        NatsStats stats = door.stats();
        assertThat(stats.slowConsumers()).isEqualTo(1);
        assertThat(stats.written()).isEqualTo(3 + 4);
        assertThat(stats.dropped()).isEqualTo(2);
        assertThat(bus.stats().offered()).isEqualTo(3 + 4);
    }

    @Test
    void disconnectsAClientThatDoesNotReadItsAnswers() {
        doorWith(NatsOptions.of("edge", "edge-1").withMaxPending(1000, 2000));
        Client client = connect(QUIET);
        client.transport().writable(false);
        for (int i = 0; i < 29; i++) { // one is on its way, and each that waits counts 6 + 64 bytes
            client.says("PING");
        }
        assertThat(client.transport().isClosing()).isFalse();
        client.says("PING");
        assertThat(client.transport().isClosing()).isTrue();
        client.transport().writable(true);
        assertThat(client.hears()).endsWith("-ERR 'Slow Consumer'\n");
        assertThat(door.stats().slowConsumers()).isEqualTo(1);
    }

    @Test
    void disconnectsAClientForWhomTooManyEventsWait() {
        doorWith(NatsOptions.of("edge", "edge-1").withMaxPending(10, 2000));
        Client client = connect(QUIET);
        client.says("SUB a 1");
        for (int i = 0; i < 11; i++) {
            bus.publish(Draft.to("a"));
        }
        assertThat(client.hears()).isEqualTo("-ERR 'Slow Consumer'\n");
        assertThat(door.stats().slowConsumers()).isEqualTo(1);
        assertThat(bus.stats().dropped()).containsEntry(DropReason.QUEUE_FULL, 11L);
    }
}
