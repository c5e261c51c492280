import dev.torsion.netty.NettyReactor;
import dev.torsion.reactor.*;

/// Prints and sends back every datagram. Try it with: nc -u 127.0.0.1 8889
class Echo implements DatagramProtocol {
    DatagramTransport port;
    public void started(DatagramTransport transport) { port = transport; }
    public void datagramReceived(Bytes data, Address.Inet from) {
        IO.println(from + " says: " + data.utf8().strip());
        port.send(data, from);
    }
}

void main(String[] arguments) {
    int port = arguments.length == 0 ? 8889 : Integer.parseInt(arguments[0]);
    Reactor reactor = NettyReactor.create();
    IO.println("Listening on UDP " + reactor.listenUdp(port, new Echo()).address());
    reactor.run();
}
