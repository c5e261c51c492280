"""A Twisted server behind the PROXY protocol.

usage: proxy_peer.py            a server on haproxy:tcp:0; prints "port NUMBER", then the addresses of each connection
       proxy_peer.py PORT HEX   a client; sends these bytes, prints what comes back, then how it ended
"""

import sys

from twisted.internet import protocol, reactor, stdio
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol, serverFromString


def say(*words):
    print(*words, flush=True)


def spelled(address):
    return "%s %s" % (getattr(address, "host", address), getattr(address, "port", ""))


class Tells(protocol.Protocol):
    """Says who it talks to when it is spoken to: only then does Twisted know."""

    def dataReceived(self, data):
        said = "%s to %s: %s" % (spelled(self.transport.getPeer()), spelled(self.transport.getHost()), data.decode())
        say(said)
        self.transport.write(said.encode())


class Client(protocol.Protocol):
    def connectionMade(self):
        self.transport.write(bytes.fromhex(sys.argv[2]))

    def dataReceived(self, data):
        for line in data.decode().splitlines():
            say(line)

    def connectionLost(self, reason):
        say("lost", reason.type.__name__)


class UntilInputEnds(protocol.Protocol):
    def connectionLost(self, reason):
        if reactor.running:
            reactor.stop()


def main():
    stdio.StandardIO(UntilInputEnds())
    if sys.argv[1:]:
        connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", int(sys.argv[1])), Client())
    else:
        serverFromString(reactor, "haproxy:tcp:0:interface=127.0.0.1").listen(
            protocol.Factory.forProtocol(Tells)
        ).addCallback(lambda port: say("port", port.getHost().port))


reactor.callWhenRunning(main)
reactor.run()
