# SPDX-License-Identifier: BSD-2-Clause
"""The INVITE server transaction, RFC 3261 17.2.1 (figure 7) with RFC 6026: what the caller sees, whatever it sends again."""
import pytest

from harness import sip
from harness.calls import close_to, of_hop
from harness.wait import SCALE, until

SHORT = dict(retr_timer1=100, retr_timer2=400)


def gaps(times):
    return [b - a for a, b in zip(times, times[1:])]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_an_invite_gets_100_at_once(stateful, transport):
    s = stateful(caller=transport)
    req, got = s.invite()
    trying = s.caller.peer.recv()
    assert trying.status == 100 and trying.get("Call-ID") == req.get("Call-ID") and trying.get("CSeq") == req.get("CSeq")
    assert sip.param(trying.get("To"), "tag") is None and trying.branch == req.branch
    s.callee.refuse(got, 486)
    s.caller.refused(req)


def test_a_repeated_invite_gets_100_again_and_goes_no_further(stateful):
    s = stateful()
    req, got = s.invite()
    s.caller.status(req, 100)
    for _ in range(5):
        assert s.caller.repeat(req).status == 100
    s.nothing_for(s.callee)
    s.callee.refuse(got, 486)
    s.caller.refused(req)


def test_a_repeated_invite_gets_the_last_provisional_response(stateful):
    s = stateful()
    req, got = s.invite()
    for status in (180, 183):
        sent = s.callee.answer(got, status, headers=["X-Which: one"])
        first = s.caller.status(req, status)
        for _ in range(3):
            again = s.caller.repeat(req)
            assert again.raw == first.raw and again.get("To") == sent.get("To")
    s.nothing_for(s.callee)
    s.callee.refuse(got, 486)
    s.caller.refused(req)


def test_an_invite_that_comes_doubled_is_one_call(stateful):
    s = stateful(wires=True)
    s.wire.double("INVITE")
    req, got = s.invite()
    s.nothing_for(s.callee)
    s.callee.refuse(got, 486)
    s.caller.refused(req)


def test_a_hundred_invites_at_once_are_one_call(stateful):
    s = stateful(children=4)
    raw = sip.request("INVITE", s.callee.uri, s.caller.peer.via)
    for _ in range(100):
        s.caller.send(raw)
    got = s.callee.take()
    s.nothing_for(s.callee)
    s.callee.refuse(got, 486)
    s.caller.refused(sip.Message(raw))


def test_a_refusal_is_sent_again_until_the_ack(stateful):
    s = stateful(wires=True, **SHORT)
    req, got = s.invite()
    s.callee.refuse(got, 486)
    final = s.caller.final(req)
    until(lambda: s.wire.count("486") >= 5, 5, "four repetitions")
    # G: doubled from T1 up to T2
    close_to(gaps(s.wire.times("486")), [0.1, 0.2, 0.4, 0.4])
    assert all(m.raw == final.raw for m in s.caller.all_responses(req))
    s.caller.ack(req, final)
    s.caller.all_responses(req)
    n = s.wire.count("486")
    assert s.caller.peer.silent(0.6) and s.wire.count("486") == n, "confirmed"


def test_the_ack_of_a_refusal_goes_no_further(stateful):
    s = stateful()
    req, got = s.invite()
    s.callee.refuse(got, 486)
    final = s.caller.refused(req)
    # I: repeated ones are absorbed
    for _ in range(3):
        s.caller.ack(req, final)
    s.nothing_for(s.callee)
    s.probe()


def test_a_lost_ack_is_sent_again_for_the_repeated_refusal(stateful):
    s = stateful(wires=True, **SHORT)
    s.wire.drop("ACK", 2)
    req, got = s.invite()
    s.callee.refuse(got, 486)
    for _ in range(3):
        s.caller.refused(req)
    until(lambda: s.wire.count("ACK", "passed") == 1, 5, "the third ACK arrives")
    s.caller.all_responses(req)
    assert s.caller.peer.silent(0.6), "it is confirmed"


def test_a_lost_refusal_is_sent_again(stateful):
    s = stateful(wires=True, **SHORT)
    s.wire.drop("486", 2)
    req, got = s.invite()
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486
    assert s.wire.count("486", "dropped") == 2


def test_an_invite_repeated_after_the_refusal_gets_the_refusal(stateful):
    s = stateful()
    req, got = s.invite()
    s.callee.refuse(got, 486)
    final = s.caller.final(req)
    assert s.caller.repeat(req).raw == final.raw
    s.caller.ack(req, final)
    s.nothing_for(s.callee)


def test_without_an_ack_the_repetitions_end(stateful):
    # H is 64 times T1
    s = stateful(wires=True, retr_timer1=20, retr_timer2=200, fr_timer=1300)
    req, got = s.invite()
    s.callee.refuse(got, 486)
    s.caller.final(req)
    until(lambda: not s.caller.all_responses(req, 0.6), 10, "the router gives up")
    times = s.wire.times("486")
    assert len(times) >= 6 and times[-1] < 1.3 + 0.3 * SCALE, times


def test_over_tcp_a_refusal_is_sent_once(stateful):
    s = stateful(caller="tcp", **SHORT)
    req, got = s.invite()
    s.callee.refuse(got, 486)
    final = s.caller.final(req)
    assert s.caller.peer.silent(0.6)
    s.caller.ack(req, final)
    s.nothing_for(s.callee)


def test_a_reply_of_the_script_is_sent_again_until_the_ack(stateful):
    s = stateful('route {\n\tif (method=="ACK") {\n\t\tt_relay();\n\t\texit;\n\t}\n\tt_newtran();\n\tt_reply("404", "Not Here");\n}', wires=True, **SHORT)
    req = s.caller.start(s.callee.uri)
    first, second = s.caller.final(req), s.caller.final(req)
    assert first.status == 404 and first.first.endswith("Not Here") and sip.param(first.get("To"), "tag")
    assert first.raw == second.raw
    s.caller.ack(req, first)
    s.caller.all_responses(req)
    assert s.caller.peer.silent(0.6)


def test_the_ack_of_another_call_confirms_nothing(stateful):
    s = stateful(wires=True, **SHORT)
    req, got = s.invite()
    s.callee.refuse(got, 486)
    final = s.caller.final(req)
    foreign = of_hop(req, "ACK", final.get("To")).replace(req.branch.encode(), b"z9hG4bKforeign" + req.branch[7:].encode())
    s.caller.send(foreign)
    assert s.caller.final(req).raw == final.raw
    assert s.caller.final(req).raw == final.raw
    s.caller.ack(req, final)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_calls_over_a_bad_wire_are_all_answered(stateful, seed):
    """A third of all is lost, doubled or late on both sides of the router; who retransmits as RFC 3261 says gets through."""
    s = stateful(wires=True, children=2, **SHORT)
    s.wire.noise(drop=0.15, double=0.1, late=0.1, seed=seed)
    s.callee.wire.noise(drop=0.15, double=0.1, late=0.1, seed=seed + 100)
    calls = 20
    sent = [sip.Message(sip.request("INVITE", s.callee.uri, s.caller.peer.via)) for _ in range(calls)]
    refused, met = set(), set()

    def turn():
        for req in sent:
            if req.get("Call-ID") not in refused:
                s.caller.again(req)
        while not s.callee.silent(0.05):
            m = s.callee.recv()
            if m.method == "INVITE":
                met.add((m.get("Call-ID"), m.branch))
                s.callee.answer(m, 486)
        while not s.caller.peer.silent(0.05):
            m = s.caller.peer.recv()
            if m.status == 486:
                refused.add(m.get("Call-ID"))
                s.caller.ack(next(r for r in sent if r.get("Call-ID") == m.get("Call-ID")), m)
        return len(refused) == calls
    until(turn, 20, "every call is refused", every=0)
    assert len(met) == calls, "each was one call for the callee"
    s.wire.good()
    s.callee.wire.good()
