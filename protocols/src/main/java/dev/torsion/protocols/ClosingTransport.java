package dev.torsion.protocols;

import dev.torsion.reactor.Transport;

/// A transport that knows whether its protocol has ended it.
class ClosingTransport extends ForwardingTransport {
    private boolean closing;

    ClosingTransport(Transport transport) {
        super(transport);
    }

    boolean isClosing() {
        return closing;
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
