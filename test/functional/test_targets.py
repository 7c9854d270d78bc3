# SPDX-License-Identifier: BSD-2-Clause
"""What decides about the targets of a request: sips, loops."""
import pytest

from harness import sip


@pytest.fixture
def relay(router, peers):
    """relay(statements) → (router, caller, callee); the callee is where $du leads unless they say otherwise."""
    def make(statements="", **how):
        callee = peers.udp()
        r = router("route {\n" + f"\t$du = \"sip:127.0.0.1:{callee.port}\";\n" + statements + "\n\tforward();\n}\n", **how)
        caller = peers.udp()
        caller.default = r.addr
        return r, caller, callee
    return make


SIPS = {
    "request-uri": ("", {"uri": "sips:b@example.com"}),
    "set by the script": ('$ru = "sips:c@example.com";', {}),
    "$du": ('$du = "sips:127.0.0.1";', {}),
    "top Route": ("", {"headers": ["Route: <sips:edge.example.com;lr>"]}),
    "behind our own Route": ("", {"headers": ["Route: <sip:127.0.0.1:{port};lr>, <SIPS:edge.example.com;lr>"]}),
}


@pytest.mark.parametrize("what", SIPS)
def test_sips_goes_nowhere_without_tls(relay, what):
    statements, fields = SIPS[what]
    r, caller, callee = relay("\t" + statements)
    fields = dict(fields, headers=[h.format(port=r.addr[1]) for h in fields.get("headers", [])])
    answer = caller.ask("INVITE", **fields)
    assert answer.first == "SIP/2.0 480 No TLS For A SIPS URI"
    caller.request("ACK", **fields)
    assert caller.silent(0.1) and callee.silent(0.1)


def test_sips_in_a_route_that_is_not_the_top_one_goes_on(relay):
    _, caller, callee = relay()
    caller.request("INVITE", headers=["Route: <sip:edge.example.com;lr>, <sips:edge.example.com;lr>"])
    assert callee.recv().all("Route") == ["<sip:edge.example.com;lr>, <sips:edge.example.com;lr>"]


APPEND = "\tappend_branch(\"sip:c@127.0.0.1:9\");"


def again(caller, first, got, **fields):
    """The request as it was forwarded comes back from where it came from at first."""
    vias = "\r\nVia: ".join(got.vias)
    return caller.request("INVITE", uri=fields.pop("uri", first.uri), via=vias, call_id=first.get("Call-ID"), **fields)


@pytest.mark.parametrize("params, statements, found", [
    ("", "", False), ("", APPEND, True), ("loop_detection=forked\n", APPEND, True), ("loop_detection=no\n", APPEND, False),
    ("loop_detection=all\n", "", True)])
def test_a_loop_is_found_when_there_are_several_targets(relay, params, statements, found):
    _, caller, callee = relay(statements, params=params)
    first = caller.request("INVITE")
    got = callee.recv()
    again(caller, first, got)
    if found:
        assert (caller.recv().status, callee.silent(0.1)) == (482, True)
    else:
        assert callee.recv().method == "INVITE"


def test_a_spiral_is_not_a_loop(relay, peers):
    r, caller, callee = relay(APPEND)
    first = caller.request("INVITE")
    got = callee.recv()
    # another target
    again(caller, first, got, uri="sip:d@example.com")
    assert callee.recv().uri == "sip:d@example.com"
    # an application server sends it back
    server = peers.udp()
    server.default = r.addr
    again(server, first, got)
    assert callee.recv().method == "INVITE"
