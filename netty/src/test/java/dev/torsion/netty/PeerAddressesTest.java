package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.torsion.reactor.Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;

final class PeerAddressesTest {
    private final PeerAddresses addresses = new PeerAddresses();

    private static InetSocketAddress at(String literal) {
        return new InetSocketAddress(InetAddress.ofLiteral(literal), 9);
    }

    @Test
    void tellApartWhatIsEqualButForItsLink() {
        assertThat(addresses.address(at("fe80::1%1"))).hasToString("[fe80:0:0:0:0:0:0:1%1]:9");
        assertThat(addresses.address(at("fe80::1%2"))).hasToString("[fe80:0:0:0:0:0:0:1%2]:9");
    }

    @Test
    void tellALinkOnlyWhereTheKernelDoes() {
        assertThat(PeerAddresses.textual(at("::1%1"))).isEqualTo(PeerAddresses.textual(at("::1")));
        assertThat(PeerAddresses.textual(at("ff02::1%1")).host()).endsWith("%1");
    }

    @Test
    void areSentToAsTheyAreWritten() {
        Address.Inet written = Address.of("::1", 9);
        assertThat(addresses.socket(written)).isEqualTo(at("::1"));
        assertThat(addresses.address(at("::1"))).isSameAs(written);
    }

    @Test
    void tellANameFromAnAddressWhoseZoneIsNotHere() {
        assertThatThrownBy(() -> addresses.socket(Address.of("a.name.test", 9)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("not to the name \"a.name.test\"");
        assertThatThrownBy(() -> addresses.socket(Address.of("fe80::1%nope", 9)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("this machine has no such address: [fe80::1%nope]:9");
    }
}
