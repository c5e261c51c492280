package dev.torsion.netty;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;

/// Has a socket of io_uring read to its end once its peer has hung up.
///
/// Netty 4.2.18 stops reading when the kernel says that a socket is empty, and waits until it is
/// told of more. A reset is not counted as something to read, and was told already: if it came
/// while the last bytes were being read, it is never seen. Here such a socket is not said to be
/// empty, so that Netty reads once more and gets the error.
@SuppressWarnings("try") // of close(), which throws what its interface says
final class ReadToTheEnd implements IoUringIoHandle {
    // Of Linux, as poll(2), io_uring(7) and their headers have them.
    private static final int POLLRDHUP = 0x2000;
    private static final byte IORING_OP_POLL_ADD = 6;
    private static final byte IORING_OP_RECV = 27;
    private static final int IORING_CQE_F_SOCK_NONEMPTY = 1 << 2;

    private final IoUringIoHandle socket;
    private boolean hungUp;

    ReadToTheEnd(IoUringIoHandle socket) {
        this.socket = socket;
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
        IoUringIoEvent completion = (IoUringIoEvent) event;
        byte operation = completion.opcode();
        if (operation == IORING_OP_POLL_ADD) {
            hungUp |= completion.res() > 0 && (completion.res() & POLLRDHUP) != 0;
        } else if (hungUp && operation == IORING_OP_RECV && completion.res() > 0) {
            completion = notEmpty(completion);
        }
        socket.handle(registration, completion);
    }

    private static IoUringIoEvent notEmpty(IoUringIoEvent read) {
        return new IoUringIoEvent(
                read.res(),
                read.flags() | IORING_CQE_F_SOCK_NONEMPTY,
                read.opcode(),
                read.userData());
    }

    @Override
    public void registered() {
        socket.registered();
    }

    @Override
    public void unregistered() {
        socket.unregistered();
    }

    @Override
    public void close() throws Exception {
        socket.close();
    }
}
