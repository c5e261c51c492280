package dev.torsion.protocols.guide;

import static java.util.Objects.requireNonNull;
import static java.util.concurrent.CompletableFuture.completedFuture;
import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.protocols.AcceptRate;
import dev.torsion.protocols.ConnectionGroup;
import dev.torsion.protocols.ConnectionGroup.SlowPeer;
import dev.torsion.protocols.ConnectionLimit;
import dev.torsion.protocols.FrameProtocol;
import dev.torsion.protocols.IdleTimeout;
import dev.torsion.protocols.LengthPrefix;
import dev.torsion.protocols.LineProtocol;
import dev.torsion.protocols.MessageProtocol;
import dev.torsion.protocols.NetstringProtocol;
import dev.torsion.protocols.ProxyProtocol;
import dev.torsion.protocols.RateLimit;
import dev.torsion.protocols.SharedRate;
import dev.torsion.protocols.TotalTimeout;
import dev.torsion.protocols.TrafficLog;
import dev.torsion.protocols.WrappingProtocol;
import dev.torsion.protocols.amp.AmpBox;
import dev.torsion.protocols.amp.AmpOptions;
import dev.torsion.protocols.amp.AmpProtocol;
import dev.torsion.protocols.amp.AmpTypes;
import dev.torsion.protocols.amp.Answers;
import dev.torsion.protocols.amp.Command;
import dev.torsion.protocols.amp.CommandInterface;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.BytesBuilder;
import dev.torsion.reactor.ClientEndpoint;
import dev.torsion.reactor.ClientOptions;
import dev.torsion.reactor.ClientService;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.ListeningPort;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.Reactor;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;

/// The samples of `docs/guides/protocols.md`: they run here, and the page shows nothing else.
final class ProtocolsGuideTest {

    static final class Greeter extends LineProtocol {
        @Override
        protected void lineReceived(Bytes name) {
            sendLine(Bytes.utf8("hello " + name.utf8()));
        }
    }

    static final class Reverse extends NetstringProtocol {
        @Override
        protected void netstringReceived(Bytes string) {
            sendNetstring(Bytes.utf8(new StringBuilder(string.utf8()).reverse().toString()));
        }
    }

    static final class Echo extends FrameProtocol {
        Echo() {
            super(LengthPrefix.INT16, MAX_LENGTH);
        }

        @Override
        protected void frameReceived(Bytes frame) {
            sendFrame(frame);
        }
    }

    /// A kind in two bytes, the length of the text in four, the text.
    static final class Shouting extends MessageProtocol {
        private static final int HEADER = 6;

        Shouting() {
            super(HEADER, 65_536);
        }

        @Override
        protected long lengthOf(Bytes begun) {
            return HEADER + begun.uint32(2);
        }

        @Override
        protected void messageReceived(Bytes message) {
            String said = message.slice(HEADER, message.size()).utf8();
            Bytes loud = Bytes.utf8(said.toUpperCase(Locale.ROOT));
            transport()
                    .write(
                            new BytesBuilder()
                                    .int16(message.uint16(0))
                                    .int32(loud.size())
                                    .bytes(loud)
                                    .build());
        }
    }

    /// How many bytes follow, in a line; then so many.
    static final class Uploads extends LineProtocol {
        private int missing;

        @Override
        protected void lineReceived(Bytes line) {
            if (line.utf8().matches("[1-9][0-9]{0,5}")) {
                missing = Integer.parseInt(line.utf8());
                rawMode();
            } else {
                transport().loseConnection();
            }
        }

        @Override
        protected int rawReceived(Bytes data) {
            int taken = Math.min(missing, data.size());
            missing -= taken;
            if (missing == 0) {
                sendLine(Bytes.utf8("got it"));
                lineMode();
            }
            return taken;
        }
    }

    record Divide(long dividend, long divisor) {}

    record Quotient(double quotient) {}

    static final Command<Divide, Quotient> DIVIDE =
            Command.of("Divide", Divide.class, Quotient.class)
                    .failing("ZERO", ArithmeticException.class, ArithmeticException::new);

    static final Answers ANSWERS =
            Answers.none()
                    .with(
                            DIVIDE,
                            (question, from) -> {
                                if (question.divisor() == 0) {
                                    throw new ArithmeticException("division by zero");
                                }
                                double dividend = question.dividend();
                                return completedFuture(new Quotient(dividend / question.divisor()));
                            });

    interface Arithmetic {
        CompletionStage<Quotient> divide(Divide question);
    }

    static final CommandInterface<Arithmetic> ARITHMETIC =
            CommandInterface.of(Arithmetic.class)
                    .failing("ZERO", ArithmeticException.class, ArithmeticException::new);

    static AmpProtocol server(Arithmetic implementation) {
        return new AmpProtocol(Answers.none().with(ARITHMETIC, implementation), AmpOptions.DEFAULT);
    }

    static CompletionStage<Quotient> half(AmpProtocol client, long number) {
        return ARITHMETIC.on(client).divide(new Divide(number, 2));
    }

    static final class Halving implements Arithmetic {
        private final AmpProtocol peer;

        Halving(AmpProtocol peer) {
            this.peer = peer;
        }

        @Override
        public CompletionStage<Quotient> divide(Divide question) {
            return peer.call(DIVIDE, new Divide(question.dividend(), 2 * question.divisor()));
        }
    }

    static final Answers HALVING = Answers.none().perConnection(ARITHMETIC, Halving::new);

    static CompletionStage<AmpBox> ask(AmpProtocol amp, String name, Map<String, Bytes> values) {
        return amp.call(Command.of(name, AmpBox.class, AmpBox.class), new AmpBox(values));
    }

    static Answers echoing(Set<String> names) {
        return Answers.none()
                .otherwise(name ->
                        names.contains(name)
                                ? Answers.none()
                                        .with(
                                                Command.of(name, AmpBox.class, AmpBox.class),
                                                (box, from) -> completedFuture(box))
                                : Answers.none());
    }

    enum Level {
        LOW,
        HIGH
    }

    record Point(int x, int y) {}

    record Mark(UUID id, Level level, Point at) {}

    record Marked(UUID id) {}

    static final AmpTypes TYPES =
            AmpTypes.standard()
                    .with(UUID.class, String.class, UUID::toString, UUID::fromString)
                    .with(Level.class, String.class, Level::name, Level::valueOf)
                    .with(
                            Point.class,
                            Bytes.class,
                            it -> new BytesBuilder().int32(it.x()).int32(it.y()).build(),
                            it -> new Point(it.int32(0), it.int32(4)));

    static final Command<Mark, Marked> MARK = Command.of("Mark", Mark.class, Marked.class, TYPES);

    static ListeningPort open(Reactor reactor) {
        var door = new IdleTimeout(_ -> new Greeter(), Duration.ofMinutes(1));
        var total = new TotalTimeout(door, Duration.ofHours(1));
        var paced = new RateLimit(total, 1_000_000, 10_000_000);
        var rate = new AcceptRate(paced, 100, reactor);
        var limit = new ConnectionLimit(rate, 10_000, 50);
        var proxied = new ProxyProtocol(limit, Duration.ofSeconds(5));
        return reactor.listen(Endpoint.parse("tcp:8888"), proxied);
    }

    static ProtocolFactory watched(ProtocolFactory factory) {
        return new TrafficLog(factory, TrafficLog.Content.TEXT, 80, System.out::println);
    }

    @Test
    void greets() {
        var transport = MemoryTransport.connect(new Greeter());
        transport.receiveOneByOne(Bytes.utf8("world\r\n"));
        assertThat(transport.takeWrittenText()).isEqualTo("hello world\r\n");
    }

    @Test
    void reversesAndEchoes() {
        MemoryTransport reverse = MemoryTransport.connect(new Reverse());
        reverse.receive(Bytes.utf8("5:hello,"));
        assertThat(reverse.takeWrittenText()).isEqualTo("5:olleh,");

        MemoryTransport echo = MemoryTransport.connect(new Echo());
        echo.receive(Bytes.utf8("\0\u0002hi"));
        assertThat(echo.takeWrittenText()).isEqualTo("\0\u0002hi");
    }

    @Test
    void shouts() {
        MemoryTransport shouting = MemoryTransport.connect(new Shouting());
        shouting.receiveOneByOne(Bytes.utf8("\0\7\0\0\0\5hello"));
        assertThat(shouting.takeWrittenText()).isEqualTo("\0\7\0\0\0\5HELLO");
    }

    @Test
    void takesUploadsBetweenLines() {
        MemoryTransport uploads = MemoryTransport.connect(new Uploads());
        uploads.receive(Bytes.utf8("3\r\n\r\n\r2\r\nab"));
        assertThat(uploads.takeWrittenText()).isEqualTo("got it\r\n".repeat(2));
        uploads.receiveOneByOne(Bytes.utf8("2\r\nabmuch\r\n"));
        assertThat(uploads.takeWrittenText()).isEqualTo("got it\r\n");
        assertThat(uploads.isClosing()).isTrue();
    }

    @Test
    void asksAndIsAnswered() {
        AmpProtocol amp = new AmpProtocol(Answers.none(), AmpOptions.DEFAULT);
        MemoryTransport here = MemoryTransport.connect(amp);
        MemoryTransport there =
                MemoryTransport.connect(new AmpProtocol(ANSWERS, AmpOptions.DEFAULT));
        List<String> told = new ArrayList<>();

        for (Divide divide : List.of(new Divide(1, 2), new Divide(1, 0))) {
            var _ =
                    amp.call(DIVIDE.within(Duration.ofSeconds(5)), divide)
                            .whenComplete((answer, failure) ->
                                    told.add(
                                            failure == null
                                                    ? "it is " + answer.quotient()
                                                    : failure.getMessage()));
        }

        there.receive(here.takeWritten());
        here.receive(there.takeWritten());
        assertThat(told).containsExactly("it is 0.5", "division by zero");
    }

    static ClientService divider(Reactor reactor, String place) {
        return new ClientService(
                reactor,
                ClientEndpoint.parse(place).connector(reactor),
                _ -> new AmpProtocol(Answers.none(), AmpOptions.DEFAULT),
                ClientOptions.DEFAULT);
    }

    static CompletionStage<Quotient> divide(ClientService divider, Divide divide) {
        return divider.whenConnected(AmpProtocol.class)
                .thenCompose(amp -> amp.call(DIVIDE, divide));
    }

    @Test
    void asksOverAConnectionThatIsKept() {
        ManualReactor reactor = new ManualReactor();
        ClientService divider = divider(reactor, "tcp:localhost:4321");
        assertThat(divider.start()).isCompleted();
        List<Quotient> told = new ArrayList<>();
        var asked = divide(divider, new Divide(1, 2)).thenAccept(told::add);
        reactor.runUntilIdle();
        assertThat(told).isEmpty();
        reactor.listenTcp(4321, _ -> new AmpProtocol(ANSWERS, AmpOptions.DEFAULT));
        reactor.advance(Duration.ofMinutes(1));

        assertThat(asked).isCompleted();
        assertThat(told).containsExactly(new Quotient(0.5));
    }

    @Test
    void asksOverOneConnection() {
        ManualReactor reactor = new ManualReactor();
        reactor.listenTcp(4321, _ -> new AmpProtocol(ANSWERS, AmpOptions.DEFAULT));
        List<Quotient> told = new ArrayList<>();

        ClientEndpoint place = ClientEndpoint.parse("tcp:localhost:4321");
        CompletionStage<AmpProtocol> connected =
                reactor.connectProtocol(place, new AmpProtocol(Answers.none(), AmpOptions.DEFAULT));

        var asked =
                connected
                        .thenCompose(amp -> amp.call(DIVIDE, new Divide(1, 2)))
                        .thenAccept(told::add);
        reactor.runUntilIdle();
        assertThat(asked).isCompleted();
        assertThat(told).containsExactly(new Quotient(0.5));
    }

    @Test
    void asksThroughAnInterface() {
        AmpProtocol client = new AmpProtocol(Answers.none(), AmpOptions.DEFAULT);
        ManualReactor reactor = new ManualReactor();
        reactor.wire(client, server(it -> completedFuture(new Quotient(it.dividend() / 2.0))));
        List<Quotient> told = new ArrayList<>();

        var _ = half(client, 5).thenAccept(told::add);
        reactor.runUntilIdle();
        assertThat(told).containsExactly(new Quotient(2.5));
    }

    @Test
    void answersForEachConnectionAndAsksItBack() {
        AmpProtocol client = new AmpProtocol(ANSWERS, AmpOptions.DEFAULT);
        ManualReactor reactor = new ManualReactor();
        reactor.wire(client, new AmpProtocol(HALVING, AmpOptions.DEFAULT));
        List<Quotient> told = new ArrayList<>();

        var _ = half(client, 10).thenAccept(told::add);
        reactor.runUntilIdle();
        assertThat(told).containsExactly(new Quotient(2.5));
    }

    @Test
    void asksByNameAndSendsTypesOfItsOwn() {
        AmpProtocol client = new AmpProtocol(Answers.none(), AmpOptions.DEFAULT);
        ManualReactor reactor = new ManualReactor();
        Answers answers =
                echoing(Set.of("Again"))
                        .with(MARK, (mark, _) -> completedFuture(new Marked(mark.id())));
        reactor.wire(client, new AmpProtocol(answers, AmpOptions.DEFAULT));
        List<Object> told = new ArrayList<>();
        Mark mark = new Mark(new UUID(1, 2), Level.HIGH, new Point(3, 4));
        Map<String, Bytes> values = Map.of("a", Bytes.utf8("13"));

        var _ = ask(client, "Again", values).thenAccept(told::add);
        var _ = client.call(MARK, mark).thenAccept(told::add);
        reactor.runUntilIdle();
        assertThat(told).containsExactly(new AmpBox(values), new Marked(mark.id()));
    }

    static ProtocolFactory counted(ProtocolFactory factory, LongAdder received) {
        return WrappingProtocol.around(
                factory,
                wrapped ->
                        new WrappingProtocol(wrapped) {
                            @Override
                            public void dataReceived(Bytes data) {
                                received.add(data.size());
                                super.dataReceived(data);
                            }
                        });
    }

    @Test
    void countsWithAPolicyOfItsOwn() {
        LongAdder received = new LongAdder();
        Protocol greeter =
                counted(_ -> new Greeter(), received).buildProtocol(Address.of("127.0.0.1", 7));
        MemoryTransport transport = MemoryTransport.connect(requireNonNull(greeter));
        transport.receive(Bytes.utf8("world\r\n"));
        assertThat(transport.takeWrittenText()).isEqualTo("hello world\r\n");
        assertThat(received.sum()).isEqualTo(7);
    }

    static final class Chat extends LineProtocol {
        private final ConnectionGroup<Chat> room;

        Chat(ConnectionGroup<Chat> room) {
            this.room = room;
        }

        @Override
        protected void lineReceived(Bytes line) {
            Bytes said = line.owned();
            room.forEach(chat -> chat.sendLine(said));
        }
    }

    @Test
    void speaksToAllConnections() {
        Reactor reactor = new ManualReactor();
        ConnectionGroup<Chat> room = new ConnectionGroup<>((group, _) -> new Chat(group));
        ListeningPort port = reactor.listen(Endpoint.tcp(0), new ConnectionLimit(room, 10_000, 50));
        assertThat(port.connections()).isZero();
        MemoryTransport one =
                MemoryTransport.connect(
                        requireNonNull(room.buildProtocol(Address.of("127.0.0.1", 7))));
        one.receive(Bytes.utf8("hello\r\n"));
        room.write(Bytes.utf8("the server stops at ten\r\n"), SlowPeer.SKIP);
        room.write(Bytes.utf8("move 17 e2e4\r\n"), SlowPeer.ABORT);
        assertThat(one.takeWrittenText())
                .isEqualTo("hello\r\nthe server stops at ten\r\nmove 17 e2e4\r\n");
    }

    @Test
    void sharesARate() {
        Reactor reactor = new ManualReactor();
        SharedRate rate = new SharedRate(10_000_000, 10_000_000, reactor);
        ListeningPort files =
                reactor.listen(Endpoint.tcp(0), RateLimit.sharing(_ -> new Greeter(), rate));
        ListeningPort mirror =
                reactor.listen(Endpoint.tcp(0), RateLimit.sharing(_ -> new Greeter(), rate));
        assertThat(files.connections() + mirror.connections()).isZero();
    }

    @Test
    void watchesTheTraffic() {
        Protocol greeter = watched(_ -> new Greeter()).buildProtocol(Address.of("127.0.0.1", 7));
        MemoryTransport transport = MemoryTransport.connect(requireNonNull(greeter));
        transport.receive(Bytes.utf8("world\r\n"));
        assertThat(transport.takeWrittenText()).isEqualTo("hello world\r\n");
    }

    @Test
    void opensADoorWithItsPolicies() {
        assertThat(open(new ManualReactor()).address()).isEqualTo(Address.of("127.0.0.1", 8888));
    }

    @Test
    void thePageShowsNothingElse() throws Exception {
        Guide.showsOnlyWhatRuns("protocols.md", "ProtocolsGuideTest.java");
    }
}
