# SPDX-License-Identifier: BSD-2-Clause
"""SIP endpoints of the tests: plain sockets over UDP and TCP, and one that answers by itself."""
import select
import socket
import threading
import time

from . import sip
from .wait import SCALE, TimedOut

HOST = "127.0.0.1"


def family(host):
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def bracket(host):
    return f"[{host}]" if ":" in host else host


class Peers:
    """Makes peers and closes all of them at the end of a test."""

    def __init__(self):
        self.open = []

    def keep(self, peer):
        self.open.append(peer)
        return peer

    def udp(self, host=HOST, port=0):
        return self.keep(Udp(host, port))

    def tcp(self, to, host=None, timeout=5):
        return self.keep(Tcp.connect(to, host, timeout))

    def tcp_server(self, host=HOST, port=0, backlog=128):
        return self.keep(TcpServer(self, host, port, backlog))

    def uas(self, host=HOST, **how):
        return self.keep(Uas(host, **how))

    def close(self):
        for peer in reversed(self.open):
            peer.close()
        self.open = []


class Endpoint:
    """What UDP and TCP peers have in common: requests out, the matching response back."""
    transport = None

    @property
    def host(self):
        return self.addr[0]

    @property
    def port(self):
        return self.addr[1]

    @property
    def via(self):
        return f"SIP/2.0/{self.transport} {bracket(self.host)}:{self.port};rport"

    @property
    def uri(self):
        tail = ";transport=tcp" if self.transport == "TCP" else ""
        return f"sip:callee@{bracket(self.host)}:{self.port}{tail}"

    def request(self, method="OPTIONS", **fields):
        """Sends a well-formed request of this peer; returns it as a Message."""
        to = fields.pop("to", None)
        fields.setdefault("via", self.via)
        raw = sip.request(method, **fields)
        self.send(raw, to) if self.transport == "UDP" else self.send(raw)
        return sip.Message(raw)

    def expect(self, wanted, timeout=5, what="a message"):
        """The next message for which wanted(message) is true; others are thrown away."""
        end = time.monotonic() + timeout * SCALE
        while True:
            left = end - time.monotonic()
            if left <= 0:
                raise TimedOut(f"{what} did not come within {timeout * SCALE:g} s")
            m = self.recv(left / SCALE, what)
            if wanted(m):
                return m

    def final(self, req, timeout=5):
        return self.expect(lambda m: m.is_response and m.status >= 200 and m.get("Call-ID") == req.get("Call-ID")
                           and m.get("CSeq") == req.get("CSeq"), timeout, f"a final response to {req}")

    def finals(self, reqs, timeout=5):
        """The final response to each of several requests, in their order, whichever comes first."""
        open_, found = {(r.get("Call-ID"), r.get("CSeq")): n for n, r in enumerate(reqs)}, [None] * len(reqs)
        while open_:
            m = self.expect(lambda m: m.is_response and m.status >= 200 and (m.get("Call-ID"), m.get("CSeq")) in open_, timeout,
                            f"{len(open_)} final responses")
            found[open_.pop((m.get("Call-ID"), m.get("CSeq")))] = m
        return found

    def ask(self, method="OPTIONS", timeout=5, **fields):
        """A request and its final response."""
        return self.final(self.request(method, **fields), timeout)


class Udp(Endpoint):
    transport = "UDP"

    def __init__(self, host=HOST, port=0):
        self.sock = socket.socket(family(host), socket.SOCK_DGRAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.sock.bind((host, port))
        self.addr = self.sock.getsockname()[:2]
        self.default = None

    def send(self, raw, to=None):
        self.sock.sendto(raw, to or self.default)

    def recv(self, timeout=5, what="a datagram"):
        self.sock.settimeout(max(timeout * SCALE, 0.001))
        try:
            raw, src = self.sock.recvfrom(65536)
        except socket.timeout:
            raise TimedOut(f"{what} did not come within {timeout * SCALE:g} s") from None
        return sip.Message(raw, src[:2])

    def waiting(self):
        return bool(select.select([self.sock], [], [], 0)[0])

    def silent(self, seconds=0.3):
        """Nothing comes for a while."""
        return not select.select([self.sock], [], [], seconds)[0]

    def close(self):
        self.sock.close()


class Tcp(Endpoint):
    transport = "TCP"

    def __init__(self, sock):
        self.sock = sock
        self.addr = sock.getsockname()[:2]
        self.src = sock.getpeername()[:2]
        self.data = b""
        self.eof = False

    @classmethod
    def connect(cls, to, host=None, timeout=5, window=None):
        s = socket.socket(family(to[0]), socket.SOCK_STREAM)
        if window:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        s.settimeout(timeout * SCALE)
        if host:
            s.bind((host, 0))
        s.connect(to)
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return cls(s)

    def send(self, raw, _=None):
        self.sock.settimeout(10 * SCALE)
        self.sock.sendall(raw)

    def read(self, timeout):
        """Reads once; False at the end of the stream."""
        self.sock.settimeout(max(timeout * SCALE, 0.001))
        try:
            more = self.sock.recv(65536)
        except ConnectionError:
            more = b""
        self.data += more
        self.eof = self.eof or not more
        return bool(more)

    def recv(self, timeout=5, what="a message"):
        end = time.monotonic() + timeout * SCALE
        while True:
            n = sip.frame(self.data)
            if n:
                raw, self.data = self.data[:n], self.data[n:]
                return sip.Message(raw, self.src)
            left = end - time.monotonic()
            try:
                if left <= 0:
                    raise socket.timeout
                if not self.read(left / SCALE):
                    raise TimedOut(f"{what} did not come: the connection was closed, {self.data!r} left")
            except socket.timeout:
                raise TimedOut(f"{what} did not come within {timeout * SCALE:g} s; {self.data!r} came") from None

    def recv_bytes(self, n, timeout=5):
        end = time.monotonic() + timeout * SCALE
        while len(self.data) < n:
            left = end - time.monotonic()
            try:
                if left <= 0 or not self.read(left / SCALE):
                    break
            except socket.timeout:
                break
        got, self.data = self.data[:n], self.data[n:]
        return got

    def closed(self, timeout=5):
        """True when the other side closes within the time; what comes before is kept in data."""
        end = time.monotonic() + timeout * SCALE
        while not self.eof:
            left = end - time.monotonic()
            try:
                if left <= 0 or not self.read(left / SCALE):
                    break
            except socket.timeout:
                break
        return self.eof

    def silent(self, seconds=0.3):
        return not self.data and not select.select([self.sock], [], [], seconds)[0]

    def alive(self):
        """Not closed by the other side, as far as can be seen now."""
        while not self.eof and select.select([self.sock], [], [], 0)[0]:
            self.read(1)
        return not self.eof

    def reset(self):
        """Closes with RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        self.sock.close()

    def close(self):
        self.sock.close()


class TcpServer:
    transport = "TCP"

    def __init__(self, peers, host=HOST, port=0, backlog=128):
        self.peers = peers
        self.sock = socket.socket(family(host), socket.SOCK_STREAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((host, port))
        self.sock.listen(backlog)
        self.addr = self.sock.getsockname()[:2]
        self.host, self.port = self.addr

    @property
    def uri(self):
        return f"sip:callee@{bracket(self.host)}:{self.port};transport=tcp"

    def accept(self, timeout=5):
        self.sock.settimeout(timeout * SCALE)
        try:
            s, _ = self.sock.accept()
        except socket.timeout:
            raise TimedOut(f"no connection within {timeout * SCALE:g} s") from None
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return self.peers.keep(Tcp(s))

    def silent(self, seconds=0.3):
        return not select.select([self.sock], [], [], seconds)[0]

    def close(self):
        self.sock.close()


class Uas:
    """Listens on one port over UDP and TCP in a thread of its own, and answers: 200 to every request but ACK (INVITE: 180 first). What came
    is in .seen, in order."""

    def __init__(self, host=HOST, answer=None, keep=True):
        self.answer = answer or self.ok
        self.keep = keep
        self.seen = []
        self.counts = {}
        self.tcp = socket.socket(family(host), socket.SOCK_STREAM)
        self.tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        from .ports import free_port
        self.port = free_port()
        self.tcp.bind((host, self.port))
        self.tcp.listen(512)
        self.udp = socket.socket(family(host), socket.SOCK_DGRAM)
        self.udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.udp.bind((host, self.port))
        self.host = host
        self.streams = {}
        self.end_r, self.end_w = socket.socketpair()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def uri(self, transport="udp", user="callee"):
        return f"sip:{user}@{bracket(self.host)}:{self.port}" + (";transport=tcp" if transport == "tcp" else "")

    def ok(self, m):
        if m.method == "ACK":
            return []
        contact = f"Contact: <sip:callee@{bracket(self.host)}:{self.port}>"
        final = sip.response(m, headers=[contact])
        return [sip.response(m, 180, "Ringing"), final] if m.method == "INVITE" else [final]

    def got(self, raw, src, send):
        m = sip.Message(raw, src)
        if m.is_response or not m.complete_head:
            return
        self.counts[m.method] = self.counts.get(m.method, 0) + 1
        if self.keep:
            self.seen.append(m)
        for answer in self.answer(m):
            send(answer)

    def run(self):
        while True:
            ready = select.poll()
            for s in [self.tcp, self.udp, self.end_r, *self.streams]:
                ready.register(s, select.POLLIN)
            by_fd = {s.fileno(): s for s in [self.tcp, self.udp, self.end_r, *self.streams]}
            for fd, _ in ready.poll():
                s = by_fd[fd]
                if s is self.end_r:
                    return
                if s is self.udp:
                    raw, src = s.recvfrom(65536)
                    self.got(raw, src[:2], lambda a, s=s, src=src: s.sendto(a, src))
                elif s is self.tcp:
                    self.streams[s.accept()[0]] = b""
                else:
                    self.stream(s)

    def stream(self, s):
        try:
            more = s.recv(65536)
        except ConnectionError:
            more = b""
        if not more:
            del self.streams[s]
            s.close()
            return
        data = (self.streams[s] + more).lstrip(b"\r\n") if not self.streams[s] else self.streams[s] + more
        while n := sip.frame(data):
            try:
                self.got(data[:n], s.getpeername()[:2], s.sendall)
            except OSError:
                break
            data = data[n:]
        self.streams[s] = data

    def close(self):
        if self.thread.is_alive():
            self.end_w.send(b"x")
            self.thread.join()
        for s in [self.tcp, self.udp, self.end_r, self.end_w, *self.streams]:
            s.close()
