package dev.torsion.bench;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDatagramChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.uring.IoUringDatagramChannel;

/// Netty's own echo of datagrams: write back each, flush when a read is complete.
public final class NettyUdpEcho {
    private NettyUdpEcho() {}

    private static final class Echo extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            DatagramPacket came = (DatagramPacket) message;
            var _ =
                    context.write(
                            new DatagramPacket(came.content(), came.sender()),
                            context.voidPromise());
        }

        @Override
        public void channelReadComplete(ChannelHandlerContext context) {
            context.flush();
        }
    }

    /// Waits for datagrams until it is ended.
    ///
    /// @param arguments port, host, way to watch sockets
    public static void main(String[] arguments) throws InterruptedException {
        boolean epoll = arguments[2].equals("epoll");
        boolean ioUring = arguments[2].equals("io_uring");
        Class<? extends DatagramChannel> channel =
                epoll
                        ? EpollDatagramChannel.class
                        : ioUring ? IoUringDatagramChannel.class : NioDatagramChannel.class;
        var bound =
                new Bootstrap()
                        .group(new MultiThreadIoEventLoopGroup(1, NettyEcho.watcher(arguments[2])))
                        .channel(channel)
                        .handler(new Echo())
                        .bind(arguments[1], Integer.parseInt(arguments[0]))
                        .sync();
        System.out.println("listening on " + bound.channel().localAddress());
        bound.channel().closeFuture().sync();
    }
}
