# SPDX-License-Identifier: BSD-2-Clause
"""One busy connection whose messages several workers run: each call in order, whatever dies or ends meanwhile."""
import os
import random
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import sip
from harness.wait import TimedOut, until

CALLS = 12
# some work for each message, so that they wait
WORK = """
	$var(i) = 0;
	while ($var(i) < 90) {
		$var(i) = $var(i) + 1;
		$var(x) = $(hdr(Subject){s.len}) + $var(i);
	}
"""
ANSWER = "route {\n" + WORK + '\tsl_send_reply("200", "OK");\n}'
RELAY = "route {\n" + WORK + '\tforward_tcp("127.0.0.1", {callee});\n}'


def burst(c, n, first=1, **fields):
    """n requests of CALLS calls in turn, as they come over a trunk."""
    raw = b"".join(sip.request("MESSAGE", via=c.via, cseq=k, call_id=f"call{k % CALLS}", headers=("Subject: " + "x" * 100,), **fields)
                   for k in range(first, first + n))
    t = threading.Thread(target=c.send, args=(raw,), daemon=True)
    t.start()
    return t


def in_order(messages):
    """The numbers of all; asserts that those of each call rise."""
    last = {}
    for m in messages:
        k = int(m.get("CSeq").split()[0])
        assert last.get(m.get("Call-ID"), 0) < k, f"{m.get('Call-ID')}: {k} came behind {last[m.get('Call-ID')]}"
        last[m.get("Call-ID")] = k
    return [int(m.get("CSeq").split()[0]) for m in messages]


def others(r):
    """The pids of the workers that do not own the only connection."""
    pids = until(lambda: [s["pid"] for s in r.status(settled=False).slots if not s["connections"]], 5, "an owner")
    return [p for p in pids if p in r.workers()]


def test_all_are_answered_and_each_call_in_order(router, peers):
    r = router(ANSWER, debug=1)
    c = peers.tcp(r.addr)
    burst(c, 2000)
    assert sorted(in_order([c.recv() for _ in range(2000)])) == list(range(1, 2001))
    assert 200 < r.counter("tcp", "handed_over") < 1900


def test_a_relay_to_another_stream_keeps_the_order_of_each_call(router, peers):
    server = peers.tcp_server()
    r = router(RELAY, debug=1, callee=server.port, params="tcp_conn_wq_max=8388608\n")
    c = peers.tcp(r.addr)
    burst(c, 1000)
    there = server.accept()
    got = [there.recv() for _ in range(1000)]
    assert sorted(in_order(got)) == list(range(1, 1001))
    there.send(b"".join(sip.response(m) for m in got))
    assert sorted(in_order([c.recv() for _ in range(1000)])) == list(range(1, 1001))
    # what came before is behind: one that comes alone is not handed over
    before = r.counter("tcp", "handed_over")
    assert before > 100
    for k in range(20):
        req = c.request("MESSAGE", cseq=2000 + k)
        there.send(sip.response(there.recv()))
        assert c.final(req).status == 200
    assert r.counter("tcp", "handed_over") == before


@pytest.mark.parametrize("how", [{"children": 1}, {"params": "conn_backlog=0\n"}])
def test_not_with_one_worker_and_not_when_switched_off(router, peers, how):
    r = router(ANSWER, debug=1, **how)
    c = peers.tcp(r.addr)
    burst(c, 400)
    assert in_order([c.recv() for _ in range(400)]) == list(range(1, 401)), "all in order, there is one worker"
    assert r.counter("tcp", "handed_over") == 0


def test_requests_before_a_half_close_are_answered(router, peers):
    r = router(ANSWER, debug=1, children=3)
    c = peers.tcp(r.addr)
    burst(c, 600).join()
    c.sock.shutdown(1)
    assert len(in_order([c.recv() for _ in range(600)])) == 600
    assert c.closed()
    assert r.counter("tcp", "handed_over") > 50


def test_the_death_of_a_helper_costs_at_most_what_it_had_in_hand(router, peers):
    r = router(ANSWER, debug=1, children=3)
    r.expect_deaths()
    c = peers.tcp(r.addr)
    assert c.ask().status == 200
    n, kills, got, answered = 6000, 0, [], set()
    helpers = others(r)
    burst(c, n)
    # a reply and the successor's 500 for the same request may both come
    while len(answered) < n:
        m = c.recv()
        got.append(m)
        answered.add(m.get("CSeq"))
        if len(got) % 400 == 0 and len(got) < n - 500 and kills < 8:
            helpers = [p for p in helpers if p in r.workers()]
            if helpers:
                # once: a killed process may need a moment to die
                os.kill(helpers.pop(0), signal.SIGKILL)
                kills += 1
            else:
                helpers = others(r)
    numbers = in_order([m for m in got if m.status == 200])
    assert kills >= 2
    until(lambda: r.count_log("main a worker died") == kills, 10, f"{kills} deaths")
    assert len(set(numbers)) == len(numbers), "none is run twice"
    assert len(got) - len(numbers) <= kills
    assert c.ask().status == 200


def test_the_death_of_the_owner_hands_nothing_over_twice(router, peers):
    """What it handed over is run by others, what it did not by its successor, behind that."""
    r = router(ANSWER, debug=1)
    r.expect_deaths()
    survived = 0
    for _ in range(20):
        c = peers.tcp(r.addr)
        owner = next(p for p in r.workers() if p not in others(r))
        burst(c, 1000)
        got = [c.recv() for _ in range(300)]
        os.kill(owner, signal.SIGKILL)
        answered = {m.get("CSeq") for m in got}
        try:
            while len(answered) < 1000:
                got.append(c.recv())
                answered.add(got[-1].get("CSeq"))
        except (TimedOut, OSError):
            # it died in the framer
            assert c.eof and r.counter("tcp", "closed_by_death")
            continue
        finally:
            c.close()
            r.wait_status(lambda s: not s.connections)
        numbers = in_order([m for m in got if m.status == 200])
        assert len(set(numbers)) == len(numbers), "none is run twice"
        assert len(got) - len(numbers) <= 1
        survived += 1
        if survived == 3:
            return
    raise AssertionError("each of 20 deaths was in the framer")


def test_a_helper_that_hangs_is_replaced_and_what_it_had_is_run(router, peers):
    r = router(ANSWER, debug=1, params="worker_timeout=3s\n")
    r.expect_error(" main a worker is stuck")
    r.expect_deaths()
    c = peers.tcp(r.addr)
    assert c.ask().status == 200
    helper = others(r)[0]
    burst(c, 100)
    got = [c.recv() for _ in range(50)]
    os.kill(helper, signal.SIGSTOP)
    burst(c, 400, first=101)
    while len(set(m.get("CSeq") for m in got)) < 500:
        got.append(c.recv(15))
    in_order([m for m in got if m.status == 200])
    r.wait_log("main a worker died")
    assert r.count_log("main a worker died") == 1


def test_term_in_the_middle_runs_what_was_handed_over(router, peers):
    r = router(ANSWER, debug=1, children=3)
    c = peers.tcp(r.addr)
    burst(c, 3000)
    got = [c.recv() for _ in range(300)]
    r.signal(signal.SIGTERM)
    assert c.closed(10)
    assert r.wait_exit() == 0
    while True:
        n = sip.frame(c.data)
        if not n:
            break
        got.append(sip.Message(c.data[:n]))
        c.data = c.data[n:]
    # of each call what came first, without a gap: nothing that was begun is lost
    numbers = in_order(got)
    last = max(numbers)
    assert last < 3000 and not c.data
    for call in range(CALLS):
        of = [k for k in numbers if k % CALLS == call]
        assert of == list(range(call or CALLS, of[-1] + 1, CALLS)), f"call{call} has a gap"


@pytest.mark.load
def test_random_deaths_beside_several_busy_connections(router, peers):
    """Who dies takes with it what was in its hands and connections whose bytes it was framing, nothing else."""
    connections, n = 6, 8000
    r = router(ANSWER, debug=1, children=4)
    r.expect_deaths()
    r.expect_error("could not write the message a worker died of")
    cs = [peers.tcp(r.addr) for _ in range(connections)]
    before = r.status().memory
    got, kills = [[] for _ in cs], 0

    def read(c, into):
        answered = set()
        try:
            while len(answered) < n:
                into.append(c.recv(10))
                answered.add(into[-1].get("CSeq"))
        except (TimedOut, OSError):
            assert c.eof, "an open connection whose requests are not all answered"
        return len(answered) == n
    with ThreadPoolExecutor(connections) as pool:
        for c in cs:
            burst(c, n)
        readers = [pool.submit(read, c, into) for c, into in zip(cs, got)]
        while not all(f.done() for f in readers):
            time.sleep(0.05)
            victims = r.workers()
            if victims:
                os.kill(random.choice(victims), signal.SIGKILL)
                kills += 1
        whole = sum(f.result() for f in readers)
    for messages in got:
        numbers = in_order([m for m in messages if m.status == 200])
        assert len(set(numbers)) == len(numbers), "none is run twice"
    assert kills > 5 and whole >= connections // 2
    assert r.counter("tcp", "closed_by_death") >= connections - whole
    assert sum(m.status == 500 for messages in got for m in messages) <= kills
    for c in cs:
        c.close()
    s = r.wait_status(lambda s: s.connections == 0)
    assert s.problems == 0
    assert s.memory["chunks"] <= before["chunks"] + 8
