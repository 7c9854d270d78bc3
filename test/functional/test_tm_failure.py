# SPDX-License-Identifier: BSD-2-Clause
"""Failure routes: serial forking, what a route sees of the request and of the answers, what it may do."""
import time

import pytest

from harness import sip
from harness.calls import MODULES

PV = [*MODULES, "pv"]


def failing(stateful, body, main="", before="", **how):
    """A router whose failure route runs body; the first callee is asked by the main route."""
    how.setdefault("callees", 2)
    how.setdefault("modules", PV)
    return stateful(f'route {{\n{before}\tif (method=="INVITE") {{\n\t\tt_on_failure("NEXT");\n{main}\t}}\n\tt_relay();\n}}\n'
                    f'failure_route[NEXT] {{\n{body}}}', **how)


TO_B = '\tappend_branch("{b}");\n\tt_relay();\n'


def test_a_failure_route_tries_another_target(stateful):
    s = failing(stateful, TO_B)
    req, got = s.invite()
    s.callee.refuse(got, 486)
    b = s.callees[1]
    second = b.take()
    assert second.uri == b.uri and second.get("Call-ID") == req.get("Call-ID") and second.branch != got.branch
    assert second.get("From") == req.get("From") and second.get("CSeq") == req.get("CSeq") and second.body == req.body
    b.answer(second, 200)
    final = s.caller.final(req)
    assert final.status == 200, "the caller knows nothing of the first"
    s.caller.ack(req, final)
    b.take("ACK")


def test_without_append_branch_the_new_request_uri_is_the_target(stateful):
    s = failing(stateful, '\t$ru = "{b}";\n\tt_relay();\n')
    req, got = s.invite()
    s.callee.refuse(got, 486)
    second = s.callees[1].take()
    assert second.uri == s.callees[1].uri
    s.callees[1].answer(second, 200)
    assert s.caller.final(req).status == 200


@pytest.mark.parametrize("first, second, best", [(486, 404, (404, 486)), (503, 486, (486,)), (486, 603, (603,)), (503, 503, (500,))])
def test_when_both_refuse_the_best_answer_goes_up(stateful, first, second, best):
    s = failing(stateful, TO_B)
    req, got = s.invite()
    s.callee.refuse(got, first)
    s.callees[1].refuse(s.callees[1].take(), second)
    assert s.caller.refused(req).status in best


def test_a_failure_route_that_does_nothing_lets_the_answer_go_up(stateful):
    s = failing(stateful, '\tif (t_check_status("486")) {\n\t\txlog("L_NOTICE", "it failed with 486\\n");\n\t}\n')
    req, got = s.invite()
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == 486
    s.r.wait_log("it failed with 486")


def test_it_does_not_run_for_a_call_that_was_answered(stateful):
    s = failing(stateful, '\txlog("L_NOTICE", "it has failed\\n");\n')
    req, got = s.invite()
    s.callee.answer(got, 200)
    final = s.caller.final(req)
    s.caller.ack(req, final)
    s.callee.take("ACK")
    s.probe()
    assert not s.r.count_log("it has failed")


def test_it_runs_once_for_each_time_it_was_set(stateful):
    s = failing(stateful, TO_B)
    req, got = s.invite()
    s.callee.refuse(got, 486)
    s.callees[1].refuse(s.callees[1].take(), 486)
    assert s.caller.refused(req).status == 486
    s.nothing_for(*s.callees)


def test_a_chain_of_failure_routes_goes_from_target_to_target(stateful):
    s = stateful('route {\n\tt_on_failure("ONE");\n\tt_relay();\n}\n'
                 'failure_route[ONE] {\n\tt_on_failure("TWO");\n\tappend_branch("{b}");\n\tt_relay();\n}\n'
                 'failure_route[TWO] {\n\tt_on_failure("THREE");\n\tappend_branch("{c}");\n\tt_relay();\n}\n'
                 'failure_route[THREE] {\n\tt_reply("480", "All Have Failed");\n}\n', callees=3)
    req = s.caller.start(s.callee.uri)
    for callee in s.callees:
        callee.refuse(callee.take(), 486)
    final = s.caller.refused(req)
    assert final.status == 480 and final.first.endswith("All Have Failed")


def test_a_failure_route_may_fork(stateful):
    s = failing(stateful, '\tappend_branch("{b}");\n\tappend_branch("{c}");\n\tt_relay();\n', callees=3)
    req, got = s.invite()
    s.callee.refuse(got, 503)
    second, third = s.callees[1].take(), s.callees[2].take()
    s.callees[1].answer(second, 180)
    s.callees[2].answer(third, 200)
    final = s.caller.final(req)
    assert final.status == 200
    s.callees[1].cancelled(second)
    s.caller.ack(req, final)


def test_it_runs_when_all_branches_have_failed(stateful):
    s = failing(stateful, '\txlog("L_NOTICE", "all failed\\n");\n\tappend_branch("{c}");\n\tt_relay();\n', main='\t\tappend_branch("{b}");\n', callees=3)
    req = s.caller.start(s.callee.uri)
    a, b = s.callees[0].take(), s.callees[1].take()
    s.callees[0].refuse(a, 486)
    s.nothing_for(s.callees[2])
    assert not s.r.count_log("all failed")
    s.callees[1].refuse(b, 404)
    s.callees[2].refuse(s.callees[2].take(), 480)
    assert s.caller.refused(req).status in (404, 480, 486)


@pytest.mark.parametrize("how", ["refused", "tcp refused", "silent"])
def test_it_runs_for_a_target_that_does_not_answer(stateful, how):
    s = failing(stateful, '\tif (t_branch_timeout()) {\n\t\txlog("L_NOTICE", "timed out\\n");\n\t}\n' + TO_B,
                callee="tcp" if how == "tcp refused" else "udp", fr_timer=600)
    if how != "silent":
        (s.callee.server or s.callee.peer).close()
    req = s.caller.start(s.callee.uri)
    s.callees[1].answer(s.callees[1].take(), 200)
    final = s.caller.final(req)
    assert final.status == 200
    if how == "silent":
        s.r.wait_log("timed out")
    else:
        assert not s.r.count_log("timed out")
    s.caller.ack(req, final)


GATEWAYS = """
route {
	if (method!="INVITE") {
		t_relay();
		exit;
	}
	t_on_failure("SECOND");
	t_relay();
}
failure_route[SECOND] {
	t_on_failure("THIRD");
	append_branch("{b}");
	t_relay();
}
failure_route[THIRD] {
	append_branch("{c}");
	t_relay();
}
"""


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_three_gateways_one_refuses_one_is_silent(stateful, transport):
    """Post-dial delay: the gateway that refuses costs less than 50 ms, the silent one its fr_timer, the third answers."""
    fr = 0.8
    s = stateful(GATEWAYS, callees=3, callee=transport, fr_timer=int(fr * 1000))
    refusing, silent, good = s.callees
    (refusing.server or refusing.peer).close()
    measured = []
    # a machine that does much beside may hold up one call, not each
    while len(measured) < 5:
        begin = time.monotonic()
        req = s.caller.start(refusing.uri)
        silent.take()
        refused = time.monotonic() - begin
        got = good.take()
        both = time.monotonic() - begin
        good.answer(got, 200)
        final = s.caller.final(req)
        assert final.status == 200
        s.caller.ack(req, final)
        good.take("ACK")
        assert both > fr * 0.9, f"the silent one was given up after {both:.2f} s"
        measured.append((refused, both - refused))
        if refused < 0.05 and both - refused < fr * 1.3:
            return
    raise AssertionError(f"seconds that the gateway that refuses and the silent one cost, five times: {measured}")


# --- what a failure route knows ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("pattern, hit", [("486", True), ("4[0-9][0-9]", True), ("408|486", True), ("404", False), ("5..", False)])
def test_it_may_ask_for_the_status(stateful, pattern, hit):
    s = failing(stateful, f'\tif (t_check_status("{pattern}")) {{\n\t\tt_reply("480", "Hit");\n\t}} else {{\n\t\tt_reply("403", "Missed");\n\t}}\n', callees=1)
    req, got = s.invite()
    s.callee.refuse(got, 486)
    assert s.caller.refused(req).status == (480 if hit else 403)


QUESTIONS = ["t_branch_timeout", "t_branch_replied", "t_any_timeout", "t_any_replied", "t_is_canceled", "t_is_expired"]


@pytest.mark.parametrize("silent", [False, True])
def test_what_it_may_ask(stateful, silent):
    """The answer for which the route runs does not count as one that came before it."""
    body = '\t$var(f) = "";\n' + "".join(f'\tif ({q}()) {{\n\t\t$var(f) = $var(f) + " {q}";\n\t}}\n' for q in QUESTIONS)
    s = failing(stateful, body + '\txlog("L_NOTICE", "facts:$var(f).\\n");\n', fr_timer=600, callees=1)
    req, got = s.invite()
    if not silent:
        s.callee.answer(got, 180)
        s.caller.status(req, 180)
        s.callee.refuse(got, 486)
    s.caller.refused(req)
    facts = s.r.wait_log(r"facts:(.*)\.")[1].split()
    assert set(facts) == ({"t_branch_timeout", "t_any_timeout"} if silent else {"t_branch_replied", "t_any_replied"})


@pytest.mark.parametrize("code, hit", [("404", True), ("486", False), ("200", False)])
def test_it_may_look_for_a_status_among_all_branches(stateful, code, hit):
    body = f'\tif (t_grep_status("{code}")) {{\n\t\tt_reply("480", "Hit");\n\t}}\n'
    s = failing(stateful, body, main='\t\tappend_branch("{b}");\n')
    req = s.caller.start(s.callee.uri)
    a, b = [c.take() for c in s.callees]
    s.callees[0].refuse(a, 404)
    s.callees[1].refuse(b, 500)
    assert s.caller.refused(req).status == (480 if hit else 404)


def test_one_timed_out_one_replied(stateful):
    body = '\tif (t_any_timeout() && t_any_replied()) {\n\t\tt_reply("480", "Both");\n\t}\n'
    s = failing(stateful, body, main='\t\tappend_branch("{b}");\n', fr_timer=600)
    req = s.caller.start(s.callee.uri)
    s.callee.refuse(s.callee.take(), 486)
    assert s.caller.refused(req).status == 480


def test_a_cancelled_call_goes_nowhere_else(stateful):
    s = failing(stateful, '\tif (t_is_canceled()) {\n\t\txlog("L_NOTICE", "it was cancelled\\n");\n\t}\n' + TO_B)
    req, got = s.invite()
    s.callee.answer(got, 180)
    s.caller.status(req, 180)
    s.caller.cancel(req)
    s.callee.cancelled(got)
    assert s.caller.refused(req).status == 487
    s.nothing_for(s.callees[1])


# --- what it finds of the request ---------------------------------------------------------------------------------------
def test_changes_of_the_main_route_are_in_every_branch(stateful):
    s = failing(stateful, TO_B, main='\t\tappend_hf("X-Main: yes\\r\\n");\n\t\tremove_hf("Subject");\n')
    req = s.caller.start(s.callee.uri, headers=["Subject: gone"])
    got = s.callee.take()
    s.callee.refuse(got, 486)
    second = s.callees[1].take()
    for m in (got, second):
        assert m.all("X-Main") == ["yes"] and not m.all("Subject")
    s.callees[1].refuse(second, 486)
    s.caller.refused(req)


def test_changes_of_the_failure_route_are_in_its_branch(stateful):
    s = failing(stateful, '\tappend_hf("X-Second: yes\\r\\n");\n' + TO_B)
    req, got = s.invite()
    s.callee.refuse(got, 486)
    second = s.callees[1].take()
    assert not got.all("X-Second") and second.all("X-Second") == ["yes"]
    s.callees[1].refuse(second, 486)
    s.caller.refused(req)


def test_changes_of_a_branch_route_are_in_that_branch_only(stateful):
    s = stateful('route {\n\tt_on_branch("EACH");\n\tappend_branch("{b}");\n\tt_relay();\n}\n'
                 'branch_route[EACH] {\n\tif (@ruri.user=="b") {\n\t\tappend_hf("X-To: b\\r\\n");\n\t}\n\tappend_hf("X-User: $rU\\r\\n");\n}', callees=2, modules=PV)
    req = s.caller.start(s.callee.uri)
    a, b = [c.take() for c in s.callees]
    assert (a.all("X-To"), a.all("X-User")) == ([], ["a"]) and (b.all("X-To"), b.all("X-User")) == (["b"], ["b"])
    for callee, got in zip(s.callees, (a, b)):
        callee.refuse(got, 486)
    s.caller.refused(req)


def test_drop_in_a_branch_route_leaves_that_branch_out(stateful):
    s = stateful('route {\n\tt_on_branch("EACH");\n\tappend_branch("{b}");\n\tt_relay();\n}\nbranch_route[EACH] {\n\tif ($rU=="a") {\n\t\tdrop;\n\t}\n}',
                 callees=2, modules=PV)
    req = s.caller.start(s.callee.uri)
    b = s.callees[1].take()
    s.nothing_for(s.callee)
    s.callees[1].refuse(b, 486)
    assert s.caller.refused(req).status == 486


def test_values_and_flags_of_the_main_route_are_there(stateful):
    s = failing(stateful, '\tif (isflagset(5) && !isflagset(6) && $avp(target)=="there" && $fU=="caller") {\n' + TO_B.replace("\t", "\t\t") + '\t}\n',
                main='\t\tsetflag(5);\n\t\t$avp(target) = "there";\n')
    req, got = s.invite()
    s.callee.refuse(got, 486)
    s.callees[1].answer(s.callees[1].take(), 200)
    assert s.caller.final(req).status == 200


def test_the_failure_route_sees_the_request_as_it_came(stateful):
    s = failing(stateful, '\txlog("L_NOTICE", "it was $rm $ou from $fU, $ru now\\n");\n', main='\t\trewriteuser("changed");\n', callees=1)
    req = s.caller.start(s.callee.uri.replace("a@", "dialled@"))
    got = s.callee.take()
    assert got.uri.startswith("sip:changed@")
    s.callee.refuse(got, 486)
    s.caller.refused(req)
    assert s.r.wait_log(r"it was INVITE sip:(\w+)@\S+ from caller")[1] == "dialled"


# --- what else it may do ------------------------------------------------------------------------------------------------
def test_t_reply_in_a_failure_route_replaces_the_answer(stateful):
    s = failing(stateful, '\tt_reply("480", "Out Of Order");\n', callees=1)
    req, got = s.invite()
    s.callee.refuse(got, 503)
    final = s.caller.refused(req)
    assert final.status == 480 and final.first.endswith("Out Of Order")
    assert len(s.caller.all_responses(req)) == 0


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_drop_replies_forgets_what_came_before(stateful, transport):
    s = failing(stateful, '\tt_drop_replies();\n' + TO_B, callee=transport)
    req, got = s.invite()
    s.callee.refuse(got, 404)
    s.callees[1].refuse(s.callees[1].take(), 500)
    assert s.caller.refused(req).status == 500


def test_challenges_of_a_branch_that_was_tried_before_are_kept(stateful):
    s = failing(stateful, TO_B)
    req, got = s.invite()
    s.callee.refuse(got, 407, headers=['Proxy-Authenticate: Digest realm="a", nonce="1"'])
    s.callees[1].refuse(s.callees[1].take(), 407, headers=['Proxy-Authenticate: Digest realm="b", nonce="2"'])
    final = s.caller.refused(req)
    assert final.status == 407
    assert sorted(sip.param(";" + v.partition(" ")[2], "realm") for v in final.all("Proxy-Authenticate")) == ['"a"', '"b"']


def test_a_failure_route_for_other_methods(stateful):
    s = stateful('route {\n\tt_on_failure("NEXT");\n\tt_relay();\n}\nfailure_route[NEXT] {\n' + TO_B + '}', callees=2)
    req, got = s.call("MESSAGE", body="hello")
    s.callee.answer(got, 480)
    second = s.callees[1].take("MESSAGE")
    assert second.body == b"hello"
    s.callees[1].answer(second, 200)
    assert s.caller.final(req).status == 200


def test_an_invite_repeated_while_the_second_target_rings(stateful):
    s = failing(stateful, TO_B)
    req, got = s.invite()
    s.callee.refuse(got, 486)
    second = s.callees[1].take()
    s.callees[1].answer(second, 180)
    s.caller.status(req, 180)
    assert s.caller.repeat(req).status == 180
    s.nothing_for(*s.callees)
    cancel = s.caller.cancel(req)
    assert s.caller.final(cancel).status == 200
    s.callees[1].cancelled(second)
    assert s.caller.refused(req).status == 487
    s.nothing_for(s.callee)


# --- the failure of one branch -------------------------------------------------------------------------------------------------------------
INSTEAD = """
route {
	if (method=="INVITE") {
		t_on_branch_failure("INSTEAD");
		append_branch("{b}");
	}
	t_relay();
}
event_route[tm:branch-failure:INSTEAD] {
	xlog("L_NOTICE", "$ru failed with $T_reply_code\\n");
	append_branch("{c}");
	if (!t_relay()) {
		xlog("L_NOTICE", "no other\\n");
	}
}
"""


@pytest.mark.parametrize("children", [1, 4])
def test_a_branch_that_fails_is_replaced_while_another_rings(stateful, children):
    s = stateful(INSTEAD, callees=3, children=children)
    req, first = s.invite()
    second = s.callees[1].take()
    s.callee.answer(first, 180)
    s.callees[1].refuse(second, 503)
    third = s.callees[2].take()
    s.r.wait_log(rf"{s.callees[1].uri} failed with 503")
    s.callees[2].refuse(third, 486)
    s.nothing_for(s.callee, s.callees[2])
    s.callee.refuse(first, 404)
    s.callees[2].refuse(s.callees[2].take(), 488)
    assert s.caller.refused(req).status in (404, 486, 488)
    s.nothing_for(*s.callees)
    assert s.r.count_log("failed with") == 2, "branches that were added have no route of their own"


def test_all_branches_fail_at_a_time(stateful):
    s = stateful(INSTEAD, callees=3, fr_timer=600)
    req, _ = s.invite()
    s.callees[1].take()
    for _ in range(2):
        s.callees[2].refuse(s.callees[2].take(), 486)
    assert s.caller.refused(req).status in (408, 486)
    assert s.r.count_log("failed with 408") == 2
