# SPDX-License-Identifier: BSD-2-Clause
"""The fault walk: a router whose process dies (or whose allocation fails) at one chosen place, traffic that passes all places, and what must
hold afterwards."""
import os
import signal
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
		$shv(seen) = $shv(seen) + 1;
		force_tcp_alias();
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
	if (uri=~"^sip:deaf@") {
		forward_tcp("127.0.0.1", {deaf});
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


# What nothing passes yet in a running worker: arenas of transactions, heaps of TLS sessions, notices of messages with a token; objects of
# several parts and full caches are passed by the unit tests of core/mem alone.
NOT_USED_YET = ("arena.", "heap.", "limbo.", "net.notice.", "shm.chunk.spill", "shm.part.unlinked", "shm.run.shr",
                "shm.object.part")
ENDED = r" main reloaded |the loader died,|could not reload,"
# Deaths that leave something half done, before deaths in the recovery from them.
FIRST = ("net.queue.locked", "shm.run.taken", "shm.run.take", "shm.chunk.taken", "shm.cell.taken", "slab.taken", "slab.grow.rows", "shm.part.linked",
         "shm.segment.opened", "msg.wait.linked", "net.queue.linked", "shm.run.freed", "shm.object.dying", "net.end.letting_go",
         "net.tray.placed", "net.trunk.handing")


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
    routes, modules = ROUTES, ("sl", "maxfwd", "sanity", "textops", "xlog")

    def __init__(self, env, children=2, heavy=False, deaths=False):
        self.heavy, self.deaths = heavy, deaths
        self.peers = Peers()
        self.uas = self.peers.uas(keep=False, answer=self.answer)
        # never reads
        self.deaf = self.peers.tcp_server()
        self.dns = self.peers.keep(Dns({"callee.test": ["127.0.0.1"], "held.test": ["127.0.0.1"]}, held=["held.test"]))
        self.router = Router(self.routes, modules=self.modules, children=children, debug=2, env=env, callee=self.uas.port, nobody=ports.free_port(),
                             params=f'dns_servers="{self.dns.servers}"\ndns_retr_time=200ms\ntcp_send_timeout=2s\n'
                                    'tcp_connect_timeout=1s\nuse_dst_blocklist=yes\ndst_blocklist_expire=1ms\ntcp_max_connections_per_source=0\ntcp_conn_wq_max=8388608\n',
                             deaf=self.deaf.port)
        self.router.expect_deaths()
        self.router.expect_error(" main the loader died,| reload the configuration |could not reload|could not take a new configuration")
        self.router.expect_error("no memory|out of memory|cannot allocate|could not (allocate|send|forward|accept|take)|crash ")

    # what the callee says; None: yes to everything
    answer = None

    def is_idle(self, status):
        return True

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
        # more than its worker should have alone
        trunk = self.quiet(Tcp.connect, r.addr)
        if trunk:
            streams.append(peers.keep(trunk))
            self.quiet(trunk.send, b"".join(sip.request(via=trunk.via, uri="sip:here@x", call_id=f"trunk{n % 50}", cseq=n) for n in range(1, 201)))
        # while some wait
        self.reloads()
        if self.heavy:
            self.load(u)
        if self.deaths:
            self.kill_all()
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

    def reloads(self):
        """A good script with another shared variable, a broken one, a good one."""
        r = self.router
        text = r.script.read_text()
        for more in ("\nroute[X] {\n\t$shv(more) = 1;\n}\n", "\nroute[X] {\n\tnothing();\n}\n", "\n"):
            seen = r.count_log(ENDED)
            r.script.write_text(text + more)
            r.signal(signal.SIGHUP)
            until(lambda: r.count_log(ENDED) > seen, 10, "the end of a reload")

    def load(self, u):
        """Much memory in use at once, and given back."""
        body = b"h" * 50000
        for n in range(300):
            u.request("MESSAGE", uri="sip:deaf@x", body=body)
            if n % 10 == 0:
                self.answered(u)
        streams = [c for c in (self.quiet(Tcp.connect, self.router.addr) for _ in range(200)) if c]
        for c in streams:
            self.quiet(c.send, sip.request("MESSAGE", via=c.via, uri="sip:here@x", body=body)[:-10])
        self.answered(u)
        for c in streams:
            c.reset()
        self.answered(u)

    def kill_all(self):
        for pid in self.router.workers():
            seen = self.router.count_log("a successor took over")
            os.kill(pid, signal.SIGKILL)
            until(lambda: self.router.count_log("a successor took over") > seen, 10, "a successor")

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
            # a loader, or who clears up behind one, is a child of main's, too
            s = r.wait_status(lambda s: s.connections == 0 and self.is_idle(s) and all(x["state"] == "running" for x in s.slots)
                              and len(r.workers()) == len(s.slots), 15, "rest")
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


def ways(name, n, thorough):
    """Runs that may pass the place for the n-th time, the cheapest first."""
    yield {"SERAC_FAULT": f"{name}:{n}"}, {}
    if thorough and n == 1:
        yield {"SERAC_FAULT": f"{name}:1"}, {"deaths": True}
        yield {"SERAC_FAULT": f"{name}:1"}, {"heavy": True}
        for first in FIRST:
            yield {"SERAC_FAULT": f"{first}:1,{name}:1"}, {"heavy": first.startswith("shm.seg")}


def walk(which, passes, say=lambda text: None, reference=None, thorough=False):
    """Kills at the n-th pass of each name. Returns (failures, places that no traffic reached)."""
    reference = reference or Run({}).go()
    failures, missed = [], []
    for name in which:
        for n in passes:
            begin, verdict = time.monotonic(), "not reached"
            for env, how in ways(name, n, thorough):
                try:
                    got = Run(env, **how).go()
                    compare(reference, got, how.get("heavy", False))
                except AssertionError as e:
                    failures.append(f"{env} {how}: {e}")
                    verdict = f"FAILED: {str(e).splitlines()[0]}"
                    break
                if got["fault"].get("passes", 0) >= n:
                    verdict = f"killed {env['SERAC_FAULT'] if ',' in env['SERAC_FAULT'] else ''} {' '.join(k for k, v in how.items() if v)}".rstrip()
                    break
            say(f"{name}:{n} {verdict} ({time.monotonic() - begin:.1f} s)")
            if verdict == "not reached":
                if n == passes[0]:
                    missed.append(name)
                break
    return failures, [name for name in missed if not name.startswith(NOT_USED_YET)]


def compare(reference, got, heavy=False):
    """At rest there is not more than without any fault."""
    assert got["main"] <= reference["main"], f"main has {got['main']} descriptors, {reference['main']} without fault"
    assert max(got["workers"]) <= max(reference["workers"]), f"workers have {got['workers']} descriptors, {reference['workers']} without fault"
    assert got["chunks"] <= reference["chunks"] + 2, f"{got['chunks']} chunks are in use, {reference['chunks']} without fault"
    # tables that grew with the load stay
    assert got["pages"] <= reference["pages"] + ((1 << 20) if heavy else 64 << 10), f"{got['pages']} bytes are in use, {reference['pages']} without fault"
