# SPDX-License-Identifier: BSD-2-Clause
"""Transactions that wait for a name, or for nothing but a time, in request, branch and failure routes: retransmissions, CANCEL, refusals, reloads, drain,
deaths."""
import signal

import pytest

from harness import sip
from harness.calls import MODULES, RELAY
from harness.crowd import Crowd
from harness.reload import Reloader
from harness.router import BUILD
from harness.wait import until

# the second target is a name that is not answered until it is released
SECOND = """
route {
	if (method=="INVITE") {
		t_on_failure("NEXT");
	}
	t_relay();
}
failure_route[NEXT] {
	append_branch("sip:b@held.test:{b_port}");
	t_relay();
}
"""


class Waiting:
    """A router with a DNS server that keeps the answer for held.test; held(…) is a call that waits for it."""

    def __init__(self, stateful, dns, routes=RELAY, params="", **how):
        self.dns = dns({"held.test": ["127.0.0.1"], "slow2.test": ["127.0.0.1"]}, held=["held.test", "slow2.test"], dead=["dead.test"])
        self.s = stateful(routes, params=f'dns_servers="{self.dns.servers}"\n' + params, **how)

    def asked(self, name="held.test"):
        until(lambda: name in self.dns.names(), 5, f"the router asks for {name}")

    def held(self, method="INVITE"):
        """A request to the first callee by name."""
        req = self.s.caller.start(f"sip:a@held.test:{self.s.callee.port}", method)
        self.asked()
        return req

    def held_second(self, status=486):
        """A call that the first callee refused, and that waits for the name of the second."""
        req, got = self.s.invite()
        self.s.callee.refuse(got, status)
        self.asked()
        return req

    def release(self):
        self.dns.release("held.test")


@pytest.fixture
def waiting(stateful, dns):
    return lambda *args, **how: Waiting(stateful, dns, *args, **how)


@pytest.mark.parametrize("children", [1, 4])
def test_an_invite_that_waits_is_one_transaction(waiting, children):
    w = waiting(children=children)
    s = w.s
    req = w.held()
    assert s.caller.response(req).status == 100
    for _ in range(10):
        s.caller.again(req)
    s.nothing_for(s.callee)
    w.release()
    got = s.callee.take()
    s.nothing_for(s.callee)
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486


def test_another_request_that_waits(waiting):
    w = waiting()
    s = w.s
    req = w.held("MESSAGE")
    s.caller.again(req)
    w.release()
    s.callee.answer(s.callee.take("MESSAGE"), 200)
    assert s.caller.final(req).status == 200
    s.nothing_for(s.callee)


def cancelled(s, req):
    """A CANCEL during the wait: 200, 487 with the same tag in To, and its ACK."""
    ok = s.caller.final(s.caller.cancel(req))
    assert ok.status == 200
    return ok


@pytest.mark.parametrize("children", [1, 4])
def test_a_cancel_during_the_wait_never_reaches_the_callee(waiting, children):
    w = waiting(children=children)
    s = w.s
    req = w.held()
    ok = cancelled(s, req)
    w.release()
    final = s.caller.refused(req)
    assert final.status == 487
    assert sip.param(final.get("To"), "tag") == sip.param(ok.get("To"), "tag")
    s.nothing_for(s.callee)


def test_a_failure_route_may_wait(waiting):
    w = waiting(SECOND, callees=2)
    s = w.s
    req = w.held_second()
    s.caller.again(req)
    w.release()
    second = s.callees[1].take()
    s.callees[1].answer(second, 200)
    final = s.caller.final(req)
    assert final.status == 200
    s.caller.ack(req, final)
    s.callees[1].take("ACK")
    s.nothing_for(*s.callees)


@pytest.mark.parametrize("children", [1, 4])
def test_a_cancel_while_a_failure_route_waits(waiting, children):
    w = waiting(SECOND, callees=2, children=children)
    s = w.s
    req = w.held_second()
    cancelled(s, req)
    w.release()
    assert s.caller.refused(req).status == 487
    s.nothing_for(*s.callees)


def test_the_first_callee_repeats_its_refusal_while_the_failure_route_waits(waiting):
    """Events are handled at once: the repeated refusal gets its ACK before the name is there."""
    w = waiting(SECOND, callees=2)
    s = w.s
    req, got = s.invite()
    s.callee.refuse(got, 486)
    w.asked()
    for _ in range(3):
        s.callee.answer(got, 486)
        assert s.callee.recv().method == "ACK"
    w.release()
    s.callees[1].refuse(s.callees[1].take(), 486)
    assert s.caller.refused(req).status == 486


def test_a_name_that_is_never_answered(waiting):
    w = waiting(params="max_wait=3s\n")
    s = w.s
    req = s.caller.start("sip:a@dead.test")
    assert 400 <= s.caller.refused(req, timeout=20).status < 600
    s.probe()


def test_a_name_that_does_not_exist_is_a_failure(waiting):
    w = waiting('route {\n\tt_on_failure("NEXT");\n\tif (!t_relay()) {\n\t\tsl_reply_error();\n\t}\n}\n'
                'failure_route[NEXT] {\n\tappend_branch("{b}");\n\tt_relay();\n}', callees=2)
    s = w.s
    req = s.caller.start("sip:a@nowhere.test")
    second = s.callees[1]
    until(lambda: not second.silent(0.05) or not s.caller.peer.silent(0.05), 5, "the second target, or an answer")
    if second.silent(0.05):
        assert s.caller.refused(req).status >= 400
    else:
        second.refuse(second.take(), 486)
        assert s.caller.refused(req).status >= 400


@pytest.mark.parametrize("where", ["request", "failure"])
def test_the_worker_dies_in_which_the_route_waits(waiting, where):
    w = waiting(SECOND, callees=2, children=1)
    s = w.s
    req = w.held() if where == "request" else w.held_second(404)
    s.r.kill_worker()
    final = s.caller.refused(req)
    assert final.status in ((500,) if where == "request" else (404, 500))
    w.release()
    s.nothing_for(*s.callees)
    s.probe()


def test_another_worker_dies_while_a_route_waits(waiting):
    w = waiting(children=2)
    s = w.s
    req = w.held()
    for _ in range(20):
        s.caller.again(req)
    s.r.kill_worker(s.r.workers()[1])
    w.release()
    # it was in the hands of one of them: it goes on, or is ended
    until(lambda: not s.callee.silent(0.05) or any(m.status >= 500 for m in s.caller.all_responses(req, 0.05)), 5, "an end")
    if not s.callee.silent(0.05):
        s.callee.refuse(s.callee.take(), 486)
        assert s.caller.refused(req).status == 486
    s.probe()


# names that are all different, so that each is asked for; answered after three seconds
LONG = """
route {
	if (method=="INVITE") {
		t_on_failure("NEXT");
	}
	if (!t_relay()) {
		sl_reply_error();
	}
}
failure_route[NEXT] {
	$ru = "sip:" + $rU + "@second-" + $rU + ".slow.test:{b}";
	t_relay();
}
"""


class Counting:
    """A callee that remembers with which branches each call came, by its user part."""

    def __init__(self, peers, status):
        self.status, self.branches = status, {}
        self.uas = peers.uas(answer=self.answer, keep=False)

    def answer(self, m):
        if m.method != "INVITE":
            return [] if m.method == "ACK" else [sip.response(m)]
        self.branches.setdefault(m.uri.partition("@")[0], set()).add(m.branch)
        contact = f"Contact: <sip:x@127.0.0.1:{self.uas.port}>"
        return [sip.response(m, self.status, "So Be It", headers=[contact])]

    def times(self, n):
        return len(self.branches.get(f"sip:n{n}", ()))


@pytest.mark.load
@pytest.mark.slow
def test_three_seconds_in_both_routes_under_200_calls_a_second(router, peers, dns):
    wait, rate, count = 3.0, 200, 1000
    server = dns({}, slow={"slow.test": (wait, "127.0.0.1")})
    refusing, answering = Counting(peers, 486), Counting(peers, 200)
    r = router(LONG, modules=MODULES + ("pv",), b=answering.uas.port, debug=1,
               params=f'dns_servers="{server.servers}"\nmax_suspended=10000\n')

    def cancel_after(n):
        """One of ten during the first wait, one during the second."""
        return {3: wait / 2, 7: wait * 1.5}.get(n % 10)
    crowd = Crowd(peers, r.addr)
    ends = crowd.make(count, rate, lambda n: f"sip:n{n}@first-n{n}.slow.test:{refusing.uas.port}", cancel_after)
    assert ends == {"completed": count * 8 // 10, 487: count * 2 // 10}
    for n in range(count):
        wanted = {3: (0, 0), 7: (1, 0)}.get(n % 10, (1, 1))
        assert (refusing.times(n), answering.times(n)) == wanted, f"call {n} was forked otherwise"


# --- a module that waits --------------------------------------------------------------------------------------------------------------
WITH_WAITS = dict(modules=MODULES + ("pv", "waits"), params=f'mpath="{BUILD}/test/modules"\nmax_suspended=10000\n')

# where: the user part says in which route it takes a while
ROUTES = """
route {
	if (method=="INVITE") {
		t_on_branch("EACH");
		t_on_failure("NEXT");
		if ($rU == "request") {
			wait_ms({ms});
		}
		append_hf("X-Waited: $rU\\r\\n");
	}
	t_relay();
}
branch_route[EACH] {
	if ($rU == "branch") {
		wait_ms({ms});
	}
}
failure_route[NEXT] {
	if ($rU == "failure") {
		wait_ms({ms});
		append_branch("{b}");
		t_relay();
	}
}
"""
PLACES = ["request", "branch", "failure"]


class Timed:
    """A router whose routes take some ms; held(place) is a call that waits there."""

    def __init__(self, stateful, ms, **how):
        self.s = stateful(ROUTES.replace("{ms}", str(ms)), callees=2, **dict(WITH_WAITS, **how))

    def held(self, place):
        s = self.s
        before = self.waits()
        req = s.caller.start(f"sip:{place}@127.0.0.1:{s.callee.port}")
        if place == "failure":
            s.callee.refuse(s.callee.take(), 404)
        until(lambda: self.waits() > before, 5, "it waits")
        return req

    def waits(self):
        return self.s.r.counter("core", "waited")

    def takes(self, place):
        """The callee that is asked behind the wait, and what it got."""
        callee = self.s.callees[place == "failure"]
        return callee, callee.take()


@pytest.fixture
def timed(stateful):
    return lambda ms, **how: Timed(stateful, ms, **how)


@pytest.mark.parametrize("place", PLACES)
def test_a_route_that_takes_a_while(timed, place):
    t = timed(1000)
    s = t.s
    req = t.held(place)
    for _ in range(10):
        s.caller.again(req)
    s.nothing_for(*s.callees)
    callee, got = t.takes(place)
    assert got.get("X-Waited") == place
    s.nothing_for(*s.callees)
    callee.refuse(got, 486)
    assert s.caller.refused(req).status in (404, 486)


@pytest.mark.parametrize("place", PLACES)
def test_a_cancel_while_a_route_takes_a_while(timed, place):
    t = timed(1000, children=4)
    s = t.s
    req = t.held(place)
    cancelled(s, req)
    assert s.caller.refused(req).status == 487
    until(lambda: s.r.status().memory and s.r.counter("core", "waited") >= 1, 5, "counters")
    assert s.callees[place == "failure"].silent(1.3)
    s.nothing_for(*s.callees)


@pytest.mark.parametrize("place", PLACES)
def test_the_worker_of_a_route_that_takes_a_while_dies(timed, place):
    t = timed(20000, children=1)
    s = t.s
    req = t.held(place)
    s.r.kill_worker()
    assert s.caller.refused(req).status in ((404, 500) if place == "failure" else (500,))
    s.nothing_for(*s.callees)
    s.probe()


@pytest.mark.parametrize("place", PLACES)
def test_a_reload_while_a_route_takes_a_while(timed, place):
    """It ends with the script that it began with; so does its failure route, if it is begun later."""
    t = timed(1500)
    s = t.s
    req = t.held(place)
    Reloader(s.r).change("X-Waited: $rU", "X-New: $rU").reload()
    callee, got = t.takes(place)
    assert got.get("X-Waited") == place and got.get("X-New") is None
    callee.refuse(got, 486)
    assert s.caller.refused(req).status in (404, 486)
    req = t.held("request")
    callee, got = t.takes("request")
    assert got.get("X-New") == "request" and got.get("X-Waited") is None
    callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486


@pytest.mark.parametrize("place", PLACES)
def test_term_while_a_route_takes_a_while(timed, place):
    t = timed(1000)
    s = t.s
    req = t.held(place)
    s.r.signal(signal.SIGTERM)
    callee, got = t.takes(place)
    callee.refuse(got, 486)
    assert s.caller.refused(req).status in (404, 486)
    assert s.r.wait_exit() == 0


def test_a_deadline_ends_the_wait(stateful):
    s = stateful('route {\n\tif (method=="INVITE" && !wait_ms(60000, 300)) {\n\t\tt_reply("504", "Too Late");\n\t\texit;\n\t}\n\tt_relay();\n}', **WITH_WAITS)
    req = s.caller.start(s.callee.uri)
    assert s.caller.refused(req).status == 504
    s.nothing_for(*s.callees)


# the same without another server: three seconds in each of three routes
THREE = """
route {
	if (method=="INVITE") {
		t_on_branch("EACH");
		t_on_failure("NEXT");
		wait_ms(3000);
	}
	if (!t_relay()) {
		sl_reply_error();
	}
}
branch_route[EACH] {
	if (method=="INVITE") {
		wait_ms(3000);
	}
}
failure_route[NEXT] {
	wait_ms(3000);
	$ru = "sip:" + $rU + "@127.0.0.1:{b}";
	t_relay();
}
"""


@pytest.mark.load
@pytest.mark.slow
def test_three_seconds_in_three_routes_under_200_calls_a_second(router, peers):
    rate, count = 200, 1000
    refusing, answering = Counting(peers, 486), Counting(peers, 200)
    r = router(THREE, b=answering.uas.port, debug=1, **WITH_WAITS)

    def cancel_after(n):
        """Of twenty one each during the wait of the request, of its branch, and of its failure."""
        return {3: 1.5, 9: 4.5, 15: 7.5}.get(n % 20)
    crowd = Crowd(peers, r.addr)
    ends = crowd.make(count, rate, lambda n: f"sip:n{n}@127.0.0.1:{refusing.uas.port}", cancel_after)
    assert ends == {"completed": count * 17 // 20, 487: count * 3 // 20}
    for n in range(count):
        wanted = {3: (0, 0), 9: (0, 0), 15: (1, 0)}.get(n % 20, (1, 1))
        assert (refusing.times(n), answering.times(n)) == wanted, f"call {n} was forked otherwise"
