# SPDX-License-Identifier: BSD-2-Clause
"""What a forwarded request and a relayed response look like on the wire: Via, received, rport, branch, Max-Forwards, sockets."""
import re

import pytest

from harness import sip

RELAY = """
route {{
	forward_{transport}("127.0.0.1", {port});
}}
"""


@pytest.fixture
def relay(router, peers):
    """A router that forwards to a UDP peer: (router, caller, callee)."""
    def make(routes=RELAY, transport="udp", **how):
        callee = peers.udp()
        r = router(routes.format(transport=transport, port=callee.port), **how)
        caller = peers.udp()
        caller.default = r.addr
        return r, caller, callee
    return make


def header_bytes(message, leave_out=()):
    leave_out = {n.lower() for n in leave_out}
    return [raw for name, _, raw in message.headers if name.lower() not in leave_out]


def test_own_via_is_put_on_top(relay):
    r, caller, callee = relay()
    sent = caller.request()
    got = callee.recv()
    assert got.src == r.addr
    assert len(got.vias) == 2
    assert got.vias[0].startswith(f"SIP/2.0/UDP 127.0.0.1:{r.port}")
    assert got.branch.startswith("z9hG4bKs")
    assert sip.param(got.vias[1], "branch") == sent.branch
    assert got.first == sent.first


def test_rport_is_filled_in_and_received_added(relay):
    _, caller, callee = relay()
    caller.request(via="SIP/2.0/UDP 192.0.2.1:7;rport")
    via = callee.recv().vias[1]
    assert sip.param(via, "rport") == str(caller.port)
    assert sip.param(via, "received") == "127.0.0.1"


def test_received_is_added_when_sent_by_is_another_address(relay):
    _, caller, callee = relay()
    caller.request(via="SIP/2.0/UDP 192.0.2.1:7")
    via = callee.recv().vias[1]
    assert sip.param(via, "received") == "127.0.0.1"
    assert sip.param(via, "rport") is None


def test_received_is_added_when_sent_by_is_a_name(relay):
    _, caller, callee = relay()
    caller.request(via="SIP/2.0/UDP caller.example.com")
    assert sip.param(callee.recv().vias[1], "received") == "127.0.0.1"


def test_received_is_not_added_when_sent_by_is_right(relay):
    _, caller, callee = relay()
    caller.request(via=f"SIP/2.0/UDP 127.0.0.1:{caller.port}")
    via = callee.recv().vias[1]
    assert sip.param(via, "received") is None


def test_a_false_received_of_the_sender_does_not_steer_the_response(relay, peers):
    r, caller, callee = relay()
    victim = peers.udp("127.0.0.3")
    caller.request(via=f"SIP/2.0/UDP 127.0.0.1:{caller.port};received=127.0.0.3;rport={victim.port}")
    callee.send(sip.response(callee.recv()), r.addr)
    assert caller.recv().status == 200
    assert victim.silent()


def test_force_rport(relay):
    r, caller, callee = relay("route {{\n\tforce_rport();\n\tforward_{transport}(\"127.0.0.1\", {port});\n}}")
    caller.request(via="SIP/2.0/UDP 192.0.2.1:7")
    got = callee.recv()
    assert sip.param(got.vias[1], "rport") == str(caller.port)
    callee.send(sip.response(got), r.addr)
    assert caller.recv().status == 200


def test_the_response_goes_back_from_the_socket_of_the_request(relay):
    r, caller, callee = relay()
    sent = caller.request()
    callee.send(sip.response(callee.recv()), r.addr)
    back = caller.recv()
    assert back.src == r.addr
    assert len(back.vias) == 1
    assert back.branch == sent.branch
    assert sip.param(back.vias[0], "rport") == str(caller.port)


def test_without_rport_the_response_goes_to_the_port_of_sent_by(relay, peers):
    r, caller, callee = relay()
    other = peers.udp()
    caller.request(via=f"SIP/2.0/UDP 127.0.0.1:{other.port}")
    callee.send(sip.response(callee.recv()), r.addr)
    assert other.recv().status == 200
    assert caller.silent(0.1)


@pytest.mark.parametrize("sent, forwarded", [(70, "69"), (2, "1"), (None, "70"), (255, "254")])
def test_max_forwards_falls_once(relay, sent, forwarded):
    _, caller, callee = relay()
    caller.request(max_forwards=sent)
    assert callee.recv().all("Max-Forwards") == [forwarded]


@pytest.mark.parametrize("sent, forwarded", [(70, "69"), (8, "7"), (None, "70")])
def test_max_forwards_falls_once_also_with_the_module(relay, sent, forwarded):
    _, caller, callee = relay("route {{\n\tmf_process_maxfwd_header(\"70\");\n\tforward_{transport}(\"127.0.0.1\", {port});\n}}")
    caller.request(max_forwards=sent)
    assert callee.recv().all("Max-Forwards") == [forwarded]


def test_max_forwards_zero_is_483(relay):
    _, caller, callee = relay()
    assert caller.ask(max_forwards=0).status == 483
    assert callee.silent(0.1)


def test_max_forwards_zero_is_483_by_the_script(relay):
    _, caller, callee = relay("""route {{
	if (!mf_process_maxfwd_header("10")) {{
		sl_send_reply("483", "Too Many Hops");
		exit;
	}}
	forward_{transport}("127.0.0.1", {port});
}}""")
    assert caller.ask(max_forwards=0).first == "SIP/2.0 483 Too Many Hops"
    assert callee.silent(0.1)


def test_the_branch_is_the_same_for_a_retransmission_and_its_cancel_and_ack(relay):
    _, caller, callee = relay()
    common = dict(branch="z9hG4bKsame", call_id="branches", from_tag="a", via=caller.via)
    seen = []
    for method in ("INVITE", "INVITE", "CANCEL", "ACK"):
        caller.request(method, **common)
        seen.append(callee.recv().branch)
    assert len(set(seen)) == 1, seen
    caller.request("INVITE", **dict(common, branch="z9hG4bKother"))
    assert callee.recv().branch != seen[0]


def test_the_branch_without_cookie_depends_on_call_id(relay):
    _, caller, callee = relay()
    seen = set()
    for call_id in ("one", "two", "one"):
        caller.request("INVITE", branch="old", call_id=call_id, from_tag="a")
        seen.add(callee.recv().branch)
    assert len(seen) == 2, seen


@pytest.mark.parametrize("received, left", [(None, ["60"]), ("1", ["1"]), ("60", ["60"]), ("61", ["60"]), ("4294967296", ["60"])])
def test_max_breadth_is_put_in_and_not_larger_than_ours(relay, received, left):
    _, caller, callee = relay()
    caller.request("INVITE", headers=[f"Max-Breadth: {received}"] if received else [])
    assert callee.recv().all("Max-Breadth") == left


@pytest.mark.parametrize("received", ["0", "-1", "many", ""])
def test_a_bad_max_breadth_is_refused(relay, received):
    _, caller, callee = relay()
    assert caller.ask("INVITE", headers=[f"Max-Breadth: {received}"]).status == 400
    assert callee.silent(0.1)


def test_everything_else_is_forwarded_octet_by_octet(relay):
    _, caller, callee = relay()
    odd = ["X-Folded: one\r\n\ttwo", "x-lower  :   spaced   ", "s: \u4f60\u597d", "k: compact",
           "Contact: \"A \\\" B\" <sip:a@b;x=\"y\">;q=0.5", "Allow:", "X-Empty:"]
    body = bytes(range(256)) * 3
    raw = sip.request("MESSAGE", via=caller.via, headers=odd + ["Content-Type: application/octet-stream"], body=body)
    caller.send(raw)
    got, sent = callee.recv(), sip.Message(raw)
    assert got.body == body
    assert got.all("Max-Breadth") == ["60"]
    skip = ("Via", "Max-Forwards", "Max-Breadth")
    assert header_bytes(got, skip) == header_bytes(sent, skip)


def test_bytes_behind_the_body_of_a_datagram_are_not_forwarded(relay):
    _, caller, callee = relay()
    caller.send(sip.request("MESSAGE", via=caller.via, body=b"12345") + b"EXTRA")
    got = callee.recv()
    assert got.body == b"12345"
    assert b"EXTRA" not in got.raw


def test_advertise_stands_in_the_via(router, peers):
    callee = peers.udp()
    r = router(RELAY.format(transport="udp", port=callee.port), listen=["udp:127.0.0.1:{port} advertise sip.example.org:5099"])
    caller = peers.udp()
    caller.default = r.addr
    caller.request()
    got = callee.recv()
    assert got.vias[0].startswith("SIP/2.0/UDP sip.example.org:5099")
    # an answer with that Via is ours
    callee.send(sip.response(got), r.addr)
    assert caller.recv().status == 200


def test_set_advertised_address_and_port(relay):
    _, caller, callee = relay("""route {{
	set_advertised_address("edge.example.net");
	set_advertised_port("6001");
	forward_{transport}("127.0.0.1", {port});
}}""")
    caller.request()
    assert callee.recv().vias[0].startswith("SIP/2.0/UDP edge.example.net:6001")


def test_force_send_socket(router, peers):
    from harness import ports
    callee, second = peers.udp(), ports.free_port()
    r = router(f"route {{\n\tforce_send_socket(udp:127.0.0.1:{second});\n\tforward_udp(\"127.0.0.1\", {callee.port});\n}}",
               listen=["udp:127.0.0.1:{port}", f"udp:127.0.0.1:{second}"])
    caller = peers.udp()
    caller.default = r.addr
    caller.request()
    got = callee.recv()
    assert got.src == ("127.0.0.1", second)
    assert f":{second}" in got.vias[0]
    # the answer comes in by the second socket and leaves by the first
    callee.send(sip.response(got), got.src)
    assert caller.recv().src == r.addr


def test_a_wildcard_never_appears_in_a_message(router, peers):
    callee = peers.udp()
    r = router(RELAY.format(transport="udp", port=callee.port), listen=["udp:0.0.0.0:{port}"])
    caller = peers.udp()
    caller.default = r.addr
    caller.request()
    got = callee.recv()
    assert "0.0.0.0" not in got.vias[0]
    callee.send(sip.response(got), r.addr)
    assert caller.recv().status == 200


def test_a_tcp_response_goes_back_by_the_connection_of_the_request(relay, peers):
    r, _, callee = relay()
    one, two = peers.tcp(r.addr), peers.tcp(r.addr)
    first, second = one.request(), two.request()
    for m in [callee.recv(), callee.recv()]:
        callee.send(sip.response(m), r.addr)
    assert one.final(first).branch == first.branch
    assert two.final(second).branch == second.branch


def test_when_the_connection_is_gone_the_response_goes_to_sent_by(relay, peers):
    r, _, callee = relay()
    server = peers.tcp_server()
    caller = peers.tcp(r.addr)
    caller.request(via=f"SIP/2.0/TCP 127.0.0.1:{server.port}")
    got = callee.recv()
    caller.close()
    r.wait_status(lambda s: s.connections == 0)
    callee.send(sip.response(got), r.addr)
    assert server.accept().recv().status == 200


def test_a_datagram_with_a_false_transport_in_its_via_opens_no_connection(relay, peers):
    r, caller, callee = relay()
    server = peers.tcp_server()
    req = caller.request(via=f"SIP/2.0/TCP 127.0.0.1:{server.port};rport")
    got = callee.recv()
    callee.send(sip.response(got), r.addr)
    assert caller.final(req).status == 200
    assert server.silent(0.1)


def test_all_own_routes_are_removed(relay):
    r, caller, callee = relay()
    me = f"<sip:127.0.0.1:{r.port};lr>"
    req = caller.request(headers=[f"Route: {me}"] * 20 + [f"Route: {me}, {me}"])
    got = callee.recv()
    assert len(got.vias) == 2 and not got.all("Route")
    callee.send(sip.response(got), r.addr)
    assert caller.final(req).status == 200


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_what_would_go_to_ourselves_gets_482(router, peers, transport):
    r = router("route {\n\tforward();\n}")
    caller = peers.udp()
    caller.default = r.addr
    assert caller.ask(uri=f"sip:x@127.0.0.1:{r.port};transport={transport}", max_forwards=255).status == 482
    assert r.status().counter("core", "requests") == 1


def test_outgoing_connections_are_shared(router, peers):
    server = peers.tcp_server()
    r = router(RELAY.format(transport="tcp", port=server.port))
    callers = [peers.udp() for _ in range(8)]
    for c in callers:
        c.default = r.addr
        c.request()
    there = server.accept()
    for _ in callers:
        there.send(sip.response(there.recv()))
    for c in callers:
        assert c.recv().status == 200
    assert server.silent(0.1)


def test_transport_parameter_of_the_uri_is_followed(router, peers):
    server = peers.tcp_server()
    r = router("route {\n\tforward();\n}")
    caller = peers.udp()
    caller.default = r.addr
    caller.request(uri=f"sip:x@127.0.0.1:{server.port};transport=tcp")
    there = server.accept()
    got = there.recv()
    assert got.vias[0].startswith("SIP/2.0/TCP ")
    there.send(sip.response(got))
    assert caller.recv().status == 200


def test_a_foreign_route_is_followed_and_kept(router, peers):
    next_hop, wrong = peers.udp(), peers.udp()
    r = router("route {\n\tforward();\n}")
    caller = peers.udp()
    caller.default = r.addr
    route = f"Route: <sip:127.0.0.1:{next_hop.port};lr>"
    caller.request(uri=f"sip:x@127.0.0.1:{wrong.port}", headers=[route])
    assert next_hop.recv().all("Route") == [route[7:]]
    assert wrong.silent(0.1)


def test_a_foreign_route_does_not_lead_away_from_the_scripts_target(router, peers):
    callee, victim = peers.udp(), peers.udp()
    r = router(f'route {{\n\trewritehostport("127.0.0.1:{callee.port}");\n\tforward();\n}}')
    caller = peers.udp()
    caller.default = r.addr
    route = f"Route: <sip:127.0.0.1:{victim.port};lr>"
    caller.request(uri=f"sip:x@127.0.0.1:{r.port}", headers=[route])
    got = callee.recv()
    assert got.all("Route") == [route[7:]] and got.uri == f"sip:x@127.0.0.1:{callee.port}"
    assert victim.silent(0.1)


def test_ipv6_stands_in_brackets(router, peers, ipv6):
    callee = peers.udp("::1")
    r = router(f'route {{\n\tforward_udp("::1", {callee.port});\n}}')
    caller = peers.udp("::1")
    caller.default = r.addr6
    caller.request()
    got = callee.recv()
    assert got.vias[0].startswith(f"SIP/2.0/UDP [::1]:{r.port}")
    assert sip.param(got.vias[1], "rport") == str(caller.port)
    callee.send(sip.response(got), r.addr6)
    assert caller.recv().status == 200


# --- responses that are not ours ----------------------------------------------------------------------------------------

def dropped(status):
    """The sum of the counters that say why responses were dropped."""
    return sum(v for group in status.counters.values() for k, v in group.items()
               if isinstance(v, int) and ("stray" in k or "drop" in k or "forged" in k or "bad_mac" in k or "not_ours" in k))


def stray(kind, got, r):
    """A response that looks like an answer to what we forwarded, but is not."""
    top, *rest = got.vias
    if kind == "wrong MAC":
        branch = sip.param(top, "branch")
        last = "0" if branch[-1] != "0" else "1"
        top = top.replace(branch, branch[:-1] + last)
    elif kind == "another branch":
        top = top.replace(sip.param(top, "branch"), "z9hG4bK1234567890")
    elif kind == "another host":
        top = top.replace("127.0.0.1", "192.0.2.77", 1)
    elif kind == "another port":
        top = top.replace(f":{r.port}", f":{r.port + 1}", 1)
    elif kind == "no second Via":
        rest = []
    elif kind == "broadcast":
        rest = ["SIP/2.0/UDP 255.255.255.255:5060;branch=z9hG4bKx"]
    elif kind == "multicast":
        rest = ["SIP/2.0/UDP 224.0.1.75:5060;branch=z9hG4bKx"]
    elif kind == "ourselves":
        rest = [f"SIP/2.0/UDP 127.0.0.1:{r.port};branch=z9hG4bKx"]
    elif kind == "no i parameter":
        top = re.sub(r";i=[^;]*", "", top)
    elif kind == "forged i parameter":
        top = re.sub(r"(;i=[^;]*)([^;])", lambda m: m[1] + ("a" if m[2] != "a" else "b"), top)
    elif kind == "another socket":
        top = re.sub(r"(;i=)(.)", lambda m: m[1] + ("1" if m[2] != "1" else "2"), top)
    elif kind == "another caller":
        rest = [re.sub(r"branch=[^;]*", "branch=z9hG4bKsomebodyelse", rest[0])]
    return [top, *rest]


@pytest.mark.parametrize("kind", ["wrong MAC", "another branch", "another host", "another port", "no second Via", "broadcast",
                                  "multicast", "ourselves", "forged i parameter", "no i parameter", "another socket",
                                  "another caller"])
def test_a_response_is_dropped_and_counted_when_it_has(relay, kind):
    r, caller, callee = relay()
    caller.request()
    got = callee.recv()
    before = dropped(r.status())
    callee.send(sip.response(got, vias=stray(kind, got, r)), r.addr)
    r.wait_status(lambda s: dropped(s) == before + 1, 3, "the drop is counted")
    assert not caller.waiting()
    # and the true one goes through
    callee.send(sip.response(got), r.addr)
    assert caller.recv().status == 200


def test_a_response_out_of_nowhere_is_dropped(router, peers):
    r = router('route {\n\tsl_send_reply("200", "OK");\n}')
    before = dropped(r.status())
    somebody = peers.udp()
    fake = sip.Message(sip.request(via=f"SIP/2.0/UDP 127.0.0.1:{somebody.port}"))
    somebody.send(sip.response(fake), r.addr)
    r.wait_status(lambda s: dropped(s) == before + 1, 3, "the drop is counted")
    assert not somebody.waiting()


def test_reply_route_sees_and_can_drop_a_response(relay):
    r, caller, callee = relay("""route {{
	forward_{transport}("127.0.0.1", {port});
}}
reply_route {{
	if (status=="486") {{
		drop;
	}}
}}""")
    caller.request()
    got = callee.recv()
    callee.send(sip.response(got, 486, "Busy Here"), r.addr)
    callee.send(sip.response(got, 200), r.addr)
    assert caller.recv().status == 200
    assert not caller.waiting()


def test_a_reply_keeps_its_to_tag_for_a_retransmission(router, peers):
    r = router('route {\n\tsl_send_reply("404", "Not Found");\n}', children=4)
    caller = peers.udp()
    caller.default = r.addr
    raw = sip.request(via=caller.via)
    tags = set()
    for _ in range(20):
        caller.send(raw)
        tags.add(sip.param(caller.recv().get("To"), "tag"))
    assert len(tags) == 1 and tags.pop()


def test_an_ack_is_never_answered(router, peers):
    r = router('route {\n\tsl_send_reply("404", "Not Found");\n}')
    caller = peers.udp()
    caller.default = r.addr
    caller.request("ACK")
    assert caller.ask().status == 404
    assert not caller.waiting()
