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

    WatchedProtocol(Protocol watched, Watcher watcher) {
        this.watched = watched;
        this.watcher = watcher;
    }

    Protocol watched() {
        return watched;
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
    public void connectionLost(CloseReason reason) {
        try {
            watched.connectionLost(reason);
        } finally {
            watcher.lost(reason);
        }
    }
}
