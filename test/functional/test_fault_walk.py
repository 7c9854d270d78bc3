# SPDX-License-Identifier: BSD-2-Clause
"""A child killed at every fault place in turn, allocations failing in turn. The full walk: test/functional/fault_walk"""
import os

import pytest

from harness import faults, tls_faults
from harness.wait import TimedOut

FULL = bool(os.environ.get("SERAC_FAULT_WALK"))
# those of connections with a layer: test_tls_faults.py
NAMES = [name for name in faults.names() if not name.startswith(tls_faults.CORE)]
SHARES = 4

pytestmark = [pytest.mark.fault, pytest.mark.slow]


@pytest.fixture(scope="module")
def reference():
    if not NAMES:
        pytest.skip("this is not the fault build (make fault; SERAC_BUILD=build-fault)")
    return faults.Run({}).go()


@pytest.mark.parametrize("share", range(SHARES))
def test_killed_at_every_place(reference, share):
    failures, missed = faults.walk(NAMES[share::SHARES], (1, 2, 3) if FULL else (1 + share % 3,), print, reference, FULL)
    assert not failures, "\n".join(failures)
    if FULL:
        assert not missed, f"the traffic does not reach {missed}"


def alloc_numbers(total):
    """All of them in the full walk, else a sample that thins out."""
    if FULL:
        return list(range(1, total + 1))
    n, chosen = 1, []
    while n <= total and len(chosen) < 24:
        chosen.append(n)
        n = max(n + 1, int(n * 1.25))
    return chosen


@pytest.mark.parametrize("share", range(SHARES))
def test_every_allocation_fails_in_turn(reference, share):
    total = faults.Run({"SERAC_FAULT_ALLOC": "1000000000"}).go()["fault"].get("allocs", 100)
    assert total > 10
    failures = []
    for n in alloc_numbers(total)[share::SHARES]:
        try:
            got = faults.Run({"SERAC_FAULT_ALLOC": str(n)}).go()
            faults.compare(reference, got)
            assert got["died"] == 0, "a worker died of a failed allocation"
            print(f"allocation {n} of {total}: good")
        except AssertionError as e:
            failures.append(f"allocation {n}: {e}")
    assert not failures, "\n".join(failures)


def relayed(there, last, seen):
    """Adds the numbers of the messages that a stream brings, up to the last; asserts that each is whole."""
    while last not in seen:
        m = there.recv(2)
        number = int(m.get("CSeq").split()[0])
        assert m.method == "MESSAGE" and m.body == b"%06d" % number * 500, "the stream is not whole"
        seen.append(number)


@pytest.mark.parametrize("n", [5, 12, 31])
@pytest.mark.parametrize("place", ["net.recv.before", "net.recv.after", "net.recv.counted", "net.send.before", "net.send.after", "net.send.counted",
                                   "net.message", "net.queue.appended", "net.queue.unlinked"])
def test_a_death_beside_a_system_call_neither_loses_nor_repeats_bytes(reference, router, peers, place, n):
    server = peers.tcp_server()
    r = router(f'route {{\n\tforward_tcp("127.0.0.1", {server.port});\n}}', children=1, env={"SERAC_FAULT": f"{place}:{n}"},
               params="tcp_conn_wq_max=4194304\n")
    r.expect_deaths()
    in_hand = place.startswith(("net.message", "net.queue"))
    c = peers.tcp(r.addr)
    there, seen = None, []
    for k in range(1, 61):
        c.request("MESSAGE", cseq=k, body=b"%06d" % k * 500)
        there = there or server.accept()
        # one by one, so that there are calls enough whatever the kernel joins; then in groups
        if k <= 40 or k % 5 == 0:
            probe = k + 1000
            while True:
                try:
                    c.request("MESSAGE", cseq=probe, body=b"%06d" % probe * 500)
                    relayed(there, probe, seen)
                    break
                except TimedOut:
                    # it may have been the one in hand
                    assert in_hand and probe < 2000 and r.count_log("main a worker died") == 1
                    probe += 1000
    assert r.count_log("main a worker died") == 1
    assert seen == sorted(set(seen), key=lambda x: (x % 1000, x)), "in order, none twice"
    missing = set(range(1, 61)) - set(seen)
    assert len(missing) <= in_hand, f"{missing} are lost, at most the one in hand may be"
    assert c.alive() and there.alive() and server.silent(0)
