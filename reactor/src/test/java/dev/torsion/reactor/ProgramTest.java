package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import org.junit.jupiter.api.Test;

final class ProgramTest {

    @Test
    void refusesWhatNoOperatingSystemCanBeGiven() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Program.of("echo", "fine", "not\0fine"))
                .withMessageContaining("argument 2 holds a NUL character (at 3)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Program.of("ec\0ho"))
                .withMessageContaining("the program's name");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Program.of("echo").withVariable("ONE", "\0"))
                .withMessageContaining("the variable ONE");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Program.of("echo").withVariable("ONE=1", ""))
                .withMessageContaining("\"ONE=1\"");
        assertThatIllegalArgumentException().isThrownBy(() -> Program.of());
        assertThatIllegalArgumentException().isThrownBy(() -> Program.of(""));
    }

    @Test
    void keepsTheLastOfTheVariablesOfOneName() {
        Program program =
                Program.of("env")
                        .withVariable("ONE", "1")
                        .withVariable("ONE", "2")
                        .withVariable("TWO", "");

        assertThat(program.environment()).isEqualTo(Map.of("ONE", "2", "TWO", ""));
    }

    @Test
    void doesNotShowItsArguments() {
        assertThat(Program.of("login", "secret")).hasToString("login");
    }
}
