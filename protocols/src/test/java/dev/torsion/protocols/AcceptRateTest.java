package dev.torsion.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Protocol;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class AcceptRateTest extends PolicySetting {
    @Test
    void holdsInAnySecondWhereverItBegins() {
        AcceptRate rate = new AcceptRate(_ -> new Told(), 2, reactor);
        accept(rate, ONE);
        reactor.advance(Duration.ofMillis(900));
        accept(rate, ONE);
        assertThat(rate.buildProtocol(ONE)).isNull();

        reactor.advance(Duration.ofMillis(100));
        accept(rate, ONE);
        assertThat(rate.buildProtocol(ONE)).isNull();

        reactor.advance(Duration.ofMillis(900));
        accept(rate, ONE);
        assertThat(rate.buildProtocol(ONE)).isNull();
        assertThat(rate.refused()).isEqualTo(3);
    }

    @Test
    void doesNotCountWhomTheWrappedFactoryRefuses() {
        ConnectionLimit limit = new ConnectionLimit(_ -> new Told(), 10, 1);
        AcceptRate rate = new AcceptRate(limit, 2, reactor);
        accept(rate, ONE);
        for (int i = 0; i < 5; i++) {
            assertThat(rate.buildProtocol(ONE)).isNull();
        }
        assertThat(limit.refused()).isEqualTo(5);
        accept(rate, OTHER);
        assertThat(rate.buildProtocol(Address.of("192.0.2.3", 1000))).isNull();
        assertThat(rate.refused()).isEqualTo(1);

        AcceptRate throwing =
                new AcceptRate(
                        _ -> {
                            throw new IllegalStateException("as asked");
                        },
                        1,
                        reactor);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> throwing.buildProtocol(ONE)).hasMessage("as asked");
        }
    }

    /// Two loops at a time, the one within the other's call.
    @Test
    void keepsAPlaceForWhoIsAboutToGetIn() {
        List<AcceptRate> rates = new ArrayList<>();
        List<@Nullable Protocol> others = new ArrayList<>();
        rates.add(
                new AcceptRate(
                        peer -> {
                            if (peer.equals(ONE)) {
                                others.add(rates.getFirst().buildProtocol(OTHER));
                            }
                            return new Told();
                        },
                        2,
                        reactor));
        AcceptRate rate = rates.getFirst();
        for (int i = 0; i < 3; i++) {
            accept(rate, ONE);
            assertThat(others).last().isNotNull();
            assertThat(rate.buildProtocol(OTHER)).isNull();
            reactor.advance(Duration.ofMillis(999));
            assertThat(rate.buildProtocol(OTHER)).isNull();
            reactor.advance(Duration.ofMillis(1));
        }
        assertThat(rate.refused()).isEqualTo(6);
    }
}
