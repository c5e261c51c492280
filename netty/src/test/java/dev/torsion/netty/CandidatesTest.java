package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class CandidatesTest {
    private final List<InetAddress> found =
            Stream.of("::1", "::2", "::3", "127.0.0.1", "127.0.0.2")
                    .map(InetAddress::ofLiteral)
                    .toList();

    private static SocketAddress at(String literal) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), 80);
    }

    @Test
    void takeTheFamiliesInTurn() {
        assertThat(Candidates.of(found, 80, null).inOrder())
                .containsExactly(at("::1"), at("127.0.0.1"), at("::2"), at("127.0.0.2"), at("::3"));
    }

    @Test
    void areOfTheFamilyThatThisEndIsBoundIn() {
        var bind = new InetSocketAddress(InetAddress.ofLiteral("127.0.0.9"), 0);

        assertThat(Candidates.of(found, 80, bind).inOrder())
                .containsExactly(at("127.0.0.1"), at("127.0.0.2"));
    }

    @Test
    void tellANumberFromAName() {
        assertThat(Candidates.numbered("127.0.0.1")).isEqualTo(InetAddress.ofLiteral("127.0.0.1"));
        assertThat(Candidates.numbered("::1")).isEqualTo(InetAddress.ofLiteral("::1"));
        assertThat(Candidates.numbered("localhost")).isNull();
    }

    @Test
    void keepTheZoneOfAnAddress() {
        assertThat(Candidates.numbered("fe80::1%7"))
                .isInstanceOfSatisfying(
                        Inet6Address.class,
                        address -> assertThat(address.getScopeId()).isEqualTo(7));
        assertThat(Candidates.numbered("fe80::1%nowhere0")).isNull();
    }
}
