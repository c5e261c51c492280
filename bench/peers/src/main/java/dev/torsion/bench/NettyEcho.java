package dev.torsion.bench;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.uring.IoUringIoHandler;
import io.netty.channel.uring.IoUringServerSocketChannel;

/// Netty's own echo, as its documentation has it: write each read, flush when a read is complete,
/// and stop reading while the peer does not take what it is sent.
public final class NettyEcho {
    private static final int BACKLOG = 4096;

    private NettyEcho() {}

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            var _ = context.write(message, context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }

        @Override
        public void channelWritabilityChanged(ChannelHandlerContext context) {
            context.channel().config().setAutoRead(context.channel().isWritable());
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            var _ = context.close();
        }
    }

    /// Listens until it is ended.
    ///
    /// @param arguments port, host, way to watch sockets, number of loops
    public static void main(String[] arguments) throws InterruptedException {
        boolean epoll = arguments[2].equals("epoll");
        boolean ioUring = arguments[2].equals("io_uring");
        Class<? extends ServerChannel> channel =
                epoll
                        ? EpollServerSocketChannel.class
                        : ioUring ? IoUringServerSocketChannel.class : NioServerSocketChannel.class;
        var group =
                new MultiThreadIoEventLoopGroup(
                        Integer.parseInt(arguments[3]), watcher(arguments[2]));
        var listening =
                new ServerBootstrap()
                        .group(group)
                        .channel(channel)
                        .option(ChannelOption.SO_BACKLOG, BACKLOG)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel accepted) {
                                        accepted.pipeline().addLast(new Echo());
                                    }
                                })
                        .bind(arguments[1], Integer.parseInt(arguments[0]))
                        .sync();
        System.out.println("listening on " + listening.channel().localAddress());
        listening.channel().closeFuture().sync();
    }

    /// What watches sockets in that way.
    static IoHandlerFactory watcher(String way) {
        return switch (way) {
            case "epoll" -> EpollIoHandler.newFactory();
            case "io_uring" -> IoUringIoHandler.newFactory();
            default -> NioIoHandler.newFactory();
        };
    }
}
