package dev.torsion.protocols.amp;

import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.BytesBuilder;
import dev.torsion.reactor.testing.ManualReactor;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AmpTypesTest {
    private enum Color {
        RED,
        GREEN
    }

    private record Point(int x, int y) {}

    private static final AmpTypes TYPES =
            AmpTypes.standard()
                    .with(UUID.class, String.class, UUID::toString, UUID::fromString)
                    .with(Color.class, String.class, Color::name, Color::valueOf)
                    .with(Instant.class, Long.class, Instant::toEpochMilli, Instant::ofEpochMilli)
                    .with(
                            Point.class,
                            Bytes.class,
                            it -> new BytesBuilder().int32(it.x()).int32(it.y()).build(),
                            it -> new Point(it.int32(0), it.int32(4)));

    private record Drawing(
            UUID id, @Nullable Color color, Instant time, Point at, List<Point> line) {}

    private record Ink(Color value) {}

    private record Place(Point value) {}

    private static final Drawing DRAWING =
            new Drawing(
                    new UUID(1, 2),
                    Color.GREEN,
                    Instant.ofEpochMilli(-5),
                    new Point(-1, 2),
                    List.of(new Point(3, 4), new Point(5, 6)));

    private static <R extends Record> Shape<R> shape(Class<R> type) {
        return Shape.of(type, TYPES);
    }

    @Test
    void sendATypeAsTheOneItIsWrittenAs() throws AmpException {
        Box box = shape(Drawing.class).encode(DRAWING);

        assertThat(box.text("id")).isEqualTo("00000000-0000-0001-0000-000000000002");
        assertThat(box.text("color")).isEqualTo("GREEN");
        assertThat(box.text("time")).isEqualTo("-5");
        assertThat(box.text("at")).isEqualTo("\u00ff\u00ff\u00ff\u00ff\0\0\0\2");
        assertThat(box.text("line")).isEqualTo("\0\10\0\0\0\3\0\0\0\4\0\10\0\0\0\5\0\0\0\6");
        assertThat(shape(Drawing.class).decode(box)).isEqualTo(DRAWING);
    }

    @Test
    void leaveOutWhatIsNull() throws AmpException {
        Drawing colorless =
                new Drawing(DRAWING.id(), null, DRAWING.time(), DRAWING.at(), List.of());
        Box box = shape(Drawing.class).encode(colorless);

        assertThat(box.get("color")).isNull();
        assertThat(shape(Drawing.class).decode(box)).isEqualTo(colorless);
    }

    @Test
    void makeUnreadableWhatTheirReaderRefuses() {
        Box noColor = new Box().put("value", Bytes.utf8("BLUE"));
        assertThatThrownBy(() -> shape(Ink.class).decode(noColor))
                .isInstanceOf(AmpException.Unreadable.class)
                .hasMessageStartingWith("value: Color: No enum constant");
        Box noText = new Box().put("value", Bytes.wrap(new byte[] {-1}));
        assertThatThrownBy(() -> shape(Ink.class).decode(noText))
                .isInstanceOf(AmpException.Unreadable.class)
                .hasMessage("value: text that is not UTF-8");
        Box half = new Box().put("value", Bytes.utf8("1234"));
        assertThatThrownBy(() -> shape(Place.class).decode(half))
                .isInstanceOf(AmpException.Unreadable.class)
                .hasMessageStartingWith("value: Point: ");
    }

    @Test
    void makeUnsendableWhatTheirWriterRefuses() {
        AmpTypes refusing =
                AmpTypes.standard()
                        .with(
                                Color.class,
                                String.class,
                                _ -> {
                                    throw new IllegalStateException("no color today");
                                },
                                Color::valueOf);
        assertThatThrownBy(() -> Shape.of(Ink.class, refusing).encode(new Ink(Color.RED)))
                .isInstanceOf(AmpException.Unsendable.class)
                .hasMessage("Color: no color today")
                .hasCauseInstanceOf(IllegalStateException.class);
    }

    @Test
    void keepTheBoundsOfTheTypeTheyAreSentAs() throws AmpException {
        AmpTypes wide =
                AmpTypes.standard()
                        .with(
                                Color.class,
                                Bytes.class,
                                color -> Bytes.wrap(new byte[color == Color.RED ? 65_535 : 65_536]),
                                _ -> Color.RED);
        record Inks(List<Color> value) {}

        assertThat(Shape.of(Ink.class, wide).encode(new Ink(Color.RED)).encode().size())
                .isGreaterThan(65_535);
        assertThatThrownBy(() -> Shape.of(Ink.class, wide).encode(new Ink(Color.GREEN)).encode())
                .isInstanceOf(AmpException.Unsendable.class)
                .hasMessageContaining("value takes 65536 bytes");
        assertThatThrownBy(() -> Shape.of(Inks.class, wide).encode(new Inks(List.of(Color.GREEN))))
                .isInstanceOf(AmpException.Unsendable.class)
                .hasMessageContaining("65536 bytes");
    }

    @Test
    void mayReplaceWhatATypeHad() throws AmpException {
        record Text(String value) {}
        AmpTypes backwards =
                AmpTypes.standard()
                        .with(
                                String.class,
                                String.class,
                                it -> new StringBuilder(it).reverse().toString(),
                                it -> new StringBuilder(it).reverse().toString());
        Box box = Shape.of(Text.class, backwards).encode(new Text("abc"));

        assertThat(box.text("value")).isEqualTo("cba");
        assertThat(Shape.of(Text.class, backwards).decode(box)).isEqualTo(new Text("abc"));
        assertThat(Shape.of(Text.class, AmpTypes.standard()).decode(box))
                .isEqualTo(new Text("cba"));
    }

    @Test
    void areSentAsATypeThatIsThere() {
        assertThatThrownBy(() ->
                        AmpTypes.standard()
                                .with(
                                        Color.class,
                                        Thread.class,
                                        _ -> Thread.currentThread(),
                                        _ -> Color.RED))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("AMP has no type for java.lang.Thread");
    }

    private interface Gallery {
        CompletionStage<Drawing> draw(Drawing drawing);
    }

    @Test
    void areThoseOfCommandsAndInterfaces() {
        ManualReactor reactor = new ManualReactor();
        CommandInterface<Gallery> gallery = CommandInterface.of(Gallery.class, TYPES);
        AmpProtocol client = new AmpProtocol(Answers.none(), AmpOptions.DEFAULT);
        Answers answers = Answers.none().with(gallery, drawing -> completedFuture(drawing));
        reactor.wire(client, new AmpProtocol(answers, AmpOptions.DEFAULT));
        List<Drawing> told = new ArrayList<>();

        var _ = gallery.on(client).draw(DRAWING).thenAccept(told::add);
        var _ =
                client.call(Command.of("Draw", Drawing.class, Drawing.class, TYPES), DRAWING)
                        .thenAccept(told::add);
        reactor.runUntilIdle();
        assertThat(told).containsExactly(DRAWING, DRAWING);
    }
}
