# SPDX-License-Identifier: BSD-2-Clause
"""Connections: limits, deadlines, full queues, peers that are gone; and that nothing of them stays."""
import socket
import time

import pytest

from harness import ports, sip
from harness.wait import SCALE, until

ANSWER = 'route {\n\tsl_send_reply("200", "OK");\n}'


def test_an_idle_connection_is_closed_at_the_end_of_its_lifetime(router, peers):
    r = router(ANSWER, params="tcp_connection_lifetime=1s\n")
    c = peers.tcp(r.addr)
    begin = time.monotonic()
    assert c.ask().status == 200
    assert c.closed(4)
    assert time.monotonic() - begin > 0.7


def test_traffic_renews_the_lifetime(router, peers):
    r = router(ANSWER, params="tcp_connection_lifetime=1s\n")
    c = peers.tcp(r.addr)
    begin = time.monotonic()
    while time.monotonic() - begin < 2:
        assert c.ask().status == 200
        assert not c.closed(0.2 / SCALE)


def test_pings_alone_do_not_count_as_life(router, peers):
    r = router(ANSWER, params="tcp_connection_lifetime=1s\n")
    c = peers.tcp(r.addr)

    def gone():
        if c.eof:
            return True
        try:
            c.send(b"\r\n\r\n")
        except OSError:
            return True
        return c.closed(0.1 / SCALE)
    until(gone, 5, "the connection is closed in spite of its pings")


def test_silence_after_accept_is_closed(router, peers):
    r = router(ANSWER, params="tcp_accept_timeout=1s\n")
    c = peers.tcp(r.addr)
    assert c.closed(4)


def test_tcp_max_connections(router, peers):
    r = router(ANSWER, params="tcp_max_connections=5\n")
    good = [peers.tcp(r.addr) for _ in range(5)]
    for c in good:
        assert c.ask().status == 200
    more = [peers.tcp(r.addr) for _ in range(3)]
    assert all(c.closed() for c in more)
    assert all(c.ask().status == 200 for c in good)
    good.pop().close()
    # there is room again
    until(lambda: not (c := peers.tcp(r.addr)).closed(0.2 / SCALE) and c.ask().status == 200, 5, "a place is free again")


def test_connections_of_one_source_are_limited_but_not_of_others(router, peers):
    r = router(ANSWER, params="tcp_max_connections_per_source=3\n")
    good = [peers.tcp(r.addr, host="127.0.0.5") for _ in range(3)]
    for c in good:
        assert c.ask().status == 200
    assert peers.tcp(r.addr, host="127.0.0.5").closed()
    assert peers.tcp(r.addr, host="127.0.0.6").ask().status == 200
    good.pop().close()
    until(lambda: not (c := peers.tcp(r.addr, host="127.0.0.5")).closed(0.2 / SCALE) and c.ask().status == 200, 5, "a place is free again")


def test_sources_of_the_allow_list_are_not_limited(router, peers):
    r = router(ANSWER, params='tcp_max_connections_per_source=3\ntcp_source_limit_exempt="127.0.0.8/30"\n')
    many = [peers.tcp(r.addr, host="127.0.0.9") for _ in range(10)]
    assert all(c.ask().status == 200 for c in many)
    limited = [peers.tcp(r.addr, host="127.0.0.13") for _ in range(4)]
    until(lambda: sum(c.closed(0.05 / SCALE) for c in limited) == 1, 5, "one is refused")


def test_a_refused_connection_fails_only_itself(router, peers):
    nobody = ports.free_port()
    callee = peers.udp()
    r = router(f'route {{\n\tif (method=="MESSAGE") {{\n\t\tforward_tcp("127.0.0.1", {nobody});\n\t\texit;\n\t}}\n'
               f'\tforward_udp("127.0.0.1", {callee.port});\n}}')
    caller = peers.udp()
    caller.default = r.addr
    for _ in range(20):
        caller.request("MESSAGE")
    caller.request()
    callee.send(sip.response(callee.recv()), r.addr)
    assert caller.expect(lambda m: m.get("CSeq") == "1 OPTIONS").status == 200
    r.wait_status(lambda s: s.connections == 0)


def test_a_connect_that_is_never_answered_ends_at_its_deadline(router, peers):
    # a full backlog: SYNs are dropped by the kernel
    full = socket.socket()
    full.bind(("127.0.0.1", 0))
    full.listen(0)
    plugs = []
    for _ in range(4):
        s = socket.socket()
        s.setblocking(False)
        s.connect_ex(full.getsockname())
        plugs.append(s)
    r = router(f'route {{\n\tif (method=="MESSAGE") {{\n\t\tforward_tcp("127.0.0.1", {full.getsockname()[1]});\n\t\texit;\n\t}}\n'
               '\tsl_send_reply("200", "OK");\n}', params="tcp_connect_timeout=1s\n")
    caller = peers.udp()
    caller.default = r.addr
    caller.request("MESSAGE")
    begin = time.monotonic()
    # nobody else waits for it
    while time.monotonic() - begin < 0.5:
        asked = time.monotonic()
        assert caller.ask().status == 200
        assert time.monotonic() - asked < 0.4 * SCALE
    r.wait_status(lambda s: s.connections == 0, 5, "the connect was given up")
    for s in [*plugs, full]:
        s.close()


def test_a_receiver_that_does_not_read_is_closed_and_its_queue_is_bounded(router, peers):
    server = peers.tcp_server()
    r = router(f'route {{\n\tif (method=="MESSAGE") {{\n\t\tforward_tcp("127.0.0.1", {server.port});\n\t\texit;\n\t}}\n'
               '\tsl_send_reply("200", "OK");\n}', params="tcp_send_timeout=1s\ntcp_conn_wq_max=65536\n")
    caller = peers.udp()
    caller.default = r.addr
    body = b"x" * 30000
    before = r.status().memory["in_use"]
    caller.request("MESSAGE", body=body)
    lazy = server.accept()
    for _ in range(400):
        caller.request("MESSAGE", body=body)
        assert caller.ask().status == 200
    assert r.status().memory["in_use"] - before < 4 << 20
    r.wait_status(lambda s: s.connections == 0, 5, "the connection was given up")
    lazy.close()


def test_all_queues_together_are_bounded(router, peers):
    servers = [peers.tcp_server() for _ in range(8)]
    routes = "".join(f'\tif (uri=~"^sip:s{n}@") {{\n\t\tforward_tcp("127.0.0.1", {s.port});\n\t\texit;\n\t}}\n' for n, s in enumerate(servers))
    r = router("route {\n" + routes + '\tsl_send_reply("200", "OK");\n}', params="tcp_wq_max=1048576\ntcp_conn_wq_max=524288\n")
    caller = peers.udp()
    caller.default = r.addr
    assert caller.ask().status == 200
    before = r.status().memory["in_use"]
    body = b"x" * 30000
    for n in range(8 * 60):
        # nobody reads there: the kernel's buffers fill first
        caller.request("MESSAGE", uri=f"sip:s{n % 8}@x", body=body)
        if n % 8 == 7:
            assert caller.expect(lambda m, req=caller.request(): m.get("Call-ID") == req.get("Call-ID")).status == 200
    # a megabyte of messages, the chunks they lie in, and what warm memory there is
    assert r.status().memory["in_use"] - before < 4 << 20
    for s in servers:
        s.accept().close()
    assert caller.ask().status == 200


def test_a_client_that_never_reads_its_replies_is_closed(router, peers):
    r = router(ANSWER, params="tcp_send_timeout=1s\n")
    c = peers.tcp(r.addr)
    raw = sip.request(via=c.via, headers=["X-Filler: " + "y" * 500]) * 20
    c.sock.setblocking(False)

    def refused():
        try:
            while True:
                c.sock.send(raw)
        except BlockingIOError:
            return False
        except OSError:
            return True
    until(refused, 8, "the connection was closed")
    r.wait_status(lambda s: s.connections == 0)
    assert peers.tcp(r.addr).ask().status == 200


@pytest.mark.parametrize("end", ["close", "reset", "half"])
def test_ends_of_connections_leave_nothing(router, peers, end):
    r = router(ANSWER)
    warm = [peers.tcp(r.addr) for _ in range(40)]
    assert all(c.ask().status == 200 for c in warm)
    for c in warm:
        c.close()
    rest = r.wait_status(lambda s: s.connections == 0)
    before = r.rest()
    for _ in range(5):
        cs = [peers.tcp(r.addr) for _ in range(40)]
        for c in cs:
            c.send(sip.request(via=c.via))
        for c in cs[::2]:
            assert c.recv().status == 200
        for c in cs:
            if end == "half":
                c.sock.shutdown(socket.SHUT_WR)
                assert c.closed()
            c.reset() if end == "reset" else c.close()
    after = r.wait_status(lambda s: s.connections == 0)
    until(lambda: r.rest() == before, 5, lambda: f"{r.rest()} instead of {before}")
    assert after.problems == 0
    assert after.memory["in_use"] - rest.memory["in_use"] <= 256 << 10


def test_requests_before_a_half_close_are_answered(router, peers):
    r = router(ANSWER)
    c = peers.tcp(r.addr)
    c.send(sip.request(via=c.via) * 3)
    c.sock.shutdown(socket.SHUT_WR)
    assert [c.recv().status for _ in range(3)] == [200] * 3
    assert c.closed()


def test_connections_go_to_all_workers(router, peers):
    r = router(ANSWER, children=3)
    cs = [peers.tcp(r.addr) for _ in range(30)]
    assert all(c.ask().status == 200 for c in cs)
    loads = [s["connections"] for s in r.status().slots]
    assert sum(loads) == 30 and min(loads) >= 5, loads


def test_ipv6(router, peers, ipv6):
    r = router(ANSWER)
    assert peers.tcp(r.addr6).ask().status == 200


def test_a_relay_between_two_streams_under_pressure(router, peers):
    """A sender that is faster than the receiver is slowed down by TCP, and nothing is lost while the queue has room."""
    server = peers.tcp_server()
    r = router(f'route {{\n\tforward_tcp("127.0.0.1", {server.port});\n}}', params="tcp_conn_wq_max=4194304\n")
    c = peers.tcp(r.addr)
    for n in range(1, 301):
        c.request("MESSAGE", cseq=n, call_id="pressure", body=b"z" * 4000)
    there = server.accept()
    for n in range(1, 301):
        m = there.recv()
        assert m.get("CSeq") == f"{n} MESSAGE"
        there.send(sip.response(m))
    assert [c.recv().get("CSeq") for _ in range(300)] == [f"{n} MESSAGE" for n in range(1, 301)]
