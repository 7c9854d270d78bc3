# SPDX-License-Identifier: BSD-2-Clause
"""Requests that the router makes itself: t_uac_send, what they look like, sent again, answered, acknowledged, and the routes that see them."""
import re

from harness import sip
from harness.calls import MODULES
from harness.wait import until

PV = [*MODULES, "pv"]
SEND = 't_uac_send("{method}", "sip:x@127.0.0.1:{{a_port}}", "{hop}", "", "{headers}", "{body}")'


def scene(stateful, method="MESSAGE", hop="", headers="From: <sip:me@here.example>\\r\\nX-A: 1\\r\\n", body="", more="", **how):
    """A router that makes a request whenever an OPTIONS comes, which is answered 200 when it could."""
    send = SEND.format(method=method, hop=hop, headers=headers, body=body)
    routes = "route {{\n\tif (%s) {{\n\t\tsl_send_reply(\"200\", \"Sent\");\n\t}} else {{\n\t\tsl_send_reply(\"500\", \"Not Sent\");\n\t}}\n}}\n" % send
    return stateful(routes.replace("{{", "{").replace("}}", "}") + more, modules=PV, **how)


def asked(s, status=200):
    """The router was told to make a request."""
    req = s.caller.start("sip:do@it", "OPTIONS")
    assert s.caller.final(req).status == status


def counter(s, name):
    return s.r.status().counter("tm", name)


def test_what_a_request_needs_is_made_up(stateful):
    s = scene(stateful)
    asked(s)
    m = s.callee.take("MESSAGE")
    assert m.first == f"MESSAGE sip:x@127.0.0.1:{s.callee.port} SIP/2.0"
    assert re.fullmatch(r"z9hG4bKu[0-9a-f]{16}\.[0-9a-f]{16}", m.branch)
    assert len(m.vias) == 1 and str(s.r.addr[1]) in m.vias[0]
    assert re.fullmatch(r"<sip:me@here.example>;tag=[0-9a-f]{16}", m.get("From"))
    assert m.get("To") == f"<sip:x@127.0.0.1:{s.callee.port}>" and m.get("X-A") == "1"
    assert m.get("CSeq") == "10 MESSAGE" and m.get("Max-Forwards") == "70" and m.get("Content-Length") == "0"
    assert len(m.get("Call-ID")) == 32
    s.callee.answer(m, 200)
    asked(s)
    other = s.callee.take("MESSAGE")
    assert other.get("Call-ID") != m.get("Call-ID") and other.branch != m.branch
    s.callee.answer(other, 404)
    assert counter(s, "local") == 2 and counter(s, "2xx") == 1 and counter(s, "4xx") == 1


def test_what_the_script_says_stays(stateful):
    s = scene(stateful, method="INFO", body="hello", headers="From: <sip:me@here>;tag=7\\r\\nTo: <sip:you@there>;tag=8\\r\\nCall-ID: c9\\r\\nCSeq: 5 INFO\\r\\n"
              "Max-Forwards: 9\\r\\nContent-Type: text/plain")
    asked(s)
    m = s.callee.take("INFO")
    assert [m.get(n) for n in ("From", "To", "Call-ID", "CSeq", "Max-Forwards", "Content-Length", "Content-Type")] == [
        "<sip:me@here>;tag=7", "<sip:you@there>;tag=8", "c9", "5 INFO", "9", "5", "text/plain"]
    assert m.body == b"hello"
    s.callee.answer(m, 200)


def test_it_is_sent_again_until_it_is_answered(stateful):
    s = scene(stateful, retr_timer1=50)
    asked(s)
    first = s.callee.take("MESSAGE")
    for _ in range(3):
        assert s.callee.recv().raw == first.raw
    s.callee.answer(first, 200)
    while not s.callee.silent(0.4):
        s.callee.recv()
    assert s.callee.silent(0.3)


def test_a_next_hop_is_where_it_goes(stateful):
    s = scene(stateful, hop="sip:127.0.0.1:{b_port};lr", callees=2)
    asked(s)
    m = s.callees[1].take("MESSAGE")
    assert m.uri.endswith(f":{s.callee.port}")
    s.callees[1].answer(m, 200)


def test_nobody_answers(stateful):
    s = scene(stateful, fr_timer=400, retr_timer1=100)
    asked(s)
    s.callee.take("MESSAGE")
    until(lambda: counter(s, "timeouts") == 1 and counter(s, "ended") == 1, 5, "the end of the transaction")


def test_what_cannot_be_a_request_is_refused(stateful):
    s = scene(stateful, headers="X-A: 1\\r\\n")
    asked(s, 500)
    s.r.wait_log("there is no From")
    s = scene(stateful, body="hello")
    asked(s, 500)
    s.r.wait_log("a body needs a Content-Type")
    s = scene(stateful, method="ACK")
    asked(s, 500)
    s.r.wait_log("ACK and CANCEL belong to an INVITE")


def test_event_routes_see_it_and_its_answer(stateful):
    s = scene(stateful, more="""
event_route[tm:local-request] {
	append_hf("X-Event: $rm\r\n");
	$du = "sip:127.0.0.1:{b_port}";
}
event_route[tm:local-response] {
	xlog("L_NOTICE", "answered $rs\\n");
}
""", callees=2)
    asked(s)
    m = s.callees[1].take("MESSAGE")
    assert m.get("X-Event") == "MESSAGE"
    s.callees[1].answer(m, 202)
    s.r.wait_log("answered 202")


def test_drop_in_the_event_route_keeps_it_in(stateful):
    s = scene(stateful, more="event_route[tm:local-request] { drop; }\n")
    asked(s, 500)
    s.nothing_for(s.callee)
    assert counter(s, "local") == 0


def test_an_invite_is_acknowledged_by_the_routes_of_its_answer(stateful):
    s = scene(stateful, method="INVITE", headers="From: <sip:me@here>\\r\\nContact: <sip:me@127.0.0.1:9>\\r\\n", callees=2)
    asked(s)
    got = s.callee.take("INVITE")
    route = f"<sip:127.0.0.1:{s.callees[1].port};lr>"
    for _ in range(2):
        final = s.callee.answer(got, 200, headers=["Record-Route: <sip:127.0.0.3:9;lr>", f"Record-Route: {route}"], tag="t1")
        ack = s.callees[1].recv()
        assert ack.method == "ACK" and ack.uri == s.callee.uri
        assert ack.all("Route") == [route, "<sip:127.0.0.3:9;lr>"]
        assert ack.get("To") == final.get("To") and ack.get("From") == got.get("From") and ack.get("Call-ID") == got.get("Call-ID")
        assert ack.get("CSeq") == got.get("CSeq").split()[0] + " ACK" and ack.branch != got.branch
    assert counter(s, "2xx") == 1


def test_a_refused_invite_is_acknowledged_hop_by_hop(stateful):
    s = scene(stateful, method="INVITE")
    asked(s)
    got = s.callee.take("INVITE")
    assert s.callee.refuse(got, 486).branch == got.branch
    assert sip.param(got.vias[0], "branch") == got.branch


def test_a_forged_answer_is_dropped(stateful):
    s = scene(stateful)
    asked(s)
    m = s.callee.take("MESSAGE")
    branch = m.branch[:-1] + ("0" if m.branch[-1] != "0" else "1")
    s.callee.peer.send(sip.response(m, 200, "OK", to_tag="x").replace(m.branch.encode(), branch.encode()), m.src)
    s.callee.answer(m, 403)
    until(lambda: counter(s, "4xx") == 1, 5, "the true answer")
    assert counter(s, "2xx") == 0 and s.r.status().counter("core", "drop_via_forged") == 1
