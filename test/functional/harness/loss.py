# SPDX-License-Identifier: BSD-2-Clause
"""The loss storm: calls of sipp by Record-Route through a router between two wires that lose datagrams in each direction."""
import time

from . import ports
from .calls import MODULES, tm
from .peers import HOST
from .wait import TimedOut
from .wire import Wire

CALLS_A_SECOND = 300
LOSS = 0.02
# what the router keeps of a call that has ended: 64 times T1, and what was lost is sent again before that
GONE_AFTER = 40
ROUTES = """
route {
	if (loose_route()) {
		t_relay();
		exit;
	}
	if (method=="INVITE") {
		record_route();
	}
	t_relay();
}
"""


def living(status, deaths=0):
    """How many transactions there are; a worker that dies between a deed and its counter makes it wrong by one."""
    n = status.counter("tm", "created") - status.counter("tm", "ended")
    return 0 if abs(n) <= deaths else n


def used(status):
    return status.memory["in_use"] - status.memory["cached"]


def back(before, after):
    """Memory is back: only rows stay, to which others may point for ever: a little of what was in use at the peak."""
    return (after.memory["chunk_bytes"] <= before.memory["chunk_bytes"] + (64 << 10)
            and used(after) <= used(before) + (256 << 10) + (after.memory["peak"] - used(before)) // 20)


def must_be_back(r, before):
    try:
        r.wait_status(lambda s: back(before, s), 10)
    except TimedOut:
        raise AssertionError(f"memory is not back: {before.memory}, then {r.status().memory}") from None


class Line:
    """A callee behind one wire, a router, and the wire before it on which calls are made."""

    def __init__(self, make_router, make_sipp, keep, routes=ROUTES, children=2, **timers):
        port = ports.free_port()
        self.make_sipp = make_sipp
        self.right = keep(Wire((HOST, port), keep=False))
        self.uas = make_sipp("uas_rr", port=port, args=["-key", "contact", f"{HOST}:{self.right.port}"])
        self.r = make_router(tm(**timers) + routes, modules=[*MODULES, "rr"], children=children, debug=1)
        self.left = keep(Wire(self.r.addr, keep=False))

    def calls(self, count, rate=CALLS_A_SECOND, talk_ms=200):
        """A sipp that makes so many calls."""
        return self.make_sipp("uac_rr", remote=self.left.addr, target=f"sip:callee@{HOST}:{self.right.port}", calls=count, rate=rate,
                              args=["-d", str(talk_ms)])

    def rest(self, timeout):
        """Waits until no transaction is left; the status then."""
        return self.r.wait_status(lambda s: living(s) == 0, timeout, "no transaction left")


def storm(make_router, make_sipp, keep, seconds, say=lambda text: None, **timers):
    """Runs the storm; raises AssertionError when something did not hold."""
    line = Line(make_router, make_sipp, keep, **timers)
    # what is kept at hand once everything has been used
    line.calls(CALLS_A_SECOND * 2).must_succeed(60)
    before = line.rest(GONE_AFTER)
    line.left.noise(drop=LOSS, seed=1)
    line.right.noise(drop=LOSS, seed=2)
    count = int(CALLS_A_SECOND * seconds)
    line.calls(count).must_succeed(seconds + 90)
    ended = time.monotonic()
    after = line.rest(GONE_AFTER)
    gone = time.monotonic() - ended
    assert after.problems == 0
    lost = line.left.count("*", "dropped"), line.right.count("*", "dropped")
    passed = line.left.count("*", "passed") + line.right.count("*", "passed")
    assert min(lost) > count * LOSS, "the wires lost something"
    must_be_back(line.r, before)
    say(f"{count} calls at {CALLS_A_SECOND} a second, none failed; {sum(lost)} of {passed + sum(lost)} datagrams lost; the last transaction ended "
        f"{gone:.1f} s after the last call; memory before {used(before)}, after {used(line.r.status())}")
