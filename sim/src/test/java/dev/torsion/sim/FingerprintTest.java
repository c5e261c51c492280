package dev.torsion.sim;

import static org.assertj.core.api.Assertions.assertThat;

import dev.torsion.bus.Component;
import dev.torsion.bus.ComponentContext;
import dev.torsion.bus.Draft;
import dev.torsion.bus.SubscribeOptions;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Runs that differ in what an event says have different fingerprints, though the same happens at
/// the same times.
final class FingerprintTest {
    private static final AtomicInteger EVER = new AtomicInteger();

    /// Publishes every now and then what somebody makes of a number.
    private static final class Counting implements Component {
        private final AtomicInteger count;
        private final IntFunction<Draft> made;

        Counting(AtomicInteger count, IntFunction<Draft> made) {
            this.count = count;
            this.made = made;
        }

        @Override
        public void start(ComponentContext context) {
            context.callLater(Duration.ofMillis(100), () -> tick(context));
        }

        private void tick(ComponentContext context) {
            context.publish(made.apply(count.incrementAndGet()));
            context.callLater(Duration.ofMillis(100), () -> tick(context));
        }
    }

    private static long fingerprint(AtomicInteger count, IntFunction<Draft> made) {
        Run run =
                Run.of(
                        sim -> {
                            sim.nodes(
                                    2,
                                    node ->
                                            node.component(
                                                            "counting",
                                                            () -> new Counting(count, made),
                                                            Map.of())
                                                    .watch(">", SubscribeOptions.defaults()));
                            sim.runFor(Duration.ofSeconds(5));
                        },
                        1,
                        FaultSelection.all());
        assertThat(run.failure()).isNull();
        return run.fingerprint();
    }

    private static IntFunction<Draft> counted(String where) {
        Draft plain = Draft.to("numbers");
        return number -> {
            String text = String.valueOf(100_000 + number); // as long in each run
            return switch (where) {
                case "topic" -> Draft.to("numbers." + text);
                case "data" -> plain.withText(text);
                case "attribute" -> plain.withAttribute("number", text);
                case "header" -> plain.withHeader("Number", text);
                default -> throw new IllegalArgumentException(where);
            };
        };
    }

    @ParameterizedTest
    @ValueSource(strings = {"topic", "data", "attribute", "header"})
    void tellsRunsApartWhoseComponentCountsOnFromOneRunToTheNext(String where) {
        assertThat(fingerprint(EVER, counted(where)))
                .isNotEqualTo(fingerprint(EVER, counted(where)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"topic", "data", "attribute", "header"})
    void isTheSameWhereEachRunCountsFromItsStart(String where) {
        assertThat(fingerprint(new AtomicInteger(), counted(where)))
                .isEqualTo(fingerprint(new AtomicInteger(), counted(where)));
    }
}
