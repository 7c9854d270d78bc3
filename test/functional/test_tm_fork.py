# SPDX-License-Identifier: BSD-2-Clause
"""Forking in parallel, RFC 3261 16.7: who rings, which answer is the best, what happens to the others."""
import pytest

from harness import sip
from harness.wait import until

SHORT = dict(retr_timer1=100, retr_timer2=400)


def forked(stateful, n, before="", **how):
    """A router that sends what is for the first callee to all n."""
    more = "".join(f'\t\tappend_branch("{{{name}}}");\n' for name in "bcdefgh"[:n - 1])
    return stateful(f'route {{\n\tif (method=="INVITE") {{\n{before}{more}\t}}\n\tt_relay();\n}}', callees=n, **how)


def invited(s, **fields):
    req = s.caller.start(s.callee.uri, **fields)
    return req, [c.take() for c in s.callees]


def refused(s, statuses, **answer):
    """The callees refuse, in order; what the caller gets."""
    req, got = invited(s)
    for callee, g, status in zip(s.callees, got, statuses):
        callee.refuse(g, status, **answer)
    return s.caller.refused(req)


def test_eight_targets_ring_one_answers_seven_are_cancelled(stateful):
    s = forked(stateful, 8)
    req, got = invited(s)
    assert len({g.branch for g in got}) == 8
    for callee, g in zip(s.callees, got):
        assert g.uri == callee.uri and g.get("Call-ID") == req.get("Call-ID")
        callee.answer(g, 180)
    tags = {sip.param(s.caller.status(req, 180).get("To"), "tag") for _ in range(8)}
    assert tags == set("abcdefgh"), "the caller hears all of them"
    s.callees[5].answer(got[5], 200)
    final = s.caller.final(req)
    assert final.status == 200 and sip.param(final.get("To"), "tag") == "f"
    for callee, g in zip(s.callees, got):
        if callee.name != "f":
            # RFC 3326: they need not show a missed call
            assert any("cause=200" in v for v in callee.cancelled(g).all("Reason"))
    s.caller.ack(req, final)
    assert s.callees[5].take("ACK")
    assert s.caller.all_responses(req) == []


def test_each_target_is_sent_the_invite_again_until_it_answers(stateful):
    s = forked(stateful, 4, wires=True, **SHORT)
    for n, callee in enumerate(s.callees):
        callee.wire.drop("INVITE", n)
    req, got = invited(s)
    assert [c.wire.count("INVITE", "dropped") for c in s.callees] == [0, 1, 2, 3]
    for callee, g in zip(s.callees, got):
        callee.refuse(g, 486)
    assert s.caller.refused(req).status == 486


def test_who_has_said_nothing_is_cancelled_once_it_says_something(stateful):
    s = forked(stateful, 2)
    req, got = invited(s)
    s.callees[0].answer(got[0], 200)
    final = s.caller.final(req)
    s.nothing_for(s.callees[1])
    s.callees[1].answer(got[1], 180)
    s.callees[1].cancelled(got[1])
    s.caller.ack(req, final)


def test_an_answer_of_each_branch_goes_to_the_caller(stateful):
    """Both lift at the same moment: the caller gets two dialogs, and ends one."""
    s = forked(stateful, 2)
    req, got = invited(s)
    for callee, g in zip(s.callees, got):
        callee.answer(g, 200)
    finals = [s.caller.final(req), s.caller.final(req)]
    assert {sip.param(f.get("To"), "tag") for f in finals} == {"a", "b"}
    for f in finals:
        s.caller.ack(req, f)
    for callee in s.callees:
        assert callee.take("ACK")


@pytest.mark.parametrize("statuses, best", [
    ((486, 404), (404, 486)),
    ((503, 404), (404,)),
    ((500, 486), (486,)),
    ((302, 486), (302,)),
    ((486, 302), (302,)),
    ((503, 503), (500,)),
    ((503, 500), (500,)),
    ((408, 500), (408,)),
    ((404, 401), (401,)),
    ((486, 407), (407,)),
    ((404, 484), (484,)),
])
def test_the_best_answer_of(stateful, statuses, best):
    assert refused(forked(stateful, 2), statuses).status in best


def test_a_lone_503_goes_up_as_500(stateful):
    final = refused(stateful(), [503], headers=["Retry-After: 30"])
    assert final.status == 500 and not final.all("Retry-After")


def test_an_answer_that_comes_first_waits_for_the_others(stateful):
    s = forked(stateful, 3)
    req, got = invited(s)
    s.callees[0].refuse(got[0], 486)
    s.callees[1].refuse(got[1], 404)
    assert all(m.status < 200 for m in s.caller.all_responses(req, 0.2))
    s.callees[2].answer(got[2], 200)
    final = s.caller.final(req)
    assert final.status == 200
    s.caller.ack(req, final)


def test_603_ends_the_other_branches(stateful):
    s = forked(stateful, 3)
    req, got = invited(s)
    for callee, g in zip(s.callees, got):
        callee.answer(g, 180)
    for _ in got:
        s.caller.status(req, 180)
    s.callees[1].refuse(got[1], 603)
    # 16.7 step 5: what rings is cancelled; the 6xx goes up when all have ended
    s.callees[0].cancelled(got[0])
    s.callees[2].cancelled(got[2])
    assert s.caller.refused(req).status == 603


def test_an_answer_after_603_still_wins(stateful):
    s = forked(stateful, 2)
    req, got = invited(s)
    for callee, g in zip(s.callees, got):
        callee.answer(g, 180)
    s.callees[0].refuse(got[0], 603)
    cancel = s.callees[1].take("CANCEL")
    s.callees[1].answer(got[1], 200)
    s.callees[1].answer(cancel, 200)
    final = s.caller.final(req)
    if final.status == 603:
        s.caller.ack(req, final)
        final = s.caller.final(req)
    assert final.status == 200
    s.caller.ack(req, final)


CHALLENGES = {
    "a": ['WWW-Authenticate: Digest realm="a", nonce="1,2", opaque="\\"x"'],
    "b": ['Proxy-Authenticate: Digest realm="b", nonce="2"', 'Proxy-Authenticate: Digest realm="b2",\r\n  nonce="3"'],
    "c": ['WWW-Authenticate: Digest realm="c", nonce="4"'],
}


@pytest.mark.parametrize("statuses", [(401, 407, 401), (407, 407, 401), (404, 407, 401)])
def test_challenges_of_all_branches_go_up_together(stateful, statuses):
    s = forked(stateful, 3)
    req, got = invited(s)
    wanted = {"WWW-Authenticate": [], "Proxy-Authenticate": []}
    for callee, g, status in zip(s.callees, got, statuses):
        lines = CHALLENGES[callee.name] if status != 404 else []
        sent = callee.answer(g, status, headers=lines)
        callee.take("ACK")
        for name in wanted:
            wanted[name] += sent.all(name)
    final = s.caller.refused(req)
    assert final.status in (401, 407)
    for name, values in wanted.items():
        assert sorted(final.all(name)) == sorted(values), name
    for callee, status in zip(s.callees, statuses):
        for line in CHALLENGES[callee.name] if status != 404 else []:
            assert line.encode() + b"\r\n" in final.raw, "unmodified"


def test_a_late_answer_goes_up_after_the_refusal(stateful):
    """One branch answers when the router has given it up and told the caller so."""
    s = forked(stateful, 2, fr_timer=600)
    req, got = invited(s)
    s.callees[0].refuse(got[0], 486)
    assert s.caller.refused(req).status in (408, 486)
    s.callees[1].answer(got[1], 200)
    late = s.caller.final(req)
    assert late.status == 200 and sip.param(late.get("To"), "tag") == "b"
    s.caller.ack(req, late)
    s.callees[1].take("ACK")


def test_a_cancel_ends_all_branches(stateful):
    s = forked(stateful, 4)
    req, got = invited(s)
    for callee, g in zip(s.callees, got):
        callee.answer(g, 180)
    for _ in got:
        s.caller.status(req, 180)
    cancel = s.caller.cancel(req, headers=["Reason: SIP;cause=600"])
    assert s.caller.final(cancel).status == 200
    for callee, g in zip(s.callees, got):
        assert callee.cancelled(g).all("Reason") == ["SIP;cause=600"]
    assert s.caller.refused(req).status == 487
    assert s.caller.all_responses(req) == []


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_target_that_is_not_there_hinders_nobody(stateful, transport):
    s = forked(stateful, 3, callee=transport)
    gone = s.callees[1]
    (gone.server or gone.peer).close()
    req = s.caller.start(s.callee.uri)
    got = s.callees[0].take(), s.callees[2].take()
    s.callees[0].refuse(got[0], 486)
    s.callees[2].answer(got[1], 200)
    final = s.caller.final(req)
    assert final.status == 200
    s.caller.ack(req, final)


def test_a_silent_target_is_408_among_the_answers(stateful):
    s = forked(stateful, 2, fr_timer=600, **SHORT)
    req, got = invited(s)
    s.callees[0].refuse(got[0], 486)
    assert s.caller.refused(req).status in (408, 486)


def test_two_targets_of_one_upstream_fork_that_both_pass_through_the_router_both_ring(stateful):
    """16.3 forbids a proxy to treat merged requests as errors: one call, two branches, other URIs."""
    s = stateful(callees=2)
    one = s.caller.start(s.callees[0].uri)
    same = dict(call_id=one.get("Call-ID"), from_tag=sip.param(one.get("From"), "tag"))
    two = s.caller.start(s.callees[1].uri, **same)
    got = [c.take() for c in s.callees]
    assert got[0].get("Call-ID") == got[1].get("Call-ID") and got[0].branch != got[1].branch
    for callee, g in zip(s.callees, got):
        callee.answer(g, 180)

    def answer(status, branch):
        return s.caller.peer.expect(lambda m: m.status == status and m.branch == branch, 5, f"{status} for {branch}")
    answer(180, one.branch)
    s.callees[1].answer(got[1], 200)
    final = answer(200, two.branch)
    s.caller.ack(two, final)
    # the upstream fork cancels the other: only that one
    cancel = s.caller.cancel(one)
    assert answer(200, one.branch).get("CSeq").endswith("CANCEL")
    s.callees[0].cancelled(got[0])
    s.caller.ack(one, answer(487, one.branch))
    assert cancel.branch == one.branch


def test_two_upstream_branches_with_the_same_uri_are_two_transactions(stateful):
    s = stateful()
    one = s.caller.start(s.callee.uri)
    two = s.caller.start(s.callee.uri, call_id=one.get("Call-ID"), from_tag=sip.param(one.get("From"), "tag"))
    got = s.callee.take(), s.callee.take()
    assert got[0].branch != got[1].branch
    for g in got:
        s.callee.answer(g, 486)
    branches = set()

    def both():
        m = s.caller.peer.recv()
        if m.status == 486:
            branches.add(m.branch)
            s.caller.ack(one if m.branch == one.branch else two, m)
        return branches == {one.branch, two.branch}
    until(both, 5, "both are refused")


@pytest.mark.parametrize("seed", [1, 2])
def test_a_fork_over_bad_wires(stateful, seed):
    """Four targets, each behind a wire that loses and doubles: one answers, the others that ring are cancelled."""
    s = forked(stateful, 4, wires=True, **SHORT)
    for n, wire in enumerate([s.wire, *(c.wire for c in s.callees)]):
        wire.noise(drop=0.2, double=0.1, late=0.1, seed=seed * 10 + n)
    req = s.caller.start(s.callee.uri)
    got, ended, answered = {}, set(), []

    def turn():
        if not answered:
            s.caller.again(req)
        for n, callee in enumerate(s.callees):
            while not callee.silent(0.01):
                m = callee.recv()
                if m.method == "INVITE":
                    got[n] = m
                    callee.answer(m, 180)
                elif m.method == "CANCEL":
                    callee.answer(m, 200)
                elif m.method == "ACK" and n:
                    ended.add(n)
            if n in got and n not in ended and answered:
                callee.answer(got[n], 487)
        if 0 in got and not answered:
            s.callee.answer(got[0], 200)
        while not s.caller.peer.silent(0.02):
            m = s.caller.peer.recv()
            if m.status == 200:
                answered.append(m)
                s.caller.ack(req, m)
        # who was never reached need not be: its INVITE is not sent again once the call is answered
        return answered and ended == set(got) - {0}
    until(turn, 20, "one has answered, who rang has ended", every=0)
    assert {sip.param(m.get("To"), "tag") for m in answered} == {"a"}
