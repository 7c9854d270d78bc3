# SPDX-License-Identifier: BSD-2-Clause
"""onsend_route: what it sees of a message that leaves, and what it keeps from leaving."""
import pytest

from harness import sip

ROUTES = """
route {{
	forward_udp("127.0.0.1", {port});
}}
onsend_route {{
	if (method == "MESSAGE")
		drop;
	if (to_port == {port} && snd_ip == 127.0.0.1 && to_proto == UDP && src_ip == to_ip)
		xlog("L_NOTICE", "out to $sndto(ip):$snd(port) from $sndfrom(ip):$sndfrom(port) by $snd(sproto) $rm\\n");
	if (status == 200)
		drop;
}}
"""


@pytest.fixture
def onsend(router, peers):
    def make(params=""):
        callee = peers.udp()
        r = router(ROUTES.format(port=callee.port), params=params)
        caller = peers.udp()
        caller.default = r.addr
        return r, caller, callee
    return make


def test_it_sees_where_a_message_goes_and_may_keep_it(onsend):
    r, caller, callee = onsend()
    caller.request("MESSAGE")
    caller.request("OPTIONS")
    assert callee.recv().method == "OPTIONS"
    r.wait_log(f"out to 127.0.0.1:{callee.port} from 127.0.0.1:{r.port} by udp OPTIONS")
    status = r.status()
    assert status.counter("core", "held_back") == 1
    assert status.counter("core", "nothing_done") == 0
    assert status.counter("core", "replies") == 0


def test_responses_come_to_it_when_asked_for(onsend):
    r, caller, callee = onsend("onsend_route_reply=yes\n")
    for status in (200, 404):
        caller.request("OPTIONS")
        got = callee.recv()
        callee.send(sip.response(got, status), r.addr)
    assert caller.recv().status == 404
    assert r.status().counter("core", "held_back") == 1
