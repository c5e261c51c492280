package dev.torsion.bench;

import dev.torsion.netty.NettyReactor;
import dev.torsion.netty.ReactorOptions;
import dev.torsion.netty.ReactorOptions.Io;
import dev.torsion.reactor.Address;
import dev.torsion.reactor.Bytes;
import dev.torsion.reactor.DatagramOptions;
import dev.torsion.reactor.DatagramProtocol;
import dev.torsion.reactor.DatagramTransport;
import dev.torsion.reactor.Reactor;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Our echo of datagrams, written as any user would write it.
public final class UdpEchoServer {
    private UdpEchoServer() {}

    /// Sends each datagram back to whom it is from.
    private static final class Echo implements DatagramProtocol {
        private @Nullable DatagramTransport port;

        @Override
        public void started(DatagramTransport transport) {
            port = transport;
        }

        @Override
        public void datagramReceived(Bytes data, Address.Inet from) {
            if (port != null) {
                port.send(data, from);
            }
        }
    }

    /// Waits for datagrams until it is ended.
    ///
    /// @param arguments port, host, way to watch sockets
    public static void main(String[] arguments) {
        Address.Inet address = Address.of(arguments[1], Integer.parseInt(arguments[0]));
        Io io = Io.valueOf(arguments[2].toUpperCase(Locale.ROOT));
        Reactor reactor = NettyReactor.create(ReactorOptions.DEFAULT.withIo(io));
        DatagramTransport port = reactor.listenUdp(address, new Echo(), DatagramOptions.DEFAULT);
        System.out.println("listening on " + port.address() + " with " + arguments[2]);
        reactor.run();
    }
}
