package dev.torsion.protocols.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/// A page of `docs/guides` and the test that its samples are parts of.
final class Guide {
    private static final Pattern SAMPLE = Pattern.compile("```java\n(.*?)```", Pattern.DOTALL);

    private Guide() {}

    static void showsOnlyWhatRuns(String page, String test) throws IOException {
        Path room = Path.of(System.getProperty("basedir", ""));
        String text = Files.readString(room.resolve("../docs/guides").resolve(page));
        Path tests = room.resolve("src/test/java/dev/torsion/protocols/guide");
        String source = words(Files.readString(tests.resolve(test)));
        List<String> samples =
                SAMPLE.matcher(text).results().map(sample -> sample.group(1)).toList();

        assertThat(samples).isNotEmpty();
        assertThat(samples).allSatisfy(sample -> assertThat(source).contains(words(sample)));
    }

    private static String words(String code) {
        return code.replaceAll("\\s+", "");
    }
}
