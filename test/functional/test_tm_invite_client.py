# SPDX-License-Identifier: BSD-2-Clause
"""The INVITE client transaction, RFC 3261 17.1.1 (figure 5) with RFC 6026: what the callee sees, and what the caller gets of it."""
import pytest

from harness.calls import MODULES, close_to
from harness.wait import SCALE, until

SHORT = dict(retr_timer1=100, retr_timer2=400)


def gaps(times):
    return [b - a for a, b in zip(times, times[1:])]


def test_an_invite_is_sent_again_after_t1_and_twice_as_long_each_time(stateful):
    s = stateful(wires=True, **SHORT)
    s.invite()
    until(lambda: s.callee.wire.count("INVITE") >= 4, 5, "three retransmissions")
    # 0.1, 0.2, 0.4 and not the same each time
    close_to(gaps(s.callee.wire.times("INVITE")), [0.1, 0.2, 0.4])
    s.callee.refuse(s.callee.recv(), 486)


def test_every_retransmission_is_the_same_octet_by_octet(stateful):
    s = stateful(**SHORT)
    _, first = s.invite()
    for _ in range(3):
        assert s.callee.recv().raw == first.raw
    s.callee.refuse(first, 486)


@pytest.mark.parametrize("provisional", [100, 180])
def test_a_provisional_response_ends_the_retransmissions(stateful, provisional):
    s = stateful(wires=True, **SHORT)
    req, got = s.invite()
    s.callee.answer(got, provisional)
    if provisional > 100:
        s.caller.status(req, provisional)
    else:
        s.settle()
    s.callee.forget()
    n = s.callee.wire.count("INVITE")
    assert s.callee.silent(0.6) and s.callee.wire.count("INVITE") == n
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486


def test_an_invite_that_was_lost_arrives_by_its_retransmission(stateful):
    s = stateful(wires=True, **SHORT)
    s.callee.wire.drop("INVITE", 2)
    req, got = s.invite()
    assert s.callee.wire.count("INVITE", "dropped") == 2
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486


def test_no_answer_at_all_is_408_after_fr_timer(stateful):
    s = stateful(wires=True, fr_timer=700, **SHORT)
    req, _ = s.invite()
    assert s.caller.refused(req).status == 408
    # A at 0.1, 0.3 (and 0.7)
    assert 3 <= s.callee.wire.count("INVITE") <= 4
    n = s.callee.wire.count("INVITE")
    assert s.callee.wire.count("CANCEL") == 0, "nothing is cancelled without a provisional response"
    assert s.callee.wire.times("INVITE")[-1] < 0.7 + 0.2 * SCALE
    s.probe()
    assert s.callee.wire.count("INVITE") == n, "nobody sends to a callee that was given up"


@pytest.mark.parametrize("provisional", [None, 180])
@pytest.mark.parametrize("status", [302, 404, 486, 603])
def test_a_refusal_is_acknowledged_and_goes_to_the_caller(stateful, provisional, status):
    s = stateful()
    req, got = s.invite()
    if provisional:
        s.callee.answer(got, provisional)
        s.caller.status(req, provisional)
    sent = s.callee.answer(got, status)
    ack = s.callee.take("ACK")
    # 17.1.1.3: the ACK of the same hop
    assert ack.uri == got.uri and ack.vias == got.vias[:1] and ack.get("Call-ID") == got.get("Call-ID")
    assert ack.get("From") == got.get("From") and ack.get("To") == sent.get("To")
    assert ack.get("CSeq").split() == [got.get("CSeq").split()[0], "ACK"] and not ack.body
    final = s.caller.refused(req)
    assert final.status == status and final.get("To") == sent.get("To")
    assert len(final.vias) == 1 and final.branch == req.branch


def test_a_repeated_refusal_is_acknowledged_each_time_and_relayed_once(stateful):
    s = stateful(wires=True)
    req, got = s.invite()
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486
    for n in range(2, 5):
        s.callee.answer(got, 486)
        until(lambda: s.callee.wire.count("ACK") == n, 5, "an ACK for each")
    s.probe()
    assert s.caller.all_responses(req) == []


def test_a_lost_ack_is_sent_again_for_the_repeated_refusal(stateful):
    s = stateful(wires=True)
    s.callee.wire.drop("ACK", 1)
    req, got = s.invite()
    s.callee.answer(got, 486)
    until(lambda: s.callee.wire.count("ACK", "dropped") == 1, 5, "the first ACK is lost")
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486


def test_routes_of_the_invite_stand_in_its_ack(stateful):
    s = stateful('route {\n\t$du = "{a}";\n\tt_relay();\n}', modules=[*MODULES, "pv"], callees=2)
    route = "<sip:192.0.2.1;lr>"
    req = s.caller.start(s.callees[1].uri, headers=[f"Route: {route}"])
    got = s.callee.take()
    ack = s.callee.refuse(got, 486)
    assert got.all("Route") == [route] and ack.all("Route") == [route] and ack.uri == s.callees[1].uri
    assert s.caller.refused(req).status == 486


def test_every_provisional_response_goes_to_the_caller_but_100(stateful):
    s = stateful()
    req, got = s.invite()
    for status in (100, 180, 183, 199, 200):
        s.callee.answer(got, status)
        s.settle()
    seen = s.caller.all_responses(req)
    # the only 100 is the router's own
    assert sorted(m.status for m in seen) == [100, 180, 183, 199, 200]
    s.caller.ack(req, seen[-1])


def test_doubled_provisional_responses_do_no_harm(stateful):
    s = stateful(wires=True)
    s.callee.wire.double("1xx")
    req, got = s.invite()
    s.callee.answer(got, 180)
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486


def test_a_provisional_response_that_comes_after_the_final_one_is_dropped(stateful):
    s = stateful(wires=True, children=1)
    s.callee.wire.hold("180", until="486")
    req, got = s.invite()
    s.callee.answer(got, 180)
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486
    s.probe()
    assert s.caller.all_responses(req) == []


def test_over_tcp_nothing_is_sent_again(stateful):
    s = stateful(callee="tcp", **SHORT)
    req, got = s.invite()
    assert s.callee.silent(0.6)
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486
    assert s.callee.silent()


def test_over_tcp_a_silent_callee_is_408_too(stateful):
    s = stateful(callee="tcp", fr_timer=600, **SHORT)
    req, _ = s.invite()
    assert s.caller.refused(req).status == 408
    assert s.callee.silent()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_callee_that_is_not_there_fails_at_once(stateful, transport):
    s = stateful(callees=2, callee=transport, fr_timer=20000)
    gone = s.callees[1]
    (gone.server or gone.peer).close()
    req = s.caller.start(gone.uri)
    # a transport error is a 503 of that branch (16.9), and a lone 503 goes up as 500 (16.7)
    final = s.caller.refused(req, timeout=3)
    assert final.status == 500


def test_what_is_given_back_is_nobody_elses(stateful):
    """Errors pend on the socket that all workers send with."""
    s = stateful(callees=2, children=4, fr_timer=20000)
    gone = s.callees[1]
    gone.peer.close()
    lost, kept = [], []
    for _ in range(30):
        lost += [s.caller.start(gone.uri, "MESSAGE") for _ in range(2)]
        kept.append(s.caller.start(s.callee.uri, "MESSAGE"))
    for _ in kept:
        s.callee.answer(s.callee.take("MESSAGE"), 202)
    assert [m.status for m in s.caller.peer.finals(lost + kept)] == [500] * len(lost) + [202] * len(kept)
    status = s.r.status()
    assert status.counter("udp", "unreached") >= len(lost)
    assert status.counter("tm", "unsent") == len(lost)
    assert status.counter("udp", "send_failed") == 0
