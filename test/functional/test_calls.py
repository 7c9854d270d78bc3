# SPDX-License-Identifier: BSD-2-Clause
"""Whole calls of sipp through the router: INVITE, 180, 200, ACK, BYE, 200."""
import pytest

from harness import netns


# the caller says in the user part over what the callee is to be reached
ROUTES = """
route {{
	if (!mf_process_maxfwd_header("10")) {{
		sl_send_reply("483", "Too Many Hops");
		exit;
	}}
	if (!sanity_check()) {{
		exit;
	}}
	forward_{transport}("{host}", {port});
}}
"""


@pytest.mark.parametrize("callee", ["udp", "tcp"])
@pytest.mark.parametrize("caller", ["udp", "tcp"])
def test_a_call_from(router, sipp, caller, callee):
    uas = sipp("uas", transport=callee)
    r = router(ROUTES.format(transport=callee, host="127.0.0.1", port=uas.port))
    sipp("uac", transport=caller, remote=r.addr, calls=30, rate=100).must_succeed()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_call_from_ipv4_to_ipv6(router, sipp, ipv6, transport):
    uas = sipp("uas", transport=transport, host="::1")
    r = router(ROUTES.format(transport=transport, host="::1", port=uas.port))
    sipp("uac", transport=transport, remote=r.addr, calls=10, rate=50).must_succeed()


def test_a_call_from_ipv6_to_ipv4(router, sipp, ipv6):
    uas = sipp("uas")
    r = router(ROUTES.format(transport="udp", host="127.0.0.1", port=uas.port))
    sipp("uac", host="::1", remote=r.addr6, calls=10, rate=50).must_succeed()


def test_a_connection_for_each_call(router, sipp):
    uas = sipp("uas", transport="tcp", sockets=True)
    r = router(ROUTES.format(transport="tcp", host="127.0.0.1", port=uas.port))
    sipp("uac", transport="tcp", sockets=True, remote=r.addr, calls=40, rate=100).must_succeed()


@pytest.mark.parametrize("callee", ["udp", "tcp"])
def test_a_call_by_name_through_dns(router, sipp, dns, callee):
    uas = sipp("uas", transport=callee)
    server = dns({"callee.test": ["127.0.0.1"]})
    r = router("route {\n\tforward();\n}", params=f'dns_servers="{server.servers}"\n')
    sipp("uac", remote=r.addr, calls=10, rate=50,
         target=f"sip:bob@callee.test:{uas.port};transport={callee}").must_succeed()
    assert "callee.test" in server.names()


def test_a_call_by_name_to_ipv6(router, sipp, dns, ipv6):
    uas = sipp("uas", host="::1")
    server = dns({"callee6.test": ["::1"]})
    r = router("route {\n\tforward();\n}", params=f'dns_servers="{server.servers}"\n')
    sipp("uac", remote=r.addr, calls=5, rate=50, target=f"sip:bob@callee6.test:{uas.port}").must_succeed()


@pytest.fixture
def two_networks(root):
    """Three namespaces: left (10.1.0.1) – router (10.1.0.254, 10.2.0.254) – right (10.2.0.1); nothing is routed between."""
    try:
        left, middle, right = made = [netns.Namespace() for _ in range(3)]
        netns.cable(middle, "left", "10.1.0.254/24", left, "eth0", "10.1.0.1/24")
        netns.cable(middle, "right", "10.2.0.254/24", right, "eth0", "10.2.0.1/24")
    except AssertionError as e:
        pytest.skip(f"network namespaces cannot be made here: {e}")
    yield left, middle, right
    for ns in made:
        ns.close()


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_mhomed_chooses_the_socket_of_the_right_network(router, sipp, two_networks, transport):
    left, middle, right = two_networks
    uas = sipp("uas", host="10.2.0.1", transport=transport, port=5070, prefix=right.prefix)
    r = router(ROUTES.format(transport=transport, host="10.2.0.1", port=5070), params="mhomed=yes\n", port=5060,
               listen=[f"{t}:{h}:5060" for h in ("10.1.0.254", "10.2.0.254") for t in ("udp", "tcp")],
               prefix=middle.prefix)
    caller = sipp("uac", host="10.1.0.1", transport=transport, port=5080, remote=("10.1.0.254", 5060), calls=5, rate=20,
                  prefix=left.prefix, args=["-trace_msg", "-message_file", "caller.log"])
    caller.must_succeed()
    assert uas.process.poll() is None
    # the callee saw the router's address in its own network, in packet and Via
    log = (caller.dir / "caller.log").read_text()
    assert "Via: SIP/2.0/" + transport.upper() + " 10.1.0.1:5080" in log
    assert r.running()
