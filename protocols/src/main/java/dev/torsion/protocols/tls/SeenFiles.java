package dev.torsion.protocols.tls;

import dev.torsion.reactor.Thrown;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Files as they were when somebody last looked. No two look at a time.
final class SeenFiles {
    private static final Logger log = LoggerFactory.getLogger(TlsReload.class);

    private final List<Path> files;
    private final Reading reading;
    private List<String> contents = List.of();
    private boolean broken;

    /// Reads the files and puts what it has read to use.
    interface Reading {
        void read() throws Exception;
    }

    SeenFiles(List<Path> files, Reading reading) {
        this.files = files;
        this.reading = reading;
    }

    /// Reads the files if they are not what they were, or could not be read with success; the first
    /// time whatever they hold. Blocks. What is wrong is logged, once for each change.
    void look() {
        List<String> now = new ArrayList<>();
        for (Path file : files) {
            now.add(content(file));
        }
        boolean changed = !now.equals(contents);
        if (!changed && !broken) {
            return;
        }
        boolean again = !contents.isEmpty();
        contents = now;
        try {
            reading.read();
            if (again || broken) {
                log.info("TLS goes on with what is new in {}", files);
            }
            broken = false;
        } catch (Throwable wrong) {
            broken = true;
            if (changed) {
                log.warn("TLS goes on with what it had: {}", Thrown.text(wrong));
            }
        }
    }

    /// Something that is another text whenever the content is another, and no secret.
    private static String content(Path file) {
        try (InputStream input = Files.newInputStream(file)) {
            return Pem.fingerprint(input);
        } catch (IOException unreadable) {
            return unreadable.toString();
        }
    }
}
