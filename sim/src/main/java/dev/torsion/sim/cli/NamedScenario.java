package dev.torsion.sim.cli;

import dev.torsion.sim.Scenario;
import dev.torsion.sim.SimulationTest;
import java.lang.reflect.Method;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/// A method that is a [SimulationTest], as a scenario. The instance it is called on is made once,
/// without JUnit: no life-cycle methods run.
///
/// @param name the class without its package, and the method: `OrdersTest.surviveChaos`
/// @param seeds how many its author runs in every build
record NamedScenario(String name, Class<?> type, int seeds, Scenario scenario) {
    private static final String CLASSES = ".*SimulationTest";

    /// All methods of classes called `…SimulationTest` below these folders of a class path.
    static List<NamedScenario> below(List<Path> folders) {
        List<NamedScenario> found = new ArrayList<>();
        for (Path folder : folders) {
            URI root = folder.toUri();
            ReflectionSupport.findAllClassesInClasspathRoot(
                            root, _ -> true, name -> name.matches(CLASSES))
                    .forEach(type -> found.addAll(of(type)));
        }
        found.sort(Comparator.comparing(NamedScenario::name));
        return found;
    }

    /// All methods of a class, in the order of their names.
    static List<NamedScenario> of(Class<?> type) {
        List<NamedScenario> found = new ArrayList<>();
        for (Method method :
                ReflectionSupport.findMethods(
                        type,
                        it -> it.isAnnotationPresent(SimulationTest.class),
                        HierarchyTraversalMode.TOP_DOWN)) {
            Object instance = ReflectionSupport.newInstance(type);
            found.add(
                    new NamedScenario(
                            type.getSimpleName() + "." + method.getName(),
                            type,
                            method.getAnnotation(SimulationTest.class).seeds(),
                            sim -> ReflectionSupport.invokeMethod(method, instance, sim)));
        }
        found.sort(Comparator.comparing(NamedScenario::name));
        return found;
    }

    /// Those that the names mean, in the order of the names: a whole name, a part of it that only
    /// one has, a class, or a class with its package, which need not be among `ours`.
    ///
    /// @throws WrongUseException if a name means none, or more than one
    static List<NamedScenario> choose(List<NamedScenario> ours, List<String> names) {
        List<NamedScenario> chosen = new ArrayList<>();
        for (String name : names) {
            for (NamedScenario each : choose(ours, name.replace('#', '.'))) {
                if (chosen.stream().noneMatch(it -> it.name.equals(each.name))) {
                    chosen.add(each);
                }
            }
        }
        return chosen;
    }

    private static List<NamedScenario> choose(List<NamedScenario> ours, String name) {
        List<NamedScenario> whole =
                ours.stream()
                        .filter(it -> it.name.equals(name) || it.type.getSimpleName().equals(name))
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
                        + (part.isEmpty() ? "\" is no scenario" : "\" may be more than one")
                        + "; expected a class on TORSION_CLASSPATH, or one of what ./torsion sim"
                        + " list prints");
    }

    /// Of `com.acme.OrdersTest` or `com.acme.OrdersTest.surviveChaos`.
    private static List<NamedScenario> onClassPath(String name) {
        Class<?> type = load(name);
        if (type != null) {
            return of(type);
        }
        int dot = name.lastIndexOf('.');
        type = dot < 0 ? null : load(name.substring(0, dot));
        if (type == null) {
            return List.of();
        }
        String method = name.substring(dot);
        return of(type).stream().filter(it -> it.name.endsWith(method)).toList();
    }

    private static @Nullable Class<?> load(String name) {
        return name.isBlank()
                ? null
                : ReflectionSupport.tryToLoadClass(name).toOptional().orElse(null);
    }
}
