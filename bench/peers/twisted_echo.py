"""The echo of Twisted, as its documentation has it. Arguments: port, host."""
import sys
from twisted.internet import protocol, reactor


class Echo(protocol.Protocol):
    def connectionMade(self):
        self.transport.setTcpNoDelay(True)

    def dataReceived(self, data):
        self.transport.write(data)


factory = protocol.Factory.forProtocol(Echo)
factory.noisy = False
reactor.listenTCP(int(sys.argv[1]), factory, interface=sys.argv[2], backlog=4096)
print("listening on", sys.argv[1], flush=True)
reactor.run()
