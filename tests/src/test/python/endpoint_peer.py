"""A Twisted program at an endpoint that is given as text.

usage: endpoint_peer.py server TEXT   echoes lines, tells who asks "who am I", and says goodbye when the other end has
                                      ended its direction; unix:@NAME is an abstract name
       endpoint_peer.py client TEXT   sends "hello" and ends its direction, prints the lines that come, then how it ended
"""

import sys

from twisted.internet import interfaces, protocol, reactor, stdio
from twisted.internet.endpoints import clientFromString, serverFromString
from twisted.protocols import basic
from zope.interface import implementer


def say(*words):
    print(*words, flush=True)


@implementer(interfaces.IHalfCloseableProtocol)
class Server(basic.LineReceiver):
    def lineReceived(self, line):
        if line == b"who am I":
            peer = self.transport.getPeer()
            line = f"{peer.host}:{peer.port}".encode()
        self.sendLine(b"twisted heard " + line)

    def readConnectionLost(self):
        self.sendLine(b"goodbye")
        self.transport.loseConnection()

    def writeConnectionLost(self):
        pass


@implementer(interfaces.IHalfCloseableProtocol)
class Client(basic.LineReceiver):
    def connectionMade(self):
        self.sendLine(b"hello")
        self.transport.loseWriteConnection()

    def lineReceived(self, line):
        say("heard", line.decode())

    def readConnectionLost(self):
        self.transport.loseConnection()

    def writeConnectionLost(self):
        pass

    def connectionLost(self, reason):
        say("lost", reason.type.__name__)


class UntilInputEnds(protocol.Protocol):
    def connectionLost(self, reason):
        if reactor.running:
            reactor.stop()


def main():
    stdio.StandardIO(UntilInputEnds())
    role, text = sys.argv[1:]
    if text.startswith("unix:@"):  # as Twisted writes it, and no argument can
        text = text.replace("@", "\0", 1) + (":lockfile=0" if role == "server" else "")
    if role == "server":
        listening = serverFromString(reactor, text).listen(protocol.Factory.forProtocol(Server))
        listening.addCallback(lambda port: say("port", getattr(port.getHost(), "port", 0)))
    else:
        clientFromString(reactor, text).connect(protocol.Factory.forProtocol(Client)).addErrback(
            lambda failure: say("failed", failure.value)
        )


reactor.callWhenRunning(main)
reactor.run()
