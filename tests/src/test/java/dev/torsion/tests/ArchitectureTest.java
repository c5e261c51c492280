package dev.torsion.tests;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.net.Socket;
import java.time.Clock;
import java.time.Instant;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The plan of the house, kept by the build.
final class ArchitectureTest {
    private static final JavaClasses HOUSE =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .withImportOption(location -> !location.contains("-tests.jar"))
                    .importPackages("dev.torsion");

    /// Who may use whom, beside themselves; a room not named here does not exist yet.
    private static final Map<String, List<String>> ARROWS =
            Map.of(
                    "reactor", List.of(),
                    "netty", List.of("reactor"),
                    "protocols", List.of("reactor"),
                    "bus", List.of("reactor"),
                    "cluster", List.of("reactor", "bus", "protocols"),
                    "sim", List.of("reactor", "bus", "cluster"),
                    "gateways", List.of("reactor", "bus", "protocols"),
                    "examples", List.of("reactor", "netty", "bus", "protocols", "gateways"),
                    "node", List.of("reactor", "netty", "bus", "protocols", "gateways", "cluster"));

    /// Which libraries are whose alone.
    private static final Map<String, List<String>> OWNED =
            Map.of(
                    "netty", List.of("io.netty.."),
                    "node", List.of("io.nats..", "picocli..", "org.snakeyaml.."));

    /// Where time, chance, threads and sockets may come from the system.
    private static final String[] AT_THE_SYSTEM = {
        "dev.torsion.netty..", "dev.torsion.node..", "dev.torsion.sim.cli.."
    };

    private static final Map<String, Set<String>> CALLS =
            Map.ofEntries(
                    Map.entry("java.lang.System", Set.of("nanoTime", "currentTimeMillis")),
                    Map.entry("java.time.Instant", Set.of("now")),
                    Map.entry("java.time.LocalDate", Set.of("now")),
                    Map.entry("java.time.LocalDateTime", Set.of("now")),
                    Map.entry("java.time.OffsetDateTime", Set.of("now")),
                    Map.entry("java.time.ZonedDateTime", Set.of("now")),
                    Map.entry("java.time.InstantSource", Set.of("system")),
                    Map.entry(
                            "java.time.Clock",
                            Set.of("system", "systemUTC", "systemDefaultZone", "tickMillis")),
                    Map.entry("java.lang.Math", Set.of("random")),
                    Map.entry("java.util.UUID", Set.of("randomUUID")),
                    Map.entry("java.util.Collections", Set.of("shuffle")),
                    Map.entry("java.util.random.RandomGenerator", Set.of("of", "getDefault")),
                    Map.entry(
                            "java.lang.Thread",
                            Set.of(
                                    "<init>",
                                    "start",
                                    "sleep",
                                    "ofVirtual",
                                    "ofPlatform",
                                    "startVirtualThread")),
                    Map.entry(
                            "java.util.concurrent.CompletableFuture",
                            Set.of(
                                    "supplyAsync",
                                    "runAsync",
                                    "delayedExecutor",
                                    "orTimeout",
                                    "completeOnTimeout")),
                    // Reading an address that is written out asks nobody; a name does.
                    Map.entry(
                            "java.net.InetAddress",
                            Set.of(
                                    "getByName",
                                    "getAllByName",
                                    "getLocalHost",
                                    "getHostName",
                                    "getCanonicalHostName",
                                    "isReachable")),
                    // Their order varies from run to run, with the objects' identities.
                    Map.entry("java.util.IdentityHashMap", Set.of("<init>")),
                    Map.entry("java.util.WeakHashMap", Set.of("<init>")));

    private static final List<String> TYPES =
            List.of(
                    "java.util.Timer",
                    "java.util.concurrent.ThreadLocalRandom",
                    "java.util.concurrent.Executors",
                    "java.util.concurrent.ForkJoinPool",
                    "java.util.concurrent.ThreadPoolExecutor",
                    "java.util.concurrent.StructuredTaskScope",
                    "java.lang.ProcessBuilder",
                    "java.security.SecureRandom",
                    "java.net.Socket",
                    "java.net.ServerSocket",
                    "java.net.DatagramSocket",
                    "java.nio.channels.Selector",
                    "java.nio.channels.SocketChannel",
                    "java.nio.channels.ServerSocketChannel",
                    "java.nio.channels.DatagramChannel",
                    "java.nio.channels.AsynchronousSocketChannel");

    /// Repeatable with a seed, and only then.
    private static final List<String> SEEDED =
            List.of("java.util.Random", "java.util.SplittableRandom");

    private static final ArchRule LAW_ONE =
            noClasses()
                    .that()
                    .resideOutsideOfPackages(AT_THE_SYSTEM)
                    .and()
                    // Measures the patience of who waits for a failure to be made small.
                    .doNotHaveFullyQualifiedName("dev.torsion.sim.Patience")
                    .and()
                    // Looks up what its weak map has, and never asks for the order.
                    .doNotHaveFullyQualifiedName("dev.torsion.protocols.amp.SilentPeers")
                    .should()
                    .accessTargetWhere(
                            describe(
                                    "time, chance, threads, sockets or programs",
                                    ArchitectureTest::isSystem))
                    .because(
                            "they come from the reactor, so that a simulation can stand in its place");

    private static boolean isSystem(JavaAccess<?> access) {
        String owner = access.getTargetOwner().getName();
        return TYPES.contains(owner)
                || (SEEDED.contains(owner) && isUnseeded(access))
                || CALLS.getOrDefault(owner, Set.of()).contains(access.getTarget().getName());
    }

    private static boolean isUnseeded(JavaAccess<?> access) {
        return access instanceof JavaConstructorCall call
                && call.getTarget().getRawParameterTypes().isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dev.torsion.reactor.Reactor",
                "dev.torsion.reactor.testing.ManualReactor",
                "dev.torsion.netty.NettyReactor",
                "dev.torsion.protocols.FrameProtocol",
                "dev.torsion.bus.EventBus",
                "dev.torsion.cluster.Cluster",
                "dev.torsion.sim.Simulation",
                "dev.torsion.gateways.nats.NatsDoor",
                "dev.torsion.examples.Averages",
                "dev.torsion.node.Main"
            })
    void seesTheWholeHouse(String name) {
        assertThat(HOUSE.contain(name)).isTrue();
    }

    @Test
    void knowsEveryRoom() {
        assertThat(HOUSE.stream().map(type -> type.getPackageName().split("\\.", -1)[2]).distinct())
                .containsExactlyInAnyOrderElementsOf(ARROWS.keySet());
    }

    static Stream<Arguments> arrows() {
        return ARROWS.entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
    }

    @ParameterizedTest
    @MethodSource("arrows")
    void keepsToTheArrows(String room, List<String> others) {
        String[] allowed =
                Stream.concat(Stream.of(room), others.stream())
                        .map(ArchitectureTest::room)
                        .toArray(String[]::new);

        classes()
                .that()
                .resideInAPackage(room(room))
                .should()
                .onlyDependOnClassesThat(
                        resideInAnyPackage(allowed).or(resideOutsideOfPackage("dev.torsion..")))
                .check(HOUSE);
    }

    static Stream<Arguments> owned() {
        return OWNED.entrySet().stream().map(e -> Arguments.of(e.getKey(), e.getValue()));
    }

    @ParameterizedTest
    @MethodSource("owned")
    void keepsALibraryInItsRoom(String room, List<String> libraries) {
        String[] packages = libraries.toArray(String[]::new);

        noClasses()
                .that()
                .resideOutsideOfPackage(room(room))
                .should()
                .dependOnClassesThat(resideInAnyPackage(packages))
                .check(HOUSE);
    }

    @Test
    void takesTimeChanceThreadsAndSocketsFromTheReactor() {
        LAW_ONE.check(HOUSE);
    }

    @Test
    void readsNoSerializedObjects() {
        noClasses()
                .should()
                .dependOnClassesThat(
                        resideInAPackage("java.io")
                                .and(
                                        describe(
                                                "streams of objects",
                                                type -> type.getSimpleName().startsWith("Object"))))
                .check(HOUSE);
    }

    /// Breaks law 1 once in each method; nothing calls them.
    @SuppressWarnings("unused")
    private static final class Outlaw {
        static long clock() {
            return System.nanoTime();
        }

        static ProcessBuilder program() {
            return new ProcessBuilder();
        }

        static Instant day() {
            return Instant.now();
        }

        static Clock zone() {
            return Clock.systemUTC();
        }

        static double chance() {
            return Math.random();
        }

        static int dice() {
            return ThreadLocalRandom.current().nextInt();
        }

        static int unseeded() {
            return new Random().nextInt();
        }

        static UUID name() {
            return UUID.randomUUID();
        }

        static Thread thread() {
            return Thread.ofVirtual().unstarted(() -> {});
        }

        static Object pool() {
            return Executors.newVirtualThreadPerTaskExecutor();
        }

        static CompletableFuture<Integer> task() {
            return CompletableFuture.supplyAsync(() -> 1);
        }

        static Socket socket() {
            return new Socket();
        }

        static Map<Object, Object> order() {
            return new IdentityHashMap<>();
        }
    }

    @Test
    void noticesEachBreachOfLawOne() {
        JavaClasses outlaw = new ClassFileImporter().importClasses(Outlaw.class);

        List<String> breaches = LAW_ONE.evaluate(outlaw).getFailureReport().getDetails();

        for (var method : Outlaw.class.getDeclaredMethods()) {
            if (!method.isSynthetic()) {
                assertThat(breaches).anyMatch(each -> each.contains("." + method.getName() + "()"));
            }
        }
    }

    private static String room(String name) {
        return "dev.torsion." + name + "..";
    }
}
