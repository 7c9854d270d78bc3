# SPDX-License-Identifier: BSD-2-Clause
"""Suspended requests: t_suspend() and t_continue(), from scripts and by a module, in any worker; CANCEL, silence, deaths, reloads, drain."""
import signal

import pytest

from harness.calls import MODULES
from harness.reload import Reloader
from harness.router import BUILD

WITH_WAITS = dict(modules=MODULES + ("pv", "waits"), params=f'mpath="{BUILD}/test/modules"\n')

# what comes for sip:…@later is suspended, and says who it is; an INFO for sip:INDEX@… with the label as its subject goes on with it
ROUTES = """
route {
	if (method=="INFO") {
		if (t_continue($rU, $hdr(Subject), "LATER")) {
			sl_send_reply("200", "Gone On");
		} else {
			sl_send_reply("481", "Nobody There");
		}
		exit;
	}
	if (uri=~"^sip:first@") {
		t_on_failure("FAILED");
		$ru = "{a}";
		t_relay();
		exit;
	}
	if (uri!~"@later") {
		t_relay();
		exit;
	}
	$avp(kept) = "kept";
	append_hf("X-Before: yes\\r\\n");
	setflag(7);
	$ru = "{a}";
	append_branch("{b}");
	if (t_suspend()) {
		xlog("L_NOTICE", "suspended $T(id_index) $T(id_label).\\n");
	}
}
route[LATER] {
	if (isflagset(7)) {
		append_hf("X-After: $avp(kept)\\r\\n");
	}
	if (!t_is_request_route() || !t_relay()) {
		t_reply("500", "Cannot");
	}
}
failure_route[FAILED] {
	if (t_suspend()) {
		$ru = "{b}";
		xlog("L_NOTICE", "suspended $T(id_index) $T(id_label).\\n");
	}
}
"""


class Suspending:
    """A router that suspends; start() makes a request that is, go_on() goes on with it."""

    def __init__(self, stateful, routes=ROUTES, **how):
        self.s = stateful(routes, callees=2, **dict(WITH_WAITS, **how))
        self.caller, self.r = self.s.caller, self.s.r
        self.seen = 0

    def id(self):
        m = self.r.wait_log(r"suspended (\d+) (\d+)\.", since=self.seen)
        self.seen = len(self.r.lines)
        return m[1], m[2]

    def start(self, method="INVITE", uri="sip:x@later"):
        req = self.caller.start(uri, method)
        return req, self.id()

    def go_on(self, who):
        """The status of an INFO for it."""
        info = self.caller.start(f"sip:{who[0]}@127.0.0.1", "INFO", headers=[f"Subject: {who[1]}"])
        return self.caller.final(info).status

    def both(self):
        return [c.take() for c in self.s.callees]


@pytest.fixture
def suspending(stateful):
    return lambda *args, **how: Suspending(stateful, *args, **how)


def refused_by_both(p, req):
    for callee, got in zip(p.s.callees, p.both()):
        assert got.get("X-Before") == "yes" and got.get("X-After") == "kept"
        callee.refuse(got, 486)
    assert p.caller.refused(req).status == 486


@pytest.mark.parametrize("children", [1, 4])
def test_a_request_is_gone_on_with_as_the_script_left_it(suspending, children):
    p = suspending(children=children)
    req, who = p.start()
    assert p.caller.response(req).status == 100
    for _ in range(10):
        p.caller.again(req)
    p.s.nothing_for(*p.s.callees)
    assert p.go_on(who) == 200
    refused_by_both(p, req)
    p.s.nothing_for(*p.s.callees)


def test_a_second_continue_is_an_error(suspending):
    p = suspending(children=4)
    req, who = p.start()
    assert sorted(p.go_on(who) for _ in range(5)) == [200, 481, 481, 481, 481]
    refused_by_both(p, req)
    p.s.nothing_for(*p.s.callees)
    assert p.go_on(("77", "78")) == 481


def test_many_continues_at_a_time_are_one(suspending):
    p = suspending(children=4)
    for _ in range(10):
        req, who = p.start()
        infos = [p.caller.start(f"sip:{who[0]}@127.0.0.1", "INFO", headers=[f"Subject: {who[1]}"]) for _ in range(8)]
        callees = p.both()
        answers = {}
        while len(answers) < len(infos):
            m = p.caller.peer.expect(lambda m: m.is_response and "INFO" in m.get("CSeq"), 5, "an answer to INFO")
            answers[m.get("Call-ID")] = m.status
        assert sorted(answers.values()) == [200] + [481] * 7
        for callee, got in zip(p.s.callees, callees):
            callee.refuse(got, 486)
        assert p.caller.refused(req).status == 486
    p.s.nothing_for(*p.s.callees)


@pytest.mark.parametrize("children", [1, 4])
def test_a_cancel_ends_it_and_the_continue_fails(suspending, children):
    p = suspending(children=children)
    req, who = p.start()
    assert p.caller.final(p.caller.cancel(req)).status == 200
    assert p.caller.refused(req).status == 487
    assert p.go_on(who) == 481
    p.s.nothing_for(*p.s.callees)


def test_a_failure_route_suspends(suspending):
    p = suspending()
    req = p.caller.start("sip:first@here")
    p.s.callees[0].refuse(p.s.callees[0].take(), 404)
    who = p.id()
    p.caller.again(req)
    p.s.nothing_for(*p.s.callees)
    assert p.go_on(who) == 200
    got = p.s.callees[1].take()
    final = p.s.callees[1].answer(got, 200)
    assert p.caller.final(req).status == 200
    p.caller.ack(req, final)
    p.s.callees[1].take("ACK")
    p.s.nothing_for(*p.s.callees)


@pytest.mark.parametrize("method, status", [("INVITE", 408), ("MESSAGE", 500)])
def test_nobody_goes_on_with_it(suspending, method, status):
    p = suspending(fr_timer=500, fr_inv_timer=600)
    req, who = p.start(method)
    assert p.caller.refused(req).status == status
    assert p.go_on(who) == 481
    p.s.nothing_for(*p.s.callees)


def test_it_needs_no_worker(suspending):
    p = suspending(children=2)
    req, who = p.start()
    for pid in p.r.workers():
        p.r.kill_worker(pid)
    p.caller.again(req)
    assert p.go_on(who) == 200
    refused_by_both(p, req)


def test_the_deadline_outlives_the_worker_that_suspended(suspending):
    p = suspending(children=1, fr_inv_timer=3000)
    req, _ = p.start()
    p.r.kill_worker()
    assert p.caller.refused(req, timeout=8).status == 408


def test_a_reload_does_not_touch_it(suspending):
    p = suspending(children=1)
    req, who = p.start()
    reloader = Reloader(p.r)
    reloader.change("X-After: $avp(kept)", "X-After: $avp(kept)\\r\\nX-New: yes").reload()
    assert p.go_on(who) == 200
    for callee, got in zip(p.s.callees, p.both()):
        assert got.get("X-After") == "kept" and got.get("X-New") == "yes"
        callee.refuse(got, 486)
    assert p.caller.refused(req).status == 486


# the module goes on with it by itself, in whatever worker has suspended it
BY_MODULE = """
route {
	if (method!="INVITE") {
		t_relay();
		exit;
	}
	$ru = "{a}";
	append_hf("X-Before: yes\\r\\n");
	suspend_ms(300, "LATER");
}
route[LATER] {
	if (!isflagset(3)) {
		setflag(3);
		suspend_ms(100, "LATER");
		exit;
	}
	t_relay();
}
"""


def test_a_module_suspends_and_goes_on(suspending):
    p = suspending(BY_MODULE)
    req, got = p.s.invite()
    assert got.get("X-Before") == "yes"
    p.s.callee.refuse(got, 486)
    assert p.caller.refused(req).status == 486
    assert (p.r.counter("tm", "suspended"), p.r.counter("tm", "continued")) == (2, 2)
    assert p.r.counter("core", "nothing_done") == 0


def test_term_waits_for_it(suspending):
    p = suspending(BY_MODULE, children=1)
    req = p.caller.start("sip:x@later")
    assert p.caller.response(req).status == 100
    p.r.signal(signal.SIGTERM)
    got = p.s.callee.take()
    p.s.callee.refuse(got, 486)
    assert p.caller.refused(req).status == 486
    assert p.r.wait_exit() == 0
