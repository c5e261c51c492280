package dev.torsion.protocols;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ProtocolFactory;
import dev.torsion.reactor.testing.MemoryTransport;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class ConnectionLimitTest extends PolicySetting {
    @Test
    void refusesOneTooManyUntilOneIsLost() {
        ConnectionLimit limit = new ConnectionLimit(_ -> new Told(), 2, 2);
        MemoryTransport first = accept(limit, ONE);
        accept(limit, OTHER);

        assertThat(limit.buildProtocol(ONE)).isNull();
        assertThat(limit.open()).isEqualTo(2);
        assertThat(limit.refused()).isEqualTo(1);

        first.peerClosed();
        assertThat(limit.open()).isEqualTo(1);
        assertThat(limit.buildProtocol(ONE)).isNotNull();
    }

    @Test
    void takesAllWhoComeThroughUnixSocketsForOneHost() {
        ConnectionLimit limit = new ConnectionLimit(_ -> new Told(), 10, 1);
        accept(limit, Address.unix(""));

        assertThat(limit.buildProtocol(Address.unix("/run/a.sock"))).isNull();
        assertThat(limit.buildProtocol(ONE)).isNotNull();
    }

    @Test
    void refusesOneTooManyFromOneHostWhateverItsPort() {
        ConnectionLimit limit = new ConnectionLimit(_ -> new Told(), 10, 1);
        MemoryTransport first = accept(limit, ONE);

        assertThat(limit.buildProtocol(Address.of(ONE.host(), 2000))).isNull();
        assertThat(limit.buildProtocol(OTHER)).isNotNull();

        first.peerReset();
        assertThat(limit.buildProtocol(ONE)).isNotNull();
    }

    @Test
    void doesNotCountWhatTheWrappedFactoryRefuses() {
        List<@Nullable Protocol> answers = new ArrayList<>();
        answers.add(null);
        ConnectionLimit refusing = new ConnectionLimit(_ -> answers.getFirst(), 1, 1);
        assertThat(refusing.buildProtocol(ONE)).isNull();
        ConnectionLimit throwing =
                new ConnectionLimit(
                        _ -> {
                            throw new IllegalStateException("as asked");
                        },
                        1,
                        1);
        assertThatThrownBy(() -> throwing.buildProtocol(ONE)).hasMessage("as asked");

        assertThat(refusing.open()).isZero();
        assertThat(refusing.refused()).isZero();
        assertThat(throwing.open()).isZero();
    }

    @Test
    void doesNotCountWhatCannotBeWrapped() {
        ConnectionLimit hosts = new ConnectionLimit(_ -> new Told(), 10, 1);
        ConnectionLimit all = new ConnectionLimit(hosts, 1, 1);
        ProtocolFactory throwing =
                WrappingProtocol.around(
                        all,
                        _ -> {
                            throw new IllegalStateException("as asked");
                        });
        assertThatThrownBy(() -> throwing.buildProtocol(ONE)).hasMessage("as asked");

        assertThat(all.open()).isZero();
        assertThat(hosts.open()).isZero();
        assertThat(all.buildProtocol(ONE)).isNotNull();
    }
}
