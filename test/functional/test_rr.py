# SPDX-License-Identifier: BSD-2-Clause
"""Dialogs whose requests come back by Record-Route: whole calls, both directions, forged dialogs, flows."""
import re

import pytest

from harness import sip
from harness.wait import until

MODULES = ("sl", "rr", "siputils", "textops", "xlog")

# nothing in a dialog passes without its Route, and without the proof in it
ROUTES = """
route {
	if (has_totag()) {
		$var(way) = loose_route();
		if ($var(way) < 0 || !is_dialog_ours()) {
			sl_send_reply("481", "No Such Dialog");
			exit;
		}
		append_hf("X-Way: $var(way) $rdir(name)\\r\\n");
		forward();
		exit;
	}
	if (loose_route() == -4) {
		append_hf("X-Way: refused\\r\\n");
	}
	record_route(";nat=yes");
	$du = "{target}";
	if (!forward()) {
		sl_reply_error();
	}
}
"""


@pytest.mark.parametrize("callee", ["udp", "tcp"])
@pytest.mark.parametrize("caller", ["udp", "tcp"])
def test_a_call_by_its_routes_from(router, sipp, caller, callee):
    uas = sipp("uas_rr", transport=callee, args=["-key", "contact", "0"])
    uas.close()
    way = f"127.0.0.1:{uas.port};transport={callee}"
    sipp("uas_rr", transport=callee, port=uas.port, args=["-key", "contact", way])
    r = router(ROUTES, modules=MODULES, target=f"sip:{way}")
    sipp("uac_rr", transport=caller, remote=r.addr, calls=30, rate=100, args=["-d", "50"]).must_succeed()
    # INVITE, ACK and BYE of each call, and nothing went around us
    assert r.status().counter("core", "forwarded") >= 90


class Call:
    """An INVITE that was answered, and the route sets of both sides."""

    def __init__(self, caller, callee, **fields):
        self.tag = sip.unique()
        self.invite = caller.request("INVITE", from_tag=self.tag, **fields)
        self.got = callee.recv()
        self.recorded = [v for line in self.got.all("Record-Route") for v in sip.split_values(line)]

    def request(self, peer, side, uri, method="BYE", **fields):
        """A request within the dialog, by the route set of "caller" or "callee"."""
        mine, other = (self.tag, "callee") if side == "caller" else ("callee", self.tag)
        route = ", ".join(reversed(self.recorded) if side == "caller" else self.recorded)
        fields = dict({"headers": [f"Route: {route}"], "call_id": self.invite.get("Call-ID")}, **fields)
        return peer.request(method, uri=uri, from_tag=mine, to_tag=other, cseq=2, **fields)


@pytest.fixture
def call(router, peers):
    """call(kind of the caller) → (router, caller, callee, Call); the callee is a UDP peer."""
    def make(kind="udp", **fields):
        callee = peers.udp()
        r = router(ROUTES, modules=MODULES, target=f"sip:127.0.0.1:{callee.port}")
        caller = peers.udp() if kind == "udp" else peers.tcp(r.addr)
        caller.default = callee.default = r.addr
        return r, caller, callee, Call(caller, callee, **fields)
    return make


def test_requests_of_both_sides_go_by_one_record(call):
    r, caller, callee, c = call()
    assert len(c.recorded) == 1
    assert re.fullmatch(rf"<sip:127\.0\.0\.1:{r.addr[1]};lr;ftag={c.tag};mac=[0-9a-f]{{16}};nat=yes>", c.recorded[0])
    c.request(caller, "caller", f"sip:127.0.0.1:{callee.port}")
    got = callee.recv()
    assert (got.method, got.get("Route"), got.get("X-Way")) == ("BYE", None, "1 downstream")
    c.request(callee, "callee", f"sip:127.0.0.1:{caller.port}")
    got = caller.recv()
    assert (got.method, got.get("Route"), got.get("X-Way")) == ("BYE", None, "1 upstream")


def test_between_udp_and_tcp_there_are_two(call):
    r, caller, callee, c = call("tcp")
    at = f"127.0.0.1:{r.addr[1]}"
    assert [re.sub(";lr.*", "", v) for v in c.recorded] == [f"<sip:{at};r2=on", f"<sip:{at};transport=tcp;r2=on"]
    c.request(caller, "caller", f"sip:127.0.0.1:{callee.port}")
    got = callee.recv()
    assert (got.get("Route"), got.get("X-Way")) == (None, "1 downstream")


def test_a_phone_is_reached_where_it_came_from(call):
    contact = "sip:caller@192.0.2.99:5099;ob"
    _, caller, callee, c = call(headers=[f"Contact: <{contact}>"])
    c.request(callee, "callee", contact)
    got = caller.recv()
    assert (got.method, got.get("Route"), got.get("X-Way")) == ("BYE", None, "2 upstream")
    c.request(caller, "caller", f"sip:127.0.0.1:{callee.port}")
    assert callee.recv().get("X-Way") == "1 downstream"


def test_a_phone_is_reached_by_its_connection_until_that_is_gone(call):
    contact = "sip:caller@192.0.2.99:5099;transport=tcp;ob"
    r, caller, callee, c = call("tcp", headers=[f"Contact: <{contact}>"])
    c.request(callee, "callee", contact)
    got = caller.recv()
    assert (got.method, got.get("Route"), got.get("X-Way")) == ("BYE", None, "2 upstream")
    caller.send(sip.response(got))
    assert callee.recv().status == 200
    caller.close()
    until(lambda: r.status().connections == 0, 5, "the connection is gone")
    assert callee.final(c.request(callee, "callee", contact)).first == "SIP/2.0 430 Flow Failed"


@pytest.mark.parametrize("what", ["no Route", "no MAC", "another call", "another caller", "a wrong MAC"])
def test_an_invented_dialog_is_none(call, what):
    _, caller, callee, c = call()
    route, fields = c.recorded[0], {}
    if what == "no MAC":
        route = re.sub(";mac=[0-9a-f]*", "", route)
    elif what == "another call":
        fields["call_id"] = sip.unique()
    elif what == "another caller":
        c.tag = sip.unique()
    elif what == "a wrong MAC":
        route = re.sub(";mac=[0-9a-f]{4}", ";mac=0000", route)
    fields["headers"] = [] if what == "no Route" else [f"Route: {route}"]
    answer = caller.final(c.request(caller, "caller", f"sip:127.0.0.1:{callee.port}", **fields))
    assert answer.first == "SIP/2.0 481 No Such Dialog"
    assert callee.silent(0.1)


def test_a_foreign_preloaded_route_is_not_followed_and_an_own_one_removed(call, peers):
    stranger = peers.udp()
    foreign = f"<sip:127.0.0.1:{stranger.port};lr>"
    r, caller, callee, c = call(headers=[f"Route: {foreign}"])
    assert (c.got.all("Route"), c.got.get("X-Way")) == ([foreign], "refused")
    own = f"<sip:127.0.0.1:{r.addr[1]};lr>"
    c = Call(caller, callee, headers=[f"Route: {own}, {foreign}"])
    assert (c.got.all("Route"), c.got.get("X-Way")) == ([foreign], "refused")
    c = Call(caller, callee, headers=[f"Route: {own}"])
    assert (c.got.all("Route"), c.got.get("X-Way")) == ([], None)
    assert stranger.silent(0.1)


def test_a_secret_outlives_a_restart(router, peers):
    callee, caller = peers.udp(), peers.udp()
    caller.default = None
    how = {"modules": MODULES, "target": f"sip:127.0.0.1:{callee.port}"}
    secret = 'modparam("rr", "cookie_secret", "{secret}")\n'
    first = router(secret.replace("{secret}", "known to all of us") + ROUTES, **how)
    caller.default = first.addr
    c = Call(caller, callee)
    alias = f'alias="127.0.0.1:{first.addr[1]}"\n'
    for text, answer in (("known to all of us", None), ("known to nobody else", 481)):
        r = router(secret.replace("{secret}", text) + ROUTES, params=alias, **how)
        req = c.request(caller, "caller", f"sip:127.0.0.1:{callee.port}", to=r.addr)
        if answer:
            assert caller.final(req).status == answer
        else:
            assert callee.recv().get("X-Way") == "1 downstream"


REFUSED = [
    ('modparam("rr", "preloaded", "sometimes")', "", 'rr: preloaded is "refuse" or "follow"'),
    ('modparam("rr", "cookie_secret", "short")', "", "rr: cookie_secret has at least 16 characters"),
    ('modparam("rr", "enable_double_rr", 3)', "", '"enable_double_rr" must be between 0 and 2'),
    ("", 'record_route("nat=yes");', '"record_route": URI parameters are needed: ";name=value"'),
    ("", 'add_rr_param(";a=b c");', '"add_rr_param": URI parameters are needed: ";name=value"'),
    ("", 'if (is_direction("down")) { drop; }', '"is_direction": the direction is "downstream" (from the caller) or "upstream"'),
    ("", "if ($rdir(x) == 1) { drop; }", "the direction is $rdir(id) or $rdir(name)"),
    ("", "record_route_strict();", '"record_route_strict": routers have been loose since RFC 3261; write record_route()'),
]


@pytest.mark.parametrize("params, statement, said", REFUSED)
def test_what_cannot_be_is_refused_at_load(start_error, params, statement, said):
    assert said in start_error(f"{params}\nroute {{\n\t{statement}\n\tforward();\n}}\n", modules=("rr",))
