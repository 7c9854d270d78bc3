# SPDX-License-Identifier: BSD-2-Clause
"""The fault walk: a router whose process dies (or whose allocation fails) at one chosen place, traffic that passes all places, and what must
hold afterwards."""
import socket
import time

from . import ports, sip
from .dns import Dns
from .peers import Peers, Tcp
from .router import BINARY, Router, run_serac
from .wait import SCALE, TimedOut, until

ROUTES = """
route {
	if (uri=~"^sip:here@") {
		append_hf("X-Seen: yes\\r\\n");
		sl_send_reply("200", "OK");
		exit;
	}
	if (uri=~"[.]test") {
		if (!forward()) {
			sl_send_reply("478", "Unresolvable Destination");
		}
		exit;
	}
	if (uri=~"^sip:nobody@") {
		forward_tcp("127.0.0.1", {nobody});
		exit;
	}
	if (uri=~"^sip:tcp@") {
		rewritehost("127.0.0.1");
		forward_tcp("127.0.0.1", {callee});
		exit;
	}
	forward_udp("127.0.0.1", {callee});
}
"""


def names():
    """The names of all fault places; empty when this is not the fault build."""
    if not BINARY.exists():
        return []
    done = run_serac("--list-faults")
    if done.returncode != 0:
        return []
    return sorted({line.split()[0] for line in done.stdout.splitlines() if line.strip()})


class Run:
    """One start, traffic, end, with an environment that makes something fail."""

    def __init__(self, env, children=2):
        self.peers = Peers()
        self.uas = self.peers.uas(keep=False)
        self.dns = self.peers.keep(Dns({"callee.test": ["127.0.0.1"], "held.test": ["127.0.0.1"]}, held=["held.test"]))
        self.router = Router(ROUTES, children=children, debug=2, env=env, callee=self.uas.port, nobody=ports.free_port(),
                             params=f'dns_servers="{self.dns.servers}"\ndns_retr_time=200ms\ntcp_send_timeout=2s\ntcp_connect_timeout=1s\n')
        self.router.expect_deaths()
        self.router.expect_error("no memory|out of memory|cannot allocate|could not (allocate|send|forward|accept|take)|crash ")

    # --- traffic -----------------------------------------------------------------------------------------------------
    @staticmethod
    def quiet(what, *args, **named):
        """Something that may fail while a worker dies."""
        try:
            return what(*args, **named)
        except (OSError, TimedOut):
            return None

    def traffic(self):
        r, peers = self.router, self.peers
        u = peers.udp()
        u.default = r.addr
        body = b"b" * 20000
        for uri in ("sip:here@x", "sip:udp@x", "sip:tcp@x", "sip:nobody@x", f"sip:x@callee.test:{self.uas.port}",
                    f"sip:x@callee.test:{self.uas.port};transport=tcp"):
            for method in ("OPTIONS", "INVITE"):
                u.request(method, uri=uri, body=b"v=0\r\n")
        held = u.request("INVITE", uri=f"sip:x@held.test:{self.uas.port}", branch="z9hG4bKheld", call_id="held", from_tag="h", via=u.via)
        streams = [c for c in (self.quiet(Tcp.connect, r.addr) for _ in range(12)) if c]
        for n, c in enumerate(streams):
            peers.keep(c)
            raw = b"\r\n\r\n"
            for uri in ("sip:here@x", "sip:udp@x", "sip:tcp@x"):
                raw += sip.request(via=c.via, uri=uri, body=body)
            self.quiet(c.send, raw[:-n * 100] if n else raw)
        for _ in range(3):
            u.send(held.raw)
        u.send(b"\r\n\r\n")
        u.send(b"INVITE nonsense\r\n\r\n")
        u.send(sip.request("OPTIONS", via=u.via, max_forwards=0))
        # a response that nobody asked for, a stream that cannot be followed
        u.send(sip.response(sip.Message(sip.request(via=u.via))))
        bad = self.quiet(Tcp.connect, r.addr)
        if bad:
            self.quiet(bad.send, b"OPTIONS sip:x SIP/2.0\r\nContent-Length: -1\r\n\r\n")
            peers.keep(bad)
        for _ in range(10):
            c = self.quiet(Tcp.connect, r.addr)
            if c:
                self.quiet(c.send, sip.request(via=c.via, uri="sip:here@x")[:200])
                c.reset() if _ % 2 else c.close()
        u.request("CANCEL", uri=f"sip:x@held.test:{self.uas.port}", branch="z9hG4bKheld", call_id="held", from_tag="h", via=u.via)
        self.dns.release("held.test")
        for n, c in enumerate(streams):
            if n % 2:
                self.quiet(c.sock.shutdown, socket.SHUT_WR)
        # until the router has nothing more to do: a client that asks again is answered
        self.answered(u)
        for c in streams:
            c.close()
        if bad:
            bad.close()
        return u

    def answered(self, u, timeout=10):
        req = u.request(uri="sip:here@x")

        def ok():
            try:
                return u.final(req, 0.1 / SCALE).status == 200
            except TimedOut:
                u.send(req.raw)
        until(ok, timeout, "an answer over UDP", every=0)

    def serves(self, u):
        """The service answers, over UDP, over TCP, and through both."""
        self.answered(u)

        def over_tcp():
            try:
                c = self.peers.tcp(self.router.addr, timeout=1)
                return c.ask(uri="sip:here@x", timeout=1).status == 200 and c.ask(uri="sip:udp@x", timeout=1).status == 200 \
                    and c.ask(uri="sip:tcp@x", timeout=1).status == 200
            except (OSError, TimedOut):
                return False
        until(over_tcp, 10, "an answer over TCP")

    # --- the whole ---------------------------------------------------------------------------------------------------
    def go(self, must_serve=True):
        """Returns what there is at rest after traffic: {"died", "descriptors", "chunks", "pages", "fault"}."""
        r = self.router
        good = False
        try:
            r.start()
            u = self.traffic()
            if must_serve:
                self.serves(u)
            self.peers.close()
            s = r.wait_status(lambda s: s.connections == 0 and all(x["state"] == "running" for x in s.slots), 15, "rest")
            assert s.problems == 0, r.log()
            rest = r.rest()
            died = r.count_log("a worker died")
            for text in ("pauses", "starting afresh"):
                assert not r.count_log(text), f"{text}\n{r.log()}"
            good = True
            return {"died": died, "main": sum(rest["main"].values()), "workers": [sum(w.values()) for w in rest["workers"]],
                    "chunks": s.memory["chunks"], "pages": s.memory["in_use"] - s.memory["cached"], "fault": s.other.get("fault", {}),
                    "status": s}
        finally:
            self.peers.close()
            r.finish(judge=good)


def walk(which, passes, say=lambda text: None, reference=None):
    """Kills at the n-th pass of each name. Returns (failures, places that the traffic did not reach)."""
    reference = reference or Run({}).go()
    failures, missed = [], []
    for name in which:
        reached = False
        for n in passes:
            begin = time.monotonic()
            try:
                got = Run({"SERAC_FAULT": f"{name}:{n}"}).go()
                reached = reached or got["died"] > 0
                compare(reference, got)
                verdict = "killed" if got["died"] else "not reached"
            except AssertionError as e:
                failures.append(f"{name}:{n}: {e}")
                verdict, reached = f"FAILED: {str(e).splitlines()[0]}", True
            say(f"{name}:{n} {verdict} ({time.monotonic() - begin:.1f} s)")
            if verdict == "not reached":
                break
        if not reached:
            missed.append(name)
    return failures, missed


def compare(reference, got):
    """At rest there is not more than without any fault."""
    assert got["main"] <= reference["main"], f"main has {got['main']} descriptors, {reference['main']} without fault"
    assert max(got["workers"]) <= max(reference["workers"]), f"workers have {got['workers']} descriptors, {reference['workers']} without fault"
    assert got["chunks"] <= reference["chunks"] + 2, f"{got['chunks']} chunks are in use, {reference['chunks']} without fault"
    assert got["pages"] <= reference["pages"] + (64 << 10), f"{got['pages']} bytes are in use, {reference['pages']} without fault"
