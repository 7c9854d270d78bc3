# SPDX-License-Identifier: BSD-2-Clause
"""What acc writes of transactions that a running router has, in whichever worker they are; redirections that are followed."""
import json
import re

import pytest

from harness import sip
from harness.reload import Reloader
from harness.wait import until

MODULES = ("sl", "tm", "textops", "acc", "uac_redirect")
PARAMS = """
modparam("acc", "log_flag", 1)
modparam("acc", "log_missed_flag", 2)
modparam("acc", "failed_transaction_flag", 3)
modparam("acc", "report_ack", 1)
modparam("acc", "report_cancels", 1)
modparam("acc", "early_media", 1)
modparam("acc", "log_extra", "ru=$ru;x=$avp(x);ua=$hdr(User-Agent)")
"""
ROUTES = """
route {
	if ($hdr(X-Silent) == $null) {
		setflag(1);
		setflag(2);
		setflag(3);
	}
	$avp(x) = $hdr(X);
	if (method == "CANCEL" || method == "ACK") {
		t_relay();
		exit;
	}
	if (method == "MESSAGE") {
		t_newtran();
		t_reply("403", "No Messages");
		exit;
	}
	if ($hdr(X-Plain) == $null) {
		t_on_failure("NEXT");
	}
	$ru = "sip:first@127.0.0.1:{first}";
	t_relay();
}
failure_route[NEXT] {
	$avp(x) = "next";
	if (get_redirects("*")) {
		t_relay();
	} else if ({second} > 0) {
		$ru = "sip:second@127.0.0.1:{second}";
		t_relay();
	}
}
"""
LINE = r"ACC: {event}: timestamp=\d+;method={method};from_tag=[^;]*;to_tag={to_tag};call_id={call_id};code={code};reason={reason};"


@pytest.fixture
def accounting(router, peers):
    """A router with a caller, and callees whose names are given."""
    def make(second=True, **named):
        caller, first, other = peers.udp(), peers.udp(), peers.udp()
        names = {"first": str(first.port), "second": str(other.port if second else 0)}
        params = named.pop("params", "")
        routes = PARAMS + params + ROUTES
        for k, v in names.items():
            routes = routes.replace("{" + k + "}", v)
        r = router(routes, modules=MODULES, **named)
        caller.default = r.addr
        return r, caller, first, other
    return make


def wait(r, req, event, code, reason=".*?", to_tag="[^;]*", rest=""):
    return r.wait_log(LINE.format(event=event, method=req.get("CSeq").split()[1], to_tag=to_tag, call_id=re.escape(req.get("Call-ID")),
                                  code=code, reason=reason) + rest)


def count(r, req):
    return r.count_log("ACC: .*;call_id=" + re.escape(req.get("Call-ID")))


def invite_of(peer):
    return peer.expect(lambda m: m.method == "INVITE", what="the INVITE")


def test_an_answered_call_is_written_once(accounting):
    r, caller, first, _ = accounting()
    req = caller.request("INVITE", headers=["X: a", "User-Agent: one;two"])
    got = invite_of(first)
    first.send(sip.response(got, 180, "Ringing"), r.addr)
    first.send(sip.response(got, 200, "OK", to_tag="c1"), r.addr)
    first.send(sip.response(got, 200, "OK", to_tag="c1"), r.addr)
    assert caller.final(req).status == 200
    wait(r, req, "transaction answered", 200, "OK", "c1",
         rf"ru=sip:first@127\.0\.0\.1:{first.port};x=a;ua=one\\x3btwo;src=udp:127\.0\.0\.1:{caller.port};dst=udp:127\.0\.0\.1:{first.port};setup_ms=\d+$")
    # the ACK, and what is not marked
    caller.send(sip.request("ACK", uri=f"sip:127.0.0.1:{first.port}", via=caller.via, call_id=req.get("Call-ID"), to_tag="c1"))
    wait(r, sip.Message(sip.request("ACK", call_id=req.get("Call-ID"))), "request acknowledged", 200, "OK", "c1")
    silent = caller.request("INVITE", headers=["X-Silent: yes"])
    first.send(sip.response(invite_of(first), 200), r.addr)
    caller.final(silent)
    probe = caller.request("MESSAGE")
    assert caller.final(probe).status == 403
    wait(r, probe, "transaction answered", 403, "No Messages", rest=r".*;dst=$")
    assert count(r, silent) == 0
    # the callee said 200 twice: that and the ACK
    assert count(r, req) == 2


def test_attributes_are_kept_for_the_line_alone(accounting):
    """Without any route that would run on the request again."""
    r, caller, first, _ = accounting()
    req = caller.request("INVITE", headers=["X: kept", "X-Plain: yes"])
    first.send(sip.response(invite_of(first), 486, "Busy Here"), r.addr)
    assert caller.final(req).status == 486
    wait(r, req, "call missed", 486, rest=".*;x=kept;")
    wait(r, req, "transaction answered", 486, rest=".*;x=kept;")


def test_early_media_is_written(accounting):
    r, caller, first, _ = accounting()
    req = caller.request("INVITE")
    got = invite_of(first)
    first.send(sip.response(got, 183, "Session Progress", body=b"v=0\r\n", headers=["Content-Type: application/sdp"]), r.addr)
    wait(r, req, "transaction answered", 183, "Session Progress")
    first.send(sip.response(got, 200), r.addr)
    assert caller.final(req).status == 200
    wait(r, req, "transaction answered", 200)


def test_the_first_failure_is_the_missed_call(accounting):
    r, caller, first, second = accounting()
    req = caller.request("INVITE", headers=["X: a"])
    first.send(sip.response(invite_of(first), 486, "Busy Here"), r.addr)
    got = invite_of(second)
    wait(r, req, "call missed", 486, "Busy Here", rest=rf"ru=sip:first@[^;]*;x=a;.*dst=udp:127\.0\.0\.1:{first.port};")
    second.send(sip.response(got, 404, "Nobody"), r.addr)
    assert caller.final(req).status == 404
    wait(r, req, "transaction answered", 404, "Nobody", rest=rf"ru=sip:second@[^;]*;x=next;.*dst=udp:127\.0\.0\.1:{second.port};")
    assert r.count_log("ACC: call missed") == 1


def test_silence_is_a_missed_call(accounting):
    r, caller, first, _ = accounting(second=False, params='modparam("tm", "fr_timer", 600)\n')
    req = caller.request("INVITE")
    invite_of(first)
    assert caller.final(req).status == 408
    wait(r, req, "call missed", 408, "Request Timeout", rest=rf".*;dst=udp:127\.0\.0\.1:{first.port};setup_ms=\d{{3,}}")
    wait(r, req, "transaction answered", 408, "Request Timeout")


def test_a_cancelled_call_is_written_and_its_cancel(accounting):
    r, caller, first, _ = accounting(second=False)
    req = caller.request("INVITE")
    got = invite_of(first)
    first.send(sip.response(got, 180, "Ringing"), r.addr)
    caller.expect(lambda m: m.is_response and m.status == 180)
    caller.send(sip.request("CANCEL", via=req.vias[0], call_id=req.get("Call-ID"), from_tag=sip.param(req.get("From"), "tag")))
    cancel = first.expect(lambda m: m.method == "CANCEL")
    first.send(sip.response(cancel, 200), r.addr)
    first.send(sip.response(got, 487, "Request Terminated"), r.addr)
    assert caller.final(req).status == 487
    wait(r, req, "transaction answered", 487, "Request Terminated")
    wait(r, cancel, "transaction answered", 200, "OK")


def test_records_in_json(accounting):
    r, caller, first, _ = accounting(params='modparam("acc", "log_json", 1)\n')
    req = caller.request("INVITE", headers=['X: "quoted" \\ and; more'])
    first.send(sip.response(invite_of(first), 200, "OK", to_tag="c1"), r.addr)
    assert caller.final(req).status == 200
    record = json.loads(r.wait_log(r"^notice acc ({.*})$").group(1))
    assert list(record)[:8] == ["event", "timestamp", "method", "from_tag", "to_tag", "call_id", "code", "reason"]
    assert record["event"] == "answered" and record["code"] == 200 and record["to_tag"] == "c1" and record["x"] == '"quoted" \\ and; more'
    assert record["src"] == f"udp:127.0.0.1:{caller.port}" and record["setup_ms"] >= 0 and record["ua"] == ""


def test_many_calls_are_all_written_by_two_workers(accounting):
    r, caller, first, _ = accounting(children=2)
    calls = [caller.request("INVITE", headers=[f"X: {i}"]) for i in range(100)]
    for _ in calls:
        first.send(sip.response(invite_of(first), 200), r.addr)
    until(lambda: r.count_log("ACC: transaction answered") >= len(calls), 10, "a line for each call")
    assert all(count(r, req) == 1 for req in calls)


def test_a_redirection_is_followed_and_does_not_go_round(accounting, peers):
    r, caller, first, _ = accounting(second=False)
    better, worse = peers.udp(), peers.udp()
    req = caller.request("INVITE")
    got = invite_of(first)
    first.send(sip.response(got, 302, "Moved", headers=[
        f"Contact: <sip:w@127.0.0.1:{worse.port}>;q=0.2, <sip:b@127.0.0.1:{better.port};method=BYE?X-Evil=1>;q=0.7",
        f"Contact: <sip:first@127.0.0.1:{first.port}>;q=1, <mailto:b@example.com>"]), r.addr)
    forked = invite_of(better)
    assert forked.uri == f"sip:b@127.0.0.1:{better.port}" and forked.get("X-Evil") is None
    at_worse = invite_of(worse)
    better.send(sip.response(forked, 404, "Nobody"), r.addr)
    worse.send(sip.response(at_worse, 200, "OK", to_tag="w"), r.addr)
    answer = caller.final(req)
    assert answer.status == 200 and "tag=w" in answer.get("To")
    wait(r, req, "transaction answered", 200, "OK", "w", rf"ru=sip:w@127\.0\.0\.1:{worse.port};")
    first.expect(lambda m: m.method == "ACK")
    assert first.silent()


def test_a_reload_changes_fields_and_filters(accounting, peers):
    r, caller, first, _ = accounting(second=False, params='modparam("uac_redirect", "deny_filter", "denied")\n')
    other = peers.udp()
    s = Reloader(r)
    held = caller.request("INVITE", headers=["X: held"])
    at_first = invite_of(first)
    for denied, allowed, field in (("denied", "allowed", "x"), ("allowed", "denied", "renamed")):
        if field == "renamed":
            s.change("x=$avp(x)", "renamed=$avp(x)").change('"denied"', '"allowed"').reload()
        req = caller.request("INVITE", headers=["X: a"])
        first.send(sip.response(invite_of(first), 302, "Moved", headers=[
            f"Contact: <sip:{denied}@127.0.0.1:{other.port}>, <sip:{allowed}@127.0.0.1:{other.port}>"]), r.addr)
        got = invite_of(other)
        assert got.uri.startswith(f"sip:{allowed}@")
        other.send(sip.response(got, 200), r.addr)
        assert caller.final(req).status == 200
        wait(r, req, "transaction answered", 200, rest=f".*;{field}=next;")
    # a call that was there before is written as is asked for now
    first.send(sip.response(at_first, 200), r.addr)
    caller.final(held)
    wait(r, held, "transaction answered", 200, rest=".*;renamed=held;")
