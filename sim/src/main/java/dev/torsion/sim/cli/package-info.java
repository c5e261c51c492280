/// `torsion sim`: runs scenarios for many seeds, and shows the records of runs as time lines. The
/// outside of the room: unlike the world itself it has a clock, threads and files.
///
/// Read first: [Main], [SeedRun], [TimeLine].
@NullMarked
package dev.torsion.sim.cli;

import org.jspecify.annotations.NullMarked;
