"""A Twisted LineReceiver client: sends the lines it reads on standard input, prints those it receives.

usage: line_client.py PORT EXPECTED

Ends when it has received EXPECTED lines, or when the connection is lost; the last line printed says which.
"""

import sys

from twisted.internet import reactor
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.protocols.basic import LineReceiver


class LineClient(LineReceiver):
    def __init__(self, lines, expected):
        self.lines = lines
        self.expected = expected

    def connectionMade(self):
        for line in self.lines:
            self.sendLine(line)

    def lineReceived(self, line):
        print(line.decode(), flush=True)
        self.expected -= 1
        if self.expected == 0:
            self.transport.loseConnection()

    def connectionLost(self, reason):
        print("connection lost:", reason.getErrorMessage(), flush=True)
        reactor.stop()


def failed(failure):
    print("failed:", failure.getErrorMessage(), flush=True)
    reactor.stop()


port, expected = int(sys.argv[1]), int(sys.argv[2])
client = LineClient(sys.stdin.buffer.read().splitlines(), expected)
connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port, timeout=10), client).addErrback(failed)
reactor.run()
