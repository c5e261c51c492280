package dev.torsion.bus;

/// Who a bus is, and its bounds.
///
/// @param node the node's name: 1 to 64 of letters, digits, `-` and `_`
/// @param incarnation differs for each life of a node of that name, and grows
/// @param maxDataBytes the largest event data, 1 MiB by default
/// @param maxSubscriptions how many subscriptions may stand at once, 1,000,000 by default
/// @param maxRequests how many requests may await an answer at once, 65,536 by default
public record BusOptions(
        String node, long incarnation, int maxDataBytes, int maxSubscriptions, int maxRequests) {

    public BusOptions {
        if (!isNodeName(node)) {
            throw new IllegalArgumentException(
                    "a node's name is 1 to 64 letters, digits, \"-\" and \"_\", which \""
                            + node
                            + "\" is not");
        }
        if (incarnation < 0 || maxDataBytes < 1 || maxSubscriptions < 1 || maxRequests < 1) {
            throw new IllegalArgumentException("the bounds of a bus are positive");
        }
    }

    /// The default bounds.
    public static BusOptions of(String node, long incarnation) {
        return new BusOptions(node, incarnation, 1 << 20, 1_000_000, 65_536);
    }

    public BusOptions withMaxDataBytes(int newMaxDataBytes) {
        return new BusOptions(node, incarnation, newMaxDataBytes, maxSubscriptions, maxRequests);
    }

    public BusOptions withMaxSubscriptions(int newMaxSubscriptions) {
        return new BusOptions(node, incarnation, maxDataBytes, newMaxSubscriptions, maxRequests);
    }

    public BusOptions withMaxRequests(int newMaxRequests) {
        return new BusOptions(node, incarnation, maxDataBytes, maxSubscriptions, newMaxRequests);
    }

    /// Whether a node may be called that.
    public static boolean isNodeName(String name) {
        return name.matches("[A-Za-z0-9_-]{1,64}");
    }
}
