# SPDX-License-Identifier: BSD-2-Clause
"""A worker killed at every fault place of module tm in turn, while calls of all kinds go on: each call comes to an end, no transaction stays, memory is
whole. The full walk: test/functional/fault_walk"""
import collections
import os
import re

import pytest

from harness.calls import MODULES, tm
from harness.crowd import Answering, Crowd
from harness.deaths import rest
from harness.dns import Dns
from harness.loss import used
from harness.peers import Peers
from harness.router import BUILD, TOP, Router

FULL = bool(os.environ.get("SERAC_FAULT_WALK"))
# a module's places are not among those that the program lists
NAMES = sorted({name for f in (TOP / "modules" / "tm").glob("*.c") for name in re.findall(r'FAULT\("([^"]+)"\)', f.read_text())})
SHARES = 4
CALLS, RATE = 40, 200
TIMERS = dict(fr_timer=1000, fr_inv_timer=3000, retr_timer1=30, retr_timer2=200, wt_timer=300)
# places that only a successor passes: a death before that
RECOVERY = ("tm.recover", "tm.release", "tm.asked")

ROUTES = """
route {
	t_on_branch("EACH");
	t_on_reply("ANSWERS");
	if (method=="INVITE") {
		if (uri=~"^sip:no@") {
			t_on_failure("NEXT");
			t_on_branch_failure("TOLD");
		}
		if (uri=~"^sip:late@") {
			rewriteuser("ok");
			suspend_ms(50, "LATER");
			exit;
		}
		if (uri=~"^sip:never@") {
			t_suspend();
			exit;
		}
		if (uri=~"^sip:away@") {
			t_newtran();
			t_reply("404", "Away");
			exit;
		}
		if (uri=~"^sip:fork") {
			rewriteuser("ok");
			append_branch("{ring}");
			append_branch("{ok}");
		}
	}
	if (!t_relay()) {
		sl_reply_error();
	}
}
route[LATER] {
	t_relay();
}
branch_route[EACH] {
	append_hf("X-Branch: yes\\r\\n");
}
onreply_route[ANSWERS] {
	append_hf("X-Answer: yes\\r\\n");
}
event_route[tm:branch-failure:TOLD] {
	setflag(1);
}
failure_route[NEXT] {
	append_branch("{slow}");
	t_relay();
}
"""
# what a call may come to when no worker dies
ENDS = {"ok": "completed", "fork": "completed", "no": "completed", "away": 404, "ring": 487, "mute": 408, "late": "completed", "never": 408}
KINDS = list(ENDS)

pytestmark = [pytest.mark.fault, pytest.mark.slow]


class Run:
    """One start, calls, rest, with an environment that makes something fail."""

    def __init__(self, env, deaths=False, strict=True):
        self.peers, self.deaths, self.strict = Peers(), deaths, strict
        self.callee = self.peers.keep(Answering())
        self.dns = self.peers.keep(Dns({}, slow={"slow.test": (0.2, "127.0.0.1")}))
        self.r = Router(tm(**TIMERS) + ROUTES, modules=(*MODULES, "waits"), env=env, debug=2, ok=self.callee.uri("ok"), ring=self.callee.uri("ring"),
                        slow=self.callee.uri("ok", "next.slow.test"), params=f'dns_servers="{self.dns.servers}"\nmpath="{BUILD}/test/modules"\n')
        self.r.expect_deaths()
        self.r.expect_error("no memory|could not (allocate|send|forward|accept|take)|crash ")

    def calls(self):
        crowd = Crowd(self.peers, self.r.addr)
        kind_of = {}

        def uri(n):
            kind = KINDS[n % len(KINDS)]
            kind_of[n] = kind
            return self.callee.uri(kind, f"n{n}.slow.test" if n % 5 == 0 else None)
        killed = []

        def meanwhile(now):
            if self.deaths and not killed and len(crowd.calls) > CALLS // 2:
                killed.extend(self.r.workers()[:1])
                os.kill(killed[0], 9)
        crowd.make(CALLS, RATE, uri, lambda n: 0.1 if KINDS[n % len(KINDS)] == "ring" else None, meanwhile)
        ends = collections.Counter()
        for n, call in enumerate(crowd.calls.values()):
            kind = kind_of[n]
            assert call.outcome != "silence" or not self.strict, f"call {n} ({kind}) has no end"
            right = call.outcome == ENDS[kind]
            assert right or not self.strict or call.outcome in (408, 480, 486, 487, 500, 503), f"call {n} ({kind}) ended with {call.outcome}"
            ends["right" if right and not (call.repeated or call.repeats_seen) else "saved" if right else "failed"] += 1
        return ends

    def go(self):
        good = False
        try:
            self.r.start()
            ends = self.calls()
            assert rest(self.r).problems == 0, self.r.log()
            s = self.r.wait_status(lambda s: all(x["state"] == "running" for x in s.slots), 20, "all workers run")
            for text in ("pauses", "starting afresh"):
                assert not self.r.count_log(text), f"{text}\n{self.r.log()}"
            good = True
            return {"ends": ends, "died": self.r.count_log("a worker died"), "used": used(s), "fault": s.other.get("fault", {})}
        finally:
            self.peers.close()
            self.r.finish(judge=good)


@pytest.fixture(scope="module")
def reference():
    got = Run({}).go()
    assert got["ends"]["failed"] == 0 and not got["died"]
    return got


@pytest.mark.parametrize("share", range(SHARES))
def test_killed_at_every_place_of_tm(reference, share):
    failures, missed = [], []
    for name in NAMES[share::SHARES]:
        for n in (1, 2, 3, 10) if FULL else (1 + share,):
            try:
                got = Run({"SERAC_FAULT": f"{name}:{n}"}, deaths=name.startswith(RECOVERY)).go()
                assert got["used"] <= reference["used"] + (128 << 10), f"{got['used']} bytes are in use, {reference['used']} without fault"
            except AssertionError as e:
                failures.append(f"{name}:{n}: {e}")
                print(f"{name}:{n} FAILED: {str(e).splitlines()[0]}")
                continue
            passes = got["fault"].get("passes", 0)
            if passes < n:
                missed.append(f"{name}:{n}")
            print(f"{name}:{n} {'killed' if passes >= n else 'not reached'}: {got['died']} deaths; {dict(got['ends'])}")
    assert not failures, "\n".join(failures)
    assert not FULL or not [m for m in missed if m.endswith(":1")], f"the calls do not reach {missed}"


def test_every_allocation_fails_in_turn_during_calls(reference):
    total = Run({"SERAC_FAULT_ALLOC": "1000000000"}).go()["fault"].get("allocs", 100)
    failures = []
    for n in range(1, total + 1, 1 if FULL else max(1, total // 12)):
        try:
            # how the call ends that there was no memory for is not the question
            got = Run({"SERAC_FAULT_ALLOC": str(n)}, strict=False).go()
            assert got["died"] == 0, "a worker died of a failed allocation"
        except AssertionError as e:
            failures.append(f"allocation {n}: {e}")
    assert not failures, "\n".join(failures)
