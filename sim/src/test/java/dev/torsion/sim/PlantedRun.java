package dev.torsion.sim;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.LongFunction;

/// Runs a scenario for one seed on the product of its class loader: of that, only types of the JDK
/// are seen outside.
public final class PlantedRun implements LongFunction<String> {
    private static final int MOST_SEEDS = 60;

    private final Scenario scenario;

    public PlantedRun(String scenario) {
        this.scenario = named(scenario);
    }

    /// The scenario of that name: of [Scenarios], unless the name has a class before it.
    static Scenario named(String name) {
        int dot = name.indexOf('.');
        try {
            Class<?> scenarios =
                    dot < 0
                            ? Scenarios.class
                            : Class.forName(
                                    PlantedRun.class.getPackageName()
                                            + "."
                                            + name.substring(0, dot));
            Method method = scenarios.getMethod(name.substring(dot + 1), Simulation.class);
            return sim -> {
                try {
                    method.invoke(null, sim);
                } catch (InvocationTargetException e) {
                    if (e.getCause() instanceof Error error) {
                        throw error;
                    }
                    throw e;
                }
            };
        } catch (ClassNotFoundException | NoSuchMethodException e) {
            throw new IllegalArgumentException("no scenario " + name, e);
        }
    }

    /// The claim that was broken, or the exception that was thrown; empty if the seed passes.
    @Override
    public String apply(long seed) {
        Run run = Run.of(scenario, seed, FaultSelection.all());
        return run.failed() ? run.failureKind() : "";
    }

    /// Looks for the first seed that fails and makes its faults few.
    ///
    /// @return what is told of it, its selection of faults, how many the seed drew and how many are
    ///   needed; and the claim that is broken when the run is repeated with that selection
    public static List<String> shrunk(String scenario) {
        Scenario named = named(scenario);
        Campaign patient = Campaign.of(1, MOST_SEEDS).withShrinkingTime(Duration.ofHours(1));
        Failure failure = Objects.requireNonNull(patient.run(named).failure());
        Run again = Run.of(named, failure.seed(), FaultSelection.parse(failure.selection()));
        return List.of(
                failure.describe(),
                failure.selection(),
                Integer.toString(failure.drawn()),
                Integer.toString(failure.faults().size()),
                again.failureKind());
    }
}
