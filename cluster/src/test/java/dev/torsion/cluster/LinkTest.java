package dev.torsion.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.torsion.bus.Draft;
import dev.torsion.bus.DropReason;
import dev.torsion.bus.Interest;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import dev.torsion.cluster.World.Inbox;
import dev.torsion.cluster.World.Node;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.testing.Logged;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// One connection to a node whose other end is played by the test. The node is called `m`: a peer
/// called `a` decides, one called `z` does not.
final class LinkTest {
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final Interest EVERYTHING = new Interest(new TopicPattern(">"), null);

    private final World world = new World(7);
    private final Node m = world.node("m");

    private RawPeer dial() {
        return RawPeer.dial(world, "x", "m");
    }

    private RawPeer wanting(String name, int maxFrameBytes) {
        RawPeer peer = dial().link(name, maxFrameBytes);
        peer.say(out -> FrameCodec.writeInterest(EVERYTHING, 1, out));
        return peer;
    }

    private static Bytes prefix(int length) {
        return new FrameWriter(4).u32(length).done();
    }

    // ---- handshake ----

    @Test
    void comesUpWhenTheOtherEndDialsAndThisOneDecides() {
        RawPeer z = dial();
        z.send(FrameCodec.hello(Frame.HELLO, RawPeer.identity("z", 3), 1 << 20));

        assertThat(z.received().getFirst())
                .isEqualTo(new Frame.Welcome(RawPeer.identity("m", 1), 2 << 20));
        assertThat(m.linked()).isEmpty();
        z.say(out -> FrameCodec.writeMembers(List.of(), out));
        assertThat(m.cluster().members()).containsExactly(new Member("z", 3, World.at("z"), true));
    }

    @Test
    void carriesNothingBeforeTheEndThatDecidesHasTakenTheLink() {
        m.subscribe("orders.>");
        RawPeer a = dial();
        a.send(FrameCodec.hello(Frame.HELLO, RawPeer.identity("a", 1), 1 << 20));

        assertThat(a.received()).hasSize(1).first().isInstanceOf(Frame.Welcome.class);
        a.send(FrameCodec.linked());
        assertThat(a.received()).hasSizeGreaterThan(1);
    }

    @Test
    void takesTheHandshakeOneByteAtATime() {
        RawPeer z = dial();
        Bytes hello = FrameCodec.hello(Frame.HELLO, RawPeer.identity("z", 1), 1 << 20);
        for (int i = 0; i < hello.size(); i++) {
            z.send(hello.slice(i, i + 1));
        }
        z.say(out -> FrameCodec.writeMembers(List.of(), out));

        assertThat(m.linked()).containsExactly("z");
    }

    @Test
    void closesOnGarbageWithOneLineThatSaysWhoAndWhat() {
        Node n = world.node("n", "m");
        world.meshed(m, n);
        RawPeer web = dial();

        List<String> lines =
                Logged.during(() -> web.send(Bytes.utf8("GET / HTTP/1.1\r\nHost: m\r\n\r\n")));

        assertThat(web.isClosed()).isTrue();
        assertThat(web.received()).isEmpty();
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst())
                .contains("link from x:", "a frame of 1195725856 bytes", "512", "not a node?");
        assertThat(n.linked()).containsExactly("m");
    }

    @Test
    void closesOnAWrongFirstFrame() {
        RawPeer stranger = dial();
        List<String> lines = Logged.during(() -> stranger.send(Bytes.utf8("\0\0\0\7\1TORT\0\1")));

        assertThat(stranger.isClosed()).isTrue();
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst()).contains("HELLO", "does not begin with \"TORS\"");
    }

    @Test
    void letsNoStrangerWriteLinesOfItsOwnIntoTheLog() {
        RawPeer stranger = dial();
        FrameWriter hello = new FrameWriter(64).begin(Frame.HELLO);
        hello.bytes(Bytes.utf8("TORS")).u16(FrameCodec.VERSION).text("s").i64(1);
        hello.text("x\nERROR made up").u16(1).u32(1 << 20).end(0);
        List<String> lines = Logged.during(() -> stranger.send(hello.done()));

        assertThat(stranger.isClosed()).isTrue();
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst())
                .contains("control characters")
                .contains("\"x\\u000aERROR made up\"");
    }

    @Test
    void closesWhenTheFirstFrameIsNotAHello() {
        RawPeer stranger = dial();
        List<String> lines = Logged.during(() -> stranger.send(FrameCodec.heartbeat()));

        assertThat(stranger.isClosed()).isTrue();
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst()).contains("not a hello");
    }

    @Test
    void closesAsSoonAsALengthIsReadThatIsTooLongForAHello() {
        RawPeer stranger = dial();
        Logged.during(() -> stranger.send(prefix(FrameCodec.MAX_HELLO + 1)));

        assertThat(stranger.isClosed()).isTrue();
    }

    @Test
    void refusesAnotherVersionAndSaysSo() {
        RawPeer later = dial();
        FrameWriter hello = new FrameWriter(64).begin(Frame.HELLO);
        hello.bytes(Bytes.utf8("TORS")).u16(9).bytes(Bytes.utf8("from the future")).end(0);
        List<String> lines = Logged.during(() -> later.send(hello.done()));

        assertThat(later.isClosed()).isTrue();
        assertThat(later.goodbye().why()).isEqualTo(Farewell.VERSION);
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst()).contains("speaks version 1", "version 9");
    }

    @Test
    void closesWhenNoHelloComesInTime() {
        RawPeer silent = dial();
        world.advance(Duration.ofMillis(4999));
        assertThat(silent.isClosed()).isFalse();

        List<String> lines = Logged.during(() -> world.advance(SECOND));
        assertThat(silent.isClosed()).isTrue();
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst()).contains("no hello within 5s");
    }

    @Test
    void refusesConnectionsWhileTooManyHaveNotShakenHands() {
        List<RawPeer> crowd = new ArrayList<>();
        Logged.during(() -> {
            for (int i = 0; i < 257; i++) {
                crowd.add(dial());
            }
            world.network.runUntilIdle();
        });

        assertThat(crowd).filteredOn(RawPeer::isClosed).containsExactly(crowd.getLast());
    }

    @Test
    void refusesItself() {
        RawPeer self = dial();
        self.send(FrameCodec.hello(Frame.HELLO, RawPeer.identity("m", 1), 1 << 20));

        assertThat(self.goodbye().why()).isEqualTo(Farewell.SELF);
        assertThat(self.isClosed()).isTrue();
    }

    @Test
    void refusesANamesakeAndSaysThatOneMustBeRenamed() {
        RawPeer namesake = dial();
        List<String> lines =
                Logged.during(() ->
                        namesake.send(
                                FrameCodec.hello(Frame.HELLO, RawPeer.identity("m", 2), 1 << 20)));

        assertThat(namesake.goodbye().why()).isEqualTo(Farewell.NAME_TAKEN);
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst()).contains("has the name of this node", "rename one");
    }

    @Test
    void refusesASecondLinkToTheSameNode() {
        RawPeer first = dial().link("z");
        RawPeer second = dial();
        second.send(FrameCodec.hello(Frame.HELLO, RawPeer.identity("z", 1), 1 << 20));

        assertThat(second.goodbye().why()).isEqualTo(Farewell.DUPLICATE);
        assertThat(second.isClosed()).isTrue();
        assertThat(first.isClosed()).isFalse();
    }

    @Test
    void changesToTheConnectionThatTheOtherEndTakes() {
        RawPeer first = dial().link("a");
        RawPeer second = dial();
        second.send(FrameCodec.hello(Frame.HELLO, RawPeer.identity("a", 1), 1 << 20));
        assertThat(first.isClosed()).isFalse();

        second.send(FrameCodec.linked());
        second.say(out -> FrameCodec.writeMembers(List.of(), out));

        assertThat(first.isClosed()).isTrue();
        assertThat(first.goodbye().why()).isEqualTo(Farewell.DUPLICATE);
        assertThat(m.linked()).containsExactly("a");
    }

    @Test
    void givesALaterLifeOfANodeThePlaceOfTheEarlier() {
        RawPeer earlier = dial().link("z");
        RawPeer later = dial();
        later.send(FrameCodec.hello(Frame.HELLO, RawPeer.identity("z", 2), 1 << 20));
        later.say(out -> FrameCodec.writeMembers(List.of(), out));

        assertThat(earlier.goodbye().why()).isEqualTo(Farewell.REPLACED);
        assertThat(earlier.isClosed()).isTrue();
        assertThat(m.cluster().members()).containsExactly(new Member("z", 2, World.at("z"), true));

        RawPeer again = dial();
        List<String> lines =
                Logged.during(() ->
                        again.send(
                                FrameCodec.hello(Frame.HELLO, RawPeer.identity("z", 1), 1 << 20)));
        assertThat(again.goodbye().why()).isEqualTo(Farewell.REPLACED);
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst()).contains("newer", "rename one");
    }

    // ---- interest ----

    @Test
    void tellsAllThatIsWantedThenEachChange() {
        m.subscribe("orders.>");
        m.subscribe("orders.>");
        SubscribeOptions workers = SubscribeOptions.defaults().withGroup("workers");
        m.subscribe("jobs", workers);
        RawPeer z = dial().link("z");

        assertThat(told(z)).containsExactly("jobs workers 1", "orders.> null 2");
        int membersAt = z.received().indexOf(new Frame.MembersTold(List.of()));
        assertThat(membersAt)
                .isEqualTo(4); // after the welcome, the count of events, the whole interest

        Inbox second = m.subscribe("jobs", workers);
        Inbox third = m.subscribe("orders.>");
        second.subscription().close();
        third.subscription().close();
        m.subscribe("news").subscription().close();
        world.network.runUntilIdle();
        assertThat(told(z).subList(2, told(z).size()))
                .containsExactly("jobs workers 2", "jobs workers 1", "news null 1", "news null 0");
    }

    private static List<String> told(RawPeer peer) {
        return peer.received(Frame.InterestTold.class).stream()
                .map(told ->
                        told.interest().pattern()
                                + " "
                                + told.interest().group()
                                + " "
                                + told.subscriptions())
                .toList();
    }

    @Test
    void tellsAnInterestBeforeTheEventsThatCountOnIt() {
        RawPeer z = wanting("z", 2 << 20);
        m.subscribe("answers");
        m.publish("question", "?");
        world.network.runUntilIdle();

        List<Frame> last = z.received().subList(z.received().size() - 2, z.received().size());
        assertThat(last.getFirst()).isInstanceOf(Frame.InterestTold.class);
        assertThat(last.getLast()).isInstanceOf(Frame.EventSent.class);
    }

    @Test
    void sendsNothingMoreForAnInterestThatIsTakenBack() {
        RawPeer z = wanting("z", 2 << 20);
        m.publish("x", "1");
        z.say(out -> FrameCodec.writeInterest(EVERYTHING, 0, out));
        m.publish("x", "2");
        world.network.runUntilIdle();

        assertThat(z.received(Frame.EventSent.class)).hasSize(1);
        assertThat(m.bus().stats().unheard()).isEqualTo(1);
    }

    // ---- bad input on a link that stands ----

    @Test
    void closesAsSoonAsALengthIsReadThatIsTooLong() {
        RawPeer z = dial().link("z");
        List<String> lines = Logged.during(() -> z.send(prefix((2 << 20) + 1)));

        assertThat(z.isClosed()).isTrue();
        assertThat(z.goodbye().why()).isEqualTo(Farewell.PROTOCOL_ERROR);
        assertThat(lines).hasSize(1);
        assertThat(lines.getFirst()).contains("(z)", "2097153 bytes", "2097152");
    }

    @Test
    void closesOnAMalformedEventAndDisturbsNobodyElse() {
        Node n = world.node("n", "m");
        world.meshed(m, n);
        Inbox inbox = n.subscribe("x");
        RawPeer z = dial().link("z");

        List<String> lines =
                Logged.during(() ->
                        z.say(out -> {
                            out.begin(Frame.EVENT).u8(1).u16(0);
                            out.u8(1).u8(0).text("id").text("/s").text("t").text("two words");
                            out.end(0);
                        }));
        m.publish("x", "still here");
        world.network.runUntilIdle();

        assertThat(z.isClosed()).isTrue();
        assertThat(z.goodbye().text()).contains("EVENT", "white space");
        assertThat(lines).hasSize(1);
        assertThat(inbox.texts()).containsExactly("still here");
    }

    @Test
    void ignoresAndCountsFramesOfAKindItDoesNotKnow() {
        RawPeer z = dial().link("z");
        z.say(out -> out.begin(200).u32(7).end(0));
        z.say(out -> out.begin(201).end(0));

        assertThat(z.isClosed()).isFalse();
        assertThat(m.linkTo("z").ignoredFrames()).isEqualTo(2);
    }

    // ---- life signs ----

    @Test
    void saysSomethingEachHeartbeatWhenThereIsNothingToSay() {
        RawPeer z = dial().link("z");
        world.advance(Duration.ofMillis(3500));

        assertThat(z.received(Frame.Heartbeat.class)).hasSize(2);
        assertThat(m.linked()).containsExactly("z");
    }

    @Test
    void givesUpAPeerThatIsSilentForTooLong() {
        RawPeer z = dial().link("z");
        world.advance(Duration.ofMillis(4900));
        assertThat(z.isClosed()).isFalse();

        List<String> lines = Logged.during(() -> world.advance(SECOND.multipliedBy(2)));
        assertThat(z.isClosed()).isTrue();
        assertThat(z.goodbye().why()).isEqualTo(Farewell.SILENCE);
        assertThat(lines.getFirst()).contains("(z)", "not a word for 5s");
        assertThat(m.linked()).isEmpty();
    }

    @Test
    void takesAnyByteForASignOfLife() {
        RawPeer z = dial().link("z");
        z.send(prefix(100));
        for (int i = 0; i < 20; i++) {
            z.send(Bytes.utf8("x"));
            world.advance(SECOND);
        }

        assertThat(z.isClosed()).isFalse();
    }

    // ---- what does not fit ----

    @Test
    void dropsAndCountsWhatASlowPeerLeavesNoRoomFor() {
        Node small = world.node("s", "s", 1, options -> options.withBytes(2 << 20, 100_000));
        RawPeer z = RawPeer.dial(world, "x", "s").link("z");
        z.say(out -> FrameCodec.writeInterest(EVERYTHING, 1, out));
        z.pauseReading();
        int offered = 5000;
        for (int i = 0; i < offered; i++) {
            small.publish("x", "%0100d".formatted(i));
            world.network.runUntilIdle();
        }

        LinkStats stuck = small.linkTo("z");
        assertThat(stuck.dropped()).containsOnlyKeys(DropReason.LINK_FULL);
        assertThat(stuck.waitingBytes()).isLessThanOrEqualTo(100_000);
        assertThat(stuck.sent() + stuck.waiting() + stuck.droppedTotal()).isEqualTo(offered);

        z.resumeReading();
        world.network.runUntilIdle();
        LinkStats after = small.linkTo("z");
        assertThat(after.waiting()).isZero();
        assertThat(after.sent() + after.droppedTotal()).isEqualTo(offered);
        assertThat(z.received(Frame.EventSent.class)).hasSize((int) after.sent());
    }

    @Test
    void countsWhatWaitsWhenTheLinkBreaks() {
        RawPeer z = wanting("z", 2 << 20);
        z.pauseReading();
        for (int i = 0; i < 5000; i++) {
            m.publish("x", "%0100d".formatted(i));
        }
        world.network.runUntilIdle();
        assertThat(m.linkTo("z").waiting()).isPositive();

        Logged.during(() -> {
            world.network.kill(z.reactor());
            world.network.runUntilIdle();
        });
        m.publish("x", "nobody");

        LinkStats books = m.linkTo("z");
        assertThat(books.waiting()).isZero();
        assertThat(books.dropped()).containsOnlyKeys(DropReason.LINK_DOWN);
        assertThat(books.offered()).isEqualTo(5000);
        assertThat(books.sent() + books.droppedTotal()).isEqualTo(5000);
    }

    @Test
    void dropsAndCountsAnEventLongerThanThePeerTakes() {
        RawPeer z = wanting("z", 4096);
        m.publish("x", "y".repeat(4096));
        m.publish("x", "fits");
        world.network.runUntilIdle();

        assertThat(z.received(Frame.EventSent.class)).hasSize(1);
        assertThat(m.linkTo("z").dropped()).containsExactly(entry(DropReason.TOO_LARGE, 1L));
    }

    @Test
    void sendsLargeAndSmallEventsInOrder() {
        RawPeer z = wanting("z", 2 << 20);
        for (int i = 0; i < 40; i++) {
            m.bus().publish(Draft.to("x." + i).withData(Bytes.wrap(new byte[i * 25_000])));
            m.publish("x." + i, "small");
        }
        world.network.runUntilIdle();

        List<Frame.EventSent> events = z.received(Frame.EventSent.class);
        assertThat(events).hasSize(80);
        for (int i = 0; i < 40; i++) {
            assertThat(events.get(2 * i).event().topic().name()).isEqualTo("x." + i);
            assertThat(events.get(2 * i).event().data().size()).isEqualTo(i * 25_000);
            assertThat(events.get(2 * i + 1).event().text()).isEqualTo("small");
        }
    }

    // ---- goodbye ----

    @Test
    void answersAGoodbyeWhenWhatWaitsHasBeenSent() {
        RawPeer z = wanting("z", 2 << 20);
        z.pauseReading();
        for (int i = 0; i < 5000; i++) {
            m.publish("x", "%0100d".formatted(i));
        }
        z.say(out -> FrameCodec.writeGoodbye(Farewell.STOPPING, "z", "", out));
        m.publish("x", "nobody wants this");
        z.resumeReading();
        world.network.runUntilIdle();

        assertThat(z.received(Frame.EventSent.class)).hasSize(5000);
        assertThat(z.received().getLast()).isInstanceOf(Frame.Goodbye.class);
        assertThat(z.isClosed()).isTrue();
        assertThat(m.known()).isEmpty();
        assertThat(m.bus().stats().unheard()).isEqualTo(1);
    }

    @Test
    void takesWhatIsUnderwayBeforeItLeaves() {
        Inbox inbox = m.subscribe("x");
        RawPeer z = dial().link("z");
        var stopped = m.cluster().stop().toCompletableFuture();
        world.network.runUntilIdle();
        assertThat(z.received().getLast()).isEqualTo(new Frame.Withdrawn());

        Node n = world.node("n");
        z.say(out -> {
            var event = n.publish("x", "in flight");
            FrameCodec.writeEventHead(event, true, List.of(), true, out);
            out.bytes(event.data());
        });
        assertThat(z.received(Frame.Goodbye.class)).isEmpty();
        z.say(FrameCodec::writeCleared);
        assertThat(z.goodbye().why()).isEqualTo(Farewell.STOPPING);
        assertThat(z.received()).contains(new Frame.Received(1));
        z.say(out -> FrameCodec.writeGoodbye(Farewell.STOPPING, "z", "goodbye", out));

        assertThat(inbox.texts()).containsExactly("in flight");
        assertThat(z.isClosed()).isTrue();
        assertThat(stopped).isCompleted();
    }

    @Test
    void breaksOffAPeerThatDoesNotSayGoodbyeInTime() {
        RawPeer z = dial().link("z");
        var stopped = m.cluster().stop().toCompletableFuture();
        Logged.during(() -> {
            for (int i = 0; i < 10; i++) {
                z.send(FrameCodec.heartbeat());
                world.advance(SECOND.dividedBy(2));
            }
            world.network.runUntilIdle();
        });

        assertThat(stopped).isCompleted();
        assertThat(z.isClosed()).isTrue();
    }

    @Test
    void doesNotLetThoseWhoShakeHandsAndGoFillTheLog() {
        List<String> lines =
                Logged.during(() -> {
                    for (int i = 0; i < 100; i++) {
                        RawPeer z = dial().link("z");
                        world.network.kill(z.reactor());
                        world.network.runUntilIdle();
                    }
                });
        assertThat(lines).hasSize(10).first().asString().contains("ended without a goodbye");
    }

    @Test
    void doesNotLetStrangersFillTheLog() {
        List<String> lines =
                Logged.during(() -> {
                    for (int i = 0; i < 100; i++) {
                        dial().send(Bytes.utf8("GET / HTTP/1.1\r\nHost: m\r\n\r\n"));
                    }
                });
        assertThat(lines).hasSize(10);

        List<String> later = Logged.during(() -> world.advance(Duration.ofMinutes(1)));
        assertThat(later)
                .singleElement()
                .asString()
                .contains("90 more warnings of connections that did not become links");
    }

    // ---- the count of what came ----

    @Test
    void refusesACountThatCannotBe() {
        RawPeer z = dial().link("z");
        z.say(out -> FrameCodec.writeReceived(0, out));
        List<String> lines = Logged.during(() -> z.say(out -> FrameCodec.writeReceived(1, out)));

        assertThat(z.goodbye().why()).isEqualTo(Farewell.PROTOCOL_ERROR);
        assertThat(lines.getFirst()).contains("a count of 1 events received, which cannot be");
    }

    // ---- gossip ----

    @Test
    void dialsWhomItIsToldOf() {
        Node t = world.node("t");
        RawPeer z = dial().link("z");
        z.say(out -> FrameCodec.writeMembers(List.of(RawPeer.identity("t", 1)), out));
        world.advance(SECOND);

        assertThat(m.linked()).contains("t");
        assertThat(t.linked()).containsExactly("m");
        assertThat(z.received(Frame.MembersTold.class))
                .contains(new Frame.MembersTold(List.of(RawPeer.identity("t", 1))));
    }
}
