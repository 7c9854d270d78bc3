# SPDX-License-Identifier: BSD-2-Clause
"""What decides about the targets of a request: sips, loops, dead destinations."""
import pytest

from harness import ports, sip
from harness.wait import until


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


# --- dead destinations --------------------------------------------------------------------------------------------------------------
ON = "use_dst_blocklist=yes\n"
DEAD = "Next Hop Is Blocklisted"


def refused(answer):
    return answer.status == 500 and answer.first.endswith(DEAD)


@pytest.fixture
def gateway(router, peers):
    """gateway(params, statements) → (router, caller, port): requests go to a port over TCP where nobody listens."""
    def make(params="", statements="", **how):
        port = ports.free_port()
        r = router("route {\n" + statements + f"\tif (!forward_tcp(\"127.0.0.1\", {port})) {{\n\t\tsl_reply_error();\n\t}}\n}}\n",
                   params=params, modules=("sl", "blst"), **how)
        caller = peers.udp()
        caller.default = r.addr
        return r, caller, port
    return make


def failed(r):
    return r.status().counter("tcp", "connect_failed")


def attempt(r, caller, n, method="OPTIONS"):
    """A request for which a connection is tried, the n-th that fails."""
    caller.request(method)
    until(lambda: failed(r) == n, 5, f"{n} connections that did not come up")
    # the list is written, too
    r.settle()


def test_a_destination_that_refuses_is_not_asked_again(gateway):
    r, caller, port = gateway(ON)
    attempt(r, caller, 1)
    for _ in range(3):
        assert refused(caller.ask())
    assert failed(r) == 1
    status = r.status()
    assert (status.counter("blocklist", "added"), status.counter("blocklist", "refused")) == (1, 3)
    assert r.count_log(f"status blocklisted dst=127.0.0.1:{port} transport=tcp why=connect") > 0
    # what ends something goes there all the same
    attempt(r, caller, 2, "BYE")


def test_it_is_off_unless_asked_for(gateway):
    r, caller, _ = gateway()
    for n in range(3):
        attempt(r, caller, n + 1)


def test_after_its_time_it_is_asked_again(gateway, peers):
    r, caller, port = gateway(ON + "dst_blocklist_expire=2\n")
    attempt(r, caller, 1)
    server = peers.tcp_server(port=port)
    assert refused(caller.ask())
    until(lambda: caller.request() and not server.silent(0.05), 5, "a request that is sent")
    assert server.accept().recv().method == "OPTIONS"
    assert failed(r) == 1


@pytest.mark.parametrize("params", ["dst_blocklist_tcp_imask=4\n", "dst_blacklist_tcp_imask=0xff\n"])
def test_kinds_of_failures_are_ignored(gateway, params):
    r, caller, _ = gateway(ON + params)
    for n in range(2):
        attempt(r, caller, n + 1)


def test_a_script_ignores_failures_of_one_request(gateway):
    r, caller, _ = gateway(ON, "\tif (method==\"OPTIONS\")\n\t\tblst_set_ignore(4);\n")
    attempt(r, caller, 1, "OPTIONS")
    attempt(r, caller, 2, "MESSAGE")
    assert refused(caller.ask("OPTIONS"))


def test_other_addresses_of_the_name_are_tried(router, peers, dns):
    server = peers.tcp_server()
    names = dns({"gw.test": ["127.0.0.9", "127.0.0.1"]})
    r = router("route {\n\tforward();\n}\n", params=ON + f'dns_servers="{names.servers}"\n', children=1)
    caller = peers.udp()
    caller.default = r.addr
    uri = f"sip:b@gw.test:{server.port};transport=tcp"
    caller.request(uri=uri)
    until(lambda: failed(r) == 1, 5, "a connection to the dead one")
    for _ in range(3):
        caller.request(uri=uri)
    there = server.accept()
    for _ in range(3):
        assert there.recv().method == "OPTIONS"
    assert failed(r) == 1
    assert r.status().counter("blocklist", "refused") == 3


def test_all_workers_share_it_and_a_death_keeps_it(gateway):
    r, caller, _ = gateway(ON, children=2)
    attempt(r, caller, 1)
    first = {s["pid"] for s in r.status().slots}
    for pid in first:
        r.kill_idle(pid)
    until(lambda: not first & {s["pid"] for s in r.status().slots}, 10, "two successors")
    for _ in range(10):
        assert refused(caller.ask())
    assert failed(r) <= 1


SCRIPT = """
route {
	if (method=="INFO") {
		blst_add(30, "$hdr(X-Dst)");
	} else if (method=="NOTIFY") {
		blst_delete_all();
	}
	if (blst_is_blocklisted("$hdr(X-Dst)"))
		sl_send_reply("200", "listed");
	else
		sl_send_reply("200", "free");
}
"""


def test_scripts_see_and_change_it(router, peers):
    r = router(SCRIPT, params=ON, modules=("sl", "blst", "pv", "textops"))
    caller = peers.udp()
    caller.default = r.addr

    def ask(method, dst):
        return caller.ask(method, headers=[f"X-Dst: {dst}"]).first.split()[2]
    assert ask("OPTIONS", "udp:192.0.2.1:5060") == "free"
    assert ask("INFO", "udp:192.0.2.1:5060") == "listed"
    assert ask("OPTIONS", "tcp:192.0.2.1:5060") == "free"
    assert ask("INFO", "tcp:[2001:db8::1]:5061") == "listed"
    assert ask("NOTIFY", "udp:192.0.2.1:5060") == "free"
    assert ask("OPTIONS", "tcp:[2001:db8::1]:5061") == "free"
