# SPDX-License-Identifier: BSD-2-Clause
"""Overload: a worker that was stopped finds datagrams that have waited too long; new requests are refused, what is under way is served."""
import os
import signal
import time

from harness import sip
from harness.wait import until

ROUTES = """
route {
	sl_send_reply("200", "OK");
}
"""
EXEMPTS = """
event_route[core:overload] {
	if (@ruri.user == "vip") {
		drop;
	}
}
"""
LAG = "overload_lag=500ms\n"


class Stopped:
    """The only worker does not run for a while; what is sent meanwhile waits in the kernel."""

    def __init__(self, r, seconds=0.8):
        self.r, self.seconds, self.pid = r, seconds, r.workers()[0]

    def __enter__(self):
        os.kill(self.pid, signal.SIGSTOP)
        until(lambda: self.r.state(self.pid) == "T", 5, "the worker stands still")

    def __exit__(self, *how):
        time.sleep(self.seconds)
        os.kill(self.pid, signal.SIGCONT)


def test_late_requests_are_refused_and_others_are_served(router, peers):
    r, u = router(ROUTES, params=LAG, children=1), peers.udp()
    u.default = r.addr
    assert u.ask("INVITE", uri="sip:before@x").status == 200
    with Stopped(r):
        calls = [u.request("INVITE", uri="sip:new@x") for _ in range(10)]
        inside = u.request("BYE", uri="sip:old@x", to_tag="inside")
        sos = u.request("INVITE", uri="urn:service:sos.fire")
        police = u.request("INVITE", uri="sip:112@x")
    answers = u.finals([*calls, inside, sos, police])
    refused = [a for a in answers if a.status == 503]
    # one that the worker finds when it wakes may be taken for one that has just come
    assert len(refused) in (9, 10), [a.status for a in answers]
    assert all(a.get("Retry-After") == "5" for a in refused)
    assert [a.status for a in answers[10:]] == [200, 200, 200]
    r.wait_log("warning core overloaded, new requests are refused .*overload_lag=500")
    assert u.ask("INVITE", uri="sip:after@x").status == 200
    r.wait_log(f"notice core no longer overloaded .*refused={len(refused)}")
    assert r.count_log("overloaded, new requests") == 1
    s = r.status()
    assert s.counter("core", "refused_late") == len(refused)
    assert s.counter("core", "overload_exempt") == 2


def test_a_short_delay_is_no_overload(router, peers):
    r, u = router(ROUTES, params="overload_lag=20s\n", children=1), peers.udp()
    u.default = r.addr
    with Stopped(r):
        calls = [u.request("INVITE", uri="sip:new@x") for _ in range(10)]
    assert [a.status for a in u.finals(calls)] == [200] * 10


def test_the_event_route_exempts(router, peers):
    r, u = router(ROUTES + EXEMPTS, params=LAG, children=1), peers.udp()
    u.default = r.addr
    with Stopped(r):
        calls = [u.request("INVITE", uri="sip:new@x") for _ in range(5)]
        vips = [u.request("INVITE", uri="sip:vip@x") for _ in range(5)]
    codes = [a.status for a in u.finals(calls + vips)]
    assert codes[:5].count(503) >= 4
    assert codes[5:] == [200] * 5


def test_too_many_transactions(router, peers):
    callee = peers.udp()
    r = router("""
route {
	if (method == "CANCEL") {
		t_relay();
		exit;
	}
	rewritehostport("127.0.0.1:{callee}");
	t_relay();
}
""".replace("route", 'modparam("tm", "retr_timer1", 5000)\nmodparam("tm", "retr_timer2", 5000)\nroute'), params="max_transactions=3\n", modules=("sl", "tm"), callee=callee.port)
    u = peers.udp()
    u.default = r.addr
    calls = [u.request("INVITE", uri=f"sip:{n}@x") for n in range(3)]
    there = [callee.recv() for _ in calls]
    refused = u.request("INVITE", uri="sip:new@x")
    answer = u.final(refused)
    assert answer.status == 503 and answer.get("Retry-After") == "5"
    r.wait_log("overloaded, new requests are refused .*max_transactions=3")
    # what is taken already is not new
    for call in calls:
        u.send(call.raw)
    until(lambda: r.counter("tm", "retransmissions") == 3, 5, "retransmissions are absorbed", every=0.05)
    inside = u.request("BYE", uri="sip:old@x", to_tag="inside")
    got = until(lambda: next((m for m in [callee.recv()] if m.method == "BYE"), None), 5, "a request in a dialog is relayed")
    callee.send(sip.response(got), r.addr)
    assert u.final(inside).status == 200
    for m in there:
        callee.send(sip.response(m, 486), r.addr)
    assert [a.status for a in u.finals(calls)] == [486] * 3
    assert r.counter("core", "refused_full") == 1


def test_streams_are_judged_too(router, peers):
    """A turn that was long because another message was: what came on streams meanwhile is late."""
    r = router("""
route {
	if (@ruri.user == "slow") {
		xlog("L_NOTICE", "it takes long\\n");
		$var(i) = 0;
		while ($var(i) < 8000000) {
			$var(i) = $var(i) + 1;
		}
	}
	sl_send_reply("200", "OK");
}
""", params=LAG + "max_while_loops=10000000\nmax_script_steps=1000000000\n", children=1)
    slow, new = peers.udp(), peers.tcp(r.addr)
    slow.default = r.addr
    assert new.ask("OPTIONS", uri="sip:before@x").status == 200
    burn = slow.request("OPTIONS", uri="sip:slow@x")
    r.wait_log("it takes long")
    with Stopped(r):
        late = new.request("INVITE", uri="sip:new@x")
    assert slow.final(burn).status == 200
    assert new.final(late).status == 503
    assert new.ask("INVITE", uri="sip:after@x").status == 200
