package dev.torsion.sim.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.acme.Waiting;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class StandstillTest {
    private static final StackTraceElement PARK = frame("jdk.internal.misc.Unsafe", "park", -2);
    private static final StackTraceElement READ = frame("dev.torsion.bus.Book", "read", 7);
    private static final StackTraceElement LOOP = frame("dev.torsion.sim.Run", "of", 30);

    @TempDir
    @SuppressWarnings("NullAway.Init") // JUnit sets it
    private Path folder;

    private final Standstill standstill = new Standstill(Duration.ofNanos(30));

    private static StackTraceElement frame(String type, String method, int line) {
        return new StackTraceElement(type, method, "File.java", line);
    }

    private static StackTraceElement user(int line) {
        return frame("com.acme.Orders", "hear", line);
    }

    private static StackTraceElement[] stack(StackTraceElement... frames) {
        return frames;
    }

    @Test
    void tellsOnceOfAStackThatStaysAsItIs() {
        assertThat(standstill.look(1, stack(PARK, READ, user(3), LOOP), 0)).isNull();
        assertThat(standstill.look(1, stack(PARK, READ, user(3), LOOP), 29)).isNull();
        assertThat(standstill.look(1, stack(PARK, READ, user(3), LOOP), 30)).isEqualTo(user(3));
        assertThat(standstill.look(1, stack(PARK, READ, user(3), LOOP), 90)).isNull();
        assertThat(standstill.where()).isEqualTo(user(3));
    }

    @Test
    void tellsOfALoopInAMethodOfTheUsers() {
        assertThat(standstill.look(1, stack(user(3), LOOP), 0)).isNull();
        assertThat(standstill.look(1, stack(PARK, user(4), LOOP), 40)).isEqualTo(user(4));
    }

    @Test
    void leavesAloneWhoGoesOn() {
        for (int i = 0; i < 10; i++) {
            StackTraceElement at = frame("dev.torsion.bus.Book", "read", i);
            assertThat(standstill.look(1, stack(at, LOOP, user(9)), i * 100L)).isNull();
        }
        for (int i = 0; i < 10; i++) {
            assertThat(standstill.look(2 + i, stack(PARK, user(3), LOOP), i * 100L)).isNull();
        }
        assertThat(standstill.where()).isNull();
    }

    @Test
    @Timeout(300)
    void isToldOfAHandlerThatWaitsForEver() throws InterruptedException {
        CountDownLatch told = new CountDownLatch(2);
        CountDownLatch first = new CountDownLatch(1);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        PrintStream err =
                new PrintStream(new ByteArrayOutputStream(), true, UTF_8) {
                    @Override
                    public void println(String line) {
                        if (line.matches(
                                "Waiting\\.waits seed 7 stands still at"
                                        + " com\\.acme\\.Waiting\\.hear\\(Waiting\\.java:[0-9]+\\)")) {
                            first.countDown();
                            told.countDown();
                        }
                    }
                };
        SeedRun run =
                new SeedRun(
                        NamedScenario.of(Waiting.class),
                        new Progress(List.of(Waiting.class.getName() + ".waits"), 7, 1),
                        new SeedRun.Options(
                                1,
                                1,
                                "all",
                                false,
                                folder,
                                null,
                                Duration.ZERO,
                                new Commands(""),
                                "…"),
                        new Terminal(new PrintStream(out, true, UTF_8), err, false));
        AtomicBoolean passed = new AtomicBoolean();
        Thread thread =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                passed.set(run.run());
                            } catch (InterruptedException _) {
                                Thread.currentThread().interrupt();
                            }
                        });
        try {
            assertThat(first.await(60, TimeUnit.SECONDS)).isTrue();
            do { // it may be on its way into the wait still, and be seen to go on once more
                run.stop();
            } while (!run.standsStill() || told.getCount() > 0);
        } finally {
            Waiting.FOR.countDown();
            thread.join();
        }
        assertThat(passed).isTrue();
        assertThat(run.standsStill()).isFalse();
    }
}
