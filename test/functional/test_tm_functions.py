# SPDX-License-Identifier: BSD-2-Clause
"""What scripts do with transactions: t_newtran, t_reply, t_check_trans, t_release, t_relay's forms, reply routes, timers of one call."""
import time

import pytest

from harness import sip
from harness.calls import MODULES
from harness.wait import SCALE, until

PV = [*MODULES, "pv"]
ACKS = '\tif (method=="ACK") {\n\t\tt_relay();\n\t\texit;\n\t}\n'
STATELESS_ACKS = '\tif (method=="ACK") {\n\t\texit;\n\t}\n'


def route(body, more=""):
    return f"route {{\n{ACKS}{body}}}\n{more}"


def test_t_reply_answers_with_a_transaction(stateful):
    s = stateful(route('\tif (t_newtran()) {\n\t\tt_reply("404", "Nobody Here");\n\t}\n'))
    req = s.caller.start(s.callee.uri, "MESSAGE")
    first = s.caller.final(req)
    assert first.status == 404 and first.first.endswith("Nobody Here") and sip.param(first.get("To"), "tag")
    for _ in range(3):
        assert s.caller.repeat(req).raw == first.raw


def test_t_newtran_goes_on_once_for_a_request_that_comes_again(stateful):
    s = stateful(route('\tif (!t_newtran()) {\n\t\texit;\n\t}\n\txlog("L_NOTICE", "only once\\n");\n\tt_relay();\n'))
    req, got = s.invite()
    for _ in range(5):
        assert s.caller.repeat(req).status == 100
    s.callee.refuse(got, 486)
    s.caller.refused(req)
    s.r.wait_log("only once")
    assert s.r.count_log("only once") == 1


def test_t_send_reply_makes_the_transaction_it_needs(stateful):
    s = stateful(route('\tt_send_reply("480", "Away");\n'))
    req = s.caller.start(s.callee.uri)
    assert s.caller.refused(req).status == 480


def test_a_second_t_reply_is_an_error_and_sends_nothing(stateful):
    s = stateful(route('\tt_newtran();\n\tt_reply("404", "First");\n\tif (!t_reply("480", "Second")) {\n\t\txlog("L_NOTICE", "it is refused\\n");\n\t}\n'))
    s.r.expect_error(r"tm|script|reply")
    req = s.caller.start(s.callee.uri, "MESSAGE")
    assert s.caller.final(req).status == 404
    s.r.wait_log("it is refused")
    assert s.caller.all_responses(req) == []


def test_a_provisional_t_reply_and_then_a_relay(stateful):
    s = stateful(route('\tt_newtran();\n\tt_reply("183", "Please Wait");\n\tt_relay();\n'))
    req, got = s.invite()
    assert s.caller.status(req, 183).first.endswith("Please Wait")
    s.callee.answer(got, 200)
    final = s.caller.final(req)
    s.caller.ack(req, final)


def test_auto_inv_100_can_be_turned_off(stateful):
    s = stateful(auto_inv_100=0)
    req, got = s.invite()
    assert s.caller.all_responses(req, 0.2) == []
    s.callee.refuse(got, 486)
    s.caller.refused(req)


def test_the_words_of_the_100_are_a_parameter(stateful):
    s = stateful(auto_inv_100_reason='"We Are On It"')
    req, got = s.invite()
    assert s.caller.status(req, 100).first == "SIP/2.0 100 We Are On It"
    s.callee.refuse(got, 486)
    s.caller.refused(req)


CHECKS = """
route {
	if (method=="INVITE") {
		t_relay();
		exit;
	}
	if (t_check_trans()) {
		xlog("L_NOTICE", "$rm has one\\n");
		t_relay();
		exit;
	}
	xlog("L_NOTICE", "$rm has none\\n");
	if (method!="ACK") {
		t_relay();
	} else {
		forward();
	}
}
"""


def test_t_check_trans_knows_the_cancel_and_not_the_bye(stateful):
    s = stateful(CHECKS, modules=PV)
    req, got = s.invite()
    s.callee.answer(got, 180)
    s.caller.cancel(req)
    s.callee.cancelled(got)
    s.caller.refused(req)
    s.r.wait_log("CANCEL has one")
    bye = s.caller.start(s.callee.uri, "BYE")
    s.callee.answer(s.callee.take("BYE"), 200)
    assert s.caller.final(bye).status == 200
    s.r.wait_log("BYE has none")


def test_t_check_trans_ends_the_script_for_what_comes_again(stateful):
    s = stateful('route {\n\tt_check_trans();\n\txlog("L_NOTICE", "new $rm\\n");\n\tt_relay();\n}', modules=PV)
    req, got = s.call("MESSAGE")
    s.callee.answer(got, 200)
    final = s.caller.final(req)
    for _ in range(3):
        assert s.caller.repeat(req).raw == final.raw
    s.r.wait_log("new MESSAGE")
    assert s.r.count_log("new MESSAGE") == 1


def test_t_lookup_request_finds_a_transaction_that_is_there(stateful):
    body = '\tif (t_lookup_request()) {\n\t\txlog("L_NOTICE", "$rm is %s\\n");\n\t}\n'
    s = stateful(route(body % "old" + '\tt_newtran();\n' + body % "known" + '\tt_relay();\n'), modules=PV)
    req, got = s.call("MESSAGE")
    s.callee.answer(got, 202)
    final = s.caller.final(req)
    assert s.caller.repeat(req).raw == final.raw
    s.r.wait_log("MESSAGE is known")
    assert not s.r.count_log("MESSAGE is old")


def test_t_lookup_cancel_tells_whether_there_is_something_to_cancel(stateful):
    s = stateful(route('\tif (method=="CANCEL") {\n\t\tif (!t_lookup_cancel()) {\n\t\t\tsl_send_reply("481", "Nothing To Cancel");\n\t\t\texit;\n\t\t}\n'
                       '\t}\n\tt_relay();\n'))
    stray = sip.Message(sip.request("INVITE", s.callee.uri, s.caller.peer.via))
    assert s.caller.final(s.caller.cancel(stray)).status == 481
    req, got = s.invite()
    s.callee.answer(got, 180)
    s.caller.cancel(req)
    s.callee.cancelled(got)
    s.caller.refused(req)


def test_t_relay_cancel_relays_only_what_has_a_transaction(stateful):
    s = stateful(route('\tif (method=="CANCEL") {\n\t\tif (!t_relay_cancel()) {\n\t\t\tsl_send_reply("500", "Wrong");\n\t\t}\n'
                       '\t\txlog("L_NOTICE", "a stray one\\n");\n\t\tsl_send_reply("481", "Nothing To Cancel");\n\t\texit;\n\t}\n\tt_relay();\n'))
    req, got = s.invite()
    s.callee.answer(got, 180)
    assert s.caller.final(s.caller.cancel(req)).status == 200
    s.callee.cancelled(got)
    s.caller.refused(req)
    assert not s.r.count_log("a stray one"), "the script ends when it was relayed"
    stray = sip.Message(sip.request("INVITE", s.callee.uri, s.caller.peer.via))
    assert s.caller.final(s.caller.cancel(stray)).status == 481


def test_t_release_lets_a_transaction_go(stateful):
    s = stateful(route('\tif (t_newtran()) {\n\t\txlog("L_NOTICE", "it was made\\n");\n\t\tt_release();\n\t}\n'), wt_timer=500)
    req = s.caller.start(s.callee.uri, "MESSAGE")
    s.r.wait_log("it was made")
    until(lambda: s.caller.again(req) or s.r.count_log("it was made") >= 2, 10, "it is made again", every=0.05)
    assert s.caller.all_responses(req) == []


@pytest.mark.parametrize("quote", ['"', ""])
@pytest.mark.parametrize("transport", ["udp", "tcp"])
@pytest.mark.parametrize("function", ["t_relay_to_{t}", "t_forward_nonack_{t}"])
def test_the_target_may_stand_in_the_script(stateful, function, transport, quote):
    call = f'{function.replace("{t}", transport)}("127.0.0.1", {quote}{{a_port}}{quote});'
    s = stateful(route(f'\tif (method!="ACK") {{\n\t\tt_newtran();\n\t\t{call}\n\t}}\n'), callee=transport)
    req = s.caller.start("sip:someone@192.0.2.7")
    got = s.callee.take()
    assert got.uri == "sip:someone@192.0.2.7" and got.vias[0].startswith(f"SIP/2.0/{transport.upper()} ")
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486


@pytest.mark.parametrize("call", ['t_relay("127.0.0.1", "{a_port}")', 't_relay_to("udp:127.0.0.1:{a_port}")'])
def test_t_relay_with_a_target(stateful, call):
    s = stateful(route(f'\t{call};\n'), modules=[*MODULES])
    req = s.caller.start("sip:someone@192.0.2.7")
    got = s.callee.take()
    assert got.uri == "sip:someone@192.0.2.7"
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486


def test_t_relay_to_the_destination_uri(stateful):
    s = stateful(route('\t$du = "{a}";\n\tt_relay();\n'), modules=PV)
    req = s.caller.start("sip:someone@192.0.2.7")
    got = s.callee.take()
    assert got.uri == "sip:someone@192.0.2.7"
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486


# --- timers of one call --------------------------------------------------------------------------------------------------
def test_t_set_fr_shortens_the_timers_of_one_call(stateful):
    s = stateful(route('\tif ($rU=="short") {\n\t\tt_set_fr(0, 600);\n\t}\n\tt_relay();\n'), modules=PV)
    patient, got = s.invite()
    short = s.caller.start(s.callee.uri.replace("a@", "short@"))
    s.callee.take()
    begin = time.monotonic()
    assert s.caller.refused(short).status == 408
    assert time.monotonic() - begin < 3 * SCALE
    s.callee.refuse(got, 486)
    assert s.caller.refused(patient).status == 486


def test_t_set_fr_sets_the_time_of_ringing(stateful):
    s = stateful(route('\tt_set_fr(700, 20000);\n\tt_relay();\n'))
    req, got = s.invite()
    s.callee.answer(got, 180)
    s.callee.cancelled(got)
    assert s.caller.refused(req).status in (408, 487)


def test_t_set_retr_sets_the_times_of_one_call(stateful):
    s = stateful(route('\tt_set_retr(100, 400);\n\tt_relay();\n'), wires=True)
    req, got = s.call("MESSAGE")
    until(lambda: s.callee.wire.count("MESSAGE") >= 4, 3, "three retransmissions within a second")
    s.callee.answer(got, 200)
    assert s.caller.final(req).status == 200


def test_a_call_lives_no_longer_than_its_lifetime(stateful):
    s = stateful(route('\tt_set_max_lifetime(1000, 1000);\n\tt_relay();\n'))
    req, got = s.invite()
    begin = time.monotonic()
    while s.callee.silent(0.2) and time.monotonic() - begin < 6 * SCALE:
        s.callee.answer(got, 183)
    assert time.monotonic() - begin < 5 * SCALE
    s.callee.cancelled(got)
    assert s.caller.refused(req).status in (408, 487)


# --- reply routes --------------------------------------------------------------------------------------------------------
REPLIES = """
route {
	t_on_reply("ANSWERS");
	t_relay();
}
onreply_route[ANSWERS] {
%s}
"""


def test_a_reply_route_sees_each_response_and_may_change_it(stateful):
    s = stateful(REPLIES % '\tappend_hf("X-Status: $rs\\r\\n");\n\tremove_hf("Server");\n', modules=PV)
    req, got = s.invite()
    for status in (180, 200):
        s.callee.answer(got, status, headers=["Server: secret"])
        m = s.caller.status(req, status)
        assert m.all("X-Status") == [str(status)] and not m.all("Server")
    s.caller.ack(req, m)


def test_drop_in_a_reply_route_keeps_a_provisional_response(stateful):
    s = stateful(REPLIES % '\tif (status=="183") {\n\t\tdrop;\n\t}\n')
    req, got = s.invite()
    for status in (183, 180, 200):
        s.callee.answer(got, status)
        s.settle()
    seen = s.caller.all_responses(req)
    assert 183 not in [m.status for m in seen] and seen[-1].status == 200
    s.caller.ack(req, seen[-1])


def test_a_reply_route_sees_all_branches(stateful):
    s = stateful('route {\n\tt_on_reply("ANSWERS");\n\tappend_branch("{b}");\n\tt_relay();\n}\n'
                 'onreply_route[ANSWERS] {\n\txlog("L_NOTICE", "answer $rs $tt\\n");\n}', callees=2, modules=PV)
    req = s.caller.start(s.callee.uri)
    for callee, g in zip(s.callees, [c.take() for c in s.callees]):
        callee.refuse(g, 486)
    s.caller.refused(req)
    for name in "ab":
        s.r.wait_log(f"answer 486 {name}")


def test_a_reply_route_finds_values_of_the_request(stateful):
    s = stateful('route {\n\t$avp(who) = $fU;\n\tsetflag(4);\n\tt_on_reply("ANSWERS");\n\tt_relay();\n}\n'
                 'onreply_route[ANSWERS] {\n\tif (isflagset(4)) {\n\t\tappend_hf("X-Who: $avp(who)\\r\\n");\n\t}\n\t$avp(seen) = $rs;\n}', modules=PV)
    req, got = s.call("MESSAGE")
    s.callee.answer(got, 200)
    assert s.caller.final(req).all("X-Who") == ["caller"]


def test_a_branch_has_a_reply_route_of_its_own(stateful):
    s = stateful('route {\n\tt_on_branch("EACH");\n\tappend_branch("{b}");\n\tt_relay();\n}\n'
                 'branch_route[EACH] {\n\tif ($rU=="b") {\n\t\tt_on_reply("FOR_B");\n\t}\n}\n'
                 'onreply_route[FOR_B] {\n\tappend_hf("X-Only: b\\r\\n");\n}', callees=2, modules=PV)
    req = s.caller.start(s.callee.uri)
    a, b = [c.take() for c in s.callees]
    s.callees[0].answer(a, 180)
    s.callees[1].answer(b, 180)
    ringing = [s.caller.status(req, 180) for _ in range(2)]
    assert {sip.param(m.get("To"), "tag"): m.all("X-Only") for m in ringing} == {"a": [], "b": ["b"]}
    s.callees[0].refuse(a, 486)
    s.callees[1].refuse(b, 486)
    s.caller.refused(req)


# --- requests of peers that are older than RFC 3261 ---------------------------------------------------------------------
def old(s, method="INVITE", **fields):
    """A request whose branch has no magic cookie."""
    return s.caller.start(s.callee.uri, method, branch="1.old", **fields)


def test_a_branch_without_the_cookie_is_known_by_the_other_fields(stateful):
    s = stateful()
    req = old(s)
    got = s.callee.take()
    for _ in range(3):
        s.caller.again(req)
    s.nothing_for(s.callee)
    s.callee.answer(got, 180)
    s.caller.status(req, 180)
    # another call with the same branch is another
    other = old(s)
    second = s.callee.take()
    assert second.get("Call-ID") == other.get("Call-ID") and second.branch != got.branch
    s.callee.refuse(second, 404)
    assert s.caller.refused(other).status == 404
    # CANCEL and ACK belong to theirs
    cancel = s.caller.cancel(req)
    assert s.caller.final(cancel).status == 200
    s.callee.cancelled(got)
    assert s.caller.refused(req).status == 487
    s.nothing_for(s.callee)


def test_no_branch_at_all_is_no_hindrance(stateful):
    s = stateful()
    raw = sip.request("INVITE", s.callee.uri, s.caller.peer.via + ";branch=").replace(b";branch=\r\n", b"\r\n")
    req = s.caller.send(raw)
    got = s.callee.take()
    s.caller.again(req)
    s.nothing_for(s.callee)
    s.callee.refuse(got, 486)
    final = s.caller.final(req)
    s.caller.ack(req, final)
    s.nothing_for(s.callee)


def test_requests_without_a_cookie_of_other_methods(stateful):
    s = stateful()
    req = old(s, "MESSAGE")
    got = s.callee.take("MESSAGE")
    s.caller.again(req)
    s.nothing_for(s.callee)
    s.callee.answer(got, 200)
    final = s.caller.final(req)
    assert s.caller.repeat(req).raw == final.raw
