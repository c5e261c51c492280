package dev.torsion.tests;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What the documents quote is what is tested, and what they link to is there.
class DocumentsTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern QUOTE =
            Pattern.compile("<!-- file: (\\S+) -->\n```\\w+\n(.*?)```", Pattern.DOTALL);
    private static final Pattern LINK = Pattern.compile("\\]\\((?!https?:)([^)#]+)[^)]*\\)");

    @Test
    void quoteFilesAsTheyAre() throws IOException {
        int quotes = 0;
        for (Path document : documents()) {
            for (MatchResult quote : matches(QUOTE, document)) {
                assertThat(Files.readString(ROOT.resolve(quote.group(1))))
                        .as("what %s quotes from %s", document, quote.group(1))
                        .contains(quote.group(2));
                quotes++;
            }
        }
        assertThat(quotes).as("quotations found").isGreaterThanOrEqualTo(2);
    }

    @Test
    void linkToFilesThatAreThere() throws IOException {
        int links = 0;
        for (Path document : documents()) {
            Path folder = document.toAbsolutePath().getParent();
            for (MatchResult link : matches(LINK, document)) {
                assertThat(ROOT.resolve(folder).resolve(link.group(1)))
                        .as("what %s links to", document)
                        .exists();
                links++;
            }
        }
        assertThat(links).as("links found").isGreaterThanOrEqualTo(20);
    }

    private static List<MatchResult> matches(Pattern pattern, Path document) throws IOException {
        return pattern.matcher(Files.readString(document)).results().toList();
    }

    private static List<Path> documents() throws IOException {
        try (Stream<Path> top = Files.list(ROOT);
                Stream<Path> docs = Files.walk(ROOT.resolve("docs"))) {
            return Stream.concat(top, docs)
                    .filter(path -> path.toString().endsWith(".md"))
                    .toList();
        }
    }
}
