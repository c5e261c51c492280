package dev.torsion.tests;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/// What interoperability tests need of the machine. Where it is missing the test is skipped with
/// the reason; with `TORSION_INTEROP=require` in the environment it fails.
final class Interop {
    private static final Path PYTHON = Path.of("/usr/bin/python3");

    /// What was found out, which takes a process each.
    private static final Map<String, Boolean> MODULES = new ConcurrentHashMap<>();

    private Interop() {}

    /// The system's Python, with a module that has to be there.
    ///
    /// @param remedy how to get it
    static Path pythonWith(String module, String remedy) {
        if (!MODULES.computeIfAbsent(module, Interop::isThere)) {
            missing("no Python module " + module + " in " + PYTHON + "; " + remedy);
        }
        return PYTHON;
    }

    private static boolean isThere(String module) {
        return Files.isExecutable(PYTHON) && succeeds(PYTHON.toString(), "-c", "import " + module);
    }

    /// The folder of the scripts for Node.js, with a package of npm installed that has to be there.
    static Path nodeScriptsWith(String npmPackage) {
        Path scripts = Path.of(System.getProperty("basedir", "tests"), "src/test/node");
        if (!succeeds("node", "--version")) {
            missing("no program node; on Debian: apt-get install nodejs npm");
        }
        if (!Files.isDirectory(scripts.resolve("node_modules").resolve(npmPackage))) {
            missing(
                    "the npm package "
                            + npmPackage
                            + " is not installed; (cd tests/src/test/node && npm install"
                            + " --no-package-lock)");
        }
        return scripts;
    }

    /// Skips the test, or fails it.
    static void missing(String reason) {
        if ("require".equals(System.getenv("TORSION_INTEROP"))) {
            fail(reason);
        }
        abort(reason);
    }

    /// Whether a command ends with exit code 0 within a minute.
    static boolean succeeds(String... command) {
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start();
            boolean ended = process.waitFor(1, TimeUnit.MINUTES);
            process.destroyForcibly();
            return ended && process.exitValue() == 0;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
