@NullMarked
package dev.torsion.gateways.nats;

import org.jspecify.annotations.NullMarked;
