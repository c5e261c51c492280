package dev.torsion.netty;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.unix.Errors;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;

/// A socket of io_uring that listens. When the kernel fails to accept, as it does without a free
/// file descriptor even if nobody wants to connect, Netty 4.2.18 asks it again at once, though the
/// socket is not to be read: a loop that does nothing else. Here whoever listens is told first, and
/// then Netty, as if the operation had been cancelled: it asks again when the socket is to be read.
@SuppressWarnings("try") // of close(), which throws what its interface says
record AcceptingSocket(IoUringIoHandle socket) implements IoUringIoHandle, MendedSocket {
    // Of Linux, as io_uring(7) and errno(3) have them.
    private static final byte IORING_OP_ACCEPT = 13;
    private static final int EAGAIN = 11;
    private static final int ECANCELED = 125;

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
        IoUringIoEvent completion = (IoUringIoEvent) event;
        int result = completion.res();
        boolean accepts = completion.opcode() == IORING_OP_ACCEPT;
        if (accepts && result < 0 && result != -EAGAIN && result != -ECANCELED) {
            MendedIoHandler.channelOf(socket)
                    .pipeline()
                    .fireExceptionCaught(Errors.newIOException("io_uring accept", result));
            completion = cancelled(completion);
        }
        socket.handle(registration, completion);
    }

    private static IoUringIoEvent cancelled(IoUringIoEvent accept) {
        return new IoUringIoEvent(-ECANCELED, accept.flags(), accept.opcode(), accept.userData());
    }
}
