"""A Twisted peer that speaks TLS.

usage: tls_peer.py serve PEM [OPTION=VALUE...]        a server; prints "port NUMBER", then what happens
       tls_peer.py connect PEM PORT [OPTION=VALUE...]  a client; prints what happens
       tls_peer.py starttls PEM [PORT]                 lines that go on over TLS; a server, or a client if there is a port

PEM is the folder of the certificates. Options: version=1.2|1.3, alpn=PROTOCOL,PROTOCOL, client=yes (the server asks for
certificates; the client has one), sni=yes (the server has a certificate for other.example too), host=NAME (whom the
client expects), end=close|abort|fin (what is done when the word "end" is received: TLS's end, a reset, or TCP's end
alone). Servers echo; a client says "hello", then "end". Standard input's end stops it.
"""

import os
import sys

from OpenSSL import SSL
from twisted.internet import protocol, reactor, ssl, stdio
from twisted.internet.endpoints import (
    SSL4ServerEndpoint,
    TCP4ClientEndpoint,
    TCP4ServerEndpoint,
    connectProtocol,
    wrapClientTLS,
)
from twisted.internet.interfaces import IHandshakeListener
from twisted.protocols.basic import LineReceiver
from zope.interface import implementer

PEM, OPTIONS = "", {}


def say(*words):
    print(*words, flush=True)


def read(name):
    with open(os.path.join(PEM, name), "rb") as file:
        return file.read()


def own(name):
    return ssl.PrivateCertificate.loadPEM(read(name + ".crt") + read(name + ".key"))


def authority():
    return ssl.Certificate.loadPEM(read("authority.crt"))


def limited(context):
    """Speaks one version of TLS alone, if told so."""
    wanted = OPTIONS.get("version")
    if wanted:
        version = {"1.2": SSL.TLS1_2_VERSION, "1.3": SSL.TLS1_3_VERSION}[wanted]
        context.set_min_proto_version(version)
        context.set_max_proto_version(version)


def alpn():
    names = OPTIONS.get("alpn")
    return [name.encode() for name in names.split(",")] if names else None


def serverContext(name="server"):
    certificate = own(name)
    options = ssl.CertificateOptions(
        privateKey=certificate.privateKey.original,
        certificate=certificate.original,
        trustRoot=ssl.trustRootFromCertificates([authority()]) if "client" in OPTIONS else None,
        acceptableProtocols=alpn(),
    )
    limited(options.getContext())
    return options


def byName(factory):
    """Another certificate for whom another name is asked, through pyOpenSSL."""
    other = serverContext("other").getContext()

    def chosen(connection):
        if connection.get_servername() == b"other.example":
            connection.set_context(other)

    factory.getContext().set_tlsext_servername_callback(chosen)
    return factory


def clientContext():
    options = ssl.optionsForClientTLS(
        OPTIONS.get("host", "server.example"),
        trustRoot=ssl.trustRootFromCertificates([authority()]),
        clientCertificate=own("client") if "client" in OPTIONS else None,
        acceptableProtocols=alpn(),
    )
    limited(options._ctx)
    return options


def subject(certificate):
    return certificate.get_subject().CN if certificate else "nobody"


@implementer(IHandshakeListener)
class Told(protocol.Protocol):
    received = b""

    def handshakeCompleted(self):
        transport = self.transport
        say(
            "secured",
            transport.getHandle().get_protocol_version_name(),
            (transport.negotiatedProtocol or b"-").decode(),
            subject(transport.getPeerCertificate()),
        )

    def dataReceived(self, data):
        self.received += data
        if self.received.endswith(b"end"):
            say("received", len(self.received))
            self.end()
        else:
            self.answer(data)

    def answer(self, data):
        pass

    def end(self):
        how = OPTIONS.get("end", "close")
        if how == "close":
            self.transport.loseConnection()
        elif how == "abort":
            self.transport.abortConnection()
        elif how == "fin":
            # Behind the back of TLS.
            self.transport.transport.loseConnection()

    def connectionLost(self, reason):
        say("lost", reason.type.__name__, *map(str, getattr(reason.value, "args", [])))


class Server(Told):
    def answer(self, data):
        self.transport.write(data)


class Client(Told):
    def handshakeCompleted(self):
        Told.handshakeCompleted(self)
        self.transport.write(b"x" * 200_000 + b"hello")

    def answer(self, data):
        if self.received.endswith(b"hello"):
            say("received", len(self.received))
            if OPTIONS.get("end") == "peer":
                self.transport.write(b"end")
            else:
                self.end()


class Mail(LineReceiver):
    """Something like SMTP's STARTTLS."""

    secure = False

    def connectionLost(self, reason):
        say("lost", reason.type.__name__)


class MailServer(Mail):
    def lineReceived(self, line):
        say("secure" if self.secure else "plain", line.decode())
        if line == b"STARTTLS":
            self.sendLine(b"220 go ahead")
            self.transport.startTLS(serverContext())
            self.secure = True
        else:
            self.sendLine(b"250 " + line)


class MailClient(Mail):
    def connectionMade(self):
        self.sendLine(b"EHLO")
        self.sendLine(b"STARTTLS")

    def lineReceived(self, line):
        say("secure" if self.secure else "plain", line.decode())
        if line == b"220 go ahead":
            self.transport.startTLS(clientContext())
            self.secure = True
            self.sendLine(b"AUTH")
        elif self.secure:
            self.transport.loseConnection()


class UntilInputEnds(protocol.Protocol):
    def connectionLost(self, reason):
        if reactor.running:
            reactor.stop()


def listening(port):
    say("port", port.getHost().port)


def serve():
    context = serverContext()
    if "sni" in OPTIONS:
        byName(context)
    SSL4ServerEndpoint(reactor, 0, context, interface="127.0.0.1").listen(
        protocol.Factory.forProtocol(Server)
    ).addCallback(listening)


def connect(port, made, secured=True):
    endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port, timeout=10)
    if secured:
        endpoint = wrapClientTLS(clientContext(), endpoint)
    connectProtocol(endpoint, made).addErrback(lambda failure: say("failed", failure.type.__name__))


def main(what, pem, *arguments):
    global PEM
    PEM = pem
    OPTIONS.update(argument.split("=", 1) for argument in arguments if "=" in argument)
    ports = [int(argument) for argument in arguments if "=" not in argument]
    stdio.StandardIO(UntilInputEnds())
    if what == "serve":
        serve()
    elif what == "connect":
        connect(ports[0], Client())
    elif ports:
        connect(ports[0], MailClient(), secured=False)
    else:
        TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(
            protocol.Factory.forProtocol(MailServer)
        ).addCallback(listening)


reactor.callWhenRunning(main, *sys.argv[1:])
reactor.run()
