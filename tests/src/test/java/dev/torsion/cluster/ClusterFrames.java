package dev.torsion.cluster;

import dev.torsion.bus.Event;
import dev.torsion.bus.Header;
import dev.torsion.bus.Interest;
import dev.torsion.bus.Topic;
import dev.torsion.bus.TopicPattern;
import dev.torsion.fuzz.Decoder;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/// The frames of a link, and the events in them, as a stranger may send them.
public final class ClusterFrames {
    private static final Event EVENT =
            new Event(
                    "id",
                    "/source",
                    "type",
                    Instant.ofEpochSecond(1_700_000_000, 1),
                    Topic.of("a.b"),
                    Bytes.utf8("data"),
                    Topic.of("reply"),
                    new TreeMap<>(Map.of("name", "value")),
                    List.of(new Header("Header", "value")));

    private ClusterFrames() {}

    public static SequencedMap<String, Decoder> decoders() {
        SequencedMap<String, Decoder> decoders = new LinkedHashMap<>();
        decoders.put(
                "cluster-frame",
                new Reading(bytes -> FrameCodec.read(bytes, new LastEvent()), frames()));
        decoders.put(
                "cluster-event",
                new Reading(
                        bytes -> EventCodec.read(new FrameReader(bytes), new LastEvent()),
                        List.of(withData(written(out -> EventCodec.writeHead(EVENT, out))))));
        return decoders;
    }

    private static List<byte[]> frames() {
        NodeIdentity node = new NodeIdentity("edge", 7, Address.of("127.0.0.1", 7400));
        List<Bytes> frames = new ArrayList<>();
        frames.add(FrameCodec.hello(Frame.HELLO, node, 1 << 20));
        frames.add(FrameCodec.hello(Frame.WELCOME, node, 1 << 20));
        frames.add(FrameCodec.linked());
        frames.add(FrameCodec.heartbeat());
        frames.add(
                written(out ->
                        FrameCodec.writeInterest(
                                new Interest(new TopicPattern("a.*.>"), "group"), 3, out)));
        frames.add(written(out -> FrameCodec.writeMembers(List.of(node, node), out)));
        frames.add(written(out -> FrameCodec.writeReceived(42, out)));
        frames.add(written(out -> FrameCodec.writeGoodbye(Farewell.of(1), "edge", "bye", out)));
        frames.add(
                Bytes.wrap(
                        withData(
                                written(out ->
                                        FrameCodec.writeEventHead(
                                                EVENT, true, List.of("g"), false, out)))));
        // Without the length before it, which the link takes off.
        return frames.stream().map(frame -> frame.slice(4, frame.size()).toArray()).toList();
    }

    private static byte[] withData(Bytes head) {
        byte[] whole = Arrays.copyOf(head.toArray(), head.size() + EVENT.data().size());
        EVENT.data().copyTo(0, whole, head.size(), EVENT.data().size());
        return whole;
    }

    private static Bytes written(Consumer<FrameWriter> frame) {
        FrameWriter out = new FrameWriter(128);
        frame.accept(out);
        return out.done();
    }

    /// Fails with its own exception, which says something, or not at all.
    private record Reading(Consumer<Bytes> reader, List<byte[]> seeds) implements Decoder {
        @Override
        public void feed(byte[] input) {
            try {
                reader.accept(Bytes.wrap(input));
            } catch (MalformedFrameException said) {
                if (String.valueOf(said.getMessage()).isBlank()) {
                    throw new AssertionError("an error that says nothing", said);
                }
            }
        }
    }
}
