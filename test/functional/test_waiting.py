# SPDX-License-Identifier: BSD-2-Clause
"""Requests that wait for a name: nobody else waits, retransmissions are absorbed, CANCEL, deadlines, deaths."""
import time

import pytest

from harness import sip
from harness.wait import SCALE, until

# names are resolved for x.test; everything else is answered at once
ROUTES = """
route {
	if (uri=~"[.]test") {
		if (!forward()) {
			sl_send_reply("478", "Unresolvable Destination");
		}
		exit;
	}
	sl_send_reply("200", "OK");
}
"""


class Scene:
    """A router, a caller, a callee and a DNS server; held.test waits until it is released, dead.test for ever."""

    def __init__(self, router, peers, dns, params="", **how):
        self.dns = dns({"held.test": ["127.0.0.1"], "quick.test": ["127.0.0.1"]}, held=["held.test"], dead=["dead.test"],
                       broken=["broken.test"])
        self.r = router(ROUTES, params=f'dns_servers="{self.dns.servers}"\n' + params, **how)
        self.caller, self.callee = peers.udp(), peers.udp()
        self.caller.default = self.r.addr

    def uri(self, name="held.test"):
        return f"sip:x@{name}:{self.callee.port}"

    def asked(self, name="held.test"):
        until(lambda: name in self.dns.names(), 5, f"the router asks for {name}")

    def wait(self, method="OPTIONS", name="held.test", **fields):
        req = self.caller.request(method, uri=self.uri(name), **fields)
        self.asked(name)
        return req


@pytest.fixture
def scene(router, peers, dns):
    return lambda **how: Scene(router, peers, dns, **how)


def test_a_waiting_request_goes_on_when_the_answer_is_there(scene):
    s = scene()
    req = s.wait()
    assert s.callee.silent(0.1)
    s.dns.release("held.test")
    got = s.callee.recv()
    assert got.get("Call-ID") == req.get("Call-ID")
    s.callee.send(sip.response(got), s.r.addr)
    assert s.caller.final(req).status == 200


@pytest.mark.parametrize("children", [1, 3])
def test_nobody_else_waits(scene, children):
    s = scene(children=children)
    s.wait()
    for _ in range(50):
        begin = time.monotonic()
        assert s.caller.ask().status == 200
        assert time.monotonic() - begin < 0.3 * SCALE
    s.dns.release("held.test")
    s.callee.recv()


@pytest.mark.parametrize("children", [1, 4])
def test_retransmissions_are_absorbed(scene, children):
    s = scene(children=children)
    req = s.wait("INVITE")
    for _ in range(20):
        s.caller.send(req.raw)
    until(lambda: s.r.counter("core", "absorbed") == 20, 5, "all are absorbed", every=0.05)
    s.dns.release("held.test")
    got = s.callee.recv()
    assert got.get("Call-ID") == req.get("Call-ID")
    assert s.callee.silent(0.2), "the callee gets it once"


def test_a_waiting_invite_gets_100(scene):
    s = scene()
    req = s.wait("INVITE")
    trying = s.caller.recv()
    assert trying.status == 100 and trying.get("Call-ID") == req.get("Call-ID")
    assert sip.param(trying.get("To"), "tag") is None
    s.dns.release("held.test")
    s.callee.recv()


def test_only_an_invite_gets_100(scene):
    s = scene()
    s.wait("OPTIONS")
    assert s.caller.silent(0.2)
    s.dns.release("held.test")
    s.callee.recv()


def test_cancel_ends_a_waiting_invite(scene):
    s = scene()
    req = s.wait("INVITE", branch="z9hG4bKcancel", call_id="cancelled", from_tag="f", via=s.caller.via)
    cancel = s.caller.request("CANCEL", uri=s.uri(), branch="z9hG4bKcancel", call_id="cancelled", from_tag="f", via=s.caller.via)
    # the worker that waits may be faster than the one that has the CANCEL
    ok, final = s.caller.finals([cancel, req])
    assert (ok.status, final.status) == (200, 487)
    s.dns.release("held.test")
    assert sip.param(final.get("To"), "tag") == sip.param(ok.get("To"), "tag")
    assert s.callee.silent(0.2), "nothing reaches the callee"
    # its ACK is for us
    s.caller.request("ACK", uri=s.uri(), branch="z9hG4bKcancel", call_id="cancelled", from_tag="f", via=s.caller.via,
                     to_tag=sip.param(final.get("To"), "tag"))
    assert s.caller.ask().status == 200


def test_a_cancel_of_another_branch_cancels_nothing(scene):
    s = scene()
    s.wait("INVITE", branch="z9hG4bKone", call_id="c", from_tag="f", via=s.caller.via)
    s.caller.request("CANCEL", uri="sip:nobody@127.0.0.1", branch="z9hG4bKtwo", call_id="c", from_tag="f", via=s.caller.via)
    s.dns.release("held.test")
    assert s.callee.recv().method == "INVITE"


def test_an_unknown_name_fails_at_once(scene):
    s = scene()
    begin = time.monotonic()
    assert s.caller.ask(uri="sip:x@nowhere.test").status == 478
    assert time.monotonic() - begin < 2 * SCALE


def test_a_name_that_stands_for_no_address_leads_nowhere(scene):
    s = scene()
    s.dns.records["zero.test"] = ["0.0.0.0"]
    s.dns.records["zero6.test"] = ["::"]
    for name in ("zero.test", "zero6.test"):
        assert s.caller.ask(uri=s.uri(name)).status == 478
    assert s.callee.silent(0.1)


def test_a_dns_server_that_fails_is_a_failure_of_the_request(scene):
    s = scene()
    assert s.caller.ask(uri="sip:x@broken.test", timeout=12).status >= 400


def test_a_dead_dns_server_hurts_only_the_request_that_needs_it(scene):
    s = scene(params="max_wait=3s\n")
    req = s.wait(name="dead.test")
    begin = time.monotonic()
    answer = None
    while answer is None and time.monotonic() - begin < 20 * SCALE:
        other = s.caller.request()
        answer = None
        while True:
            m = s.caller.recv(1)
            if m.get("Call-ID") == other.get("Call-ID"):
                assert m.status == 200
                break
            if m.get("Call-ID") == req.get("Call-ID") and m.status >= 200:
                answer = m
    assert answer and 400 <= answer.status < 600, "it fails by its deadline"


def test_names_are_asked_once_while_they_are_fresh(scene):
    s = scene(children=1)
    for _ in range(5):
        s.caller.request(uri=s.uri("quick.test"))
        s.callee.recv()
    assert s.dns.names().count("quick.test") <= 2, "A and AAAA, once"


def test_five_hundred_wait_and_all_go_on(scene):
    s = scene()
    s.callee.sock.setblocking(True)
    sent = {s.caller.request("MESSAGE", uri=s.uri(), body=b"m").get("Call-ID") for _ in range(500)}
    until(lambda: s.r.counter("core", "waited") == 500, 10, "all wait")
    s.dns.release("held.test")
    got = {s.callee.recv(5).get("Call-ID") for _ in range(500)}
    assert got == sent


def test_what_waits_is_bounded(scene):
    s = scene(params="max_suspended=10\n")
    for _ in range(30):
        s.caller.request(uri=s.uri())
    refused = [s.caller.recv(5) for _ in range(20)]
    assert {m.status for m in refused} <= {503, 478, 500}
    assert s.caller.ask().status == 200
    s.dns.release("held.test")
    for _ in range(10):
        s.callee.recv()
    assert s.callee.silent(0.1)


def test_a_waiting_request_of_a_connection_that_is_gone(scene, peers):
    s = scene()
    c = peers.tcp(s.r.addr)
    c.request(uri=s.uri())
    s.asked()
    c.close()
    s.r.wait_status(lambda st: st.connections == 0)
    s.dns.release("held.test")
    s.callee.send(sip.response(s.callee.recv()), s.r.addr)
    assert s.caller.ask().status == 200


def test_streams_go_on_while_one_of_their_requests_waits(scene, peers):
    s = scene()
    c = peers.tcp(s.r.addr)
    waiting = c.request(uri=s.uri())
    s.asked()
    assert c.ask().status == 200
    s.dns.release("held.test")
    s.callee.send(sip.response(s.callee.recv()), s.r.addr)
    assert c.final(waiting).status == 200


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_worker_that_dies_while_a_request_waits(scene, peers, transport):
    s = scene(children=1)
    caller = s.caller if transport == "udp" else peers.tcp(s.r.addr)
    req = caller.request("INVITE", uri=s.uri())
    assert caller.recv().status == 100
    s.asked()
    s.r.kill_worker()
    assert caller.final(req).status == 500
    s.dns.release("held.test")
    assert s.callee.silent(0.2)
    s.caller.request(uri=s.uri())
    assert s.callee.recv().method == "OPTIONS"


def test_a_worker_that_dies_in_another_slot_ends_only_its_own(scene):
    s = scene(children=2)
    sent = {s.caller.request(uri=s.uri(), cseq=n).get("Call-ID") for n in range(1, 41)}
    until(lambda: s.r.counter("core", "waited") == 40, 5, "all wait")
    s.r.kill_worker()
    s.r.settle()
    failed, passed = set(), set()
    while s.caller.waiting():
        m = s.caller.recv()
        assert m.status == 500
        failed.add(m.get("Call-ID"))
    s.dns.release("held.test")
    while len(passed) < len(sent - failed):
        passed.add(s.callee.recv().get("Call-ID"))
    s.r.settle()
    assert not s.callee.waiting() and not s.caller.waiting()
    assert failed | passed == sent and not failed & passed
