package dev.torsion.sim;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// A test that is run for many seeds: a method with one parameter, the [Simulation].
///
/// The method runs many times on one instance of its class, so what a run needs stands in local
/// variables. When a seed fails, its faults are made few and short, and the test fails with the
/// seed, those faults, the end of each place's time line, a file with all of it (below
/// `target/simulation`) and a command that repeats the run.
///
/// Parameters of the build, as system properties or as JUnit's configuration parameters:
/// `sim.seed=N` runs that one seed only, `sim.faults=2,5=1500` with these of its faults only,
/// `sim.seeds=N` runs so many seeds instead of those below.
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@Test
@ExtendWith(SimulationExtension.class)
public @interface SimulationTest {
    /// How many seeds.
    int seeds() default 100;

    /// The first of them; the others follow.
    long firstSeed() default 1;
}
