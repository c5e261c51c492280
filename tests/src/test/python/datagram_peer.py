"""A Twisted peer that speaks UDP.

usage: datagram_peer.py echo               sends back what it gets; prints "port NUMBER", then "received SIZE"
       datagram_peer.py send PORT SIZES    connected; sends messages of these sizes one after the other's answer and
                                           prints "same SIZE" or "differs SIZE", then "done"
       datagram_peer.py refused PORT       connected; sends until nobody receives it, and prints "refused"
       datagram_peer.py hear GROUP         joins a group on loopback; prints "port NUMBER", then "heard TEXT"
       datagram_peer.py speak GROUP PORT TEXT
                                           sends to a group by loopback and prints "sent"
       datagram_peer.py ttl GROUP          no Twisted, which cannot see it: joins a group on loopback; prints
                                           "port NUMBER", then the time to live of the first datagram, "ttl NUMBER"

Standard input's end stops it.
"""

import socket
import struct
import sys

if sys.argv[1] == "refused":  # Twisted's epoll reactor closes a port that is refused, and does not tell it
    from twisted.internet import selectreactor

    selectreactor.install()

from twisted.internet import protocol, reactor, stdio

LOOPBACK = "127.0.0.1"
IP_RECVTTL = 12  # Linux; the module socket does not name it


def say(*words):
    print(*words, flush=True)


def message(size):
    return bytes(33 + (size + i) % 90 for i in range(size))


class Echo(protocol.DatagramProtocol):
    def datagramReceived(self, data, address):
        say("received", len(data))
        self.transport.write(data, address)


class Sender(protocol.ConnectedDatagramProtocol):
    def __init__(self, port, sizes):
        self.port = port
        self.sizes = sizes

    def startProtocol(self):
        self.transport.connect(LOOPBACK, self.port)
        self.send()

    def send(self):
        if self.sizes:
            self.transport.write(message(self.sizes[0]))
        else:
            say("done")

    def datagramReceived(self, data, address):
        size = self.sizes.pop(0)
        say("same" if data == message(size) else "differs", len(data))
        self.send()


class Refused(protocol.ConnectedDatagramProtocol):
    told = False

    def __init__(self, port):
        self.port = port

    def startProtocol(self):
        self.transport.connect(LOOPBACK, self.port)
        self.send()

    def send(self):
        if not self.told:
            self.transport.write(b"is anybody there?")
            reactor.callLater(0.05, self.send)

    def connectionRefused(self):
        if not self.told:
            self.told = True
            say("refused")


class Hearer(protocol.DatagramProtocol):
    def __init__(self, group):
        self.group = group

    def startProtocol(self):
        joined = self.transport.joinGroup(self.group, LOOPBACK)
        joined.addCallback(lambda _: say("port", self.transport.getHost().port))

    def datagramReceived(self, data, address):
        say("heard", data.decode())


class Speaker(protocol.DatagramProtocol):
    def __init__(self, group, port, text):
        self.group = group
        self.port = port
        self.text = text

    def startProtocol(self):
        self.transport.setOutgoingInterface(LOOPBACK).addCallback(self.send)

    def send(self, _):
        self.transport.write(self.text.encode(), (self.group, self.port))
        say("sent")


class UntilInputEnds(protocol.Protocol):
    def connectionLost(self, reason):
        if reactor.running:
            reactor.stop()


def tell_ttl(group):
    hearer = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    hearer.bind((group, 0))
    membership = socket.inet_aton(group) + socket.inet_aton(LOOPBACK)
    hearer.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
    hearer.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
    say("port", hearer.getsockname()[1])
    _, ancillary, _, _ = hearer.recvmsg(1024, 1024)
    for _, kind, value in ancillary:
        if kind == socket.IP_TTL:
            say("ttl", struct.unpack("@i", value)[0])


def main(what, *arguments):
    stdio.StandardIO(UntilInputEnds())
    if what == "echo":
        say("port", reactor.listenUDP(0, Echo(), interface=LOOPBACK).getHost().port)
    elif what == "send":
        port, *sizes = map(int, arguments)
        reactor.listenUDP(0, Sender(port, sizes), interface=LOOPBACK)
    elif what == "refused":
        reactor.listenUDP(0, Refused(int(arguments[0])), interface=LOOPBACK)
    elif what == "hear":
        reactor.listenMulticast(0, Hearer(arguments[0]), interface=arguments[0])
    elif what == "speak":
        group, port, text = arguments
        reactor.listenMulticast(0, Speaker(group, int(port), text), interface=LOOPBACK)


if sys.argv[1] == "ttl":
    tell_ttl(sys.argv[2])
else:
    reactor.callWhenRunning(main, *sys.argv[1:])
    reactor.run()
