# SPDX-License-Identifier: BSD-2-Clause
"""CANCEL, RFC 3261 9 and 16.10, with RFC 3326's Reason: what goes to the callee, what the caller gets, and timer C."""
import pytest

from harness import sip
from harness.calls import MODULES, of_hop
from harness.wait import until

SHORT = dict(retr_timer1=100, retr_timer2=400)


def ringing(s, **fields):
    req, got = s.invite(**fields)
    s.callee.answer(got, 180)
    s.caller.status(req, 180)
    return req, got


@pytest.mark.parametrize("callee", ["udp", "tcp"])
@pytest.mark.parametrize("caller", ["udp", "tcp"])
def test_a_ringing_call_is_cancelled(stateful, caller, callee):
    s = stateful(caller=caller, callee=callee)
    req, got = ringing(s)
    cancel = s.caller.cancel(req)
    assert s.caller.final(cancel).status == 200
    there = s.callee.cancelled(got)
    # 9.1: one Via, the same URI, To, From, Call-ID and number as the INVITE of that hop
    assert there.vias == got.vias[:1] and there.get("To") == got.get("To") and there.get("From") == got.get("From")
    assert there.get("Call-ID") == got.get("Call-ID") and there.get("CSeq").split() == [got.get("CSeq").split()[0], "CANCEL"]
    assert s.caller.refused(req).status == 487


def test_before_a_provisional_response_the_cancel_waits(stateful):
    s = stateful()
    req, got = s.invite()
    assert s.caller.final(s.caller.cancel(req)).status == 200
    s.nothing_for(s.callee)
    s.callee.answer(got, 100)
    s.callee.cancelled(got)
    assert s.caller.refused(req).status == 487


def test_a_cancelled_invite_that_nobody_answers_ends(stateful):
    s = stateful(fr_timer=700, **SHORT)
    req, got = s.invite()
    assert s.caller.final(s.caller.cancel(req)).status == 200
    assert s.caller.refused(req).status in (408, 487)


def test_a_cancelled_call_that_is_not_ended_by_the_callee_ends(stateful):
    """9.1: who cancelled does not wait for ever for a callee that says nothing to it."""
    s = stateful(fr_timer=700, retr_timer1=20, retr_timer2=80)
    req, got = ringing(s)
    assert s.caller.final(s.caller.cancel(req)).status == 200
    s.callee.answer(s.callee.take("CANCEL"), 200)
    assert s.caller.refused(req).status in (408, 487)


def test_a_lost_cancel_is_sent_again(stateful):
    s = stateful(wires=True, **SHORT)
    s.callee.wire.drop("CANCEL", 2)
    req, got = ringing(s)
    s.caller.cancel(req)
    s.callee.cancelled(got)
    assert s.callee.wire.count("CANCEL", "dropped") == 2
    assert s.caller.refused(req).status == 487


def test_a_repeated_cancel_gets_its_200_again_and_cancels_once(stateful):
    s = stateful()
    req, got = ringing(s)
    first = s.caller.cancel(req)
    ok = s.caller.final(first)
    there = s.callee.take("CANCEL")
    s.callee.answer(there, 200)
    for _ in range(3):
        assert s.caller.repeat(first).raw == ok.raw
    s.nothing_for(s.callee)
    s.callee.refuse(got, 487)
    assert s.caller.refused(req).status == 487


def test_a_cancel_that_overtakes_its_invite_does_no_harm(stateful):
    s = stateful(wires=True)
    s.wire.drop("INVITE", 1)
    req = s.caller.start(s.callee.uri)
    cancel = s.caller.cancel(req)
    s.callee.answer(s.callee.take("CANCEL"), 481, reason="Call Does Not Exist")
    assert s.caller.final(cancel).status == 481
    s.caller.again(req)
    s.callee.refuse(s.callee.take(), 486)
    assert s.caller.refused(req).status == 486


def test_the_call_was_answered_before_the_cancel_came(stateful):
    """They cross: the call stands, and the caller has to hang up."""
    s = stateful()
    req, got = ringing(s)
    s.callee.answer(got, 200)
    final = s.caller.final(req)
    cancel = s.caller.cancel(req)
    assert s.caller.final(cancel).status == 200
    s.nothing_for(s.callee)
    assert s.caller.all_responses(req) == []
    s.caller.ack(req, final)
    s.callee.take("ACK")


def test_the_callee_answers_while_the_cancel_is_under_way(stateful):
    s = stateful()
    req, got = ringing(s)
    cancel = s.caller.cancel(req)
    assert s.caller.final(cancel).status == 200
    there = s.callee.take("CANCEL")
    s.callee.answer(got, 200)
    s.callee.answer(there, 481, reason="Call Does Not Exist")
    final = s.caller.final(req)
    assert final.status == 200
    s.caller.ack(req, final)
    s.callee.take("ACK")


def test_a_cancel_after_the_refusal_changes_nothing(stateful):
    s = stateful()
    req, got = s.invite()
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486
    assert s.caller.final(s.caller.cancel(req)).status == 200
    s.nothing_for(s.callee)


def test_the_answer_to_the_cancel_is_not_relayed(stateful):
    s = stateful()
    req, got = ringing(s)
    cancel = s.caller.cancel(req)
    assert s.caller.final(cancel).status == 200
    s.callee.cancelled(got)
    s.caller.refused(req)
    assert s.caller.all_responses(cancel) == []


@pytest.mark.parametrize("reason", ['SIP;cause=200;text="Call completed elsewhere"', 'Q.850;cause=16;text="Terminated"'])
def test_the_reason_of_the_cancel_goes_with_it(stateful, reason):
    s = stateful()
    req, got = ringing(s)
    s.caller.cancel(req, headers=[f"Reason: {reason}"])
    assert reason in s.callee.cancelled(got).all("Reason")
    s.caller.refused(req)


def test_routes_of_the_invite_stand_in_its_cancel(stateful):
    s = stateful('route {\n\tif (method=="INVITE") {\n\t\t$du = "{a}";\n\t}\n\tt_relay();\n}', modules=[*MODULES, "pv"])
    route = "<sip:192.0.2.1;lr>"
    req, got = ringing(s, headers=[f"Route: {route}"])
    s.caller.cancel(req)
    assert got.all("Route") == [route] and s.callee.cancelled(got).all("Route") == [route]
    s.caller.refused(req)


def test_a_cancel_of_no_transaction_is_forwarded(stateful):
    s = stateful()
    req = sip.Message(sip.request("INVITE", s.callee.uri, s.caller.peer.via))
    cancel = s.caller.cancel(req)
    there = s.callee.take("CANCEL")
    assert len(there.vias) == 2
    s.callee.answer(there, 481, reason="Call Does Not Exist")
    assert s.caller.final(cancel).status == 481


def test_a_cancel_of_another_branch_cancels_nothing(stateful):
    s = stateful()
    req, got = ringing(s)
    foreign = of_hop(req, "CANCEL").replace(req.branch.encode(), b"z9hG4bKother")
    s.caller.send(foreign)
    there = s.callee.take("CANCEL")
    assert there.branch != got.branch
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486


def test_a_cancel_may_ask_for_its_transaction(stateful):
    s = stateful('route {\n\tif (method=="CANCEL") {\n\t\tif (t_check_trans()) {\n\t\t\tt_relay();\n\t\t}\n\t\texit;\n\t}\n\tt_relay();\n}')
    req, got = ringing(s)
    s.caller.cancel(req)
    s.callee.cancelled(got)
    s.caller.refused(req)
    # one without a transaction is not relayed by this script
    stray = sip.Message(sip.request("INVITE", s.callee.uri, s.caller.peer.via))
    s.caller.cancel(stray)
    s.nothing_for(s.callee)


# --- timer C -------------------------------------------------------------------------------------------------------------
def test_timer_c_cancels_a_call_that_rings_too_long(stateful):
    s = stateful(fr_inv_timer=700)
    req, got = ringing(s)
    s.callee.cancelled(got)
    assert s.caller.refused(req).status in (408, 487)


def test_timer_c_is_set_anew_by_provisional_responses(stateful):
    s = stateful(fr_inv_timer=1500)
    req, got = ringing(s)
    for _ in range(4):
        assert s.callee.silent(0.5)
        s.callee.answer(got, 183)
    s.callee.cancelled(got)
    assert s.caller.refused(req).status in (408, 487)


def test_a_call_that_goes_on_ringing_after_the_cancel_is_408(stateful):
    s = stateful(fr_timer=600, fr_inv_timer=600, retr_timer1=20, retr_timer2=80)
    req, got = ringing(s)
    s.callee.answer(s.callee.take("CANCEL"), 200)
    assert s.caller.refused(req, timeout=10).status == 408


def test_a_late_200_after_timer_c_goes_to_the_caller(stateful):
    s = stateful(fr_timer=600, fr_inv_timer=600, retr_timer1=20, retr_timer2=80)
    req, got = ringing(s)
    s.callee.answer(s.callee.take("CANCEL"), 200)
    s.caller.refused(req, timeout=10)
    s.callee.answer(got, 200)
    late = s.caller.final(req)
    assert late.status == 200
    s.caller.ack(req, late)
