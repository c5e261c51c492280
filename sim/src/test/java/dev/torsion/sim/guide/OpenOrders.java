package dev.torsion.sim.guide;

import dev.torsion.bus.Component;
import java.util.Set;

/// A component that knows which orders are placed and not paid.
interface OpenOrders extends Component {
    /// To be asked on its lane, or by a test that moves the time.
    Set<String> open();
}
