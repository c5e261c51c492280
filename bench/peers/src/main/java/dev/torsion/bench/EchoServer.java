package dev.torsion.bench;

import dev.torsion.netty.NettyReactorGroup;
import dev.torsion.netty.ReactorOptions;
import dev.torsion.netty.ReactorOptions.Io;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.Endpoint;
import dev.torsion.reactor.Protocol;
import dev.torsion.reactor.ReactorGroup;
import dev.torsion.reactor.Transport;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Our echo server, written as any user would write it. `bench/echo` starts it.
public final class EchoServer {
    private static final int BACKLOG = 4096;

    private EchoServer() {}

    /// Sends back what it reads, and reads no faster than its peer does.
    private static final class Echo implements Protocol {
        private @Nullable Transport transport;

        @Override
        public void connectionMade(Transport made) {
            transport = made;
        }

        @Override
        public void dataReceived(Bytes data) {
            Transport peer = transport;
            if (peer != null && !peer.write(data)) {
                peer.pauseReading();
            }
        }

        @Override
        public void writableAgain() {
            if (transport != null) {
                transport.resumeReading();
            }
        }
    }

    /// Listens until it is ended.
    ///
    /// @param arguments port, host, way to watch sockets, number of loops
    public static void main(String[] arguments) {
        Address.Inet address = Address.of(arguments[1], Integer.parseInt(arguments[0]));
        Io io = Io.valueOf(arguments[2].toUpperCase(Locale.ROOT));
        int loops = Integer.parseInt(arguments[3]);
        ReactorGroup group = NettyReactorGroup.create(loops, ReactorOptions.DEFAULT.withIo(io));
        Address bound =
                group.listen(Endpoint.at(address).withBacklog(BACKLOG), _ -> new Echo()).address();
        System.out.println(
                "listening on " + bound + " with " + arguments[2] + ", " + loops + " loops");
        group.run();
    }
}
