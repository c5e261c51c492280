package dev.torsion.sim.cli;

import java.nio.file.Path;
import java.util.List;

/// The commands that are printed for somebody to copy: as a shell takes them, with all they need.
///
/// @param classPath the TORSION_CLASSPATH that the scenarios are found by; empty if there is none
record Commands(String classPath) {

    static Commands ofEnvironment() {
        String classPath = System.getenv("TORSION_CLASSPATH");
        return new Commands(classPath == null ? "" : classPath);
    }

    /// Runs one seed of a scenario, with some of its faults.
    String repeat(NamedScenario scenario, long seed, String faults) {
        return sim()
                + " --scenario "
                + quoted(scenario.fullName())
                + " --from "
                + seed
                + " --seeds 1 --faults "
                + faults;
    }

    /// Goes on with the same run in the same way.
    String resume(Arguments given) {
        StringBuilder command = new StringBuilder(sim()).append(" --resume");
        for (String option : List.of("--state", "--records", "--jobs")) {
            String value = given.text(option);
            if (value != null) {
                command.append(' ').append(option).append(' ').append(quoted(value));
            }
        }
        return command + (given.has("--twice") ? " --twice" : "");
    }

    /// Prints a record; that needs no class of the scenario.
    static String show(Path file) {
        return "./torsion sim show " + quoted(file.toString());
    }

    private String sim() {
        return (classPath.isEmpty() ? "" : "TORSION_CLASSPATH=" + quoted(classPath) + " ")
                + "./torsion sim";
    }

    /// As a shell takes it for one word.
    private static String quoted(String word) {
        return word.matches("[\\w./:=@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
    }
}
