# SPDX-License-Identifier: BSD-2-Clause
"""Peers that mean harm to a transaction: it stays small, ends, and goes on for those who do not."""
from harness import sip
from harness.calls import MODULES

REMEMBERS = """
route {
	$avp(who) = "somebody who is to be remembered while the transaction lives";
	t_on_reply("NOTE");
	t_relay();
}
onreply_route[NOTE] {
	t_on_failure("LATER");
	$(avp(last)[*]) = $rs;
}
failure_route[LATER] {
	xlog("L_INFO", "$avp(who) $avp(last)\\n");
}
"""


def held(s):
    """Bytes of shared memory in use, without what is kept at hand for the next."""
    memory = s.r.status().memory
    return memory["in_use"] - memory["cached"]


def rings(s, got, times, headers=lambda n: ()):
    for n in range(times):
        s.callee.answer(got, 183, headers=headers(n))
        if n % 50 == 49:
            s.callee.answer(got, 180, headers=[f"X-At: {n}"])
            s.caller.response(s.req, lambda m: m.get("X-At") == str(n), 10)


def test_responses_do_not_make_a_transaction_grow(stateful):
    s = stateful(REMEMBERS, modules=[*MODULES, "pv"])
    s.req, got = s.invite()
    rings(s, got, 100)
    before = held(s)
    rings(s, got, 3000)
    assert held(s) - before <= 16384
    s.callee.refuse(got, 486, headers=["X-Mine: yes"])
    assert s.caller.refused(s.req).get("X-Mine") == "yes"


def test_growing_responses_cost_no_more_than_the_largest(stateful):
    s = stateful()
    s.req, got = s.invite()
    before = held(s)
    rings(s, got, 1500, lambda n: ["X-Long: " + "x" * (n * 4)])
    # all of them together are 4.5 MB
    assert held(s) - before <= 262144
    s.callee.refuse(got, 486, headers=["X-Mine: yes"])
    assert s.caller.refused(s.req).get("X-Mine") == "yes"


AGAIN = """
route {
	t_on_failure("AGAIN");
	t_relay();
}
failure_route[AGAIN] {
	t_on_failure("AGAIN");
	append_branch("sip:nobody@192.0.2.1:5060");
	t_relay();
}
"""


def test_a_failure_route_that_fails_at_once_and_begins_again_ends(stateful):
    s = stateful(AGAIN)
    req, got = s.invite()
    s.callee.refuse(got, 486)
    assert s.caller.refused(req, 10).status == 486
    assert not s.r.count_log("a worker died")


def test_requests_without_a_cookie_that_go_elsewhere_are_others(stateful):
    s = stateful(callees=2)
    fields = dict(branch="1", call_id=sip.unique(), from_tag=sip.unique())
    first = s.caller.start(s.callees[0].uri, "MESSAGE", **fields)
    second = s.caller.start(s.callees[1].uri, "MESSAGE", **fields)
    for callee in s.callees:
        callee.answer(callee.take("MESSAGE"), 200)
    assert s.caller.final(first).status == s.caller.final(second).status == 200
