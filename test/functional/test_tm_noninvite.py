# SPDX-License-Identifier: BSD-2-Clause
"""Transactions of other methods: the client's side, RFC 3261 17.1.2 (figure 6), the server's, 17.2.2 (figure 8), and RFC 4320."""
import pytest

from harness import sip
from harness.calls import close_to
from harness.wait import until

SHORT = dict(retr_timer1=100, retr_timer2=400)


def gaps(times):
    return [b - a for a, b in zip(times, times[1:])]


# --- the client's side: what the callee sees ---------------------------------------------------------------------------
def test_a_request_is_sent_again_up_to_t2(stateful):
    s = stateful(wires=True, **SHORT)
    req, got = s.call("MESSAGE", body="hello")
    until(lambda: s.callee.wire.count("MESSAGE") >= 6, 5, "five retransmissions")
    # E: doubled from T1 up to T2
    close_to(gaps(s.callee.wire.times("MESSAGE")), [0.1, 0.2, 0.4, 0.4, 0.4])
    assert s.callee.recv().raw == got.raw
    s.callee.answer(got, 200)
    assert s.caller.final(req).status == 200


def test_after_a_provisional_response_it_is_sent_again_each_t2(stateful):
    s = stateful(wires=True, retr_timer1=100, retr_timer2=300)
    req, got = s.call("MESSAGE")
    s.callee.answer(got, 100)
    until(lambda: s.callee.wire.count("MESSAGE") >= 5, 5, "retransmissions go on")
    # one may have been under way by the timer that ran already
    close_to(gaps(s.callee.wire.times("MESSAGE"))[2:], [0.3, 0.3])
    s.callee.answer(got, 200)
    assert s.caller.final(req).status == 200


def test_a_final_response_ends_the_retransmissions(stateful):
    s = stateful(wires=True, **SHORT)
    req, got = s.call("MESSAGE")
    s.callee.answer(got, 202)
    assert s.caller.final(req).status == 202
    s.settle()
    s.callee.forget()
    n = s.callee.wire.count("MESSAGE")
    assert s.callee.silent(0.6) and s.callee.wire.count("MESSAGE") == n


def test_a_repeated_final_response_is_relayed_once(stateful):
    s = stateful()
    req, got = s.call("MESSAGE")
    for _ in range(4):
        s.callee.answer(got, 200)
    assert s.caller.final(req).status == 200
    s.probe()
    assert s.caller.all_responses(req) == []


def test_lost_requests_and_responses_are_sent_again(stateful):
    s = stateful(wires=True, **SHORT)
    s.callee.wire.drop("MESSAGE", 2).drop("200", 1)
    req, got = s.call("MESSAGE")
    s.callee.answer(got, 200)
    # the lost answer is asked for again
    s.callee.answer(s.callee.recv(), 200)
    assert s.caller.final(req).status == 200


def test_over_tcp_nothing_is_sent_again(stateful):
    s = stateful(callee="tcp", **SHORT)
    req, got = s.call("MESSAGE")
    assert s.callee.silent(0.6)
    s.callee.answer(got, 200)
    assert s.caller.final(req).status == 200


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_silence_is_not_answered_with_408(stateful, transport):
    """RFC 4320 4.2: a 408 to a request that is no INVITE only makes the answer to its retransmission late."""
    s = stateful('route {\n\tt_on_failure("SILENT");\n\tt_relay();\n}\nfailure_route[SILENT] {\n\tif (t_branch_timeout() && t_check_status("408")) {\n'
                 '\t\txlog("L_NOTICE", "it is silent\\n");\n\t}\n}', callee=transport, fr_timer=600, **SHORT)
    req, _ = s.call("MESSAGE")
    s.r.wait_log("it is silent")
    assert s.caller.all_responses(req) == []


def test_a_failure_route_may_answer_silence(stateful):
    s = stateful('route {\n\tt_on_failure("SILENT");\n\tt_relay();\n}\nfailure_route[SILENT] {\n\tt_reply("480", "Nobody There");\n}', fr_timer=600)
    req, _ = s.call("MESSAGE")
    assert s.caller.final(req).status == 480


# --- the server's side: what the caller sees ----------------------------------------------------------------------------
def test_there_is_no_100_for_other_methods(stateful):
    s = stateful()
    req, got = s.call("MESSAGE")
    s.callee.answer(got, 200)
    assert [m.status for m in s.caller.all_responses(req)] == [200]


def test_a_repeated_request_is_absorbed(stateful):
    s = stateful()
    req, got = s.call("MESSAGE")
    for _ in range(5):
        s.caller.again(req)
    s.probe()
    s.nothing_for(s.callee)
    assert s.caller.all_responses(req) == []
    s.callee.answer(got, 200)
    assert s.caller.final(req).status == 200


def test_a_repeated_request_gets_the_final_response_again(stateful):
    s = stateful()
    req, got = s.call("MESSAGE")
    s.callee.answer(got, 404)
    final = s.caller.final(req)
    for _ in range(3):
        assert s.caller.repeat(req).raw == final.raw
    s.nothing_for(s.callee)


def test_the_answer_is_not_sent_again_unasked(stateful):
    s = stateful(**SHORT)
    req, got = s.call("MESSAGE")
    s.callee.answer(got, 404)
    s.caller.final(req)
    assert s.caller.peer.silent(0.6)


def test_a_request_that_comes_doubled_is_relayed_once(stateful):
    s = stateful(wires=True)
    s.wire.double("MESSAGE")
    req, got = s.call("MESSAGE")
    s.callee.answer(got, 200)
    assert s.caller.final(req).status == 200
    s.nothing_for(s.callee)


def test_a_request_with_the_branch_of_another_method_is_another(stateful):
    s = stateful()
    one, got = s.call("MESSAGE")
    two = s.caller.start(s.callee.uri, "INFO", branch=one.branch, call_id=one.get("Call-ID"), from_tag=sip.param(one.get("From"), "tag"))
    other = s.callee.take("INFO")
    s.callee.answer(other, 200)
    assert s.caller.final(two).status == 200
    s.callee.answer(got, 200)
    assert s.caller.final(one).status == 200


def test_the_same_branch_from_another_sender_is_another_request(stateful, peers):
    """17.2.3: the sent-by of the top Via must be the same, too."""
    s = stateful()
    one, got = s.call("MESSAGE")
    stranger = peers.udp()
    stranger.default = s.r.addr
    two = stranger.request("MESSAGE", uri=s.callee.uri, branch=one.branch)
    other = s.callee.take("MESSAGE")
    assert other.branch != got.branch
    s.callee.answer(other, 202)
    assert stranger.final(two).status == 202
    s.callee.answer(got, 200)
    assert s.caller.final(one).status == 200


@pytest.mark.parametrize("seed", [1, 2])
def test_requests_over_a_bad_wire_are_all_answered(stateful, seed):
    s = stateful(wires=True, **SHORT)
    s.wire.noise(drop=0.15, double=0.1, late=0.1, seed=seed)
    s.callee.wire.noise(drop=0.15, double=0.1, late=0.1, seed=seed + 100)
    sent = [sip.Message(sip.request("MESSAGE", s.callee.uri, s.caller.peer.via)) for _ in range(20)]
    answered, met = set(), set()

    def turn():
        for req in sent:
            if req.get("Call-ID") not in answered:
                s.caller.again(req)
        while not s.callee.silent(0.05):
            m = s.callee.recv()
            met.add((m.get("Call-ID"), m.branch))
            s.callee.answer(m, 200)
        while not s.caller.peer.silent(0.05):
            m = s.caller.peer.recv()
            assert m.status == 200
            answered.add(m.get("Call-ID"))
        return len(answered) == len(sent)
    until(turn, 20, "every request is answered", every=0)
    assert len(met) == len(sent), "each was one request for the callee"


def test_a_transaction_is_forgotten_after_wt_timer(stateful):
    s = stateful(wt_timer=500, retr_timer1=20, retr_timer2=80)
    req, got = s.call("MESSAGE")
    s.callee.answer(got, 200)
    s.caller.final(req)
    s.caller.again(req)
    s.nothing_for(s.callee)
    until(lambda: s.caller.again(req) or not s.callee.silent(0.05), 10, "the callee gets it as a new one")
    s.callee.answer(s.callee.recv(), 200)
