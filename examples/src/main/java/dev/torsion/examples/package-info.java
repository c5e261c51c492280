/// The demo's parts: readings come in, averages and alarms come of them.
///
/// Read first: [SensorGateway] (a protocol of one's own at a port), [Alarms] (the smallest
/// component), [Averages] (one that remembers, within bounds).
@NullMarked
package dev.torsion.examples;

import org.jspecify.annotations.NullMarked;
