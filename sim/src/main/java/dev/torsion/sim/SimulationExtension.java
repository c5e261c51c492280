package dev.torsion.sim;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.ReflectionSupport;

/// Runs the method of a [SimulationTest] for its seeds.
final class SimulationExtension implements InvocationInterceptor, ParameterResolver {
    private static final Path RECORDS = Path.of("target", "simulation");

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Simulation.class;
    }

    /// Nobody sees it: the method is called with the simulations of its seeds instead.
    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return new Simulation(0, FaultSelection.all());
    }

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> called,
            ExtensionContext context) {
        invocation.skip();
        Method method = called.getExecutable();
        if (method.getParameterCount() != 1) {
            throw new IllegalArgumentException(
                    method.getDeclaringClass().getName()
                            + "."
                            + method.getName()
                            + ": a method with @SimulationTest has one parameter, the Simulation");
        }
        Object test = context.getRequiredTestInstance();
        Campaign campaign = campaign(context, method.getAnnotation(SimulationTest.class));
        Campaign.Outcome outcome = run(campaign, method, test);
        if (outcome.failure() != null) {
            throw failed(outcome.failure(), context.getRequiredTestClass(), method.getName());
        }
        if (campaign.seeds() > 1) {
            requireAllMet(outcome);
        }
    }

    private static Campaign.Outcome run(Campaign campaign, Method method, Object test) {
        try {
            return campaign.run(sim -> ReflectionSupport.invokeMethod(method, test, sim));
        } catch (IllegalArgumentException e) {
            throw wrongFaults(e);
        }
    }

    private static IllegalArgumentException wrongFaults(IllegalArgumentException e) {
        return new IllegalArgumentException("-Dsim.faults: " + e.getMessage(), e);
    }

    private static Campaign campaign(ExtensionContext context, SimulationTest asked) {
        Optional<String> seed = context.getConfigurationParameter("sim.seed");
        Optional<String> seeds = context.getConfigurationParameter("sim.seeds");
        Optional<String> faults = context.getConfigurationParameter("sim.faults");
        Campaign campaign =
                seed.isPresent()
                        ? Campaign.of(number("sim.seed", seed.get(), Long.MIN_VALUE), 1)
                        : Campaign.of(
                                asked.firstSeed(),
                                seeds.map(it -> Math.toIntExact(number("sim.seeds", it, 1)))
                                        .orElse(asked.seeds()));
        try {
            return faults.map(campaign::withFaults).orElse(campaign);
        } catch (IllegalArgumentException e) {
            throw wrongFaults(e);
        }
    }

    static long number(String parameter, String text, long least) {
        long most = least == 1 ? Integer.MAX_VALUE : Long.MAX_VALUE;
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException _) {
            // told below
        }
        throw new IllegalArgumentException(
                "-D"
                        + parameter
                        + ": expected a whole number from "
                        + least
                        + " to "
                        + most
                        + ", not \""
                        + text
                        + "\"");
    }

    /// @param type the class that was run, which may have inherited the method
    static AssertionError failed(Failure failure, Class<?> type, String method) {
        String name = type.getName() + "." + method;
        String test = type.getName() + "#" + method;
        String parameters = "-Dsim.seed=" + failure.seed() + " -Dsim.faults=" + failure.selection();
        String repeat =
                "mvn verify -Dtest="
                        + (test.contains("$") ? "'" + test + "'" : test)
                        + " -Dsurefire.failIfNoSpecifiedTests=false "
                        + parameters;
        Path file = RECORDS.resolve(name + "-" + failure.seed() + ".txt");
        try {
            Files.createDirectories(RECORDS);
            Files.write(file, failure.toRecord(name, repeat));
        } catch (IOException e) {
            throw new UncheckedIOException("the record of a failed simulation is not written", e);
        }
        return new AssertionError(
                failure.describe()
                        + "recorded in "
                        + file
                        + (failure.repeats() ? "\nrepeat with: " : "\nmay fail again with: ")
                        + repeat
                        + "\nor, with any runner: "
                        + parameters,
                failure.cause());
    }

    static void requireAllMet(Campaign.Outcome outcome) {
        List<String> neverMet = new ArrayList<>();
        for (Map.Entry<String, Integer> condition : outcome.sometimes().entrySet()) {
            if (condition.getValue() == 0) {
                neverMet.add(condition.getKey());
            }
        }
        if (!neverMet.isEmpty()) {
            throw new AssertionError(
                    "no seed of "
                            + outcome.seedsRun()
                            + " met these conditions, so the scenario does not test what it seems"
                            + " to: "
                            + neverMet);
        }
    }
}
