package dev.torsion.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Every decoder keeps its promises whatever comes: what was found before, what is nearly sound,
/// and what Jazzer thinks of. CONTRIBUTING says how to let it think for longer.
final class FuzzTest {
    /// Inputs that broke something once, or nearly: files of hexadecimal digits, named
    /// `DECODER.WHAT.hex`.
    private static final Path FOUND =
            Path.of(System.getProperty("basedir", "tests"), "src/test/fuzz");

    private static final Path WORK =
            Path.of(System.getProperty("basedir", "tests"), "target/fuzz").toAbsolutePath();
    private static final int MUTANTS = 100;
    private static final int SHORT_RUN = 40_000;

    static Stream<String> decoders() {
        return Decoders.byName().keySet().stream();
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void keepsItsPromisesForEverySeedAndWhatIsLeftOfItAtEveryPoint(String name) {
        Decoder decoder = decoder(name);
        for (byte[] seed : decoder.seeds()) {
            for (int end = 0; end <= seed.length; end++) {
                check(decoder, Arrays.copyOf(seed, end));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void keepsItsPromisesForMutants(String name) {
        Decoder decoder = decoder(name);
        SplittableRandom chance = new SplittableRandom(20_261_124);
        for (byte[] seed : decoder.seeds()) {
            for (int i = 0; i < MUTANTS; i++) {
                check(decoder, mutant(seed, chance));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("decoders")
    void keepsItsPromisesForWhatWasFoundBefore(String name) throws IOException {
        try (Stream<Path> files = Files.list(FOUND)) {
            for (Path file : files.sorted().toList()) {
                if (file.getFileName().toString().startsWith(name + ".")) {
                    check(decoder(name), HexFormat.of().parseHex(Files.readString(file).strip()));
                }
            }
        }
    }

    /// A run of Jazzer in a JVM of its own: so many inputs from a fixed seed, or, if the system
    /// property `fuzz.seconds` says so, for that long from a seed of chance, going on where the
    /// last one ended.
    @Test
    @Timeout(value = 25, unit = TimeUnit.HOURS)
    void jazzerFindsNoInputThatBreaksAPromise() throws Exception {
        String seconds = System.getProperty("fuzz.seconds");
        Path corpus = WORK.resolve(seconds == null ? "short" : "long");
        if (seconds == null && Files.isDirectory(corpus)) {
            try (Stream<Path> old = Files.list(corpus)) {
                for (Path file : old.toList()) {
                    Files.delete(file);
                }
            }
        }
        Files.createDirectories(corpus);
        for (String name : Decoders.byName().keySet()) {
            int number = 0;
            for (byte[] seed : decoder(name).seeds()) {
                Files.write(corpus.resolve(name + number++), Fuzzing.input(name, seed));
            }
        }
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx512m", "--enable-native-access=ALL-UNNAMED"));
        command.add("-XX:+EnableDynamicAgentLoading");
        command.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=off");
        command.add(
                "-Dbasedir=" + Path.of(System.getProperty("basedir", "tests")).toAbsolutePath());
        if (System.getProperty("fuzz.decoder") != null) {
            command.add("-Dfuzz.decoder=" + System.getProperty("fuzz.decoder"));
        }
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.add("com.code_intelligence.jazzer.Jazzer");
        command.add("--target_class=" + Fuzzing.class.getName());
        command.add("--instrumentation_includes=dev.torsion.**");
        command.add("--custom_hook_includes=dev.torsion.**");
        command.add("-artifact_prefix=" + WORK + "/");
        command.add("-max_len=4096");
        command.add("-timeout=60");
        command.addAll(
                seconds == null
                        ? List.of("-runs=" + SHORT_RUN, "-seed=1")
                        : List.of("-max_total_time=" + seconds));
        command.add(corpus.toString());
        Path log = WORK.resolve("jazzer.log");
        Process jazzer =
                new ProcessBuilder(command)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .directory(WORK.toFile())
                        .start();
        try {
            int code = jazzer.waitFor();
            List<String> lines = Files.readAllLines(log, UTF_8);
            assertThat(code)
                    .as(
                            "Jazzer found something; %s is the input:%n%s",
                            WORK,
                            String.join(
                                    "\n",
                                    lines.subList(Math.max(0, lines.size() - 60), lines.size())))
                    .isZero();
            assertThat(lines).anyMatch(line -> line.startsWith("Done "));
        } finally {
            jazzer.destroyForcibly();
        }
    }

    private static Decoder decoder(String name) {
        return requireNonNull(Decoders.byName().get(name), name);
    }

    private static void check(Decoder decoder, byte[] input) {
        assertThatCode(() -> Allocation.isBounded(input.length, () -> decoder.feed(input)))
                .as("input %s", HexFormat.of().formatHex(input))
                .doesNotThrowAnyException();
    }

    /// Some bytes changed, taken out, doubled, or put elsewhere.
    private static byte[] mutant(byte[] seed, SplittableRandom chance) {
        byte[] mutant = seed.clone();
        for (int changes = 1 + chance.nextInt(4); changes > 0 && mutant.length > 0; changes--) {
            int from = chance.nextInt(mutant.length);
            int to = from + chance.nextInt(mutant.length - from + 1);
            switch (chance.nextInt(4)) {
                case 0 -> mutant[from] = (byte) chance.nextInt(256);
                case 1 -> mutant[from] ^= (byte) (1 << chance.nextInt(8));
                case 2 -> mutant = joined(mutant, 0, from, to, mutant.length);
                default -> mutant = joined(mutant, 0, to, from, mutant.length);
            }
        }
        return mutant;
    }

    private static byte[] joined(byte[] bytes, int from, int to, int nextFrom, int nextTo) {
        byte[] joined = new byte[to - from + nextTo - nextFrom];
        System.arraycopy(bytes, from, joined, 0, to - from);
        System.arraycopy(bytes, nextFrom, joined, to - from, nextTo - nextFrom);
        return joined;
    }
}
