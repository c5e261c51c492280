package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

final class PeerCredentialsTest {
    private static final long LARGEST = 4_294_967_294L;

    @Test
    void holdWhatASystemCanTell() {
        assertThat(new PeerCredentials(0, 0, 0).uid()).isZero();
        assertThat(new PeerCredentials(LARGEST, LARGEST, 1).gid()).isEqualTo(LARGEST);
    }

    @Test
    void sayWhatIsOutOfItsBounds() {
        assertThatThrownBy(() -> new PeerCredentials(-1, 0, 0))
                .hasMessage("the number of a user is 0 to 4294967294, not -1");
        assertThatThrownBy(() -> new PeerCredentials(0, LARGEST + 1, 0))
                .hasMessage("the number of a group is 0 to 4294967294, not 4294967295");
        assertThatThrownBy(() -> new PeerCredentials(0, 0, -1))
                .hasMessage("a process is 1 or more, or 0, not -1");
    }
}
