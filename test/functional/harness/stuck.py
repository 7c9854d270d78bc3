# SPDX-License-Identifier: BSD-2-Clause
"""TLS peers that stop: before, in and after the handshake; as servers, and as clients."""
import select
import socket
import ssl
import threading

from . import ports, sip
from .peers import HOST, Tcp


class Server:
    """Listens, and does with each connection what stop(socket) does; keeps it open then. ended: connections whose end the router caused."""

    def __init__(self, stop):
        self.stop, self.open, self.ended = stop, [], 0
        self.sock = socket.socket()
        self.sock.bind((HOST, 0))
        self.sock.listen(64)
        self.port = self.sock.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                s, _ = self.sock.accept()
            except OSError:
                return
            self.open.append(s)
            try:
                self.stop(s)
            except OSError:
                pass

    def closed(self):
        """True when the router has closed all that it opened."""
        for s in self.open[:]:
            p = select.poll()
            p.register(s, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
            if p.poll(0):
                self.open.remove(s)
                self.ended += 1
                s.close()
        return not self.open

    def close(self):
        self.sock.close()
        for s in self.open:
            s.close()


class Refuses:
    def __init__(self):
        self.port = ports.free_port()

    def closed(self):
        return True

    def close(self):
        pass


class Drops:
    """A full backlog: the kernel throws SYNs away."""

    def __init__(self):
        self.sock = socket.socket()
        self.sock.bind((HOST, 0))
        self.sock.listen(0)
        self.port = self.sock.getsockname()[1]
        self.plugs = [socket.socket() for _ in range(4)]
        for s in self.plugs:
            s.setblocking(False)
            s.connect_ex((HOST, self.port))

    def closed(self):
        return True

    def close(self):
        for s in [*self.plugs, self.sock]:
            s.close()


def hears_a_hello(s):
    s.recv(65536)


def half_an_answer(context):
    """Stops in the middle of what a server says first."""
    def stop(s):
        inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(inward, outward, server_side=True)
        while not outward.pending:
            inward.write(s.recv(65536))
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                pass
        said = outward.read()
        s.sendall(said[:len(said) // 2])
    return stop


def deaf(context, keep):
    """Never reads after the handshake."""
    def stop(s):
        s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        # the wrapped socket stays open as long as somebody has it
        keep.append(context.wrap_socket(s.dup(), server_side=True))
    return stop


# --- clients -----------------------------------------------------------------------------------------------------------
def client_hello(context):
    """A hello's bytes, and what goes on with it."""
    inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
    tls = context.wrap_bio(inward, outward)
    try:
        tls.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outward.read()


def stuck_clients(to, context, each):
    """Connected clients that stop: silent, in the hello, after the hello, each so many."""
    found = []
    for n in range(each):
        hello = client_hello(context)
        for raw in (b"", hello[:3], hello[:len(hello) // 2], hello):
            c = Tcp.connect(to)
            if raw:
                c.send(raw)
            found.append(c)
    return found


def deaf_client(kit, r, n):
    """Asks for much and never reads."""
    c = kit.client(r)
    c.sock.settimeout(0.2)
    try:
        for k in range(n):
            c.sock.sendall(sip.request("MESSAGE", via=c.via, cseq=k + 1))
    except OSError:
        pass
    return c
