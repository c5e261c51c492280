package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class LoopMeterTest {
    private static final long MILLI = 1_000_000;

    private long now;
    private final LoopMeter meter = new LoopMeter(Duration.ofMillis(100), () -> now);
    private final Object callee = "a protocol";

    /// A call, and a turn with nothing else.
    private void turn(long begin, long end, String name) {
        begin(begin, name);
        end(end);
        endTurn(end);
    }

    private void begin(long atMillis, String name) {
        now = atMillis * MILLI;
        meter.beginCall(callee, name);
    }

    private void end(long atMillis) {
        now = atMillis * MILLI;
        meter.endCall();
    }

    private void endTurn(long atMillis) {
        now = atMillis * MILLI;
        meter.endTurn();
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
        begin(5, "one");
        end(6);
        begin(6, "two");
        end(9);
        endTurn(10);
        endTurn(20);
        assertThat(metrics().turns()).isEqualTo(1);
        assertThat(metrics().busyTime()).isEqualTo(Duration.ofMillis(5));
        assertThat(metrics().longestTurn()).isEqualTo(Duration.ofMillis(5));
    }

    @Test
    void namesTheSlowestCall() {
        turn(0, 1, "fast");
        turn(1, 9, "slow");
        turn(9, 10, "fast");
        assertThat(metrics().slowestCall()).isEqualTo(Duration.ofMillis(8));
        assertThat(metrics().slowestCallee()).isEqualTo("java.lang.String.slow");
    }

    @Test
    void beginsACallWhereTheOneBeforeItInItsTurnHasEnded() {
        begin(0, "one");
        end(1);
        begin(4, "two");
        end(5);
        assertThat(metrics().slowestCall()).isEqualTo(Duration.ofMillis(4));
    }

    @Test
    void doesNotCountWhatTheLoopHasWaited() {
        turn(0, 1, "one");
        turn(50, 51, "two");
        assertThat(metrics().slowestCall()).isEqualTo(Duration.ofMillis(1));
        assertThat(metrics().busyTime()).isEqualTo(Duration.ofMillis(2));
    }

    @Test
    void measuresCallsByThemselvesBeforeTheLoopTurns() {
        meter.holdTurns();
        begin(0, "one");
        end(1);
        begin(500, "two");
        end(503);
        now = 900 * MILLI;
        meter.beginTurns();
        turn(900, 901, "in a turn");
        assertThat(metrics().slowestCall()).isEqualTo(Duration.ofMillis(3));
        assertThat(metrics().callsOverLimit()).isZero();
        assertThat(metrics().turns()).isEqualTo(1);
        assertThat(metrics().busyTime()).isEqualTo(Duration.ofMillis(1));
    }

    @Test
    void countsACallInsideACallAsPartOfIt() {
        begin(0, "outer");
        begin(1, "inner");
        end(2);
        end(9);
        assertThat(metrics().slowestCallee()).endsWith(".outer");
        assertThat(metrics().slowestCall()).isEqualTo(Duration.ofMillis(9));
    }

    @Test
    void forgetsAPeakAfterAMinute() {
        turn(0, 50, "slow");
        turn(31_000, 31_001, "fast");
        assertThat(metrics().slowestCallee()).endsWith(".slow");
        turn(62_000, 62_001, "fast");
        assertThat(metrics().slowestCallee()).endsWith(".fast");
    }

    @Test
    void forgetsAPeakAtOnceAfterALongSilence() {
        turn(0, 50, "slow");
        turn(600_000, 600_001, "fast");
        assertThat(metrics().slowestCall()).isEqualTo(Duration.ofMillis(1));
    }

    @Test
    void keepsTheLongestLag() {
        now = 10 * MILLI;
        meter.ranLate(3 * MILLI);
        now = 20 * MILLI;
        meter.ranLate(17 * MILLI);
        assertThat(metrics().longestLag()).isEqualTo(Duration.ofMillis(7));
    }

    @Test
    void countsCallsOverTheLimit() {
        turn(0, 100, "just in time");
        turn(100, 201, "too long");
        assertThat(metrics().callsOverLimit()).isEqualTo(1);
    }

    @Test
    void tellsOnceOfACallThatIsOverdue() {
        begin(0, "stuck");
        assertThat(meter.overdue(100 * MILLI)).isNull();
        assertThat(meter.overdue(101 * MILLI))
                .isEqualTo("java.lang.String.stuck has held its loop for 101 ms");
        assertThat(meter.overdue(102 * MILLI)).isNull();
        end(103);
        assertThat(meter.overdue(500 * MILLI)).isNull();
    }
}
