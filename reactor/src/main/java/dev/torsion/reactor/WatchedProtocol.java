package dev.torsion.reactor;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A protocol whose connection somebody else follows too.
class WatchedProtocol implements Protocol {

    /// Is told when the connection is made and when it is lost.
    @FunctionalInterface
    interface Watcher {

        /// The connection is made; the protocol is told next.
        ///
        /// @return is told that it is lost, when the protocol was
        Consumer<CloseReason> made(Transport transport);
    }

    private final Protocol watched;
    private final Watcher watcher;
    private @Nullable Consumer<CloseReason> lost; // once it is made

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
        lost = watcher.made(transport);
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
            if (lost != null) {
                lost.accept(reason);
            }
        }
    }
}
