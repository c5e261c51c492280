package dev.torsion.netty;

import io.netty.channel.IoEvent;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoHandler;

/// Netty's io_uring, in which a socket whose peer has hung up is read to its end.
///
/// Netty 4.2.18 stops reading when the kernel says that a socket is empty, and waits until it is
/// told of more. A reset is not counted as something to read, and was told already: if it came
/// while the last bytes were being read, nobody ever hears of it. Here such a socket is not said to
/// be empty, so that Netty asks once more and is answered with the error.
final class IoUringHandler extends ForwardingIoHandler {
    // Of Linux, as poll(2), io_uring(7) and their headers have them.
    private static final int POLLRDHUP = 0x2000;
    private static final byte IORING_OP_POLL_ADD = 6;
    private static final byte IORING_OP_RECV = 27;
    private static final int IORING_CQE_F_SOCK_NONEMPTY = 1 << 2;

    private IoUringHandler(IoHandler handler) {
        super(handler);
    }

    static IoHandlerFactory factory() {
        return wrapping(IoUringIoHandler.newFactory(), IoUringHandler::new);
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return super.register(new ReadToTheEnd((IoUringIoHandle) handle));
    }

    @SuppressWarnings("try") // of close(), which throws what its interface says
    private static final class ReadToTheEnd implements IoUringIoHandle {
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
                completion = withMore(completion);
            }
            socket.handle(registration, completion);
        }

        private static IoUringIoEvent withMore(IoUringIoEvent read) {
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
}
