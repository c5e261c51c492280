import dev.torsion.netty.NettyReactor;
import dev.torsion.reactor.*;

/// Prints what happens on each connection. Try it with: nc 127.0.0.1 8888
class Printer implements Protocol {
    public void connectionMade(Transport transport) { IO.println("Connection made"); }
    public void dataReceived(Bytes data) { IO.println("Data received: " + data.utf8().strip()); }
    public void connectionLost(CloseReason reason) { IO.println("Connection lost: " + reason); }
}

void main(String[] arguments) {
    int port = arguments.length == 0 ? 8888 : Integer.parseInt(arguments[0]);
    Reactor reactor = NettyReactor.create();
    ProtocolFactory factory = peer -> new Printer();
    IO.println("Listening on " + reactor.listenTcp(port, factory).address());
    reactor.run();
}
