# SPDX-License-Identifier: BSD-2-Clause
"""Peers that stop cost their own connection, and nobody else anything."""
import ssl
import time

import pytest

from harness.stuck import Drops, Refuses, Server, client_hello, deaf, deaf_client, half_an_answer, hears_a_hello, stuck_clients
from harness.tls import V12, client_context, own, server_context
from harness.wait import SCALE, until

pytestmark = own
TURN_US = 50000
DEADLINES = "tls_handshake_timeout=1s\ntcp_connect_timeout=1s\ntls_send_timeout=1s\ntcp_send_timeout=1s\n"
ROUTES = """
modparam("tm", "fr_timer", 3000)
route {
	if (uri =~ "^sip:here@") {
		sl_send_reply("200", "OK");
		exit;
	}
	t_on_failure("NEXT");
	if (!t_relay()) {
		sl_reply_error();
	}
}
failure_route[NEXT] {
	t_on_failure("");
	append_branch("sip:good@127.0.0.1:{good}");
	t_relay();
}
"""


def longest_turn(r):
    return max(s["longest_turn_us"] for s in r.status().slots)


def quick_turns(measure):
    """The kernel may take the processor from a worker in the middle of a turn: what the router does itself it does each time."""
    turns = []
    while len(turns) < 4:
        turns.append(measure())
        if turns[-1] < TURN_US:
            return
    raise AssertionError(f"longest turn in µs, four times: {turns}")


@pytest.mark.load
def test_fifty_stuck_servers(tls, peers):
    quick_turns(lambda: fifty_stuck_servers(tls, peers))


def fifty_stuck_servers(tls, peers):
    good, context = peers.uas(), server_context(tls.pki.server())
    kept = []
    r = tls.router(ROUTES, modules=("sl", "tm"), params=DEADLINES, good=good.port)
    kinds = {"refuses": Refuses, "drops": Drops, "says nothing": lambda: Server(lambda s: None), "after ClientHello": lambda: Server(hears_a_hello),
             "within its answer": lambda: Server(half_an_answer(context)), "deaf": lambda: Server(deaf(context, kept))}
    stuck = {what: [tls.keep(make()) for _ in range(9)] for what, make in kinds.items()}
    u = peers.udp()
    u.default = r.addr
    begin, calls = time.monotonic(), {}
    for n in range(9):
        for what in kinds:
            calls[what, n] = u.request("OPTIONS", uri=f"sip:x@127.0.0.1:{stuck[what][n].port};transport=tls")
    # a deaf one is only stuck when much is to be sent
    for n in range(9):
        for _ in range(40):
            u.request("MESSAGE", uri=f"sip:x@127.0.0.1:{stuck['deaf'][n].port};transport=tls", body=b"d" * 8000)
    # others are served meanwhile, and those who are stuck fail over, at once or at their deadline
    other = peers.udp()
    other.default = r.addr
    waits, ends = [], {}
    by_id = {req.get("Call-ID"): key for key, req in calls.items()}
    while len(ends) < len(calls):
        assert time.monotonic() - begin < 8 * SCALE, f"no end of {sorted(set(calls) - set(ends))}"
        t = time.monotonic()
        assert other.ask(uri="sip:here@x").status == 200
        waits.append(time.monotonic() - t)
        while u.waiting():
            m = u.recv()
            if m.status >= 200 and m.get("Call-ID") in by_id:
                ends[by_id[m.get("Call-ID")]] = (m.status, time.monotonic() - begin)
        time.sleep(0.005)
    assert {status for status, _ in ends.values()} == {200}
    assert max(s for (what, _), (_, s) in ends.items() if what == "refuses") < 0.7 * SCALE, "refused: fails over at once"
    for what in ("drops", "says nothing", "after ClientHello", "within its answer"):
        times = [s for (w, _), (_, s) in ends.items() if w == what]
        assert 0.7 < min(times) and max(times) < 2.5 * SCALE, f"{what}: {times}"
    assert sorted(waits)[len(waits) * 9 // 10] < 0.1 * SCALE, "others wait"
    r.wait_status(lambda s: s.connections == 0, 8, "all are closed at their deadlines")
    until(lambda: all(s.closed() for some in stuck.values() for s in some), 3, "all see their end")
    turn = longest_turn(r)
    for s in kept:
        s.close()
    return turn


@pytest.mark.load
def test_fifty_stuck_clients(tls, peers):
    quick_turns(lambda: fifty_stuck_clients(tls, peers))


def fifty_stuck_clients(tls, peers):
    r = tls.router('route {\n\tif (method == "MESSAGE") {\n\t\tappend_to_reply("X-Large: {large}\\r\\n");\n\t}\n\tsl_send_reply("200", "OK");\n}', large="x" * 8000,
                   params=DEADLINES + "tcp_accept_timeout=1s\ntcp_conn_wq_max=262144\n")
    stuck = [tls.keep(c) for c in stuck_clients(r.tls, client_context(), 12)]
    loud = [deaf_client(tls, r, 1000) for _ in range(2)]
    u, c = peers.udp(), tls.client(r)
    u.default = r.addr
    begin, waits = time.monotonic(), []
    while any(not x.eof for x in stuck):
        assert time.monotonic() - begin < 6 * SCALE, "not closed at the deadline"
        for who in (u, c):
            t = time.monotonic()
            assert who.ask().status == 200
            waits.append(time.monotonic() - t)
        for x in stuck:
            x.alive()
        time.sleep(0.01)
    assert time.monotonic() - begin > 0.5
    assert sorted(waits)[len(waits) * 9 // 10] < 0.1 * SCALE, "others wait"
    r.wait_status(lambda s: s.connections == 1, 8, "those that do not read are closed, too")
    assert c.ask().status == 200
    for x in loud:
        x.reset()
    return longest_turn(r)


def test_each_kind_of_silence_is_told_with_stage_and_peer(tls):
    r = tls.router(params="tls_handshake_timeout=1s\n")
    silent, half = tls.peers.tcp(r.tls), tls.peers.tcp(r.tls)
    half.send(client_hello(client_context()))
    assert silent.closed(4) and half.closed(4)
    for c in (silent, half):
        r.wait_log(rf"(warn|notice|info) .*tls.*{c.port}")


def test_a_slow_handshake_within_the_deadline_is_no_error(tls):
    r = tls.router(params="tls_handshake_timeout=5s\n")
    context = client_context(tls.pki.ca.file, version=V12)
    c = tls.peers.tcp(r.tls)
    c.sock.settimeout(5)

    inward, outward = ssl.MemoryBIO(), ssl.MemoryBIO()
    t = context.wrap_bio(inward, outward)
    while True:
        try:
            t.do_handshake()
            done = True
        except ssl.SSLWantReadError:
            done = False
        said = outward.read()
        for at in range(0, len(said), 50):
            c.send(said[at:at + 50])
            time.sleep(0.002)
        if done:
            break
        inward.write(c.sock.recv(100))
    t.write(b"\r\n\r\n")
    c.send(outward.read())
    inward.write(c.sock.recv(65536))
    assert t.read(2) == b"\r\n"
