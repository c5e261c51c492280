package dev.torsion.reactor;

/// How the sockets of TCP connections are set up; of a listener, those of the connections that it
/// accepts. Of a connection that is open they can be changed
/// ([Transport#setSocketOptions]).
///
/// A machine may round the sizes of buffers, and hold them within its own limits.
///
/// @param noDelay whether small writes leave at once, although what was sent before is not
///   acknowledged (`TCP_NODELAY`); on by default, for a turn's writes leave together anyway
/// @param keepAlive whether the machine looks after a silent peer from time to time
///   (`SO_KEEPALIVE`); off by default
/// @param reuseAddress whether a port that a closed connection has used is free at once
///   (`SO_REUSEADDR`), of a listener, or of a client that binds its end; on by default
/// @param sendBuffer bytes that the machine keeps to be sent (`SO_SNDBUF`); 0, the default, for its
///   own choice
/// @param receiveBuffer bytes that the machine keeps to be read (`SO_RCVBUF`); 0, the default, for
///   its own choice
public record SocketOptions(
        boolean noDelay,
        boolean keepAlive,
        boolean reuseAddress,
        int sendBuffer,
        int receiveBuffer) {
    public static final SocketOptions DEFAULT = new SocketOptions(true, false, true, 0, 0);

    private static final int LARGEST = 1 << 30;

    /// @throws IllegalArgumentException if a size is negative or more than 1 GiB
    public SocketOptions {
        if (Math.min(sendBuffer, receiveBuffer) < 0
                || Math.max(sendBuffer, receiveBuffer) > LARGEST) {
            throw new IllegalArgumentException(
                    "a socket's buffer has 0 to "
                            + LARGEST
                            + " bytes, not "
                            + sendBuffer
                            + " and "
                            + receiveBuffer);
        }
    }

    public SocketOptions withNoDelay(boolean newNoDelay) {
        return new SocketOptions(newNoDelay, keepAlive, reuseAddress, sendBuffer, receiveBuffer);
    }

    public SocketOptions withKeepAlive(boolean newKeepAlive) {
        return new SocketOptions(noDelay, newKeepAlive, reuseAddress, sendBuffer, receiveBuffer);
    }

    public SocketOptions withReuseAddress(boolean newReuseAddress) {
        return new SocketOptions(noDelay, keepAlive, newReuseAddress, sendBuffer, receiveBuffer);
    }

    public SocketOptions withSendBuffer(int newSendBuffer) {
        return new SocketOptions(noDelay, keepAlive, reuseAddress, newSendBuffer, receiveBuffer);
    }

    public SocketOptions withReceiveBuffer(int newReceiveBuffer) {
        return new SocketOptions(noDelay, keepAlive, reuseAddress, sendBuffer, newReceiveBuffer);
    }

    /// Takes the options that an endpoint's text has for its socket.
    static SocketOptions read(EndpointText text) {
        return new SocketOptions(
                text.flag("no-delay", DEFAULT.noDelay),
                text.flag("keep-alive", DEFAULT.keepAlive),
                text.flag("reuse-address", DEFAULT.reuseAddress),
                text.number("send-buffer", 0, LARGEST, 0),
                text.number("receive-buffer", 0, LARGEST, 0));
    }

    /// As fields of an endpoint's text, what is by default left out.
    String fields() {
        StringBuilder fields = new StringBuilder();
        if (noDelay != DEFAULT.noDelay) {
            fields.append(":no-delay=").append(noDelay);
        }
        if (keepAlive != DEFAULT.keepAlive) {
            fields.append(":keep-alive=").append(keepAlive);
        }
        if (reuseAddress != DEFAULT.reuseAddress) {
            fields.append(":reuse-address=").append(reuseAddress);
        }
        if (sendBuffer > 0) {
            fields.append(":send-buffer=").append(sendBuffer);
        }
        if (receiveBuffer > 0) {
            fields.append(":receive-buffer=").append(receiveBuffer);
        }
        return fields.toString();
    }
}
