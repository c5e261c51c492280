package dev.torsion.netty;

import io.netty.channel.Channel;
import io.netty.channel.socket.DuplexChannel;
import io.netty.channel.unix.Errors;
import io.netty.channel.unix.Socket;
import io.netty.channel.unix.UnixChannel;
import java.io.IOException;

/// The loss of a connection whose peer had ended its direction before; an event of its pipeline.
/// Netty looks for errors where it reads and writes; reading is over, and there may be nothing to
/// write.
record LateLoss(IOException cause) {

    /// Tells `channel` of it, if its peer has ended, and the kernel says that it is broken.
    static void tell(Channel channel) {
        if (channel instanceof DuplexChannel duplex
                && duplex.isOpen()
                && duplex.isInputShutdown()) {
            int error = errorOf((UnixChannel) channel);
            if (error != 0) {
                channel.pipeline()
                        .fireUserEventTriggered(
                                new LateLoss(
                                        new IOException(
                                                "the peer had ended its direction, and is lost now",
                                                Errors.newIOException("the connection", -error))));
            }
        }
    }

    /// SO_ERROR of socket(7).
    private static int errorOf(UnixChannel channel) {
        try {
            return ((Socket) channel.fd()).getSoError();
        } catch (IOException notOpen) {
            return 0;
        }
    }
}
