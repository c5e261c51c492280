"""The echo of Twisted, as its documentation has it. Arguments: port, host, and "udp" for datagrams."""
import sys
from twisted.internet import protocol, reactor


class Echo(protocol.Protocol):
    def connectionMade(self):
        self.transport.setTcpNoDelay(True)

    def dataReceived(self, data):
        self.transport.write(data)


class UdpEcho(protocol.DatagramProtocol):
    def datagramReceived(self, data, address):
        self.transport.write(data, address)


port, host = int(sys.argv[1]), sys.argv[2]
if sys.argv[3:] == ["udp"]:
    reactor.listenUDP(port, UdpEcho(), interface=host)
else:
    factory = protocol.Factory.forProtocol(Echo)
    factory.noisy = False
    reactor.listenTCP(port, factory, interface=host, backlog=4096)
print("listening on", port, flush=True)
reactor.run()
