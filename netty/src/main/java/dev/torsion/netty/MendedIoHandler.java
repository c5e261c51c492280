package dev.torsion.netty;

import io.netty.channel.Channel;
import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoRegistration;
import io.netty.util.concurrent.ThreadAwareExecutor;

/// Passes every call on to Netty's handler, but for how a socket is registered.
class MendedIoHandler implements IoHandler {

    /// Registers a socket with Netty's handler, with what is to stand between the two.
    interface Registrar {
        IoRegistration register(IoHandler handler, IoHandle socket) throws Exception;
    }

    private final IoHandler handler;
    private final Registrar registrar;

    MendedIoHandler(IoHandler handler, Registrar registrar) {
        this.handler = handler;
        this.registrar = registrar;
    }

    /// Makes what `factory` makes, with sockets registered by `registrar`.
    static IoHandlerFactory factory(IoHandlerFactory factory, Registrar registrar) {
        return new IoHandlerFactory() {
            @Override
            public IoHandler newHandler(ThreadAwareExecutor executor) {
                return new MendedIoHandler(factory.newHandler(executor), registrar);
            }

            @Override
            public boolean isChangingThreadSupported() {
                return factory.isChangingThreadSupported();
            }
        };
    }

    /// The channel that has `socket`: Netty registers its inner half.
    static Channel channelOf(IoHandle socket) {
        return ((Channel.Unsafe) socket).voidPromise().channel();
    }

    @Override
    public IoRegistration register(IoHandle socket) throws Exception {
        return registrar.register(handler, socket);
    }

    @Override
    public void initialize() {
        handler.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
        return handler.run(context);
    }

    @Override
    public void prepareToDestroy() {
        handler.prepareToDestroy();
    }

    @Override
    public void destroy() {
        handler.destroy();
    }

    @Override
    public void wakeup() {
        handler.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> type) {
        return handler.isCompatible(type);
    }
}
