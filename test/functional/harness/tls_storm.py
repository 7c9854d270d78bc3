# SPDX-License-Identifier: BSD-2-Clause
"""TLS under load: all workers send on one connection; reloads many times a second while connections come, stay and go."""
import multiprocessing
import re
import select
import signal
import socket
import time

from . import sip
from .peers import Tcp
from .reload import REFUSAL, memory
from .tls import Tls, client_context, server_context
from .wait import until

# --- one connection, all workers ---------------------------------------------------------------------------------------
SENDERS, WINDOW = 8, 40
NUMBERED = re.compile(rb"\r\nCall-ID: call(\d+)\r\nCSeq: (\d+) ")
# a response without body needs these lines of its request, and no more
COPIED = re.compile(rb"\r\n((?:Via|From|To|Call-ID|CSeq): [^\r]*)")


def answering(listener, context, report):
    """In a process of its own: accepts one connection, answers all that comes, and tells at its end what it saw."""
    raw, _ = listener.accept()
    raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    s = context.wrap_socket(raw, server_side=True)
    last, seen, misordered, data = {}, 0, 0, b""
    try:
        while more := s.recv(65536):
            data += more
            answers = []
            while n := sip.frame(data):
                head, data = data[:n], data[n:]
                call, number = map(int, NUMBERED.search(head).groups())
                misordered += number <= last.get(call, 0)
                last[call] = number
                seen += 1
                answers.append(b"\r\n".join([b"SIP/2.0 200 OK", *COPIED.findall(head), b"Content-Length: 0\r\n\r\n"]))
            if answers:
                s.sendall(b"".join(answers))
    except OSError:
        pass
    listener.setblocking(False)
    try:
        listener.accept()
        second = True
    except OSError:
        second = False
    report.send((seen, misordered, second))


class Sender:
    """Sends numbered requests of one call over TCP, so many at most without an answer."""

    def __init__(self, peers, r, call, count):
        self.c, self.call, self.count, self.next, self.answered, self.data = peers.keep(Tcp.connect(r.addr)), call, count, 1, 0, b""
        self.c.sock.setblocking(False)
        self.out = b""

    def turn(self):
        while self.next <= self.count and self.next - self.answered <= WINDOW:
            self.out += sip.request("MESSAGE", via=self.c.via, call_id=f"call{self.call}", cseq=self.next, branch=f"z9hG4bK{self.call}.{self.next}",
                                    from_tag="s", body=b"m" * 200)
            self.next += 1
        if self.out:
            try:
                self.out = self.out[self.c.sock.send(self.out):]
            except BlockingIOError:
                pass

    def read(self):
        more = self.c.sock.recv(65536)
        assert more, "a sender's connection was closed"
        self.data += more
        *whole, self.data = self.data.split(b"\r\n\r\n")
        for answer in whole:
            assert answer.startswith(b"SIP/2.0 200 "), answer
            self.answered += 1


def one_connection(tls, count, say=lambda text: None):
    """count messages from SENDERS connections, which all workers have among them, over one TLS connection and back."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(8)
    report, told = multiprocessing.Pipe()
    context = server_context(tls.pki.server())
    server = multiprocessing.get_context("fork").Process(target=answering, args=(listener, context, told), daemon=True)
    server.start()
    r = tls.router(f'route {{\n\tforward_tls("127.0.0.1", {listener.getsockname()[1]});\n}}', children=4, debug=1, params="tcp_conn_wq_max=8388608\n")
    begin, each = time.monotonic(), count // SENDERS
    senders = {}
    for call in range(SENDERS):
        s = Sender(tls.peers, r, call, each)
        senders[s.c.sock.fileno()] = s
    poll = select.poll()
    for fd in senders:
        poll.register(fd, select.POLLIN)
    last = time.monotonic()
    while any(s.answered < each for s in senders.values()):
        for s in senders.values():
            s.turn()
        ready = poll.poll(1000)
        last = time.monotonic() if ready else last
        assert time.monotonic() - last < 10, f"no answer for 10 s: {[s.answered for s in senders.values()]} of {each}"
        for fd, _ in ready:
            senders[fd].read()
    seconds = time.monotonic() - begin
    owners = [s["connections"] for s in r.status().slots]
    for s in senders.values():
        s.c.close()
    r.signal(signal.SIGTERM)
    assert r.wait_exit() == 0
    assert report.poll(10), "the server does not tell"
    seen, misordered, second = report.recv()
    server.join(10)
    assert (seen, misordered, second) == (each * SENDERS, 0, False), f"{seen} of {each * SENDERS} came, {misordered} out of order, a second connection: {second}"
    assert sum(1 for n in owners if n) >= 3, f"connections of the workers: {owners}"
    say(f"{seen} messages and answers over one TLS connection in {seconds:.1f} s, each sender's in order; connections of the workers: {owners}")


# --- reloads -----------------------------------------------------------------------------------------------------------
EVERY, LONG, NEW = 0.1, 500, 5
RESTED = 24 << 10  # bytes of a connection
ENDED = re.compile(r"notice main reloaded |could not reload")


class Storm:
    """A router whose certificates change; connections that stay, and new ones that must see the latest."""

    def __init__(self, tls, long):
        self.tls, self.pki = tls, tls.pki
        self.certs = [self.pki.ca.issue(f"storm-{n}", f"/CN=storm {n}", "DNS:sip.test,IP:127.0.0.1") for n in range(4)]
        self.context = client_context(self.pki.ca.file)
        self.r = tls.router(domains=tls.domains({"cert": self.certs[0]}), debug=1, params="tcp_max_connections_per_source=0\ntcp_connection_lifetime=1h\n")
        self.r.expect_error(REFUSAL)
        self.r.expect_error(r"tls|\.cfg|certificate|key|file")
        self.long = [self.open() for _ in range(long)]
        self.current, self.read = 0, 0

    def open(self):
        c = self.tls.keep(Tls.client(self.r.tls, self.context))
        c.request()
        assert c.recv().status == 200
        return c

    def common_name(self, c):
        return next(v for part in c.sock.getpeercert()["subject"] for k, v in part if k == "commonName")

    def broken(self, n):
        """Domains that cannot be loaded, each in another way."""
        good, other = self.certs[n % 4], self.certs[(n + 1) % 4]
        nonsense = self.pki.dir / "nonsense.pem"
        nonsense.write_text(good.cert.read_text()[:200])
        rsa = self.pki.server(kind="rsa")
        ways = ({"cert": good, "private_key": rsa.key}, {"cert": good, "certificate": nonsense}, {"cert": good, "certificate": self.pki.dir / "absent.pem"},
                {"cert": other, "ca_list": nonsense, "verify_certificate": True}, {"cert": other, "cipher_list": "NO-SUCH-CIPHER"})
        return self.tls.domains(ways[n % len(ways)])

    def reload(self, n):
        """Every third file is broken."""
        bad = n % 3 == 2
        want = n % 4
        self.tls.write_domains(self.r.config_at, self.broken(n) if bad else self.tls.domains({"cert": self.certs[want]}))
        self.read = len(self.r.lines)
        self.r.signal(signal.SIGHUP)

        def ended():
            while self.read < len(self.r.lines):
                line = self.r.lines[self.read]
                self.read += 1
                if ENDED.search(line):
                    return line
            return None
        line = until(ended, 10, f"reload {n}", every=0.002)
        assert ("could not reload" in line) == bad, line
        if not bad:
            self.current = want

    def new_ones(self):
        for _ in range(NEW):
            c = self.open()
            assert self.common_name(c) == f"storm {self.current}", "a new connection sees another certificate"
            c.bye()
            c.close()
            self.tls.peers.open.remove(c)

    def ask_long(self, n, many=10):
        for k in range(many):
            assert self.long[(n * many + k) % len(self.long)].ask().status == 200, "a long-lived connection does not answer"


def rested(r):
    """What memory is used once connections rest: what records needed goes back a second behind them."""
    until(lambda: r.status().other["layers"]["heap_bytes_each"] < RESTED, 10, "connections at rest", every=0.2)
    return memory(r)


def reloads(tls, seconds, long=LONG, say=lambda text: None):
    s = Storm(tls, long)
    count = int(seconds / EVERY)
    warm = min(count, 60)
    for n in range(warm):
        s.reload(n)
        s.new_ones()
    before, pids = rested(s.r), s.r.workers()
    begin, late, connections = time.monotonic(), 0, 0
    for n in range(warm, warm + count):
        s.reload(n)
        s.new_ones()
        s.ask_long(n)
        connections += NEW
        ahead = begin + (n - warm + 1) * EVERY - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        else:
            late += 1
    for c in s.long:
        assert c.ask().status == 200, "a long-lived connection was lost"
    after = rested(s.r)
    for what, allowed in (("shared", 256 << 10), ("main", 1 << 20), ("worker", 1 << 20)):
        assert after[what] <= before[what] + allowed, f"{what} memory grew: {before} then {after}"
    assert s.r.workers() == pids, "no worker died"
    say(f"{count} reloads in {time.monotonic() - begin:.0f} s ({late} late), a third of them broken; {long} connections stayed, {connections} came and went; "
        f"memory before {before}, after {after}")
