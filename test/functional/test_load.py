# SPDX-License-Identifier: BSD-2-Clause
"""Peers that are slow on purpose: the router's own turns stay short, others are served, the slow ones end at their deadline."""
import os
import select
import time

import pytest

from harness import sip
from harness.peers import Tcp
from harness.wait import SCALE

SLOW, DEAF = 1000, 200
ROUTES = 'route {\n\tsl_send_reply("200", "OK");\n}'


def opened(peers, r, n, window=None):
    made = []
    for _ in range(n):
        c = Tcp.connect(r.addr, window=window)
        c.sock.setblocking(False)
        peers.keep(c)
        made.append(c)
    return made


def slow_peers(router, peers):
    """Returns the router's longest turn and longest lock wait, in microseconds."""
    # turns are measured by the clock on the wall: this process, as busy as the router, shall not stretch them
    first = ["nice", "-n", "-20"] if os.geteuid() == 0 else []
    r = router(ROUTES, debug=1, params="tcp_max_connections_per_source=0\ntcp_message_timeout=5s\ntcp_send_timeout=3s\n", prefix=first)
    # a small window: what is never read does not fill the machine's memory first
    slow, deaf = opened(peers, r, SLOW), opened(peers, r, DEAF, 4096)
    u, c = peers.udp(), peers.tcp(r.addr)
    u.default = r.addr
    raw = sip.request(via=slow[0].via)
    many = sip.request(via=deaf[0].via, headers=["X-Filler: " + "f" * 400]) * 40
    poll = select.poll()
    by_fd = {s.sock.fileno(): s for s in slow}
    for fd in by_fd:
        poll.register(fd, select.POLLIN | select.POLLHUP | select.POLLERR)
    begin = time.monotonic()
    next_byte, sent, closed, longest, asked = begin, 0, [], 0.0, 0
    live = dict.fromkeys(deaf)
    while (len(closed) < SLOW or live) and time.monotonic() - begin < 20 * SCALE:
        now = time.monotonic()
        if now >= next_byte:
            next_byte += 1
            for s in slow:
                try:
                    s.sock.send(raw[sent:sent + 1])
                except OSError:
                    pass
            sent += 1
        for d in list(live):
            try:
                d.sock.send(many)
            except BlockingIOError:
                pass
            except OSError:
                del live[d]
        for fd, _ in poll.poll(5):
            poll.unregister(fd)
            closed.append(now - begin)
        for client in (u, c):
            t = time.monotonic()
            assert client.ask().status == 200
            longest = max(longest, time.monotonic() - t)
            asked += 1
    s = r.status()
    assert len(closed) == SLOW and not live, f"{len(closed)} slow senders and {DEAF - len(live)} deaf ones were closed"
    assert min(closed) > 4 and max(closed) < 5 + 4 * SCALE, (min(closed), max(closed))
    assert longest < 0.5 * SCALE, f"a client waited {longest:.3f} s"
    assert asked > 50
    return max(x["longest_turn_us"] for x in s.slots), max(x["longest_lock_us"] for x in s.slots)


@pytest.mark.load
@pytest.mark.slow
def test_a_thousand_slow_senders_and_two_hundred_that_never_read(router, peers):
    # The kernel may take the processor from a worker in the middle of a turn, or from the holder of a lock, when the machine has other
    # things to do. That is no property of the router: what it does itself it does each time.
    measured = []
    while len(measured) < 4:
        measured.append(slow_peers(router, peers))
        if measured[-1][0] < 50000 and measured[-1][1] < 1000:
            return
    raise AssertionError(f"longest turn and lock wait in µs, four times: {measured}")


@pytest.mark.load
def test_a_flood_of_connects_and_closes(router, peers):
    r = router(ROUTES, debug=1, params="tcp_max_connections_per_source=0\n")
    u = peers.udp()
    u.default = r.addr
    assert u.ask().status == 200
    for n in range(3000):
        c = Tcp.connect(r.addr)
        if n % 3 == 0:
            c.send(sip.request(via=c.via))
        c.reset() if n % 2 else c.close()
        if n % 100 == 0:
            assert u.ask().status == 200
    s = r.wait_status(lambda s: s.connections == 0)
    assert s.problems == 0
    assert peers.tcp(r.addr).ask().status == 200


@pytest.mark.load
def test_a_million_bytes_in_each_direction_at_once(router, peers):
    """Two connections that relay to each other through the router, both ways, larger than any socket buffer."""
    server = peers.tcp_server()
    r = router(f'route {{\n\tforward_tcp("127.0.0.1", {server.port});\n}}', debug=1, params="tcp_conn_wq_max=8388608\n")
    c = peers.tcp(r.addr)
    body = bytes(range(256)) * 200
    for n in range(1, 21):
        c.request("MESSAGE", cseq=n, body=body)
    there = server.accept()
    got = [there.recv() for _ in range(20)]
    assert all(m.body == body for m in got)
    for m in got:
        there.send(sip.response(m, body=body))
    back = [c.recv() for _ in range(20)]
    assert [m.get("CSeq") for m in back] == [f"{n} MESSAGE" for n in range(1, 21)]
    assert all(m.body == body for m in back)
