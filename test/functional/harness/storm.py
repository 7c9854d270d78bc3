# SPDX-License-Identifier: BSD-2-Clause
"""The kill storm: workers killed at random while calls go on over UDP and connections ask over TCP; what must hold then."""
import os
import random
import select
import signal
import time
from pathlib import Path

from . import sip
from .peers import Tcp, Udp
from .wait import SCALE, until

KILLS_A_SECOND = 10
CALLS_A_SECOND = 200
CONNECTIONS = 200
ROUTES = """
route {{
	if (method=="OPTIONS") {{
		sl_send_reply("200", "OK");
		exit;
	}}
	forward_udp("127.0.0.1", {port});
}}
"""


class Asker:
    """A connection that asks once in a while and knows whether a kill may have hit it: only with something in the router's hands."""

    def __init__(self, addr, first):
        self.tcp = Tcp.connect(addr)
        self.tcp.sock.setblocking(False)
        self.at = first
        self.since = self.cseq = 0
        self.hit = self.closed = self.lost = False
        self.answered = 0

    def turn(self, now):
        if not self.closed and not self.since and now >= self.at:
            self.cseq += 1
            self.since, self.hit = now, False
            try:
                self.tcp.sock.send(sip.request(via=self.tcp.via, cseq=self.cseq))
            except OSError:
                pass

    def read(self, now):
        try:
            more = self.tcp.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            more = b""
        if not more:
            self.closed = True
            self.lost = not (self.since and self.hit)
            return
        self.tcp.data += more
        while n := sip.frame(self.tcp.data):
            m, self.tcp.data = sip.Message(self.tcp.data[:n]), self.tcp.data[n:]
            # a reply that was queued and the successor's 500 for the same request may both come
            if m.get("CSeq") == f"{self.cseq} OPTIONS" and self.since:
                self.since, self.at = 0, now + 0.5 + random.random()
                self.answered += 1


class Prober:
    """A client over UDP that sends again when nothing comes; remembers the longest time without an answer."""

    def __init__(self, addr):
        self.udp = Udp()
        self.udp.default = addr
        self.req, self.sent, self.longest, self.answered = None, 0, 0.0, 0

    def turn(self, now):
        if self.req is None:
            self.req, self.begun, self.sent = self.udp.request(), now, now
        elif now - self.sent > 0.1:
            self.udp.send(self.req.raw)
            self.sent = now
        self.longest = max(self.longest, now - self.begun)

    def read(self, now):
        m = self.udp.recv()
        if self.req and m.get("Call-ID") == self.req.get("Call-ID"):
            self.longest = max(self.longest, now - self.begun)
            self.req = None
            self.answered += 1


def sockets_of(port):
    """States of the connections at a local port, without listeners and those that only the kernel remembers."""
    states = [line.split()[3] for line in Path("/proc/net/tcp").read_text().splitlines()[1:]
              if line.split()[1].endswith(f":{port:04X}")]
    return [s for s in states if s not in ("0A", "06")]


def storm(make_router, make_sipp, seconds, say=lambda text: None):
    """Runs the storm; raises AssertionError when something did not hold. Returns what happened, for people."""
    uas = make_sipp("uas")
    r = make_router(ROUTES.format(port=uas.port), children=4, debug=1,
                    params="tcp_max_connections_per_source=0\ntcp_connection_lifetime=600s\ntcp_accept_timeout=60s\n")
    r.expect_deaths()
    r.expect_error("could not write the message a worker died of")
    # what is at rest, once everything has been used: the table of connections is as large as it will be
    warm = [Tcp.connect(r.addr) for _ in range(CONNECTIONS)]
    for c in warm:
        assert c.ask().status == 200
    make_sipp("uac", remote=r.addr, calls=20, rate=100).must_succeed()
    for pid in list(r.workers()):
        r.kill_worker(pid)
    for c in warm:
        c.close()
    before = r.wait_status(lambda s: s.connections == 0)
    rest = r.rest()

    askers = [Asker(r.addr, time.monotonic() + random.random()) for _ in range(CONNECTIONS)]
    prober = Prober(r.addr)
    calls = make_sipp("uac", remote=r.addr, calls=int(CALLS_A_SECOND * seconds), rate=CALLS_A_SECOND)
    by_fd = {a.tcp.sock.fileno(): a for a in askers}
    by_fd[prober.udp.sock.fileno()] = prober
    poll = select.poll()
    for fd in by_fd:
        poll.register(fd, select.POLLIN)
    begin = now = time.monotonic()
    next_kill, kills = begin, 0

    def all_turns(actors):
        nonlocal now
        for fd, _ in poll.poll(5):
            actor = by_fd[fd]
            actor.read(now)
            if getattr(actor, "closed", False):
                poll.unregister(fd)
        now = time.monotonic()
        for actor in actors:
            actor.turn(now)
    while now - begin < seconds:
        all_turns([*askers, prober])
        if now >= next_kill:
            next_kill += 1 / KILLS_A_SECOND
            victims = r.workers()
            if victims:
                # who has asked and waits for its answer may be in this worker's hands
                for a in askers:
                    a.hit = a.hit or bool(a.since)
                os.kill(random.choice(victims), signal.SIGKILL)
                kills += 1
    # what is still asked is answered
    stuck = []

    def settled():
        for a in askers:
            a.at = float("inf")
        all_turns([])
        if prober.req:  # sent again, but once answered nothing new is asked
            prober.turn(now)
        stuck[:] = [a for a in askers if a.since and not a.closed]
        return not stuck and not prober.req
    try:
        until(settled, 10, "all requests over TCP are answered", every=0)
    except AssertionError:
        raise AssertionError(f"{len(stuck)} connections are open and have no answer; prober waits: {bool(prober.req)}\n{r.log()[-4000:]}") from None
    lost = [a for a in askers if a.lost]
    usable = [a for a in askers if not a.closed]
    assert not lost, f"{len(lost)} connections with nothing in the router's hands were closed"
    for a in usable:
        a.tcp.sock.setblocking(True)
        assert a.tcp.ask().status == 200
    calls.must_succeed(30 + seconds)
    for text in ("pauses", "starting afresh"):
        assert not r.count_log(text), text
    assert prober.longest < 2 * SCALE, f"UDP was not served for {prober.longest:.2f} s"

    for a in askers:
        a.tcp.close()
    prober.udp.close()
    after = r.wait_status(lambda s: s.connections == 0)
    assert after.problems == 0
    until(lambda: not sockets_of(r.port), 10, "no socket stays")
    try:
        until(lambda: r.rest() == rest, 10)
    except AssertionError:
        raise AssertionError(f"descriptors: {r.rest()} instead of {rest}") from None
    used = [s.memory["in_use"] - s.memory["cached"] for s in (before, r.status())]
    assert used[1] <= used[0] + (64 << 10), f"{used[1] - used[0]} bytes of shared memory were lost"
    result = (f"{kills} kills in {seconds:g} s; {CALLS_A_SECOND * seconds:g} calls, none failed; {len(usable)} of {CONNECTIONS} connections still "
              f"usable, {CONNECTIONS - len(usable)} closed with a request in hand; longest silence over UDP {prober.longest * 1000:.0f} ms")
    say(result)
    return result

