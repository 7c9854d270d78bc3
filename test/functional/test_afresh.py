# SPDX-License-Identifier: BSD-2-Clause
"""When recovery itself dies three times, main starts the program again with fresh memory: same process, same ports."""
import os
import re

import pytest

from harness import faults, sip
from harness.wait import TimedOut, until

pytestmark = pytest.mark.fault

ANSWER = 'route {\n\tsl_send_reply("200", "OK");\n}'


def test_recovery_that_dies_three_times_leads_to_fresh_memory(router, peers):
    if not faults.names():
        pytest.skip("this is not the fault build (make fault; SERAC_BUILD=build-fault)")
    r = router(ANSWER, env={"SERAC_FAULT": "worker.recover:1+"})
    r.expect_deaths()
    r.expect_error("recovery failed three times, starting afresh|a slot pauses")
    u = peers.udp()
    u.default = r.addr
    assert u.ask().status == 200
    before, pid = set(r.workers()), r.main
    r.kill_idle(min(before))
    r.wait_log("recovery failed three times, starting afresh")
    until(lambda: r.count_log(" main ready ") == 2, 10, "the second start")
    assert r.main == pid and r.running()
    after = set(r.workers())
    assert len(after) == 2 and not after & before

    req = u.request()

    def answered():
        u.send(req.raw)
        try:
            return u.final(req, 0.2)
        except TimedOut:
            return None
    assert until(answered, 10, "an answer").status == 200
    assert r.status().problems == 0


def test_a_fresh_start_needs_neither_root_nor_the_folder_it_works_in(router, peers):
    """The second start is that of the user whom the first one became, with the command line of the first one."""
    if not faults.names():
        pytest.skip("this is not the fault build (make fault; SERAC_BUILD=build-fault)")
    r = router(ANSWER, env={"SERAC_FAULT": "worker.recover:1+"}, params='wdir="/"\n', start=False,
               args=["-P", "{dir}/router.pid"] + (["-u", "nobody"] if os.geteuid() == 0 else []))
    r.args = [a.replace("{dir}", str(r.dir)) for a in r.args] + ["-f", r.script.name]
    r.start()
    r.expect_error("recovery failed three times, starting afresh|a slot pauses")
    r.kill_idle()
    r.wait_log("recovery failed three times, starting afresh")
    until(lambda: r.count_log(" main ready ") == 2, 10, "the second start")
    assert int((r.dir / "router.pid").read_text()) == r.main


def test_what_a_paused_slot_had_in_hand_is_kept_when_its_connections_move(router, peers):
    if not faults.names():
        pytest.skip("this is not the fault build (make fault; SERAC_BUILD=build-fault)")
    r = router(ANSWER, env={"SERAC_FAULT": "net.message:1+"})
    r.expect_deaths()
    r.expect_error("a slot pauses")
    c, others = peers.tcp(r.addr), [peers.tcp(r.addr) for _ in range(16)]
    until(lambda: r.status().connections == 17, 5, "all are accepted")
    # each kills a worker before it has ended a turn
    c.send(b"".join(sip.request("MESSAGE", via=c.via, cseq=n, body=b"%d" % n * 50) for n in range(1, 4)))
    r.wait_log("connections of a paused slot go to others")
    # whoever has them now uses the memory again
    for o in others:
        o.send(b"Z" * 3000)
    answers = [c.recv(10) for _ in range(3)]
    assert [(m.status, m.get("CSeq")) for m in answers] == [(500, f"{n} MESSAGE") for n in range(1, 4)]
    crashes = [f.read_bytes().partition(b"\n\n")[2] for f in sorted(r.dir.glob("crash-*.sip"))]
    assert sorted(re.search(rb"CSeq: (\d+)", text)[1] for text in crashes) == [b"1", b"2", b"3"]
    assert all(text.startswith(b"MESSAGE ") for text in crashes)
