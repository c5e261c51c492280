package dev.torsion.gateways.lines;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.bus.BusOptions;
import dev.torsion.bus.Draft;
import dev.torsion.bus.Event;
import dev.torsion.bus.EventBus;
import dev.torsion.bus.Settings;
import dev.torsion.bus.SettingsException;
import dev.torsion.bus.SubscribeOptions;
import dev.torsion.bus.TopicPattern;
import dev.torsion.gateways.GatewayContext;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.testing.ManualReactor;
import dev.torsion.reactor.testing.MemoryTransport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class LinesGatewayTest {
    private final ManualReactor reactor = new ManualReactor();
    private final EventBus bus = new EventBus(BusOptions.of("edge", 1), ReactorGroup.of(reactor));

    private MemoryTransport connect(Map<String, String> settings) {
        var factory =
                new LinesGateway().open(new GatewayContext("chat", bus, Settings.of(settings)));
        var protocol = requireNonNull(factory.buildProtocol(Address.of("127.0.0.1", 50_000)));
        return MemoryTransport.connect(reactor, protocol);
    }

    private String heardBy(MemoryTransport connection) {
        reactor.runUntilIdle();
        return connection.takeWrittenText();
    }

    @Test
    void makesAnEventOfEachLine() {
        List<Event> events = new ArrayList<>();
        bus.subscribe(
                new TopicPattern("said"),
                events::add,
                SubscribeOptions.defaults().withLane(reactor::callFromThread));
        connect(Map.of("topic", "said")).receiveOneByOne(Bytes.utf8("one\r\ntwo\n\nhalf"));
        reactor.runUntilIdle();
        assertThat(events).extracting(Event::text).containsExactly("one", "two", "");
        assertThat(events).extracting(Event::source).containsOnly("/edge/chat");
    }

    @Test
    void writesEventsAsLines() {
        MemoryTransport connection = connect(Map.of("topic", "said", "subscribe", "said"));
        connection.receive(Bytes.utf8("hello\n"));
        bus.publish(Draft.to("said").withText("two\nlines"));
        bus.publish(Draft.to("said"));
        bus.publish(Draft.to("other").withText("not here"));
        assertThat(heardBy(connection)).isEqualTo("hello\r\ntwo\r\nlines\r\n\r\n");
    }

    @Test
    void subscribesForAsLongAsTheConnectionLives() {
        MemoryTransport connection = connect(Map.of("topic", "said", "subscribe", ">"));
        connection.peerClosed();
        bus.publish(Draft.to("said"));
        assertThat(bus.stats().offered()).isZero();
    }

    @Test
    void endsWithALineThatIsTooLong() {
        MemoryTransport connection = connect(Map.of("topic", "said"));
        connection.receive(Bytes.utf8("x".repeat(20_000)));
        assertThat(heardBy(connection)).isEqualTo("error: a line has at most 16384 bytes\r\n");
        assertThat(connection.isClosing()).isTrue();
        assertThat(bus.stats().published()).isZero();
    }

    @Test
    void doesNotOpenWithSettingsThatCannotBe() {
        assertThatThrownBy(() -> connect(Map.of()))
                .isInstanceOf(SettingsException.class)
                .hasMessage("settings: the setting \"topic\" is missing");
        assertThatThrownBy(() -> connect(Map.of("topic", "a.*")))
                .isInstanceOf(SettingsException.class)
                .hasMessage("settings: topic: expected a topic such as orders.eu, not \"a.*\"");
        assertThatThrownBy(() -> connect(Map.of("topic", "a", "subscribe", "a..b")))
                .isInstanceOf(SettingsException.class)
                .hasMessageContaining("expected a topic pattern");
    }
}
