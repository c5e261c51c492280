package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.netty.ReactorOptions.Io;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class RealWorldTest {
    private static final Map<String, String> ALL = Map.of("TORSION_INTEROP", "require");
    private static final String LINUX = "Linux/amd64";

    @Test
    void missesNothingThatTheMachineShouldHaveIfToldSo() {
        assertThat(RealWorld.isRequired(Io.EPOLL, LINUX, ALL)).isTrue();
        assertThat(RealWorld.isRequired(Io.IO_URING, LINUX, ALL)).isTrue();
        assertThat(RealWorld.isRequired(Io.EPOLL, "Mac OS X/aarch64", ALL)).isFalse();
        assertThat(RealWorld.isRequired(Io.EPOLL, LINUX, Map.of())).isFalse();
    }

    @Test
    void goesWithoutWhatIsNamed() {
        Map<String, String> container =
                Map.of("TORSION_INTEROP", "require", RealWorld.WITHOUT, "io_uring");
        assertThat(RealWorld.isRequired(Io.IO_URING, LINUX, container)).isFalse();
        assertThat(RealWorld.isRequired(Io.EPOLL, LINUX, container)).isTrue();
    }
}
