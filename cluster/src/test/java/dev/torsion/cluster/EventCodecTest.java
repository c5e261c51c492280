package dev.torsion.cluster;

import static dev.torsion.bus.PlainEvents.plain;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.bus.Event;
import dev.torsion.bus.Header;
import dev.torsion.bus.Topic;
import dev.torsion.reactor.Bytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class EventCodecTest {
    private static final int PREFIX_AND_KIND = 5;
    private static final String LETTERS = "abcXYZ019-_äß€日本😀";

    private static Bytes encode(Event event) {
        FrameWriter out = new FrameWriter(16).begin(Frame.EVENT);
        EventCodec.writeHead(event, out);
        out.bytes(event.data());
        Bytes frame = out.done();
        return frame.slice(PREFIX_AND_KIND, frame.size());
    }

    private static Event decode(Bytes bytes) {
        return EventCodec.read(new FrameReader(bytes), new LastEvent());
    }

    private static Event event(long seed) {
        SplittableRandom chance = new SplittableRandom(seed);
        TreeMap<String, String> attributes = new TreeMap<>();
        for (int i = chance.nextInt(5); i > 0; i--) {
            attributes.put("name" + i, text(chance, 40));
        }
        List<Header> headers = new ArrayList<>();
        for (int i = chance.nextInt(5); i > 0; i--) {
            headers.add(new Header("X-" + chance.nextInt(3), text(chance, 40)));
        }
        byte[] data = new byte[chance.nextInt(4) * chance.nextInt(100)];
        for (int i = 0; i < data.length; i++) {
            data[i] = (byte) chance.nextInt();
        }
        Instant time =
                Instant.ofEpochSecond(
                        chance.nextLong(-10_000_000_000L, 10_000_000_000L),
                        chance.nextInt(1_000_000_000));
        return new Event(
                text(chance, 60),
                "/" + text(chance, 20),
                text(chance, 20),
                time,
                topic(chance),
                Bytes.wrap(data),
                chance.nextBoolean() ? topic(chance) : null,
                attributes,
                headers);
    }

    private static Topic topic(SplittableRandom chance) {
        StringBuilder name = new StringBuilder(text(chance, 8));
        for (int i = chance.nextInt(5); i > 0; i--) {
            name.append('.').append(text(chance, 8));
        }
        return Topic.of(name.toString());
    }

    private static String text(SplittableRandom chance, int most) {
        int[] characters = LETTERS.codePoints().toArray();
        StringBuilder text = new StringBuilder();
        for (int i = 1 + chance.nextInt(most); i > 0; i--) {
            text.appendCodePoint(characters[chance.nextInt(characters.length)]);
        }
        return text.toString();
    }

    @Test
    void readsTheSameWhateverCameBefore() {
        LastEvent last = new LastEvent();
        for (long seed = 0; seed < 200; seed++) {
            Event event = event(seed / 2);
            assertThat(EventCodec.read(new FrameReader(encode(event)), last)).isEqualTo(event);
        }
    }

    @Test
    void sharesWhatTheEventBeforeHadToo() {
        LastEvent last = new LastEvent();
        Bytes first = encode(plain("n1-1-1", "/n1", "orders.new"));
        Event before = EventCodec.read(new FrameReader(first), last);
        Event after = EventCodec.read(new FrameReader(first), last);
        assertThat(after.source()).isSameAs(before.source());
        assertThat(after.type()).isSameAs(before.type());
        assertThat(after.topic()).isSameAs(before.topic());

        Event other =
                EventCodec.read(
                        new FrameReader(encode(plain("n1-1-1", "/n2", "orders.old"))), last);
        assertThat(other).isEqualTo(plain("n1-1-1", "/n2", "orders.old"));
    }

    @Test
    void givesBackWhatItWasGiven() {
        for (long seed = 0; seed < 2000; seed++) {
            Event event = event(seed);
            assertThat(decode(encode(event))).isEqualTo(event);
        }
    }

    @Test
    void givesBackTheLargestEventThereIs() {
        TreeMap<String, String> attributes = new TreeMap<>();
        List<Header> headers = new ArrayList<>();
        for (int i = 0; i < 64; i++) {
            attributes.put("a" + "b".repeat(60) + i, "€".repeat(4096));
            headers.add(new Header("h".repeat(256), "€".repeat(4096)));
        }
        Event event =
                new Event(
                        "€".repeat(4096),
                        "€".repeat(4096),
                        "€".repeat(4096),
                        Instant.MAX,
                        Topic.of("€".repeat(512)),
                        Bytes.wrap(new byte[1 << 20]),
                        Topic.of("€".repeat(512)),
                        attributes,
                        headers);
        assertThat(decode(encode(event))).isEqualTo(event);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void refusesAnEventCutAnywhere(long seed) {
        Bytes whole = encode(event(seed));
        for (int size = 0; size < whole.size(); size++) {
            Bytes cut = whole.slice(0, size);
            assertThatThrownBy(() -> decode(cut))
                    .as("cut after " + size)
                    .isInstanceOf(MalformedFrameException.class);
        }
    }

    @Test
    void refusesBytesAfterTheEnd() {
        byte[] longer = new byte[encode(event(1)).size() + 1];
        encode(event(1)).copyTo(0, longer, 0, longer.length - 1);
        assertThatThrownBy(() -> decode(Bytes.wrap(longer)))
                .isInstanceOf(MalformedFrameException.class)
                .hasMessageContaining("1 bytes after its end");
    }

    @Test
    void answersEveryDamagedFrameWithAnEventOrAClearRefusal() {
        for (long seed = 0; seed < 5000; seed++) {
            SplittableRandom chance = new SplittableRandom(seed);
            byte[] damaged = encode(event(seed)).toArray();
            for (int i = 1 + chance.nextInt(4); i > 0; i--) {
                damaged[chance.nextInt(damaged.length)] = (byte) chance.nextInt();
            }
            readOrRefuse(() -> decode(Bytes.wrap(damaged)));
        }
    }

    @Test
    void answersGarbageWithAFrameOrAClearRefusal() {
        for (long seed = 0; seed < 20_000; seed++) {
            SplittableRandom chance = new SplittableRandom(seed);
            byte[] garbage = new byte[chance.nextInt(120)];
            for (int i = 0; i < garbage.length; i++) {
                garbage[i] = (byte) (chance.nextInt(3) == 0 ? chance.nextInt() : chance.nextInt(9));
            }
            readOrRefuse(() -> FrameCodec.read(Bytes.wrap(garbage), new LastEvent()));
        }
    }

    /// Anything but the one exception fails the test.
    private static void readOrRefuse(Runnable read) {
        try {
            read.run();
        } catch (MalformedFrameException refused) {
            assertThat(refused).message().isNotBlank();
        }
    }

    @Test
    void saysWhatIsWrong() {
        assertRefused(out -> out.u8(2).u8(0), "an event in format 2");
        assertRefused(out -> out.u8(1).u8(6), "flags that mean nothing: 6");
        assertRefused(out -> out.u8(1).u8(0).u16(12_289), "id of 12289 bytes, more than 12288");
        assertRefused(
                out -> out.u8(1).u8(0).u16(2).bytes(Bytes.wrap(new byte[] {(byte) 0xc3, 'x'})),
                "id that is not UTF-8");
        assertRefused(
                out -> out.u8(1).u8(0).text("id").text("/s").text("t").text("a..b"),
                "not a topic: \"a..b\" has an empty token at character 3");
        assertRefused(out -> head(out).u8(65), "65 attributes, more than 64");
        assertRefused(
                out -> head(out).u8(2).text("a").text("1").text("a").text("2"),
                "the attribute a twice");
        assertRefused(out -> head(out).u8(0).u8(0).u32(-1), "data of -1 bytes");
    }

    private static FrameWriter head(FrameWriter out) {
        out.u8(1).u8(0).text("id").text("/s").text("t").text("topic");
        return out.i64(0).u32(0);
    }

    private static void assertRefused(Consumer<FrameWriter> event, String message) {
        FrameWriter out = new FrameWriter(16);
        event.accept(out);
        assertThatThrownBy(() -> decode(out.done()))
                .isInstanceOf(MalformedFrameException.class)
                .hasMessage(message);
    }
}
