package dev.torsion.protocols;

import dev.torsion.reactor.Transport;

/// A transport that knows whether its protocol has ended it, or its own direction.
class ClosingTransport extends ForwardingTransport {
    private boolean closing;
    private boolean writeEnded;

    ClosingTransport(Transport transport) {
        super(transport);
    }

    boolean isClosing() {
        return closing;
    }

    /// Whether what is written from now on is ignored.
    boolean isWriteEnded() {
        return closing || writeEnded;
    }

    @Override
    public void loseWriteConnection() {
        super.loseWriteConnection();
        writeEnded = true;
    }

    @Override
    public void loseConnection() {
        super.loseConnection();
        closing = true;
    }

    @Override
    public void abortConnection() {
        super.abortConnection();
        closing = true;
    }

    @Override
    public void failConnection(Throwable cause) {
        super.failConnection(cause);
        closing = true;
    }
}
