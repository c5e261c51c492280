package dev.torsion.netty;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollIoOps;

/// Netty's epoll, in which a socket stays until it is closed.
///
/// Netty 4.2.18 takes a socket out that nothing is expected of: whose reading is paused when the
/// peer has ended its direction. Once the kernel takes no more of what is written to it, it is
/// looked for there (ENOENT), and what is not sent yet is lost. Here it stays, for its errors
/// (which epoll(7) always tells) and told once only, lest a closed socket wake its loop for ever.
final class EpollHandler extends ForwardingIoHandler {
    private EpollHandler(IoHandler handler) {
        super(handler);
    }

    static IoHandlerFactory factory() {
        return wrapping(EpollIoHandler.newFactory(), EpollHandler::new);
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return new Staying(super.register(handle));
    }

    private record Staying(IoRegistration registration) implements IoRegistration {

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
}
