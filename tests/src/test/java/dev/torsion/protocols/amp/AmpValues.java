package dev.torsion.protocols.amp;

import static java.util.concurrent.CompletableFuture.completedFuture;

import dev.torsion.fuzz.Decoder;
import dev.torsion.fuzz.StreamDecoder;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Reactor;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/// AMP as anybody may send it: boxes, and the values in them.
public final class AmpValues {

    record Row(String name, @Nullable Integer age) {}

    /// Every type there is, and one that is added.
    record Values(
            int small,
            long large,
            BigInteger any,
            double real,
            boolean truth,
            Bytes raw,
            String text,
            BigDecimal number,
            Decimal exact,
            OffsetDateTime time,
            List<Long> numbers,
            List<List<String>> nested,
            Path file,
            Instant own,
            List<Instant> owns,
            List<Row> rows,
            @Nullable String note) {}

    record Nothing() {}

    record Text(String text) {}

    private static final Command<Values, Values> VALUES =
            Command.of(
                    "V",
                    Values.class,
                    Values.class,
                    AmpTypes.standard()
                            .with(
                                    Instant.class,
                                    Long.class,
                                    Instant::toEpochMilli,
                                    Instant::ofEpochMilli));
    private static final Command<Nothing, Nothing> NOTHING =
            Command.of("N", Nothing.class, Nothing.class);
    private static final Command<Nothing, Text> TEXT = Command.of("T", Nothing.class, Text.class);
    private static final Command<Nothing, Nothing> SWITCH =
            Command.of("S", Nothing.class, Nothing.class);
    private static final Values SOUND =
            new Values(
                    1,
                    -2,
                    BigInteger.TEN.pow(30),
                    1.5e300,
                    true,
                    Bytes.utf8("raw"),
                    "☃",
                    new BigDecimal("1.50"),
                    Decimal.Special.NAN,
                    OffsetDateTime.parse("2012-01-23T12:34:56.054321+05:30"),
                    List.of(1L, 2L),
                    List.of(List.of("a"), List.of()),
                    Path.of("/srv/a b"),
                    Instant.ofEpochMilli(5),
                    List.of(Instant.EPOCH),
                    List.of(new Row("Ada", 36), new Row("", null)),
                    "note");

    private AmpValues() {}

    public static SequencedMap<String, Decoder> decoders() {
        SequencedMap<String, Decoder> decoders = new LinkedHashMap<>();
        decoders.put("amp", new StreamDecoder(AmpValues::peer, conversations()));
        decoders.put("amp-values", new Typed(List.of(strings(sound()))));
        return decoders;
    }

    /// Those that came later, and have later numbers.
    public static SequencedMap<String, Decoder> moreDecoders() {
        SequencedMap<String, Decoder> decoders = new LinkedHashMap<>();
        decoders.put("amp-asks", new StreamDecoder(Asking::new, answers()));
        return decoders;
    }

    /// Asks, tells, and offers to go on with another protocol: the peer may answer what it likes,
    /// and whoever has asked gets an answer or one of AMP's own exceptions.
    private static final class Asking extends AmpProtocol {
        private final List<String> read;

        Asking(List<String> read) {
            super(Answers.none(), AmpOptions.DEFAULT);
            this.read = read;
        }

        @Override
        protected void opened() {
            hear("values", call(VALUES, SOUND));
            hear("told", tell(VALUES, SOUND));
            hear("nothing", call(NOTHING, new AmpValues.Nothing()));
            hear("text", call(TEXT, new AmpValues.Nothing()));
            hear(
                    "switched",
                    callToSwitch(SWITCH, new AmpValues.Nothing(), () -> new Bytewise(read)));
        }

        private void hear(String what, CompletionStage<?> answer) {
            Reactor reactor = transport().reactor();
            var _ =
                    answer.handle((given, failure) -> {
                        Throwable why =
                                failure instanceof CompletionException
                                        ? failure.getCause()
                                        : failure;
                        if (why == null) {
                            read.add(what + (given instanceof Bytewise ? "" : ": " + given));
                        } else if (why instanceof AmpException) {
                            read.add(what + " failed: " + why);
                        } else {
                            reactor.callFromThread(() -> {
                                throw new AssertionError(what + " failed", why);
                            });
                        }
                        return true;
                    });
        }
    }

    /// To the questions 1 to 4 of [Asking], and what else may come instead.
    private static List<byte[]> answers() {
        Bytes one = Bytes.utf8("1");
        byte[] values = strings(sound().put(Box.ANSWER, one));
        byte[] nothing = strings(new Box().put(Box.ANSWER, Bytes.utf8("2")));
        byte[] text =
                strings(new Box().put(Box.ANSWER, Bytes.utf8("3")).put("text", Bytes.utf8("☃")));
        byte[] change = strings(new Box().put(Box.ANSWER, Bytes.utf8("4")));
        byte[] error =
                strings(
                        new Box()
                                .put(Box.ERROR, one)
                                .put(Box.ERROR_CODE, Bytes.utf8("UNHANDLED"))
                                .put(Box.ERROR_DESCRIPTION, Bytes.utf8("a\nb")));
        byte[] refusal =
                strings(
                        new Box()
                                .put(Box.ERROR, Bytes.utf8("4"))
                                .put(Box.ERROR_CODE, Bytes.utf8("C"))
                                .put(Box.ERROR_DESCRIPTION, Bytes.utf8("d")));
        byte[] asks = strings(new Box().put(Box.COMMAND, Bytes.utf8("V")).put(Box.ASK, one));
        return List.of(
                joined(values, text, nothing),
                joined(change, "afterwards".getBytes(StandardCharsets.UTF_8)),
                joined(error, values),
                joined(refusal, nothing, asks),
                joined(nothing, nothing, text));
    }

    private static byte[] joined(byte[]... boxes) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] box : boxes) {
            all.writeBytes(box);
        }
        return all.toByteArray();
    }

    private static Protocol peer(List<String> read) {
        Answers answers =
                Answers.none()
                        .with(
                                VALUES,
                                (values, _) -> {
                                    read.add(values.toString());
                                    return completedFuture(values);
                                })
                        .switching(SWITCH, (_, _) -> completedFuture(new Bytewise(read)));
        return new AmpProtocol(answers, AmpOptions.DEFAULT);
    }

    private record Bytewise(List<String> read) implements Protocol {
        @Override
        public void dataReceived(Bytes data) {
            for (int i = 0; i < data.size(); i++) {
                read.add("byte " + data.at(i));
            }
        }
    }

    private static Box sound() {
        try {
            return VALUES.ask(SOUND);
        } catch (AmpException.Unsendable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static List<byte[]> conversations() {
        Box values = sound().put(Box.COMMAND, Bytes.utf8("V")).put(Box.ASK, Bytes.utf8("1"));
        Box change = new Box().put(Box.COMMAND, Bytes.utf8("S")).put(Box.ASK, Bytes.utf8("a"));
        Box nobody = new Box().put(Box.COMMAND, Bytes.utf8("X")).put(Box.ASK, Bytes.utf8("b"));
        Box answer = new Box().put(Box.ANSWER, Bytes.utf8("1"));
        Box error =
                new Box()
                        .put(Box.ERROR, Bytes.utf8("1"))
                        .put(Box.ERROR_CODE, Bytes.utf8("C"))
                        .put(Box.ERROR_DESCRIPTION, Bytes.utf8("d"));
        return List.of(
                strings(values), strings(nobody), strings(change), strings(answer), strings(error));
    }

    private static byte[] strings(Box box) {
        try {
            return box.encode().toArray();
        } catch (AmpException.Unsendable impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /// A box's values: readable, and then the same when sent and read again; or not, with AMP's own
    /// exception.
    private record Typed(List<byte[]> seeds) implements Decoder {
        @Override
        public void feed(byte[] input) throws AmpException.Unsendable {
            Values values;
            try {
                BoxReader reader = new BoxReader(1 << 20);
                Box box = null;
                for (Bytes string : Strings.split(Bytes.wrap(input))) {
                    box = reader.take(string);
                    if (box != null) {
                        break;
                    }
                }
                if (box == null) {
                    return;
                }
                values = VALUES.asked(box);
            } catch (AmpException.Unreadable unreadable) {
                return;
            }
            Box written = VALUES.ask(values);
            try {
                Values again = VALUES.asked(written);
                if (!spelled(again).equals(spelled(values))) {
                    throw new AssertionError(spelled(values) + " is read as " + spelled(again));
                }
            } catch (AmpException.Unreadable unreadable) {
                throw new AssertionError("what was written cannot be read", unreadable);
            }
        }

        private static String spelled(Values values) {
            return values + values.raw().utf8();
        }
    }
}
