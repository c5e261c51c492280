package dev.torsion.netty;

import io.netty.channel.IoEvent;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoEvent;
import io.netty.channel.epoll.EpollIoHandle;
import io.netty.channel.epoll.EpollIoOps;
import io.netty.channel.unix.FileDescriptor;

/// A socket of epoll whose peer may end its direction and be lost after that: Netty 4.2.18 passes
/// over what epoll says then. Here it is told.
@SuppressWarnings("try") // of close(), which throws what its interface says
record HalfClosedSocket(EpollIoHandle socket) implements EpollIoHandle, MendedSocket {

    @Override
    public void handle(IoRegistration registration, IoEvent event) {
        socket.handle(registration, event);
        if (((EpollIoEvent) event).ops().contains(EpollIoOps.EPOLLERR)) {
            LateLoss.tell(MendedIoHandler.channelOf(socket));
        }
    }

    @Override
    public FileDescriptor fd() {
        return socket.fd();
    }
}
