"""A Twisted AMP peer.

usage: amp_peer.py server [PEM]
       amp_peer.py client PORT
       amp_peer.py starttls PORT PEM

PEM is the folder of the certificates: with it a server answers StartTLS. "starttls" asks for it, and before and after
it for what it asks of everybody.

As a server it prints "port NUMBER", then what it is asked, a line each. As a client it asks everything, in order, and
prints what came of each; then "done". Standard input's end stops it.
"""

import datetime
import decimal
import struct
import sys

from twisted.internet import defer, error, protocol, reactor, ssl, stdio
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint, connectProtocol
from twisted.protocols import amp
from twisted.protocols.basic import LineReceiver
from twisted.python.filepath import FilePath


class Refused(Exception):
    pass


class Broken(Exception):
    pass


ROW = [(b"name", amp.Unicode()), (b"age", amp.Integer(optional=True))]
TYPES = [
    (b"integer", amp.Integer()),
    (b"real", amp.Float()),
    (b"truth", amp.Boolean()),
    (b"raw", amp.String()),
    (b"text", amp.Unicode()),
    (b"exact", amp.Decimal()),
    (b"time", amp.DateTime()),
    (b"numbers", amp.ListOf(amp.Integer())),
    (b"times", amp.ListOf(amp.DateTime())),
    (b"nested", amp.ListOf(amp.ListOf(amp.Unicode()))),
    (b"rows", amp.AmpList(ROW)),
    (b"note", amp.Unicode(optional=True)),
]


class Point(amp.Argument):
    """A type of one's own: two numbers in eight bytes."""

    def toString(self, inObject):
        return struct.pack("!ii", *inObject)

    def fromString(self, inString):
        return struct.unpack("!ii", inString)


class Draw(amp.Command):
    arguments = [(b"at", Point()), (b"line", amp.ListOf(Point())), (b"file", amp.Path())]
    response = arguments


class Types(amp.Command):
    arguments = TYPES
    response = TYPES


class Fail(amp.Command):
    arguments = [(b"how", amp.Unicode())]
    response = []
    errors = {Refused: b"REFUSED"}
    fatalErrors = {Broken: b"BROKEN"}


class Sum(amp.Command):
    arguments = [(b"a", amp.Integer()), (b"b", amp.Integer())]
    response = [(b"total", amp.Integer())]


class CallBack(Sum):
    """Answered with what the peer answers to Sum."""


class Tell(amp.Command):
    arguments = [(b"how", amp.Unicode())]
    requiresAnswer = False


class Missing(amp.Command):
    """Sum without one of its arguments."""

    commandName = b"Sum"
    arguments = [(b"a", amp.Integer())]
    response = [(b"total", amp.Integer())]


class Extended(Sum):
    """Sum with an argument that nobody knows."""

    commandName = b"Sum"
    arguments = Sum.arguments + [(b"c", amp.Unicode())]


class Nobody(amp.Command):
    pass


class Upper(amp.ProtocolSwitchCommand):
    pass


class Silence(amp.Command):
    """Never answered."""


def pem(folder, *names):
    return b"".join(open("%s/%s" % (folder, name), "rb").read() for name in names)


class UpperLines(LineReceiver):
    def connectionMade(self):
        self.sendLine(b"SWITCHED")

    def lineReceived(self, line):
        self.sendLine(line.upper())


def spelled(value):
    """The value as Python writes it, times in the form that has no object addresses in it."""
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, list):
        return "[%s]" % ", ".join(map(spelled, value))
    if isinstance(value, dict):
        return "{%s}" % text({name: each for name, each in value.items() if each is not None})
    return repr(value)


def text(values):
    return " ".join("%s=%s" % (name, spelled(value)) for name, value in sorted(values.items()))


def say(*words):
    print(*words, flush=True)


def fail(how):
    if how == "refused":
        raise Refused("too much: \u2603")
    if how == "broken":
        raise Broken("no more")
    if how == "unknown":
        raise ValueError("a secret")
    return {}


class Peer(amp.AMP):
    awaited = None

    @Types.responder
    def types(self, **values):
        say(text(values))
        return values

    @Draw.responder
    def draw(self, **values):
        say(text(values))
        return values

    def locateResponder(self, name):
        """What begins so is answered with its name and what it was given."""
        if name.startswith(b"Raw"):
            return lambda box: amp.AmpBox(name=name, a=box[b"a"])
        return amp.AMP.locateResponder(self, name)

    @Fail.responder
    def failing(self, how):
        return fail(how)

    @amp.StartTLS.responder
    def startTls(self):
        if not sys.argv[2:]:
            raise amp.UnhandledCommand()
        say("starts TLS")
        return dict(
            tls_localCertificate=ssl.PrivateCertificate.loadPEM(pem(sys.argv[2], "server.crt", "server.key"))
        )

    @Sum.responder
    def sum(self, a, b):
        return {"total": a + b}

    @CallBack.responder
    def callBack(self, a, b):
        return self.callRemote(Sum, a=a, b=b)

    @Tell.responder
    def told(self, how):
        say("told", how)
        return fail(how)

    @Silence.responder
    def silence(self):
        return defer.Deferred()

    @Upper.responder
    def upper(self):
        say("switching")
        return UpperLines()

    def connectionLost(self, reason):
        say("lost", reason.type.__name__)
        amp.AMP.connectionLost(self, reason)
        if self.awaited:
            self.awaited.callback(None)

    def end(self):
        """Comes when the connection is lost; asked for before, lest what comes next overtakes it."""
        self.awaited = defer.Deferred()
        return self.awaited


VALUES = [
    dict(
        integer=1,
        real=1.5,
        truth=True,
        raw=b"\x00\xff",
        text="snow \u2603",
        exact=decimal.Decimal("1.50"),
        time=datetime.datetime(2012, 1, 23, 12, 34, 56, 54321, amp.utc),
        numbers=[1, -2, 3],
        times=[],
        nested=[["a", ""], []],
        rows=[dict(name="Ada", age=36), dict(name="nobody", age=None)],
        note="here",
    ),
    dict(
        integer=-(10**40),
        real=1e100,
        truth=False,
        raw=b"",
        text="",
        exact=decimal.Decimal("1E+2"),
        time=datetime.datetime(1, 1, 1, 0, 0, 0, 0, amp._FixedOffsetTZInfo.fromSignHoursMinutes("+", 5, 30)),
        numbers=[],
        times=[
            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, amp._FixedOffsetTZInfo.fromSignHoursMinutes("-", 11, 59))
        ],
        nested=[],
        rows=[],
        note=None,
    ),
    dict(
        integer=0,
        real=float("-inf"),
        truth=False,
        raw=b"x" * 65535,
        text="\U0001f600",
        exact=decimal.Decimal("-Infinity"),
        time=datetime.datetime(2000, 2, 29, 0, 0, 0, 1, amp.utc),
        numbers=[10**30],
        times=[],
        nested=[[]],
        rows=[dict(name="", age=-1)],
        note="",
    ),
    dict(
        integer=2**63,
        real=float("nan"),
        truth=True,
        raw=b"\r\n",
        text="\x00",
        exact=decimal.Decimal("NaN"),
        time=datetime.datetime(2000, 1, 1, 0, 0, 0, 0, amp.utc),
        numbers=[],
        times=[],
        nested=[],
        rows=[],
        note=None,
    ),
]


@defer.inlineCallbacks
def ask(peer, command, **values):
    try:
        answer = yield peer.callRemote(command, **values)
        say(command.__name__, "answered", text(answer) if isinstance(answer, dict) else answer)
    except Exception as failure:
        say(command.__name__, "failed", type(failure).__name__, str(failure))


@defer.inlineCallbacks
def client(port):
    def connect():
        return connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port, timeout=10), Peer())

    peer = yield connect()
    for values in VALUES:
        answer = yield peer.callRemote(Types, **values)
        asked, answered = spelled(values), spelled(answer)
        say("Types", "same" if asked == answered else "differ: %s / %s" % (asked, answered))
    yield ask(peer, Sum, a=1, b=2)
    yield ask(peer, Extended, a=1, b=2, c="?")
    yield ask(peer, CallBack, a=20, b=22)
    yield ask(peer, Draw, at=(3, -4), line=[(5, 6), (7, 8)], file=FilePath("/srv/a b"))
    box = yield peer.callRemoteString(b"RawTwo", a=b"\x00\xff")
    say("RawTwo answered", box[b"name"], box[b"a"])
    yield ask(peer, Fail, how="refused")
    yield ask(peer, Nobody)
    peer.callRemote(Tell, how="something")
    yield ask(peer, Sum, a=3, b=4)
    ended = peer.end()
    yield ask(peer, Fail, how="broken")
    yield ended
    for command, values in [(Fail, dict(how="unknown")), (Missing, dict(a=1))]:
        peer = yield connect()
        ended = peer.end()
        yield ask(peer, command, **values)
        yield ended
    peer = yield connect()
    waiting = ask(peer, Silence)
    yield ask(peer, Sum, a=5, b=6)
    peer.callRemote(Tell, how="unknown")
    yield waiting

    peer = yield connect()
    lines = defer.Deferred()

    class Lines(LineReceiver):
        def lineReceived(self, line):
            say("line", line.decode())
            if line == b"SWITCHED":
                self.sendLine(b"hello")
            else:
                lines.callback(None)

    yield peer.callRemote(Upper, protocol.Factory.forProtocol(Lines))
    yield lines
    peer.transport.loseConnection()
    say("done")


@defer.inlineCallbacks
def startTls(port, folder):
    peer = yield connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port, timeout=10), Peer())
    yield ask(peer, CallBack, a=1, b=2)
    waiting = ask(peer, Silence)
    authority = ssl.Certificate.loadPEM(pem(folder, "authority.crt"))
    own = ssl.PrivateCertificate.loadPEM(pem(folder, "client.crt", "client.key"))
    yield peer.callRemote(amp.StartTLS, tls_localCertificate=own, tls_verifyAuthorities=[authority])
    yield ask(peer, CallBack, a=3, b=4)
    say("secured by", peer.peerCertificate.getSubject().commonName.decode())
    peer.transport.loseConnection()
    yield waiting
    say("done")


class UntilInputEnds(protocol.Protocol):
    def connectionLost(self, reason):
        if reactor.running:
            reactor.stop()


def main():
    stdio.StandardIO(UntilInputEnds())
    if sys.argv[1] == "server":
        listening = TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(protocol.Factory.forProtocol(Peer))
        listening.addCallback(lambda port: say("port", port.getHost().port))
    else:
        asking = startTls(int(sys.argv[2]), sys.argv[3]) if sys.argv[1] == "starttls" else client(int(sys.argv[2]))
        asking.addErrback(lambda failure: say("stopped by", failure.getTraceback()))


reactor.callWhenRunning(main)
reactor.run()
