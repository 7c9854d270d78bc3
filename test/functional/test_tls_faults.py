# SPDX-License-Identifier: BSD-2-Clause
"""Workers that die or are stopped at every place where a TLS connection is in somebody's hands. The full walk: test/functional/fault_walk"""
import os
import signal
import threading
import time

import pytest

from harness import sip
from harness.tls import own
from harness.tls_faults import Traffic, is_inside, places
from harness.wait import SCALE, TimedOut

FULL = bool(os.environ.get("SERAC_FAULT_WALK"))
NAMES = places()
# only a successor passes these: a death before that
RECOVERY = {"net.session.mend": "net.session.encode:2,", "tls.session.recover": "tls.session.data:1,"}
# passed only now and then: by a successor, by a loader with other ciphers, by connections of ours that are taken up again
SELDOM = ("net.session.mend", "tls.prio.", "tls.session.")

pytestmark = [pytest.mark.fault, own]
RELAY = 'route {\n\tforward_tls("127.0.0.1", {server});\n}'


@pytest.mark.parametrize("name", NAMES)
def test_killed_at_every_place_of_tls(tls, name):
    for n in (1, 2, 3, 10) if FULL else (1 if name.startswith(SELDOM) else 2,):
        got = Traffic(tls, {"SERAC_FAULT": f"{RECOVERY.get(name, '')}{name}:{n}"}, resumes=FULL or name.startswith(SELDOM)).go()
        reached = got["fault"].get("passes", 0) >= n
        print(f"{name}:{n} {'killed' if reached else 'not reached'}, {got['lost']} connections lost")
        assert not FULL or reached or n > 1, "the traffic does not reach it"
        # one that was in the dead worker's hands, and those that it had not yet got up
        assert got["lost"] <= 3


def test_every_allocation_fails_in_turn(tls):
    total = Traffic(tls, {"SERAC_FAULT_ALLOC": "1000000000"}).go()["fault"].get("allocs", 100)
    assert total > 20
    for n in range(1, total + 1, 1 if FULL else max(1, total // 10)):
        got = Traffic(tls, {"SERAC_FAULT_ALLOC": str(n)}).go()
        assert got["died"] == 0, f"a worker died of failed allocation {n}"
        print(f"allocation {n} of {total}: good, {got['lost']} connections lost")


def numbered(c, k, **fields):
    return c.request("MESSAGE", cseq=k, body=b"%06d" % k * 100, **fields)


OUTSIDE = ["net.recv.before", "net.recv.after", "net.recv.counted", "net.send.before", "net.send.after", "net.send.counted", "net.message", "net.queue.unlinked",
           "net.session.left"]


@pytest.mark.parametrize("place", OUTSIDE)
def test_a_death_outside_of_a_session_costs_the_connection_nothing(tls, place):
    server = tls.server()
    r = tls.router(RELAY, children=1, server=server.port, env={"SERAC_FAULT": f"{place}:25"})
    r.expect_deaths()
    c = tls.client(r)
    there, seen = None, []
    for k in range(1, 31):
        numbered(c, k)
        there = there or server.accept()
        probe = 1000 * k
        while probe not in seen:
            try:
                m = there.recv(1)
                assert m.body == b"%06d" % int(m.get("CSeq").split()[0]) * 100, "the stream is not whole"
                seen.append(int(m.get("CSeq").split()[0]))
            except TimedOut:
                # it may have been the one in hand
                assert not there.eof and r.count_log("main a worker died") == 1
            if not seen or seen[-1] < 1000 * k:
                probe += 1
                numbered(c, probe)
    assert r.count_log("main a worker died") == 1
    order = [x if x < 1000 else x // 1000 + x % 1000 / 1000 for x in seen]
    assert order == sorted(order) and len(set(seen)) == len(seen), "in order, none twice"
    missing = set(range(1, 31)) - set(seen)
    assert len(missing) <= 1, f"{missing} are lost, at most the one in hand may be"
    assert c.alive() and there.alive() and server.silent(0)


@pytest.mark.parametrize("place", ["net.session.held", "net.session.encode", "net.session.encoded", "net.layer.decode", "net.layer.decoded"])
def test_a_death_inside_ends_the_connection_within_a_second(tls, place):
    assert is_inside(place)
    r = tls.router(env={"SERAC_FAULT": f"{place}:8"})
    r.expect_deaths()
    c, died = tls.client(r), None
    for _ in range(20):
        try:
            assert c.ask(timeout=1).status == 200
        except (OSError, TimedOut):
            died = time.monotonic()
            break
    assert died and r.wait_log("a worker died") and c.closed(1), "the client sees no end"
    assert tls.client(r).ask().status == 200


def stopped(r):
    return [p for p in r.workers() if r.state(p) == "T"]


@pytest.mark.parametrize("fate", ["goes on", "is killed by the watchdog"])
def test_a_worker_that_is_stopped_inside_of_encode_holds_up_nobody(tls, peers, fate):
    """The others leave their messages beside and go on; they are delivered when it goes on, or fail when the watchdog has killed it."""
    server = tls.server()
    r = tls.router(f'route {{\n\tif (uri =~ "^sip:here@") {{\n\t\tsl_send_reply("200", "OK");\n\t\texit;\n\t}}\n\tif (!t_relay()) {{\n\t\tsl_reply_error();\n\t}}\n}}',
                   modules=("sl", "tm"), children=3, params="worker_timeout=2s\n" if fate != "goes on" else "worker_timeout=60s\n",
                   env={"SERAC_FAULT": "net.session.encode:6!"})
    r.expect_deaths()
    r.expect_error("a worker is stuck, replacing it")
    u = peers.udp()
    u.default = r.addr
    there, n = None, 0
    while not stopped(r):
        n += 1
        assert n < 50, "no worker is stopped"
        req = u.request(uri=server.uri)
        there = there or server.accept()
        try:
            there.send(sip.response(there.recv(0.3)))
            u.final(req, 0.3)
        except TimedOut:
            pass
    held = stopped(r)
    # the others: each sends on the connection, and answers others at once
    sent = [u.request("MESSAGE", uri=server.uri, body=b"x" * 100) for _ in range(20)]
    begin, answered = time.monotonic(), 0
    other = [peers.udp() for _ in range(10)]
    for o in other:
        o.default = r.addr
        t = time.monotonic()
        try:
            if o.ask(uri="sip:here@x", timeout=0.5).status == 200:
                answered += 1
                assert time.monotonic() - t < 0.3 * SCALE
        except TimedOut:
            pass  # the stopped one has it in hand
    assert answered >= 9
    if fate == "goes on":
        for pid in held:
            os.kill(pid, signal.SIGCONT)

    def answer():
        try:
            while True:
                there.send(sip.response(there.recv(8)))
        except (TimedOut, OSError):
            pass
    t = threading.Thread(target=answer, daemon=True)
    t.start()
    ends = [m.status for m in u.finals(sent, 15)]
    if fate == "goes on":
        assert ends == [200] * 20 and r.count_log("main a worker died") == 0
    else:
        assert r.count_log("main a worker died") == 1 and len(ends) == 20
        # the next connection works
        req = u.request(uri=server.uri)
        again = server.accept()
        again.send(sip.response(again.recv()))
        assert u.final(req).status == 200
    assert time.monotonic() - begin < 12 * SCALE
