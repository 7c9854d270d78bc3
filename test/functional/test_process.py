# SPDX-License-Identifier: BSD-2-Clause
"""Processes: deaths and successors, crash files, the watchdog, the end of the router, its user, limits and flags."""
import json
import os
import pwd
import re
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest

from harness import ports, sip
from harness.router import BINARY, run_serac
from harness.wait import SCALE, TimedOut, until

ANSWER = 'route {\n\tsl_send_reply("200", "OK");\n}'

# the same with some work before, so that a worker is likely to be met in the middle of it
LABOUR = "route {\n" + "\tif (from_uri=~\"^(a|b|c)*[0-9]+x?nobody\") {\n\t\texit;\n\t}\n" * 60 + '\tsl_send_reply("200", "OK");\n}'


def caller_of(r, peers):
    u = peers.udp()
    u.default = r.addr
    return u


def ask_until_answered(caller, timeout=10):
    """A client over UDP: sends again when nothing comes."""
    req = caller.request()

    def answered():
        try:
            return caller.final(req, 0.2)
        except TimedOut:
            caller.send(req.raw)
    return until(answered, timeout, "an answer")


def unread(port):
    """Bytes that the kernel holds for sockets at this local port: 0 when the router has read all."""
    return sum(int(line.split()[4].split(":")[1], 16) for f in ("tcp", "udp")
               for line in Path(f"/proc/net/{f}").read_text().splitlines()[1:] if line.split()[1].endswith(f":{port:04X}"))


# --- deaths -------------------------------------------------------------------------------------------------------------

def test_a_dead_worker_has_a_successor(router, peers):
    r = router(ANSWER)
    u = caller_of(r, peers)
    before = set(r.workers())
    victim = min(before)
    after = set(r.kill_worker(victim))
    assert victim not in after and len(after) == 2 and before - {victim} <= after
    assert ask_until_answered(u).status == 200
    assert re.search(rf"error main a worker died slot=\d pid={victim} signal=9", r.log())


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_established_connections_outlive_their_worker(router, peers, number):
    r = router(ANSWER, children=1)
    cs = [peers.tcp(r.addr) for _ in range(20)]
    assert all(c.ask().status == 200 for c in cs)
    r.kill_worker(number=number)
    assert all(c.ask().status == 200 for c in cs)
    assert r.status().connections == 20


def test_bytes_already_read_are_not_lost(router, peers):
    r = router(ANSWER, children=1)
    c = peers.tcp(r.addr)
    assert c.ask().status == 200
    raw = sip.request(via=c.via, headers=["X-Long: " + "l" * 3000])
    for part in (raw[:100], raw[100:2000], raw[2000:-1]):
        c.send(part)
        until(lambda: unread(r.port) == 0, 5, "the router reads")
        r.kill_worker()
    c.send(raw[-1:])
    assert c.recv().status == 200


def test_connections_stay_with_their_slot_and_others_are_untouched(router, peers):
    r = router(ANSWER, children=3)
    cs = [peers.tcp(r.addr) for _ in range(30)]
    assert all(c.ask().status == 200 for c in cs)
    before = [s["connections"] for s in r.status().slots]
    r.kill_worker()
    assert all(c.ask().status == 200 for c in cs)
    assert [s["connections"] for s in r.status().slots] == before


def test_what_is_queued_for_a_slow_reader_outlives_the_worker(router, peers):
    server = peers.tcp_server()
    r = router(f'route {{\n\tforward_tcp("127.0.0.1", {server.port});\n}}', children=1)
    u = caller_of(r, peers)
    u.request()
    there = server.accept()
    there.recv()
    u.send(sip.request("MESSAGE", via=u.via, cseq=0, body=b"x" * 60000))
    for n in range(1, 100):
        u.send(sip.request("MESSAGE", via=u.via, cseq=n, body=b"x" * 6000))
        until(lambda: unread(r.port) == 0, 5, "the router reads")
    r.kill_worker()
    got = [int(there.recv().get("CSeq").split()[0]) for _ in range(100)]
    # the message in hand may be lost with the worker; the stream itself stays whole and in order
    assert got == sorted(got)


def test_many_deaths_lose_nothing(router, peers):
    r = router(ANSWER, children=2)
    c = peers.tcp(r.addr)
    assert c.ask().status == 200
    r.kill_worker()
    rest, memory = r.rest(), r.status().memory["in_use"]
    for n in range(20):
        r.kill_worker(r.workers()[n % 2], [signal.SIGKILL, signal.SIGSEGV][n // 2 % 2])
        assert c.ask().status == 200
    until(lambda: r.rest() == rest, 5, "all descriptors are as before")
    s = r.wait_status(lambda s: s.memory["in_use"] <= memory + (128 << 10), 5)
    assert s.problems == 0
    assert "pauses" not in r.log()


def test_when_no_successor_can_be_forked_others_get_the_connections(router, peers, root):
    # a user whom nobody else runs as, and whose processes are counted
    user = pwd.getpwnam("games")
    r = router(ANSWER, args=["-u", user.pw_name], prefix=["prlimit", "--nproc=3"])
    r.expect_error("could not fork a worker")
    cs = [peers.tcp(r.addr) for _ in range(10)]
    assert all(c.ask().status == 200 for c in cs)
    with subprocess.Popen(["sleep", "60"], user=user.pw_uid, group=user.pw_gid, extra_groups=[]) as one_more:
        r.kill_idle()
        r.wait_log("could not fork a worker")
        assert all(c.ask().status == 200 for c in cs)
        assert len(r.workers()) == 1
        one_more.kill()
    until(lambda: len(r.workers()) == 2, 5, "a successor")
    assert all(c.ask().status == 200 for c in cs)
    s = r.status()
    assert s.problems == 0 and s.connections == 10


def test_main_takes_its_workers_with_it(router, peers):
    r = router(ANSWER)
    workers = r.workers()
    assert len(workers) == 2
    r.signal(signal.SIGKILL)
    r.process.wait(5)
    until(lambda: not any(os.path.exists(f"/proc/{p}") and r.state(p) not in "ZX" for p in workers), 5, "the workers end")
    # its ports are free again
    again = router(ANSWER, port=r.port)
    assert caller_of(again, peers).ask().status == 200
    r.process.returncode = 0


def crash(r, peers, number=signal.SIGSEGV):
    """Lets the only worker die with a message in hand; returns the crash file."""
    u = caller_of(r, peers)
    old = set(r.dir.glob("crash-*.sip"))
    r.expect_deaths()
    for _ in range(30):
        pid = r.workers()[0]
        os.kill(pid, signal.SIGSTOP)
        until(lambda: r.state(pid) == "T", 5, "the worker is stopped")
        for _ in range(300):
            u.request("MESSAGE", body=b"b" * 500)
        seen = r.count_log("a successor took over")
        os.kill(pid, signal.SIGCONT)
        u.recv(5)
        os.kill(pid, number)
        until(lambda: r.count_log("a successor took over") > seen, 10, "a successor")
        new = set(r.dir.glob("crash-*.sip")) - old
        if new:
            return new.pop()
    raise AssertionError("30 workers were killed in the middle of their work and none had a message in hand")


def test_what_killed_a_worker_is_written_to_a_file(router, peers):
    r = router(LABOUR, children=1, params="worker_timeout=60s\n")
    f = crash(r, peers)
    assert re.fullmatch(r"crash-\d{8}T\d{6}Z-\d+\.sip", f.name)
    assert stat.S_IMODE(f.stat().st_mode) == 0o600
    head, _, message = f.read_bytes().partition(b"\n\n")
    assert head.startswith(b"# serac ") and b"signal 11" in head and b"# from udp:127.0.0.1:" in head
    assert message.startswith(b"MESSAGE sip:") and message.endswith(b"b" * 500)


def test_a_retransmission_of_a_killer_is_not_run_again(router, peers):
    r = router(LABOUR, children=1, params="worker_timeout=60s\n")
    head, _, message = crash(r, peers).read_bytes().partition(b"\n\n")
    m = sip.Message(message)
    port = int(re.search(r":(\d+)", m.vias[0]).group(1))
    u = next(p for p in peers.open if getattr(p, "port", 0) == port)
    assert ask_until_answered(u).status == 200
    while u.waiting():
        u.recv()
    u.send(message)
    if b"# script" in head:
        assert u.recv().status == 500
    assert u.ask().status == 200
    assert u.silent(0.1)
    # what was not the killer is
    u.send(message.replace(m.get("Call-ID").encode(), b"another@test"))
    assert u.recv().status == 200


def test_twenty_crash_files_are_kept(router, peers):
    r = router(LABOUR, children=1, params="worker_timeout=60s\n")
    for n in range(25):
        (r.dir / f"crash-20200101T0000{n:02}Z-1.sip").write_text("old")
    new = crash(r, peers)
    kept = sorted(f.name for f in r.dir.glob("crash-*.sip"))
    assert len(kept) == 20 and new.name in kept and "crash-20200101T000024Z-1.sip" in kept


def test_crash_dir(router, peers):
    r = router(LABOUR, children=1, params='worker_timeout=60s\ncrash_dir="{dir}/crashes"\n', start=False)
    (r.dir / "crashes").mkdir()
    r.start()
    real, r.dir = r.dir, r.dir / "crashes"
    try:
        assert crash(r, peers).parent.name == "crashes"
    finally:
        r.dir = real


def test_a_request_in_hand_from_a_stream_gets_500(router, peers):
    r = router(LABOUR, children=1, params="worker_timeout=60s\n")
    r.expect_deaths()
    for _ in range(60):
        c = peers.tcp(r.addr)
        assert c.ask().status == 200
        pid = r.workers()[0]
        os.kill(pid, signal.SIGSTOP)
        until(lambda: r.state(pid) == "T", 5, "the worker is stopped")
        c.send(b"".join(sip.request("MESSAGE", via=c.via, cseq=n) for n in range(1, 200)))
        seen, crashes = r.count_log("a successor took over"), r.count_log("crash a worker died over a message")
        os.kill(pid, signal.SIGCONT)
        c.recv(5)
        os.kill(pid, signal.SIGSEGV)
        until(lambda: r.count_log("a successor took over") > seen, 10, "a successor")
        answers = []
        try:
            c.request(cseq=9999)
            while not answers or answers[-1].get("CSeq") != "9999 OPTIONS":
                answers.append(c.recv(5))
        except (TimedOut, OSError):
            # it died in the framer
            assert c.eof
            continue
        statuses = [m.status for m in answers]
        if r.count_log("crash a worker died over a message") > crashes:
            assert statuses.count(500) == 1 and set(statuses) == {200, 500}
            assert r.counter("core", "hand_orphaned") == 1
            return
        # between two messages nothing is lost
        assert set(statuses) == {200}
    raise AssertionError("no worker died with a frame in hand")


@pytest.mark.fault
def test_a_slot_whose_workers_die_at_once_pauses_but_not_the_last(router):
    r = router(ANSWER, children=4, env={"SERAC_FAULT": "worker.turn:20+"})
    r.expect_deaths()
    r.expect_error("a slot pauses, its workers die at once")
    m = r.wait_log(r"a slot pauses, its workers die at once slot=(\d) deaths=(\d+) ms=100", 10)
    assert int(m.group(2)) >= 3
    # somebody is always tried
    seen = r.count_log("a successor took over")
    until(lambda: r.count_log("a successor took over") > seen + 5, 10, "successors")
    r.signal(signal.SIGTERM)
    assert r.wait_exit() == 0


@pytest.mark.fault
def test_recovery_that_dies_three_times_starts_afresh(router, peers):
    r = router(ANSWER, children=2, env={"SERAC_FAULT": "worker.turn:60,worker.recover:1+"})
    r.expect_deaths()
    r.expect_error("recovery failed three times, starting afresh|a slot pauses")
    u, pid = caller_of(r, peers), r.main

    def afresh():
        try:
            u.ask(timeout=0.1)
        except TimedOut:
            pass
        return r.count_log("starting afresh")
    until(afresh, 20, "fresh memory", every=0)
    begin = time.monotonic()
    assert ask_until_answered(u).status == 200
    assert time.monotonic() - begin < 2 * SCALE and r.main == pid and r.running()
    r.signal(signal.SIGTERM)
    assert r.wait_exit() == 0


# --- the watchdog ---------------------------------------------------------------------------------------------------------

def test_a_stopped_worker_costs_the_others_nothing_and_is_replaced(router, peers):
    r = router(ANSWER, children=2, params="worker_timeout=2s\n")
    r.expect_error(" main a worker is stuck")
    r.expect_deaths()
    cs = [peers.tcp(r.addr) for _ in range(10)]
    assert all(c.ask().status == 200 for c in cs)
    u = caller_of(r, peers)
    r.settle()
    stopped = r.workers()[0]
    os.kill(stopped, signal.SIGSTOP)
    begin = time.monotonic()
    sent = [c.request() for c in cs]
    longest, asked, died = 0, 0, None
    while died is None and time.monotonic() - begin < 10 * SCALE:
        t = time.monotonic()
        assert u.ask(timeout=1.5).status == 200, "datagrams are served by the others"
        longest = max(longest, time.monotonic() - t)
        asked += 1
        if r.count_log("a worker is stuck"):
            died = time.monotonic() - begin
    assert died and 1.5 < died < 6 * SCALE, died
    assert asked > 20 and longest < 1 * SCALE, (asked, longest)
    # half of the connections were the stopped worker's: their requests are answered by the successor
    assert all(c.final(m).status == 200 for c, m in zip(cs, sent))
    assert stopped not in r.workers()


def test_datagrams_are_served_while_main_is_held_up(router, peers):
    r = router(ANSWER, children=3)
    u = caller_of(r, peers)
    # at this load one worker listens for all
    for _ in range(400):
        assert u.ask().status == 200
    r.signal(signal.SIGSTOP)
    try:
        for pid in r.workers()[:2]:
            r.kill_idle(pid)
            assert ask_until_answered(u, 6).status == 200
    finally:
        r.signal(signal.SIGCONT)
    r.wait_log("a successor took over")
    assert r.status().problems == 0


def test_new_connections_do_not_go_to_a_stopped_worker(router, peers):
    r = router(ANSWER, children=2, params="worker_timeout=30s\n")
    stopped = r.workers()[0]
    os.kill(stopped, signal.SIGSTOP)
    try:
        # main needs a moment to see it
        def ten_answered():
            c = peers.tcp(r.addr)
            c.request()
            try:
                return c.recv(0.3).status == 200
            except TimedOut:
                return False
        streak = 0

        def streak_of_ten():
            nonlocal streak
            streak = streak + 1 if ten_answered() else 0
            return streak == 10
        until(streak_of_ten, 15, "ten connections in a row are served by the other worker")
    finally:
        os.kill(stopped, signal.SIGCONT)


def test_longest_turn_and_lock_waits_are_told(router, peers):
    r = router(ANSWER)
    caller_of(r, peers).ask()
    for s in r.status().slots:
        assert s["state"] == "running" and s["longest_turn_us"] >= 0 and s["longest_lock_us"] >= 0 and s["pid"] in r.workers()


# --- the end ----------------------------------------------------------------------------------------------------------------

WAITER = 'route {\n\tif (uri=~"held") {\n\t\tforward();\n\t\texit;\n\t}\n\tsl_send_reply("200", "OK");\n}'


@pytest.fixture
def held(router, peers, dns):
    """A router in which one request waits for a name: (router, caller, callee, the DNS server, the request)."""
    def make(params=""):
        server = dns({"held.test": ["127.0.0.1"]}, held=["held.test"])
        r = router(WAITER, params=f'dns_servers="{server.servers}"\n' + params)
        u, callee = caller_of(r, peers), peers.udp()
        req = u.request(uri=f"sip:x@held.test:{callee.port}")
        until(lambda: "held.test" in server.names(), 5, "the router asks for the name")
        return r, u, callee, server, req
    return make


def test_term_ends_an_idle_router_at_once(router, peers):
    r = router(ANSWER)
    c = peers.tcp(r.addr)
    assert c.ask().status == 200
    begin = time.monotonic()
    r.signal(signal.SIGTERM)
    assert r.wait_exit() == 0
    assert time.monotonic() - begin < 3 * SCALE
    assert c.closed(1)
    assert r.notification("STOPPING=1")


def test_term_lets_what_runs_finish_and_refuses_what_is_new(held, peers):
    r, u, callee, server, req = held()
    c = peers.tcp(r.addr)
    assert c.ask().status == 200
    r.signal(signal.SIGTERM)
    until(lambda: r.notification("STOPPING=1"), 5, "STOPPING=1")
    fresh = caller_of(r, peers)

    def refused():
        m = fresh.ask()
        return m.status == 503 and m
    m = until(refused, 5, "503")
    assert int(m.get("Retry-After")) > 0
    assert r.running()
    server.release("held.test")
    got = callee.recv()
    assert got.get("Call-ID") == req.get("Call-ID")
    assert r.wait_exit() == 0


def test_term_takes_no_new_connections(held, peers):
    r, *_ = held("shutdown_timeout=3s\n")
    r.signal(signal.SIGTERM)
    until(lambda: r.notification("STOPPING=1"), 5, "STOPPING=1")

    def not_served():
        try:
            c = peers.tcp(r.addr, timeout=1)
            c.request()
            c.recv(0.2)
            return False
        except (OSError, TimedOut):
            return True
    until(not_served, 2, "no new connection is served")
    assert r.wait_exit() == 0


def test_a_second_term_ends_at_once(held):
    r, *_ = held("shutdown_timeout=60s\n")
    r.signal(signal.SIGTERM)
    until(lambda: r.notification("STOPPING=1"), 5, "STOPPING=1")
    begin = time.monotonic()
    r.signal(signal.SIGTERM)
    assert r.wait_exit() == 0
    assert time.monotonic() - begin < 3 * SCALE


def test_shutdown_timeout(held):
    r, *_ = held("shutdown_timeout=1s\n")
    begin = time.monotonic()
    r.signal(signal.SIGTERM)
    assert r.wait_exit() == 0
    assert 0.8 < time.monotonic() - begin < 4 * SCALE


def test_interrupt_is_like_term(router):
    r = router(ANSWER)
    r.signal(signal.SIGINT)
    assert r.wait_exit() == 0


# --- logs and the service manager -----------------------------------------------------------------------------------------

def test_usr1_opens_the_log_file_again(router, peers):
    r = router('loadmodule "xlog.so"\nroute {\n\txlog("L_NOTICE", "seen $rU\\n");\n\tsl_send_reply("200", "OK");\n}', modules=["sl"],
               params='log_file="{dir}/log"\n')
    u, log, old = caller_of(r, peers), r.dir / "log", r.dir / "log.1"
    u.ask(uri="sip:before@x")
    until(lambda: "seen before" in log.read_text(), 5, "the line is in the file")
    log.rename(old)
    r.signal(signal.SIGUSR1)
    until(log.exists, 5, "a new log file")

    def in_new():
        u.ask(uri="sip:after@x")
        return "seen after" in log.read_text()
    until(in_new, 5, "the line is in the new file")
    # all workers write to the new one
    r.settle()
    size = old.stat().st_size
    for _ in range(50):
        u.ask(uri="sip:last@x")
    until(lambda: log.read_text().count("seen last") == 50, 5, "all lines are in the new file")
    assert old.stat().st_size == size
    # with a log file the status goes there too
    r.signal(signal.SIGUSR2)
    until(lambda: "status end" in log.read_text(), 5, "status")
    r.signal(signal.SIGTERM)
    assert r.wait_exit() == 0


def test_log_format_json(router, peers):
    r = router('route {\n\txlog("L_NOTICE", "user=$rU\\n");\n\tsl_send_reply("200", "OK");\n}', params='log_format="json"\n')
    caller_of(r, peers).ask(uri='sip:%22quoted%22@x')
    until(lambda: r.count_log("quoted"), 5, "the line")
    for line in r.lines:
        assert {"time", "level", "area", "message"} <= set(json.loads(line))
    r.signal(signal.SIGTERM)
    assert r.wait_exit() == 0


def test_a_reader_of_the_log_that_does_not_read_stops_nothing(router, peers):
    r = router('route {\n\txlog("L_NOTICE", "' + "x" * 200 + '\\n");\n\tsl_send_reply("200", "OK");\n}', start=False)
    r._read_log = lambda: None
    r.start()
    u = caller_of(r, peers)
    for _ in range(8000):
        assert u.ask().status == 200
    # now somebody reads, and learns how much was lost
    until(lambda: u.ask() and r.count_log("lines were lost"), 5, "the count of lost lines")


def test_sd_notify(router, peers):
    r = router(ANSWER, env={"WATCHDOG_USEC": "200000"})
    assert r.notification("READY=1")
    for _ in range(3):
        r.notified = []
        until(lambda: r.notification("WATCHDOG=1"), 3, "WATCHDOG=1")
    r.signal(signal.SIGTERM)
    assert r.wait_exit() == 0
    assert r.notification("STOPPING=1")


# --- the machine ------------------------------------------------------------------------------------------------------------

@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_second_instance_says_that_the_port_is_taken(router, start_error, transport):
    r = router(ANSWER)
    text = start_error(ANSWER, port=r.port, listen=[f"{transport}:127.0.0.1:{r.port}"])
    assert "address already in use" in text.lower() and str(r.port) in text
    assert r.status().problems == 0


def test_user_and_group(router, peers, root):
    nobody = pwd.getpwnam("nobody")
    r = router(ANSWER, params='user="nobody"\n', start=False)
    r.dir.chmod(0o777)
    r.start()
    for pid in [r.main, *r.workers()]:
        text = Path(f"/proc/{pid}/status").read_text()
        assert re.search(r"^Uid:\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", text, re.M).groups() == (str(nobody.pw_uid),) * 4
        assert re.search(r"^Gid:\s+(\d+)\s+(\d+)", text, re.M).groups() == (str(nobody.pw_gid),) * 2
        groups = re.search(r"^Groups:(.*)$", text, re.M).group(1).split()
        assert set(groups) <= {str(nobody.pw_gid)}
    assert caller_of(r, peers).ask().status == 200
    # what needs those rights no more: a successor
    r.kill_worker()
    assert ask_until_answered(caller_of(r, peers)).status == 200


def test_an_unknown_user_is_an_error(start_error):
    assert "no-such-user-here" in start_error(ANSWER, params='user="no-such-user-here"\n')


def test_open_fd_limit(router):
    r = router(ANSWER, params="open_fd_limit=512\n")
    for pid in [r.main, *r.workers()]:
        assert re.search(r"^Max open files\s+512 ", Path(f"/proc/{pid}/limits").read_text(), re.M)


def test_running_out_of_descriptors_refuses_and_recovers(router, peers):
    r = router(ANSWER, params="open_fd_limit=100\ntcp_max_connections_per_source=0\n", children=2)
    r.expect_error("descriptor|connections|Too many open files|limit")
    cs = [peers.tcp(r.addr) for _ in range(250)]
    u = caller_of(r, peers)
    assert u.ask().status == 200
    for c in cs:
        c.close()
    until(lambda: not (c := peers.tcp(r.addr)).closed(0.1 / SCALE) and c.ask().status == 200, 10, "connections are accepted again")
    r.wait_status(lambda s: s.connections <= 2)


def test_shm_mem_exhausted_is_an_ordinary_event(router, peers):
    r = router(ANSWER, params="shm_mem=16\ntcp_max_connections_per_source=0\n")
    cs = []
    for _ in range(1500):
        c = peers.tcp(r.addr)
        try:
            c.send(sip.request(via=c.via, headers=["X-Pad: " + "p" * 30000])[:30000])
        except OSError:
            pass
        cs.append(c)
    u = caller_of(r, peers)
    assert ask_until_answered(u).status in (200, 503)
    for c in cs:
        c.close()
    r.wait_status(lambda s: s.connections == 0)
    assert u.ask().status == 200
    assert peers.tcp(r.addr).ask().status == 200


# --- flags --------------------------------------------------------------------------------------------------------------------

def test_version():
    done = run_serac("-V")
    assert done.returncode == 0 and re.search(r"\d+\.\d+\.\d+", done.stdout)


def test_help():
    done = run_serac("-h")
    assert done.returncode == 0
    for flag in ("-f", "-c", "-n", "-D", "-E", "-V", "-h"):
        assert flag in done.stdout


def test_an_unknown_flag():
    done = run_serac("-Q")
    assert done.returncode not in (0, None) and "Q" in done.stderr


def test_a_missing_configuration():
    done = run_serac("-f", "/no/such/file.cfg")
    assert done.returncode not in (0, None) and "/no/such/file.cfg" in done.stderr


def test_workers_by_flag(router):
    r = router("debug=2\nlisten=udp:127.0.0.1:{port}\nroute {\n\texit;\n}", script="debug=2\nlisten=udp:127.0.0.1:{port}\nroute {\n\texit;\n}\n",
               args=["-n", "3"])
    assert len(r.workers()) == 3


def test_foreground_flags_of_the_family(router, peers):
    r = router(ANSWER, args=["-D", "-E"])
    assert caller_of(r, peers).ask().status == 200


def test_an_error_in_the_script_does_not_start(start_error):
    assert re.search(r"serac\.cfg:\d+:2: unknown function .no_such_function.", start_error("route {\n\tno_such_function();\n}"))


def test_pid_file(router):
    r = router(ANSWER, params='pid_file="{dir}/pid"\n')
    assert int((r.dir / "pid").read_text()) == r.main


def test_nothing_is_written_beside_the_log(router, peers):
    before_start = {"serac.cfg", "notify"}
    r = router(ANSWER)
    assert caller_of(r, peers).ask().status == 200
    assert {p.name for p in r.dir.iterdir()} <= before_start
    assert not list(BINARY.parent.glob("crash-*"))


def test_an_address_that_is_not_ours_is_an_error(start_error):
    assert "192.0.2.1" in start_error(ANSWER, listen=[f"udp:192.0.2.1:{ports.free_port()}"])
