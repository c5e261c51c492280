package dev.torsion.bench;

import dev.torsion.netty.NettyReactor;
import dev.torsion.netty.ReactorOptions;
import dev.torsion.protocols.tls.TlsIdentity;
import dev.torsion.protocols.tls.TlsServer;
import dev.torsion.protocols.tls.TlsServerOptions;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.Transport;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// What TLS costs the loop of a server: CPU time and allocation per MiB echoed, ours beside Netty's
/// SslHandler, both on the JDK's engine, one connection after the other in one JVM. CPU time of the
/// one loop thread counts, so that a busy machine does not matter much.
///
///     bench/tls [ROUNDS] [MIB]
public final class TlsStreams {
    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final AtomicLong loop = new AtomicLong();

    private TlsStreams() {}

    /// Prints the ratios of each round.
    ///
    /// @param arguments rounds, MiB in a round, the folder of the certificates
    public static void main(String[] arguments) throws Exception {
        int rounds = Integer.parseInt(arguments[0]);
        int mebibytes = Integer.parseInt(arguments[1]);
        Path pem = Path.of(arguments[2]);
        SSLContext client = client(pem);
        NettyReactor reactor =
                NettyReactor.create(ReactorOptions.DEFAULT.withIo(ReactorOptions.Io.NIO));
        Map<String, Integer> ports = new TreeMap<>();
        ports.put("netty", netty(pem));
        ports.put("torsion", torsion(reactor, pem));
        for (int chunk : new int[] {64 << 10, 64}) {
            int size = chunk < 1024 ? mebibytes / 64 : mebibytes;
            double[] ratios = new double[rounds];
            for (int round = -2; round < rounds; round++) {
                double[] nanos = new double[2];
                String line = "";
                int which = 0;
                for (Map.Entry<String, Integer> server : ports.entrySet()) {
                    long[] cost = echo(client, server.getValue(), chunk, size);
                    nanos[which++] = cost[0];
                    line +=
                            "  %s %.2f ms and %.1f KiB per MiB"
                                    .formatted(
                                            server.getKey(),
                                            cost[0] / 1e6 / size,
                                            cost[1] / 1024.0 / size);
                }
                if (round >= 0) {
                    ratios[round] = nanos[0] / nanos[1];
                    System.out.printf("chunks of %d:%s%n", chunk, line);
                }
            }
            Arrays.sort(ratios);
            System.out.printf(
                    "chunks of %d: torsion reaches %.2f of netty (median; %.2f to %.2f)%n",
                    chunk, ratios[rounds / 2], ratios[0], ratios[rounds - 1]);
        }
        System.exit(0);
    }

    /// CPU time and allocation of the server's loop, from the first byte to the last.
    private static long[] echo(SSLContext context, int port, int chunk, int mebibytes)
            throws Exception {
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setTcpNoDelay(true);
            OutputStream output = socket.getOutputStream();
            InputStream input = socket.getInputStream();
            byte[] sent = new byte[chunk];
            output.write(sent);
            read(input, chunk);
            long thread = loop.get();
            long cpu = THREADS.getThreadCpuTime(thread);
            long allocated = THREADS.getThreadAllocatedBytes(thread);
            long total = (long) mebibytes << 20;
            Thread writer =
                    Thread.ofPlatform()
                            .start(() -> {
                                try {
                                    for (long left = total; left > 0; left -= chunk) {
                                        output.write(sent);
                                    }
                                } catch (java.io.IOException broken) {
                                    throw new java.io.UncheckedIOException(broken);
                                }
                            });
            read(input, total);
            writer.join();
            return new long[] {
                THREADS.getThreadCpuTime(thread) - cpu,
                THREADS.getThreadAllocatedBytes(thread) - allocated
            };
        }
    }

    private static void read(InputStream input, long total) throws java.io.IOException {
        byte[] buffer = new byte[64 << 10];
        for (long left = total; left > 0; ) {
            int count = input.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (count < 0) {
                throw new java.io.EOFException();
            }
            left -= count;
        }
    }

    private static SSLContext client(Path pem) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream file = java.nio.file.Files.newInputStream(pem.resolve("authority.crt"))) {
            X509Certificate authority =
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509").generateCertificate(file);
            store.setCertificateEntry("authority", authority);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    // ---- ours ----

    private static int torsion(NettyReactor reactor, Path pem) throws java.io.IOException {
        TlsServer tls =
                new TlsServer(
                        TlsServerOptions.of(
                                TlsIdentity.read(
                                        pem.resolve("server.crt"), pem.resolve("server.key"))));
        return reactor.listenTcp(0, tls.around(_ -> new Echo())).port();
    }

    private static final class Echo implements Protocol {
        private @Nullable Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
            loop.set(Thread.currentThread().threadId());
        }

        @Override
        public void dataReceived(Bytes data) {
            Transport out = Objects.requireNonNull(transport);
            if (!out.write(data)) {
                out.pauseReading();
            }
        }

        @Override
        public void writableAgain() {
            Objects.requireNonNull(transport).resumeReading();
        }
    }

    // ---- Netty's ----

    private static int netty(Path pem) throws Exception {
        SslContext context =
                SslContextBuilder.forServer(
                                pem.resolve("server.crt").toFile(),
                                pem.resolve("server.key").toFile())
                        .sslProvider(SslProvider.JDK)
                        .build();
        var listening =
                new ServerBootstrap()
                        .group(new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory()))
                        .channel(NioServerSocketChannel.class)
                        .childOption(ChannelOption.TCP_NODELAY, true)
                        .childHandler(
                                new ChannelInitializer<SocketChannel>() {
                                    @Override
                                    protected void initChannel(SocketChannel accepted) {
                                        accepted.pipeline()
                                                .addLast(
                                                        context.newHandler(accepted.alloc()),
                                                        new NettyEchoHandler());
                                    }
                                })
                        .bind("127.0.0.1", 0)
                        .sync();
        return ((InetSocketAddress) listening.channel().localAddress()).getPort();
    }

    private static final class NettyEchoHandler extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            loop.set(Thread.currentThread().threadId());
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            loop.set(Thread.currentThread().threadId());
            var _ = context.write(message);
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
}
