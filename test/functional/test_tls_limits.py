# SPDX-License-Identifier: BSD-2-Clause
"""What TLS connections may take: who comes too late is refused, who is there goes on, and nothing of a session lies in private memory."""
import pytest

from harness.reload import private_memory
from harness.tls import V12, V13, Tls, client_context, own
from harness.wait import SCALE, TimedOut, until

pytestmark = own
MANY = "tcp_max_connections_per_source=0\n"


def open_many(tls, r, n, ask=True):
    """n connections that are up; fewer when one is refused."""
    context, found = client_context(tls.pki.ca.file, None, V13), []
    for _ in range(n):
        try:
            c = tls.keep(Tls.client(r.tls, context))
            if ask:
                c.request()
                assert c.recv(3).status == 200
        except (OSError, TimedOut):
            break
        found.append(c)
    return found


def test_tls_max_connections(tls):
    r = tls.router(params="tls_max_connections=5\n")
    good = open_many(tls, r, 5)
    assert len(good) == 5
    assert all(tls.refused(r) for _ in range(3))
    # TCP has room of its own
    assert tls.peers.tcp(r.addr).ask().status == 200
    assert all(c.ask().status == 200 for c in good)
    good.pop().bye()
    until(lambda: not tls.refused(r), 5, "a place is free again")


def test_connections_of_ours_count_among_them(tls, pki, peers):
    r = tls.router('modparam("tls", "tls_max_connections", 1)\nroute {\n\tt_relay();\n}', modules=("sl", "tm"))
    uas = tls.uas(pki.ca.issue("limit-server", "/CN=x", "IP:127.0.0.1"))
    u = peers.udp()
    u.default = r.addr
    c = tls.client(r)
    r.wait_status(lambda s: s.connections == 1)
    assert u.ask(uri=uas.uri()).status >= 480 and not uas.seen
    r.wait_log("no room for another connection .*reason=tls_max_connections")
    c.bye()
    c.close()
    r.wait_status(lambda s: s.connections == 0)
    assert u.ask(uri=uas.uri()).status == 200


def test_the_limit_of_a_source_counts_tls(tls):
    r = tls.router(params="tcp_max_connections_per_source=3\n")
    good = open_many(tls, r, 4)
    assert len(good) == 3 and all(c.ask().status == 200 for c in good)


def test_full_shared_memory_refuses_new_connections_and_keeps_the_old(tls):
    r = tls.router(params=MANY + "shm_mem=16\n", args=["-E"])
    before = r.status().memory
    good = open_many(tls, r, 1500)
    assert 50 < len(good) < 1500, f"{len(good)} connections in 16 MB"
    for c in good[::20]:
        assert c.ask().status == 200
    for c in good[::2]:
        c.close()
    r.wait_status(lambda s: s.connections <= len(good) - len(good[::2]), 10, "half of them are closed")
    again = open_many(tls, r, len(good[::2]) // 2)
    assert len(again) == len(good[::2]) // 2, "there is room again"
    for c in [*good, *again]:
        c.close()
    s = r.wait_status(lambda s: s.connections == 0, 10, "all are closed")
    assert s.problems == 0
    # but for the rows of the table of connections
    allowed = before["in_use"] - before["cached"] + (256 << 10) + 1024 * len(good)
    r.wait_status(lambda s: s.memory["in_use"] - s.memory["cached"] <= allowed, 10, "their memory is back")


def memory(r):
    s = r.status()
    return {"shared": s.memory["in_use"] - s.memory["cached"], "private": sum(private_memory(p) for p in r.workers())}


@pytest.mark.load
@pytest.mark.parametrize("version", [V12, V13], ids=["1.2", "1.3"])
def test_a_session_lies_in_shared_memory_alone(tls, version):
    """At most 24 KiB of it; private memory does not grow with the number of connections."""
    r = tls.router(params=MANY)
    open_many(tls, r, 100)
    before = memory(r)
    context, more = client_context(tls.pki.ca.file, None, version), 300
    for _ in range(more):
        c = tls.keep(Tls.client(r.tls, context))
        c.request()
        assert c.recv(3).status == 200
    # what records need is given back when they rest
    until(lambda: memory(r)["shared"] - before["shared"] <= more * 24 * 1024, 8, "at most 24 KiB for each", every=0.1)
    after = memory(r)
    assert after["private"] - before["private"] <= more * 1024, f"{(after['private'] - before['private']) / more:.0f} private bytes for each"


@pytest.mark.load
def test_what_was_taken_is_given_back(tls):
    r = tls.router(params=MANY)
    for c in open_many(tls, r, 60):
        c.close()
    r.wait_status(lambda s: s.connections == 0)
    before = memory(r)
    for how in ("close", "bye", "reset"):
        for c in open_many(tls, r, 60):
            getattr(c, how)()
    r.wait_status(lambda s: s.connections == 0)
    until(lambda: memory(r)["shared"] <= before["shared"] + 8192, 5, "shared memory is back")
    assert memory(r)["private"] <= before["private"] + (256 << 10) * SCALE
