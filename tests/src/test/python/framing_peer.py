"""A Twisted peer that frames.

usage: framing_peer.py echo KIND [PORT]        a server; prints "port NUMBER"
       framing_peer.py send KIND PORT SIZES    a client; sends messages of these sizes, prints what comes back
       framing_peer.py halfclose | abort       a server; prints "port NUMBER", then what happens
       framing_peer.py halfclose | abort PORT  a client; prints what happens
       framing_peer.py service PORT            a ClientService; prints each connection and loss

KIND is lines, netstring, int8, int16 or int32. "raw N" as a line makes the server of lines echo the N next bytes as
they are. Standard input's end stops it.
"""

import sys

from twisted.application.internet import ClientService
from twisted.internet import interfaces, protocol, reactor, stdio
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, connectProtocol
from twisted.protocols import basic
from zope.interface import implementer


def say(*words):
    print(*words, flush=True)


class Lost:
    def connectionLost(self, reason):
        say("lost", reason.type.__name__)


class EchoLines(Lost, basic.LineReceiver):
    left = 0

    def lineReceived(self, line):
        if line.startswith(b"raw "):
            self.left = int(line[4:])
            self.setRawMode()
        else:
            self.sendLine(line)

    def rawDataReceived(self, data):
        raw, rest = data[: self.left], data[self.left :]
        self.left -= len(raw)
        self.transport.write(raw)
        if self.left == 0:
            self.setLineMode(rest)

    def lineLengthExceeded(self, line):
        say("too long")
        return basic.LineReceiver.lineLengthExceeded(self, line)


class EchoStrings(Lost):
    def stringReceived(self, string):
        self.sendString(string)

    def lengthLimitExceeded(self, length):
        say("too long")
        self.transport.loseConnection()


class EchoNetstring(EchoStrings, basic.NetstringReceiver):
    pass


class EchoInt8(EchoStrings, basic.Int8StringReceiver):
    pass


class EchoInt16(EchoStrings, basic.Int16StringReceiver):
    pass


class EchoInt32(EchoStrings, basic.Int32StringReceiver):
    pass


ECHOES = {
    "lines": EchoLines,
    "netstring": EchoNetstring,
    "int8": EchoInt8,
    "int16": EchoInt16,
    "int32": EchoInt32,
}


def message(size):
    return bytes(33 + (size + i) % 90 for i in range(size))


def sender(kind, sizes):
    class Sender(ECHOES[kind]):
        expected = list(sizes)

        def connectionMade(self):
            for size in sizes:
                if kind == "lines":
                    self.sendLine(message(size))
                else:
                    self.sendString(message(size))

        def stringReceived(self, string):
            size = self.expected.pop(0)
            say("same" if string == message(size) else "differs", len(string))
            if not self.expected:
                self.transport.loseConnection()

        lineReceived = stringReceived

    return Sender()


@implementer(interfaces.IHalfCloseableProtocol)
class HalfCloseServer(Lost, protocol.Protocol):
    """Counts until the peer has ended its direction, then says how much it was."""

    count = 0

    def dataReceived(self, data):
        self.count += len(data)

    def readConnectionLost(self):
        say("end after", self.count)
        self.transport.write(b"%d bytes" % self.count)
        self.transport.loseConnection()

    def writeConnectionLost(self):
        pass


@implementer(interfaces.IHalfCloseableProtocol)
class HalfCloseClient(Lost, protocol.Protocol):
    def connectionMade(self):
        self.transport.write(b"x" * 1_000_000)
        self.transport.loseWriteConnection()

    def dataReceived(self, data):
        say("received", data.decode())

    def readConnectionLost(self):
        say("end")
        self.transport.loseConnection()

    def writeConnectionLost(self):
        say("my end")


class Aborts(Lost, protocol.Protocol):
    """Aborts when it is spoken to; speaks first if it is the client."""

    def dataReceived(self, data):
        if data == b"abort":
            self.transport.abortConnection()


class Service(Lost, protocol.Protocol):
    def connectionMade(self):
        say("made")

    def dataReceived(self, data):
        say("received", data.decode())


class UntilInputEnds(protocol.Protocol):
    def connectionLost(self, reason):
        if reactor.running:
            reactor.stop()


def listen(made, port=0):
    """Listens on a port that another process may have just given up."""

    def failed(failure):
        reactor.callLater(0.05, listen, made, port)

    TCP4ServerEndpoint(reactor, port, interface="127.0.0.1").listen(
        protocol.Factory.forProtocol(made)
    ).addCallbacks(lambda it: say("port", it.getHost().port), failed)


def connect(port, made):
    connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port, timeout=10), made).addErrback(
        lambda failure: say("failed", failure.type.__name__)
    )


def main(what, *arguments):
    stdio.StandardIO(UntilInputEnds())
    if what == "echo":
        listen(ECHOES[arguments[0]], int(arguments[1]) if arguments[1:] else 0)
    elif what == "send":
        kind, port, *sizes = arguments
        connect(int(port), sender(kind, [int(size) for size in sizes]))
    elif what == "service":
        ClientService(
            TCP4ClientEndpoint(reactor, "127.0.0.1", int(arguments[0])),
            protocol.Factory.forProtocol(Service),
            retryPolicy=lambda failures: 0.05,
        ).startService()
    else:
        server, client = {"halfclose": (HalfCloseServer, HalfCloseClient), "abort": (Aborts, Aborts)}[what]
        if arguments:
            connect(int(arguments[0]), client())
        else:
            listen(server)


reactor.callWhenRunning(main, *sys.argv[1:])
reactor.run()
