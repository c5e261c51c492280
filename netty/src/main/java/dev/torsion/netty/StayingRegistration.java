package dev.torsion.netty;

import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoOps;

/// Keeps a socket in epoll until it is closed.
///
/// Netty 4.2.18 takes a socket out that it expects nothing of: one whose reading is paused when the
/// peer ends its direction. Once the kernel takes no more of what is written to it, Netty wants to
/// change it there and cannot (ENOENT), and what is not sent yet is lost. Here it stays. Of its
/// errors, which epoll(7) always tells, it is told once, lest they wake its loop for ever.
record StayingRegistration(IoRegistration registration) implements IoRegistration {

    @Override
    public long submit(IoOps ops) {
        return registration.submit(ops.equals(EpollIoOps.NONE) ? EpollIoOps.EPOLLET : ops);
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals") // as its interface has it
    public <T> T attachment() {
        return registration.attachment();
    }

    @Override
    public boolean isValid() {
        return registration.isValid();
    }

    @Override
    public boolean cancel() {
        return registration.cancel();
    }
}
