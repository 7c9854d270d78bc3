# SPDX-License-Identifier: BSD-2-Clause
"""When recovery itself dies three times, main starts the program again with fresh memory: same process, same ports."""
import os
import signal

import pytest

from harness import faults
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
    os.kill(min(before), signal.SIGKILL)
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
