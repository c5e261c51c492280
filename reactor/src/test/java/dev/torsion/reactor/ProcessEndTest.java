package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.ProcessEnd.Exited;
import dev.torsion.reactor.ProcessEnd.Killed;
import org.junit.jupiter.api.Test;

final class ProcessEndTest {

    @Test
    void tellsASignalFromAnExitAsFarAsTheJdkDoes() {
        assertThat(ProcessEnd.ofExitValue(0)).isEqualTo(new Exited(0));
        assertThat(ProcessEnd.ofExitValue(128)).isEqualTo(new Exited(128));
        assertThat(ProcessEnd.ofExitValue(129)).isEqualTo(new Killed(1));
        assertThat(ProcessEnd.ofExitValue(192)).isEqualTo(new Killed(64));
        assertThat(ProcessEnd.ofExitValue(193)).isEqualTo(new Exited(193));
        assertThat(ProcessEnd.ofExitValue(255)).isEqualTo(new Exited(255));
    }

    @Test
    void saysHowItWas() {
        assertThat(new Exited(3)).hasToString("exited with code 3");
        assertThat(new Killed(15)).hasToString("killed by signal 15 (TERM)");
        assertThat(new Killed(11)).hasToString("killed by signal 11");
    }
}
