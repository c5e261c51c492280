package dev.torsion.netty;

import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.unix.UnixChannel;
import io.netty.channel.uring.IoUringIoEvent;
import io.netty.channel.uring.IoUringIoHandle;
import io.netty.channel.uring.IoUringIoOps;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A socket of io_uring whose peer may hang up while Netty still reads or writes: three things then
/// go wrong with Netty 4.2.18.
///
/// **Reading** stops when the kernel says that the socket is empty, until there is more. A reset is
/// not counted as something to read, and was told already: if it came while the last bytes were
/// being read, it is never seen. Here such a socket is not said to be empty, so that Netty reads
/// once more and gets the error.
///
/// **Writing** waits, once the kernel takes no more, for POLLOUT. io_uring adds POLLRDHUP to
/// whatever is polled for, so after a hang-up the answer comes at once, is not POLLOUT, and Netty
/// waits for ever. Here the socket is asked now and then whether it can be written to, and Netty is
/// told when it can. The socket must not block: else a thread of the kernel would wait in each
/// write, for as long as the peer likes.
///
/// **Losing** the peer after that goes unseen unless something is written. Here the socket is
/// polled for errors from the peer's end on, by a poll that stays: one that io_uring tells of the
/// hang-up when it begins, and then of what is new alone.
///
/// And at any time: what Netty throws when there is no memory to read into would end the loop. Here
/// the socket's channel is told, as NIO and epoll do.
@SuppressWarnings("try") // of close(), which throws what its interface says
final class HungUpSocket implements IoUringIoHandle, MendedSocket {
    private static final Logger log = LoggerFactory.getLogger(HungUpSocket.class);

    // Of Linux, as poll(2), io_uring(7) and their headers have them.
    private static final int POLLIN = 1;
    private static final int POLLOUT = 4;
    private static final int POLLERR = 8;
    private static final int POLLRDHUP = 0x2000;
    private static final byte IORING_OP_POLL_ADD = 6;
    private static final byte IORING_OP_ASYNC_CANCEL = 14;
    private static final byte IORING_OP_RECV = 27;
    private static final int IORING_POLL_ADD_MULTI = 1;
    private static final int IORING_CQE_F_SOCK_NONEMPTY = 1 << 2;

    private static final long WATCH = 0; // Netty gives no operation this number

    private static final int SOON_MILLIS = 1;
    private static final int LATE_MILLIS = 256;

    private final IoUringIoHandle socket;
    private boolean hungUp;
    private boolean hangUpTold; // to the poll that Netty keeps for it alone
    private @Nullable Runnable endOfWatch; // once it is watched for its loss
    private int waitMillis = SOON_MILLIS;

    HungUpSocket(IoUringIoHandle socket) {
        this.socket = socket;
    }

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
        IoUringIoEvent completion = (IoUringIoEvent) event;
        byte operation = completion.opcode();
        int result = completion.res();
        switch (operation) {
            case IORING_OP_POLL_ADD -> {
                if (completion.userData() == WATCH) {
                    if (result > 0 && (result & POLLERR) != 0) {
                        LateLoss.tell(channel());
                    }
                    return;
                }
                boolean alone = (result & (POLLIN | POLLOUT | POLLRDHUP)) == POLLRDHUP;
                if (result > 0 && alone && hangUpTold) {
                    askLater(registration, completion.userData());
                    return;
                }
                hangUpTold |= result > 0 && alone;
                hungUp |= result > 0 && (result & POLLRDHUP) != 0;
            }
            case IORING_OP_RECV -> {
                if (hungUp && result > 0) {
                    completion = notEmpty(completion);
                }
            }
            default -> {
                if (result > 0) { // something was written
                    waitMillis = SOON_MILLIS;
                }
            }
        }
        pass(registration, completion);
        if (operation == IORING_OP_RECV
                && result == 0
                && endOfWatch == null
                && channel().isOpen()) {
            watch(registration);
        }
    }

    /// Polls the socket for errors, as long as its channel is open: while a poll goes on the kernel
    /// keeps the socket, and its peer hears of no end. A loop that ends ends the poll first
    /// ([#close()]): it then waits for an operation that the kernel does when all others are over.
    private void watch(IoRegistration registration) {
        UnixChannel channel = (UnixChannel) channel();
        int descriptor = channel.fd().intValue();
        long watch =
                registration.submit(
                        operation(
                                IORING_OP_POLL_ADD, descriptor, 0, IORING_POLL_ADD_MULTI, POLLERR));
        endOfWatch = () -> registration.submit(operation(IORING_OP_ASYNC_CANCEL, -1, watch, 0, 0));
        channel.closeFuture().addListener(_ -> endWatch());
    }

    private void endWatch() {
        if (endOfWatch != null) {
            endOfWatch.run();
            endOfWatch = () -> {};
        }
    }

    private static IoUringIoOps operation(
            byte operation, int descriptor, long address, int length, int events) {
        return new IoUringIoOps(
                operation,
                (byte) 0,
                (short) 0,
                descriptor,
                0,
                address,
                length,
                events,
                WATCH,
                (short) 0,
                (short) 0,
                0,
                0);
    }

    private static IoUringIoEvent notEmpty(IoUringIoEvent read) {
        return new IoUringIoEvent(
                read.res(),
                read.flags() | IORING_CQE_F_SOCK_NONEMPTY,
                read.opcode(),
                read.userData());
    }

    private void askLater(IoRegistration registration, long userData) {
        EventLoop loop = channel().eventLoop();
        if (!loop.isShuttingDown()) {
            Runnable again = () -> ask(registration, userData);
            var _ = loop.schedule(again, waitMillis, TimeUnit.MILLISECONDS);
            waitMillis = Math.min(2 * waitMillis, LATE_MILLIS);
        }
    }

    /// What is closed is told too, for Netty to forget that it waits.
    private void ask(IoRegistration registration, long userData) {
        if (!registration.isValid()) {
            return;
        }
        UnixChannel channel = (UnixChannel) channel();
        if (channel.isOpen() && !isWritable(channel)) {
            askLater(registration, userData);
        } else {
            pass(registration, new IoUringIoEvent(POLLOUT, 0, IORING_OP_POLL_ADD, userData));
        }
    }

    private void pass(IoRegistration registration, IoUringIoEvent event) {
        try {
            socket.handle(registration, event);
        } catch (Throwable thrown) {
            channel().pipeline().fireExceptionCaught(thrown);
        }
    }

    private static boolean isWritable(UnixChannel channel) {
        try {
            return LibC.isWritable(channel.fd().intValue());
        } catch (IOException cannotBeAsked) {
            log.warn("{} is written to without asking whether it can be", channel, cannotBeAsked);
            return true;
        }
    }

    @Override
    public IoUringIoHandle socket() {
        return socket;
    }

    private Channel channel() {
        return MendedIoHandler.channelOf(socket);
    }

    @Override
    public void close() throws Exception {
        endWatch();
        socket.close();
    }
}
