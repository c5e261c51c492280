package dev.torsion.sim.cli;

import dev.torsion.sim.Scenario;
import dev.torsion.sim.Simulation;
import dev.torsion.sim.SimulationTest;
import dev.torsion.sim.UserFrames;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/// A method that is a [SimulationTest], as a scenario. The instance it is called on is made once,
/// without JUnit: no life-cycle methods run.
///
/// @param name the class without its package, and the method: `OrdersTest.surviveChaos`; with its
///   package where another scenario at hand has the same name
/// @param seeds how many its author runs in every build
record NamedScenario(String name, Class<?> type, Method method, int seeds, Scenario scenario) {
    private static final String CLASSES = ".*SimulationTest";

    /// The class with its package, and the method; no other scenario has this name.
    String fullName() {
        return type.getName() + "." + method.getName();
    }

    private String simpleName() {
        return type.getSimpleName() + "." + method.getName();
    }

    /// All methods of classes called `…SimulationTest` below these folders of a class path.
    static List<NamedScenario> below(List<Path> folders) {
        List<NamedScenario> found = new ArrayList<>();
        for (Path folder : folders) {
            URI root = folder.toUri();
            ReflectionSupport.findAllClassesInClasspathRoot(
                            root, _ -> true, name -> name.matches(CLASSES))
                    .forEach(type -> found.addAll(of(type)));
        }
        found.sort(Comparator.comparing(NamedScenario::fullName));
        return toldApart(found);
    }

    /// All methods of a class, in the order of their names.
    ///
    /// @throws WrongUseException if one cannot be called with a simulation, or there is no instance
    ///   to call it on
    static List<NamedScenario> of(Class<?> type) {
        List<Method> methods =
                ReflectionSupport.findMethods(
                        type,
                        it -> it.isAnnotationPresent(SimulationTest.class),
                        HierarchyTraversalMode.TOP_DOWN);
        if (methods.isEmpty()) {
            return List.of();
        }
        Object instance = instance(type);
        List<NamedScenario> found = new ArrayList<>();
        for (Method method : methods) {
            if (!Arrays.equals(method.getParameterTypes(), new Class<?>[] {Simulation.class})) {
                throw new WrongUseException(
                        "%s.%s: a method with @SimulationTest has one parameter, the Simulation"
                                .formatted(type.getName(), method.getName()));
            }
            found.add(
                    new NamedScenario(
                            type.getSimpleName() + "." + method.getName(),
                            type,
                            method,
                            method.getAnnotation(SimulationTest.class).seeds(),
                            sim -> ReflectionSupport.invokeMethod(method, instance, sim)));
        }
        found.sort(Comparator.comparing(NamedScenario::name));
        return found;
    }

    private static Object instance(Class<?> type) {
        try {
            return ReflectionSupport.newInstance(type);
        } catch (Throwable thrown) {
            String name = type.getName();
            if (Arrays.stream(type.getDeclaredConstructors())
                    .noneMatch(it -> it.getParameterCount() == 0)) {
                throw new WrongUseException(
                        name
                                + ": the class of a scenario is static if it is in another, and has"
                                + " a constructor without parameters",
                        thrown);
            }
            Throwable why =
                    thrown instanceof ExceptionInInitializerError && thrown.getCause() != null
                            ? thrown.getCause()
                            : thrown;
            throw new WrongUseException(
                    name + ": no instance of it can be made: " + UserFrames.firstLine(why), thrown);
        }
    }

    /// Scenarios of the same name are called by their full ones.
    private static List<NamedScenario> toldApart(List<NamedScenario> all) {
        Map<String, Long> count =
                all.stream()
                        .collect(
                                Collectors.groupingBy(
                                        NamedScenario::simpleName,
                                        TreeMap::new,
                                        Collectors.counting()));
        return all.stream()
                .map(it -> count.getOrDefault(it.simpleName(), 1L) == 1 ? it : it.inFull())
                .toList();
    }

    private NamedScenario inFull() {
        return new NamedScenario(fullName(), type, method, seeds, scenario);
    }

    /// Those that the names mean, in the order of the names: a whole name, a part of it that only
    /// one has, a class, or a class with its package, which need not be among `ours`.
    ///
    /// @throws WrongUseException if a name means none, or more than one
    static List<NamedScenario> choose(List<NamedScenario> ours, List<String> names) {
        List<NamedScenario> chosen = new ArrayList<>();
        for (String name : names) {
            for (NamedScenario each : choose(ours, name.replace('#', '.'))) {
                if (chosen.stream().noneMatch(it -> it.fullName().equals(each.fullName()))) {
                    chosen.add(each);
                }
            }
        }
        return toldApart(chosen);
    }

    private static List<NamedScenario> choose(List<NamedScenario> ours, String name) {
        List<NamedScenario> whole =
                ours.stream()
                        .filter(it ->
                                it.name.equals(name)
                                        || it.simpleName().equals(name)
                                        || it.type.getSimpleName().equals(name))
                        .toList();
        if (!whole.isEmpty()) {
            return whole;
        }
        List<NamedScenario> elsewhere = onClassPath(name);
        if (!elsewhere.isEmpty()) {
            return elsewhere;
        }
        List<NamedScenario> part = ours.stream().filter(it -> it.name.contains(name)).toList();
        if (part.size() == 1) {
            return part;
        }
        throw new WrongUseException(
                "--scenario: \""
                        + name
                        + (part.isEmpty()
                                ? "\" is no scenario and no class that is found"
                                : "\" may be more than one")
                        + "; expected a class on TORSION_CLASSPATH, or one of what ./torsion sim"
                        + " list prints");
    }

    /// Of `com.acme.OrdersTest` or `com.acme.OrdersTest.surviveChaos`; none if there is no such
    /// class.
    private static List<NamedScenario> onClassPath(String name) {
        Class<?> type = load(name);
        if (type != null) {
            return scenarios(type);
        }
        int dot = name.lastIndexOf('.');
        type = dot < 0 ? null : load(name.substring(0, dot));
        if (type == null) {
            return List.of();
        }
        String method = name.substring(dot + 1);
        List<NamedScenario> all = scenarios(type);
        List<NamedScenario> called =
                all.stream().filter(it -> it.method.getName().equals(method)).toList();
        if (called.isEmpty()) {
            throw new WrongUseException(
                    "--scenario: %s has no method %s with @SimulationTest; it has %s"
                            .formatted(
                                    type.getName(),
                                    method,
                                    all.stream()
                                            .map(it -> it.method.getName())
                                            .collect(Collectors.joining(", "))));
        }
        return called;
    }

    private static List<NamedScenario> scenarios(Class<?> type) {
        List<NamedScenario> found = of(type);
        if (found.isEmpty()) {
            throw new WrongUseException(
                    "--scenario: the class "
                            + type.getName()
                            + " is there, and has no method with @SimulationTest");
        }
        return found;
    }

    private static @Nullable Class<?> load(String name) {
        if (name.isBlank()) {
            return null;
        }
        try {
            return ReflectionSupport.tryToLoadClass(name).toOptional().orElse(null);
        } catch (LinkageError e) {
            throw new WrongUseException("--scenario: " + name + " cannot be loaded: " + e, e);
        }
    }
}
