package dev.torsion.netty;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.reactor.testing.Logged;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

final class LibCTest {

    @Test
    @EnabledOnOs(value = OS.LINUX, disabledReason = "calls Linux's C library")
    void isReadyWithoutAWordWhereItCanBeCalled() {
        assertThat(Logged.during(LibC::load)).noneMatch(line -> line.contains("C library"));
    }

    @Test
    void saysWhatBecomesOfIoUringWhereItCannotBeCalled() {
        Throwable denied = new IllegalCallerException("by the test");
        List<String> logged =
                Logged.during(() ->
                        LibC.tellUnlessNotOpen(
                                new IOException(
                                        "ioctl cannot be called",
                                        new ExceptionInInitializerError(denied))));

        assertThat(logged)
                .singleElement()
                .asString()
                .contains("the C library cannot be called")
                .contains("by the test")
                .contains("io_uring serves no connection")
                .contains("--enable-native-access");
    }
}
