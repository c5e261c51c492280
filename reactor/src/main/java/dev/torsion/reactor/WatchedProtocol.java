package dev.torsion.reactor;

/// A protocol whose connection somebody else follows too.
class WatchedProtocol implements Protocol {

    /// Is told what the protocol is told: of the beginning before it, of the end after it.
    interface Watcher {
        void made(Transport transport);

        void lost(CloseReason reason);
    }

    private final Protocol watched;
    private final Watcher watcher;

    private WatchedProtocol(Protocol watched, Watcher watcher) {
        this.watched = watched;
        this.watcher = watcher;
    }

    /// As half-closeable as `watched` is.
    static WatchedProtocol of(Protocol watched, Watcher watcher) {
        return watched instanceof HalfCloseable half
                ? new HalfClosing(half, watcher)
                : new WatchedProtocol(watched, watcher);
    }

    private static final class HalfClosing extends WatchedProtocol implements HalfCloseable {
        private final HalfCloseable watched;

        private HalfClosing(HalfCloseable watched, Watcher watcher) {
            super(watched, watcher);
            this.watched = watched;
        }

        @Override
        public void readConnectionLost() {
            watched.readConnectionLost();
        }
    }

    @Override
    public void connectionMade(Transport transport) {
        watcher.made(transport);
        watched.connectionMade(transport);
    }

    @Override
    public void dataReceived(Bytes data) {
        watched.dataReceived(data);
    }

    @Override
    public void writableAgain() {
        watched.writableAgain();
    }

    @Override
    public void closeAsked(Transport transport) {
        watched.closeAsked(transport);
    }

    @Override
    public void connectionLost(CloseReason reason) {
        try {
            watched.connectionLost(reason);
        } finally {
            watcher.lost(reason);
        }
    }
}
