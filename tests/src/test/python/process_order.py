"""Runs five programs, one after the other, and prints for each what Twisted tells of it, in order.

usage: process_order.py NAME|COMMAND|ARGUMENT... ...

A line is a program's name and the calls of its protocol.
"""

import os
import signal
import sys

from twisted.internet import protocol, reactor


class Journal(protocol.ProcessProtocol):
    def __init__(self, name, ended):
        self.name = name
        self.ended = ended
        self.calls = []
        self.output = b""

    def end(self, reason):
        value = reason.value
        return "exited:%d" % value.exitCode if value.signal is None else "killed:%d" % value.signal

    def connectionMade(self):
        self.calls.append("made")
        if self.name == "echo":
            self.transport.write(b"hello")
        elif self.name == "killed":
            self.transport.signalProcess("KILL")

    def outReceived(self, data):
        if self.calls[-1] != "out":
            self.calls.append("out")
        self.output += data
        if self.name == "echo" and self.output == b"hello":
            self.transport.closeStdin()
        elif self.name == "leave" and self.output.endswith(b"\n"):
            self.transport.write(b"go\n")

    def errReceived(self, data):
        self.calls.append("err")

    def inConnectionLost(self):
        self.calls.append("in-lost")

    def outConnectionLost(self):
        self.calls.append("out-lost")
        if self.name == "close_out":
            self.transport.write(b"go\n")

    def errConnectionLost(self):
        self.calls.append("err-lost")

    def processExited(self, reason):
        self.calls.append(self.end(reason))
        if self.name == "leave":
            os.kill(int(self.output), signal.SIGKILL)

    def processEnded(self, reason):
        self.calls.append("ended")
        print(self.name, *self.calls, flush=True)
        self.ended()


def run(commands):
    if commands:
        name, *command = commands[0].split("|")
        reactor.spawnProcess(Journal(name, lambda: run(commands[1:])), command[0], command, env=None)
    else:
        reactor.callLater(0, reactor.stop)


reactor.callWhenRunning(run, sys.argv[1:])
reactor.run()
