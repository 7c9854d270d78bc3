# SPDX-License-Identifier: BSD-2-Clause
"""RFC 6026: after a 2xx both transactions of an INVITE stay, in state Accepted: each 2xx passes, each INVITE is absorbed, what is stray is dropped."""
import pytest

from harness import sip
from harness.wait import until

SHORT = dict(retr_timer1=20, retr_timer2=80, wt_timer=500)


def accepted(s):
    """A call that was answered: what the caller sent, what the callee got, the 200 of either."""
    req, got = s.invite()
    sent = s.callee.answer(got, 200)
    final = s.caller.final(req)
    assert final.status == 200 and final.get("To") == sent.get("To")
    return req, got, sent, final


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_each_200_goes_to_the_caller(stateful, transport):
    s = stateful(callee=transport)
    req, got, sent, final = accepted(s)
    for _ in range(4):
        s.callee.answer(got, 200)
        assert s.caller.final(req).raw == final.raw
    s.caller.ack(req, final)
    assert s.callee.take("ACK").get("To") == sent.get("To")


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_the_router_sends_a_200_once_and_no_ack(stateful, transport):
    s = stateful(caller=transport, retr_timer1=100, retr_timer2=400)
    req, *_ = accepted(s)
    assert s.caller.peer.silent(0.5), "who sent the 200 sends it again, nobody else"
    assert s.callee.silent(), "the ACK is the caller's"


def test_a_lost_200_arrives_when_the_callee_repeats_it(stateful):
    s = stateful(wires=True)
    s.wire.drop("200", 2)
    req, got = s.invite()
    for _ in range(3):
        s.callee.answer(got, 200)
    assert s.caller.final(req).status == 200
    assert s.wire.count("200 INVITE", "dropped") == 2


def test_a_repeated_invite_is_absorbed_and_not_answered(stateful):
    s = stateful()
    req, *_ = accepted(s)
    for _ in range(5):
        s.caller.again(req)
    s.probe()
    s.nothing_for(s.callee)
    assert s.caller.all_responses(req) == []


def test_a_provisional_response_behind_the_200_is_dropped(stateful):
    s = stateful(wires=True, children=1)
    s.callee.wire.hold("180", until="200 INVITE")
    req, got = s.invite()
    s.callee.answer(got, 180)
    s.callee.answer(got, 200)
    assert s.caller.final(req).status == 200
    s.probe()
    assert s.callee.wire.count("180") == 1
    assert s.caller.all_responses(req) == []


def test_a_refusal_behind_the_200_is_dropped(stateful):
    s = stateful()
    req, got, *_ = accepted(s)
    s.callee.answer(got, 486)
    s.probe()
    assert s.caller.all_responses(req) == []


def test_another_200_of_the_same_branch_goes_to_the_caller(stateful):
    """A proxy behind ours has forked: one branch of ours, two dialogs."""
    s = stateful()
    req, got, *_ = accepted(s)
    s.callee.answer(got, 200, tag="second")
    second = s.caller.final(req)
    assert sip.param(second.get("To"), "tag") == "second"
    s.caller.ack(req, second)
    assert sip.param(s.callee.take("ACK").get("To"), "tag") == "second"


def test_the_ack_of_a_200_goes_end_to_end(stateful):
    s = stateful()
    req, got, _, final = accepted(s)
    for n in range(3):
        sent = s.caller.ack(req, final)
        ack = s.callee.take("ACK")
        assert ack.branch != got.branch, "it is a transaction of its own"
        assert len(ack.vias) == 2 and ack.vias[1].endswith(sent.branch) or sent.branch in ack.vias[1]
    assert s.caller.all_responses(req) == []


def test_a_bye_behind_it_is_a_transaction_of_its_own(stateful):
    s = stateful(wires=True, retr_timer1=100, retr_timer2=400)
    req, got, _, final = accepted(s)
    s.caller.ack(req, final)
    s.callee.wire.drop("BYE", 1)
    bye = s.caller.bye(req, final)
    got = s.callee.take("BYE")
    s.callee.answer(got, 200)
    assert s.caller.final(bye).status == 200


def test_a_200_that_comes_when_all_is_over_is_dropped(stateful):
    """L and M are over: the INVITE is new again, and what answers the old one is stray."""
    s = stateful(**SHORT)
    req, got, *_ = accepted(s)
    until(lambda: s.caller.again(req) or not s.callee.silent(0.05), 10, "the transaction is over")
    new = s.callee.recv()
    assert new.method == "INVITE"
    s.caller.all_responses(req)
    if new.branch != got.branch:
        s.callee.answer(got, 200, tag="late")
        s.probe()
        assert [m for m in s.caller.all_responses(req) if m.status >= 200] == []
    s.callee.refuse(new, 486)
    s.caller.refused(req)


def test_l_and_m_are_not_shortened_by_wt_timer(stateful):
    """They are 64 times T1, that a 2xx and its repetitions find their way."""
    s = stateful(wt_timer=500, retr_timer1=50, retr_timer2=200)
    req, got, _, final = accepted(s)
    assert s.caller.peer.silent(1.2)
    s.callee.answer(got, 200)
    assert s.caller.final(req).raw == final.raw
    s.caller.again(req)
    s.nothing_for(s.callee)


@pytest.mark.parametrize("status", [180, 200, 486])
def test_a_response_to_what_was_never_asked_is_dropped(stateful, status):
    s = stateful()
    req, got, *_ = accepted(s)
    # the branch of another: one digit of it changed
    branch = got.branch[:-1] + ("1" if got.branch[-1] == "0" else "0")
    vias = [got.vias[0].replace(got.branch, branch), *got.vias[1:]]
    s.callee.answer(got, status, tag="stray", vias=vias)
    s.probe()
    assert s.caller.all_responses(req) == []
