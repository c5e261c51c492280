"""Loads Twisted once, and forks for each script that is to run with it.

usage: twisted_host.py

Prints the path of a UNIX socket. Who connects to it writes a line: the path of a script and its arguments, with NUL
between. The script runs in a process of its own with the connection for its standard streams, on which its process
number is the first line; the connection ends when that process is gone. Standard input's end stops all this.

The reactor is not among what is loaded here: each script installs its own.
"""

import os
import runpy
import select
import signal
import socket
import sys
import tempfile
import traceback

import twisted.application.internet
import twisted.internet.endpoints
import twisted.internet.stdio
import twisted.protocols.amp
import twisted.protocols.basic
import twisted.protocols.haproxy

try:
    import service_identity
    import twisted.internet.ssl
except ImportError:
    pass  # the scripts that need it say so


def run(connection, script, arguments):
    """In a process that ends with this."""
    for stream in range(3):
        os.dup2(connection.fileno(), stream)
    connection.close()
    print(os.getpid(), flush=True)
    sys.argv = [script, *arguments]
    sys.path[0] = os.path.dirname(script)
    code = 0
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        code = end.code
    except BaseException:
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 0 if code is None else 1)


def watch(connection):
    """In a process of its own: keeps the connection until the script's process is gone."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    script, *arguments = connection.makefile("rb", buffering=0).readline().decode().rstrip("\n").split("\0")
    runner = os.fork()
    if runner == 0:
        run(connection, script, arguments)
    os.waitpid(runner, 0)
    os._exit(0)


def main():
    assert "twisted.internet.reactor" not in sys.modules
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those who watch
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as door:
        door.bind(os.path.join(folder, "twisted.sock"))
        door.listen()
        print(door.getsockname(), flush=True)
        while door in select.select([door, sys.stdin], [], [])[0]:
            connection, _ = door.accept()
            if os.fork() == 0:
                door.close()
                watch(connection)
            connection.close()


main()
