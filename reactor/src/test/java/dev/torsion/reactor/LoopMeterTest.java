package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LoopMeterTest {
    private static final long MILLI = 1_000_000;

    private final LoopMeter meter = new LoopMeter(Duration.ofMillis(100));
    private final Object callee = "a protocol";

    private void call(long begin, long end, String name) {
        meter.beginCall(begin * MILLI, callee, name);
        meter.endCall(end * MILLI);
    }

    private LoopMetrics metrics() {
        return meter.metrics(0);
    }

    @Test
    void hasMeasuredNothingAtFirst() {
        assertThat(meter.metrics(3))
                .isEqualTo(
                        new LoopMetrics(
                                0,
                                Duration.ZERO,
                                Duration.ZERO,
                                Duration.ZERO,
                                3,
                                Duration.ZERO,
                                "",
                                0));
    }

    @Test
    void measuresATurnFromItsFirstCallToItsEnd() {
        call(5, 6, "one");
        call(6, 9, "two");
        meter.endTurn(10 * MILLI);
        meter.endTurn(20 * MILLI);
        assertThat(metrics().turns()).isEqualTo(1);
        assertThat(metrics().busyTime()).isEqualTo(Duration.ofMillis(5));
        assertThat(metrics().longestTurn()).isEqualTo(Duration.ofMillis(5));
    }

    @Test
    void namesTheSlowestCall() {
        call(0, 1, "fast");
        call(1, 9, "slow");
        call(9, 10, "fast");
        assertThat(metrics().slowestCall()).isEqualTo(Duration.ofMillis(8));
        assertThat(metrics().slowestCallee()).isEqualTo("java.lang.String.slow");
    }

    @Test
    void countsACallInsideACallAsPartOfIt() {
        meter.beginCall(0, callee, "outer");
        meter.beginCall(1 * MILLI, callee, "inner");
        meter.endCall(2 * MILLI);
        meter.endCall(9 * MILLI);
        assertThat(metrics().slowestCallee()).endsWith(".outer");
        assertThat(metrics().slowestCall()).isEqualTo(Duration.ofMillis(9));
    }

    @Test
    void forgetsAPeakAfterAMinute() {
        call(0, 50, "slow");
        call(31_000, 31_001, "fast");
        assertThat(metrics().slowestCallee()).endsWith(".slow");
        call(62_000, 62_001, "fast");
        assertThat(metrics().slowestCallee()).endsWith(".fast");
    }

    @Test
    void forgetsAPeakAtOnceAfterALongSilence() {
        call(0, 50, "slow");
        call(600_000, 600_001, "fast");
        assertThat(metrics().slowestCall()).isEqualTo(Duration.ofMillis(1));
    }

    @Test
    void keepsTheLongestLag() {
        meter.ranLate(7 * MILLI, 10 * MILLI);
        meter.ranLate(3 * MILLI, 20 * MILLI);
        assertThat(metrics().longestLag()).isEqualTo(Duration.ofMillis(7));
    }

    @Test
    void countsCallsOverTheLimit() {
        call(0, 100, "just in time");
        call(100, 201, "too long");
        assertThat(metrics().callsOverLimit()).isEqualTo(1);
    }

    @Test
    void tellsOnceOfACallThatIsOverdue() {
        meter.beginCall(0, callee, "stuck");
        assertThat(meter.overdue(100 * MILLI)).isNull();
        assertThat(meter.overdue(101 * MILLI))
                .isEqualTo("java.lang.String.stuck has held its loop for 101 ms");
        assertThat(meter.overdue(102 * MILLI)).isNull();
        meter.endCall(103 * MILLI);
        assertThat(meter.overdue(500 * MILLI)).isNull();
    }
}
