package dev.torsion.tests;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.torsion.netty.NettyReactor;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.amp.AmpBox;
import dev.torsion.protocols.amp.AmpException;
import dev.torsion.protocols.amp.AmpOptions;
import dev.torsion.protocols.amp.AmpProtocol;
import dev.torsion.protocols.amp.AmpTypes;
import dev.torsion.protocols.amp.Answers;
import dev.torsion.protocols.amp.Command;
import dev.torsion.protocols.amp.CommandInterface;
import dev.torsion.protocols.amp.Decimal;
import dev.torsion.protocols.amp.Key;
import dev.torsion.protocols.tls.ClientCertificates;
import dev.torsion.protocols.tls.TlsClient;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.BytesBuilder;
import dev.torsion.reactor.CloseReason;
import dev.torsion.reactor.Protocol;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// AMP with Twisted's own implementation at the other end, asking and being asked.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class TwistedAmpTest {
    private static final String LONG_AGO = "0001-01-01T00:00:00+05:30";

    record Row(String name, @Nullable Long age) {}

    record Types(
            BigInteger integer,
            double real,
            boolean truth,
            Bytes raw,
            String text,
            Decimal exact,
            OffsetDateTime time,
            List<BigInteger> numbers,
            List<OffsetDateTime> times,
            List<List<String>> nested,
            List<Row> rows,
            @Nullable String note) {

        /// What two of them have in common if nothing was lost; bytes have no equality of their
        /// own.
        String spelled() {
            return List.of(
                            integer,
                            real,
                            truth,
                            Collections.singletonList(raw.size() > 9 ? raw.size() : raw.utf8()),
                            text,
                            exact,
                            time,
                            numbers,
                            times,
                            nested,
                            rows,
                            String.valueOf(note))
                    .toString();
        }
    }

    record Point(int x, int y) {}

    record Drawing(Point at, List<Point> line, Path file) {}

    record How(String how) {}

    record Sum(long a, long b) {}

    record Total(long total) {}

    record Nothing() {}

    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    static final class Broken extends Exception {
        private static final long serialVersionUID = 1L;

        Broken(String message) {
            super(message);
        }
    }

    private static final Command<Types, Types> TYPES =
            Command.of("Types", Types.class, Types.class);
    private static final Command<Drawing, Drawing> DRAW =
            Command.of(
                    "Draw",
                    Drawing.class,
                    Drawing.class,
                    AmpTypes.standard()
                            .with(
                                    Point.class,
                                    Bytes.class,
                                    it -> new BytesBuilder().int32(it.x()).int32(it.y()).build(),
                                    it -> new Point(it.int32(0), it.int32(4))));
    private static final Command<How, Nothing> FAIL =
            Command.of("Fail", How.class, Nothing.class)
                    .failing("REFUSED", Refused.class, Refused::new)
                    .failingForGood("BROKEN", Broken.class, Broken::new);
    private static final Command<Sum, Total> SUM = Command.of("Sum", Sum.class, Total.class);
    private static final Command<Sum, Total> CALL_BACK =
            Command.of("CallBack", Sum.class, Total.class);
    private static final Command<How, Nothing> TELL = Command.of("Tell", How.class, Nothing.class);
    private static final Command<Nothing, Nothing> UPPER =
            Command.of("Upper", Nothing.class, Nothing.class);
    private static final Command<Nothing, Nothing> SILENCE =
            Command.of("Silence", Nothing.class, Nothing.class);
    private static final Command<Nothing, Nothing> NOBODY =
            Command.of("Nobody", Nothing.class, Nothing.class);

    private final NettyReactor reactor = RealReactor.create();
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
    private final Answers answers =
            Answers.none()
                    .with(TYPES, (types, _) -> completedFuture(types))
                    .with(DRAW, (drawing, _) -> completedFuture(drawing))
                    .with(SUM, (sum, _) -> completedFuture(new Total(sum.a() + sum.b())))
                    .with(CALL_BACK, (sum, from) -> from.call(SUM, sum))
                    .with(FAIL, (how, _) -> fail(how))
                    .with(SILENCE, (_, _) -> new CompletableFuture<>())
                    .with(
                            TELL,
                            (how, _) -> {
                                told.add("told " + how.how());
                                return fail(how);
                            })
                    .switching(UPPER, (_, _) -> completedFuture(new UpperLines()))
                    .otherwise(TwistedAmpTest::located);

    /// What Twisted's end does in `locateResponder`.
    private static Answers located(String name) {
        return name.startsWith("Raw")
                ? Answers.none().with(raw(name), (box, _) -> completedFuture(named(name, box)))
                : Answers.none();
    }

    private static Command<AmpBox, AmpBox> raw(String name) {
        return Command.of(name, AmpBox.class, AmpBox.class);
    }

    private static AmpBox named(String name, AmpBox box) {
        return new AmpBox(
                Map.of("name", Bytes.utf8(name), "a", requireNonNull(box.values().get("a"))));
    }

    /// What Twisted's `UpperLines` is.
    private static final class UpperLines extends LineProtocol {
        @Override
        protected void connected() {
            sendLine(Bytes.utf8("SWITCHED"));
        }

        @Override
        protected void lineReceived(Bytes line) {
            sendLine(Bytes.utf8(line.utf8().toUpperCase(java.util.Locale.ROOT)));
        }
    }

    private final class Lines extends LineProtocol {
        @Override
        protected void lineReceived(Bytes line) {
            told.add("line " + line.utf8());
            if (line.utf8().equals("SWITCHED")) {
                sendLine(Bytes.utf8("hello"));
            }
        }
    }

    private final class Peer extends AmpProtocol {
        Peer() {
            this(answers);
        }

        Peer(Answers answers) {
            super(answers, AmpOptions.DEFAULT);
        }

        void leave() {
            transport().loseConnection();
        }

        @Override
        protected void closed(CloseReason reason) {
            told.add("lost: " + reason);
        }
    }

    private static CompletionStage<Nothing> fail(How how) throws Exception {
        return switch (how.how()) {
            case "refused" -> throw new Refused("too much: ☃");
            case "broken" -> throw new Broken("no more");
            case "unknown" -> throw new IllegalStateException("a secret");
            default -> completedFuture(new Nothing());
        };
    }

    @AfterEach
    void stop() throws Exception {
        reactor.stop().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    // ---- Twisted is asked ----

    static Stream<Types> values() {
        OffsetDateTime utc = OffsetDateTime.parse("2012-01-23T12:34:56.054321Z");
        return Stream.of(
                new Types(
                        BigInteger.ONE,
                        1.5,
                        true,
                        Bytes.wrap(new byte[] {0, -1}),
                        "snow ☃",
                        new Decimal.Finite(new BigDecimal("1.50")),
                        utc,
                        List.of(BigInteger.ONE, BigInteger.TWO.negate()),
                        List.of(utc, OffsetDateTime.parse(LONG_AGO)),
                        List.of(List.of("a", ""), List.of()),
                        List.of(new Row("Ada", 36L), new Row("nobody", null)),
                        "here"),
                new Types(
                        BigInteger.TEN.pow(40).negate(),
                        1e100,
                        false,
                        Bytes.empty(),
                        "",
                        new Decimal.Finite(new BigDecimal("1E+2")),
                        OffsetDateTime.parse("9999-12-31T23:59:59.999999-11:59"),
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        null),
                new Types(
                        BigInteger.ZERO,
                        Double.NEGATIVE_INFINITY,
                        false,
                        Bytes.wrap(new byte[65_535]),
                        "😀",
                        Decimal.Special.NEGATIVE_INFINITY,
                        utc,
                        List.of(BigInteger.TEN.pow(30)),
                        List.of(),
                        List.of(List.of()),
                        List.of(new Row("", -1L)),
                        ""),
                new Types(
                        BigInteger.TWO.pow(63),
                        Double.NaN,
                        true,
                        Bytes.utf8("\r\n"),
                        "\0",
                        Decimal.Special.NAN,
                        utc,
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of(),
                        null));
    }

    @ParameterizedTest
    @MethodSource("values")
    void twistedUnderstandsEveryTypeAndSaysItAgain(Types types) throws Exception {
        try (TwistedPeer server = TwistedPeer.start("amp_peer.py", "server")) {
            Peer peer = connect(server.port());

            Types answer = join(() -> peer.call(TYPES, types));

            assertThat(answer.spelled()).isEqualTo(types.spelled());
        }
    }

    @Test
    void twistedReadsTheValuesThatWereMeant() throws Exception {
        try (TwistedPeer server = TwistedPeer.start("amp_peer.py", "server")) {
            Peer peer = connect(server.port());

            join(() -> peer.call(TYPES, values().findFirst().orElseThrow()));

            assertThat(server.line())
                    .contains("exact=Decimal('1.50')", "integer=1 ", "nested=[['a', ''], []]")
                    .contains("note='here'", "numbers=[1, -2]", "raw=b'\\x00\\xff'", "real=1.5")
                    .contains("{age=36 name='Ada'}, {name='nobody'}", "text='snow ☃'", "truth=True")
                    .contains("time=2012-01-23T12:34:56.054321+00:00 ")
                    .contains("0001-01-01T00:00:00+05:30]");
        }
    }

    @Test
    void twistedAndWeHaveTheSameTypesOfOnesOwn() throws Exception {
        try (TwistedPeer server = TwistedPeer.start("amp_peer.py", "server")) {
            Peer peer = connect(server.port());
            Drawing drawing =
                    new Drawing(
                            new Point(3, -4),
                            List.of(new Point(5, 6), new Point(7, 8)),
                            Path.of("/srv/a b"));

            assertThat(join(() -> peer.call(DRAW, drawing))).isEqualTo(drawing);
            assertThat(server.line())
                    .isEqualTo("at=(3, -4) file=FilePath('/srv/a b') line=[(5, 6), (7, 8)]");
        }
    }

    @Test
    void twistedIsAskedForWhatItLooksUpByName() throws Exception {
        try (TwistedPeer server = TwistedPeer.start("amp_peer.py", "server")) {
            Peer peer = connect(server.port());
            AmpBox box = new AmpBox(Map.of("a", Bytes.wrap(new byte[] {0, -1})));

            assertThat(join(() -> peer.call(raw("RawOne"), box))).isEqualTo(named("RawOne", box));
        }
    }

    @Test
    void twistedsErrorsAreTheOnesDeclaredAndTheRest() throws Exception {
        try (TwistedPeer server = TwistedPeer.start("amp_peer.py", "server")) {
            int port = server.port();
            Peer peer = connect(port);

            assertThat(failure(() -> peer.call(FAIL, new How("refused"))))
                    .isInstanceOf(Refused.class)
                    .hasMessage("too much: ☃");
            assertThat(failure(() -> peer.call(NOBODY, new Nothing())))
                    .isInstanceOfSatisfying(
                            AmpException.Remote.class,
                            it -> assertThat(it.code()).isEqualTo("UNHANDLED"));
            assertThat(join(() -> peer.call(CALL_BACK, new Sum(20, 22)))).isEqualTo(new Total(42));
            assertThat(failure(() -> peer.call(FAIL, new How("broken"))))
                    .isInstanceOf(Broken.class)
                    .hasMessage("no more");
            assertThat(told.take()).isEqualTo("lost: closed cleanly");
            assertThat(failure(() -> peer.call(SUM, new Sum(1, 2))))
                    .isInstanceOf(AmpException.Lost.class);

            Peer second = connect(port);
            assertThat(failure(() -> second.call(FAIL, new How("unknown"))))
                    .isInstanceOfSatisfying(
                            AmpException.Remote.class,
                            it -> assertThat(it.code()).isEqualTo("UNKNOWN"));
            assertThat(told.take()).isEqualTo("lost: closed cleanly");
        }
    }

    interface Remote {
        CompletionStage<Total> sum(Sum sum);

        @Key("CallBack")
        CompletionStage<Total> sumByAskingBack(Sum sum);

        CompletionStage<Nothing> fail(How how);

        CompletionStage<Void> tell(How how);
    }

    @Test
    void twistedIsCalledThroughAnInterface() throws Exception {
        CommandInterface<Remote> commands =
                CommandInterface.of(Remote.class).failing("REFUSED", Refused.class, Refused::new);
        try (TwistedPeer server = TwistedPeer.start("amp_peer.py", "server")) {
            Remote remote = commands.on(connect(server.port()));

            assertThat(join(() -> remote.sum(new Sum(1, 2)))).isEqualTo(new Total(3));
            assertThat(join(() -> remote.sumByAskingBack(new Sum(20, 22))))
                    .isEqualTo(new Total(42));
            assertThat(failure(() -> remote.fail(new How("refused")))).isInstanceOf(Refused.class);
            join(() -> remote.tell(new How("something")));
            assertThat(server.line()).isEqualTo("told something");
        }
    }

    @Test
    void twistedIsToldWithoutAnAnswer() throws Exception {
        try (TwistedPeer server = TwistedPeer.start("amp_peer.py", "server")) {
            Peer peer = connect(server.port());

            join(() -> peer.tell(TELL, new How("something")));

            assertThat(server.line()).isEqualTo("told something");
            assertThat(join(() -> peer.call(SUM, new Sum(1, 2)))).isEqualTo(new Total(3));
        }
    }

    @Test
    void aCallThatTwistedNeverAnswersEndsAtItsDeadlineAndTheConnectionStays() throws Exception {
        try (TwistedPeer server = TwistedPeer.start("amp_peer.py", "server")) {
            Peer peer = connect(server.port());
            Command<Nothing, Nothing> impatient = SILENCE.within(Duration.ofMillis(50));

            assertThat(failure(() -> peer.call(impatient, new Nothing())))
                    .isInstanceOf(AmpException.TimedOut.class);
            assertThat(join(() -> peer.call(SUM, new Sum(1, 2)))).isEqualTo(new Total(3));
        }
    }

    @Test
    void twistedSwitchesToTheOtherProtocolAndSoDoWe() throws Exception {
        try (TwistedPeer server = TwistedPeer.start("amp_peer.py", "server")) {
            Peer peer = connect(server.port());

            join(() -> peer.callToSwitch(UPPER, new Nothing(), Lines::new));

            // What the server says first comes with the answer, in one segment.
            assertThat(told.take()).isEqualTo("line SWITCHED");
            assertThat(told.take()).isEqualTo("line HELLO");
        }
    }

    @Test
    void twistedIsAskedToStartTls() throws Exception {
        try (TwistedPeer server = TwistedPeer.start("amp_peer.py", "server", TlsPeer.PEM)) {
            Peer peer = connect(server.port());
            TlsClient tls = new TlsClient(TlsPeer.asking());
            assertThat(join(() -> peer.call(CALL_BACK, new Sum(1, 2)))).isEqualTo(new Total(3));

            join(() -> peer.callToStartTls(tls.layer("server.example")));

            assertThat(server.line()).isEqualTo("starts TLS");
            assertThat(join(() -> peer.call(CALL_BACK, new Sum(20, 22)))).isEqualTo(new Total(42));
            assertThat(
                            requireNonNull(peer.tlsSession())
                                    .peerCertificates()
                                    .getFirst()
                                    .getSubjectX500Principal()
                                    .getName())
                    .isEqualTo("CN=server.example");
            reactor.callFromThread(peer::leave);
            assertThat(told.take()).isEqualTo("lost: closed cleanly");
        }
    }

    // ---- Twisted asks ----

    @Test
    void twistedAsksUsToStartTls() throws Exception {
        TlsServer tls =
                new TlsServer(
                        TlsPeer.serving()
                                .withClientCertificates(
                                        ClientCertificates.NEEDED, TlsPeer.trust()));
        Answers secured = answers.startingTls(tls.layer());
        int port = reactor.listenTcp(0, _ -> new Peer(secured)).port();
        try (TwistedPeer client = TwistedPeer.start("amp_peer.py", "starttls", port, TlsPeer.PEM)) {
            assertThat(client.linesTo("done"))
                    .containsExactly(
                            "CallBack answered total=3",
                            "CallBack answered total=7",
                            "secured by server.example",
                            "lost ConnectionDone",
                            "Silence failed ConnectionDone Connection was closed cleanly.",
                            "done");
            assertThat(told.take()).isEqualTo("lost: closed cleanly");
        }
    }

    @Test
    void twistedAsksForEverythingAndGetsWhatItsOwnServerWouldSay() throws Exception {
        int port = reactor.listenTcp(0, _ -> new Peer()).port();
        try (TwistedPeer client = TwistedPeer.start("amp_peer.py", "client", port)) {
            assertThat(client.linesTo("done"))
                    .containsExactly(
                            "Types same",
                            "Types same",
                            "Types same",
                            "Types same",
                            "Sum answered total=3",
                            "Extended answered total=3",
                            "CallBack answered total=42",
                            "Draw answered at=(3, -4) file=FilePath('/srv/a b')"
                                    + " line=[(5, 6), (7, 8)]",
                            "RawTwo answered b'RawTwo' b'\\x00\\xff'",
                            "Fail failed Refused too much: ☃",
                            "Nobody failed UnhandledCommand (b'UNHANDLED', \"Unhandled Command:"
                                    + " 'Nobody'\")",
                            "Sum answered total=7",
                            "Fail failed Broken no more",
                            "lost ConnectionDone",
                            "Fail failed UnknownRemoteError Code<UNKNOWN>: Unknown Error",
                            "lost ConnectionDone",
                            "Missing failed UnknownRemoteError Code<UNKNOWN>: Unknown Error",
                            "lost ConnectionDone",
                            "Sum answered total=11",
                            "lost ConnectionDone",
                            "Silence failed ConnectionDone Connection was closed cleanly.",
                            "line SWITCHED",
                            "line HELLO",
                            "done");
            assertThat(told).contains("told something", "told unknown");
        }
    }

    @Test
    void aHeartbeatLeavesTwistedAloneWhileItAnswersAndAbortsWhenItFreezes() throws Exception {
        try (TwistedPeer server = TwistedPeer.start("amp_peer.py", "server")) {
            AmpOptions watchful = AmpOptions.DEFAULT.withHeartbeat(Duration.ofSeconds(1));
            CompletableFuture<CloseReason> lost = new CompletableFuture<>();
            AmpProtocol peer =
                    connect(
                            server.port(),
                            new AmpProtocol(answers, watchful) {
                                @Override
                                protected void closed(CloseReason reason) {
                                    lost.complete(reason);
                                }
                            });

            // Two beats: Twisted does not know the command, and says so, which is life enough.
            Command<Nothing, Nothing> impatient = SILENCE.within(Duration.ofMillis(2_500));
            assertThat(failure(() -> peer.call(impatient, new Nothing())))
                    .isInstanceOf(AmpException.TimedOut.class);
            assertThat(join(() -> peer.call(SUM, new Sum(1, 2)))).isEqualTo(new Total(3));

            server.freeze();
            assertThat(lost.join()).isInstanceOf(CloseReason.Aborted.class);
        }
    }

    private Peer connect(int port) {
        return connect(port, new Peer());
    }

    private <P extends Protocol> P connect(int port, P protocol) {
        reactor.connect(Address.of("127.0.0.1", port), _ -> protocol, Duration.ofSeconds(20))
                .toCompletableFuture()
                .join();
        return protocol;
    }

    private <T> T join(Supplier<CompletionStage<T>> call) {
        CompletableFuture<T> outcome = new CompletableFuture<>();
        reactor.callFromThread(() -> {
            var _ =
                    call.get()
                            .whenComplete((result, failure) -> {
                                if (failure == null) {
                                    outcome.complete(result);
                                } else {
                                    outcome.completeExceptionally(failure);
                                }
                            });
        });
        return outcome.join();
    }

    private Throwable failure(Supplier<? extends CompletionStage<?>> call) {
        Throwable thrown = catchThrowable(() -> join(() -> call.get().thenApply(it -> it)));
        Throwable cause = thrown == null ? null : thrown.getCause();
        while (cause instanceof CompletionException inner && inner.getCause() != null) {
            cause = inner.getCause();
        }
        return cause == null ? new AssertionError("nothing failed") : cause;
    }
}
