package dev.torsion.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// `docs/reference/twisted.md` names a test for what it says, or says that there is none yet.
final class TwistedReferenceTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Path PAGE = ROOT.resolve("docs/reference/twisted.md");
    private static final Pattern NAME =
            Pattern.compile("`([A-Z]\\w*)(?:\\.([A-Z]\\w*))?(?:#([a-z]\\w*))?`");

    private static final Pattern TEXT = Pattern.compile("\"(?:[^\"\\\\\n]|\\\\.)*\"");

    @Test
    void everyLineNamesTestsThatAreThere() throws IOException {
        Map<String, String> sources = testSources();
        List<String> wrong = new ArrayList<>();
        int proofs = 0;
        for (String row : rows()) {
            String[] cells = row.split("\\|", -1);
            String proof = cells[cells.length - 2].strip();
            List<String> names = NAME.matcher(proof).results().map(name -> name.group()).toList();
            proofs += names.size();
            String rest = NAME.matcher(proof).replaceAll("").strip();
            if (names.isEmpty() ? !rest.equals("*Not yet*") : !rest.isEmpty()) {
                wrong.add("neither tests nor *Not yet*: " + row);
            }
            for (String name : names) {
                if (!isThere(name, sources)) {
                    wrong.add("no test " + name);
                }
            }
        }

        assertThat(wrong).isEmpty();
        assertThat(proofs).isGreaterThan(100);
    }

    private static boolean isThere(String quoted, Map<String, String> sources) {
        var name = NAME.matcher(quoted);
        assertThat(name.matches()).isTrue();
        String source = sources.get(name.group(1));
        if (source == null) {
            return false;
        }
        String nested = name.group(2);
        if (nested != null) {
            int start = source.indexOf("class " + nested + " {");
            if (start < 0) {
                return false;
            }
            // Members of a nested class are indented deeper than what ends it.
            int end = source.indexOf("\n    }\n", start);
            source = source.substring(start, end);
        }
        String method = name.group(3);
        return method == null
                || Pattern.compile("@(?:Test|ParameterizedTest)\\b[^;]*?void " + method + "\\(")
                        .matcher(source)
                        .find();
    }

    private static List<String> rows() throws IOException {
        return Files.readAllLines(PAGE).stream()
                .filter(line -> line.startsWith("|"))
                .filter(line -> !line.startsWith("| ---") && !line.endsWith("| Proved by |"))
                .toList();
    }

    /// A text in an annotation may hold what ends a declaration.
    private static String withoutTexts(String source) {
        return TEXT.matcher(source).replaceAll("\"\"");
    }

    /// By the name of the class at the top of the file.
    private static Map<String, String> testSources() throws IOException {
        Map<String, String> sources = new TreeMap<>();
        try (Stream<Path> modules = Files.list(ROOT)) {
            for (Path module : modules.sorted().toList()) {
                Path tests = module.resolve("src/test/java");
                if (!Files.isDirectory(tests)) {
                    continue;
                }
                try (Stream<Path> files = Files.walk(tests)) {
                    for (Path file : files.filter(it -> it.toString().endsWith(".java")).toList()) {
                        String name = file.getFileName().toString().replace(".java", "");
                        sources.merge(name, withoutTexts(Files.readString(file)), String::concat);
                    }
                }
            }
        }
        return sources;
    }
}
