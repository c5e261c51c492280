package dev.torsion.reactor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.torsion.reactor.testing.Logged;
import dev.torsion.reactor.testing.ManualReactor;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

final class ThrownTest {
    private static final Logger log = LoggerFactory.getLogger(ThrownTest.class);

    /// Says nothing of itself, or something else each time.
    private static final class Unspeakable extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public String getMessage() {
            throw new IllegalStateException("do not ask");
        }

        @Override
        public synchronized Throwable getCause() {
            throw new IllegalStateException("do not ask");
        }
    }

    private static final class Endless extends RuntimeException {
        private static final long serialVersionUID = 1L;

        @Override
        public synchronized Throwable getCause() {
            return new Endless();
        }
    }

    @Test
    void causesEndWhereOneCannotBeAsked() {
        Throwable innermost = new Unspeakable();
        Throwable middle = new IOException("between", innermost);
        Throwable outermost = new IllegalStateException("it", middle);

        assertThat(Thrown.causes(outermost)).containsExactly(outermost, middle, innermost);
    }

    @Test
    void causesWithoutEndAreCutOff() {
        assertThat(Thrown.causes(new Endless())).hasSize(64);
    }

    @Test
    void whatCannotSayWhatItIsIsLoggedByItsName() {
        List<String> logged =
                Logged.during(() -> Thrown.log(log, "a call threw", new Unspeakable()));

        assertThat(logged)
                .anyMatch(line -> line.contains("a call threw: " + Unspeakable.class.getName()));
    }

    @Test
    void aLogThatCannotBeWrittenEndsNeitherTheCallerNorALoop() {
        ManualReactor reactor = new ManualReactor();
        List<String> ran = new ArrayList<>();
        reactor.callFromThread(() -> {
            throw new OutOfMemoryError("by the test");
        });
        reactor.callFromThread(() -> reactor.callLater(Duration.ZERO, () -> ran.add("went on")));
        Logged.inVain(() -> {
            assertThatCode(() -> Thrown.log(log, "it", new IOException()))
                    .doesNotThrowAnyException();
            reactor.runUntilIdle();
        });

        assertThat(ran).containsExactly("went on");
        assertThat(reactor.failures()).singleElement().isInstanceOf(OutOfMemoryError.class);
    }
}
