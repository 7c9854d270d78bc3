# SPDX-License-Identifier: BSD-2-Clause
"""The kill storm of calls with transactions: workers killed at random; which calls went on untouched, which were saved by what was sent again, which
ended with 500 because their route died."""
import os
import random
import signal

from . import ports
from .calls import MODULES, tm
from .crowd import Crowd
from .loss import GONE_AFTER, living, must_be_back

KILLS_A_SECOND = 10
CALLS_A_SECOND = 100
# every fourth call waits so long for its name: it is in a route when many a worker dies; every fourth needs ten milliseconds before it has a
# transaction: it is in the hands of one that dies
EVERY, SLOW = 4, 0.3
ROUTES = """
route {
	if (method=="INVITE") {
		# much ado for a pattern
		while ($var(thoughts) < 2000 && uri=~"^sip:thinking.*[a-z]*.*[0-9]+.*[a-z0-9]+.*@.*$") {
			$var(thoughts) = $var(thoughts) + 1;
		}
	}
	if (loose_route()) {
		t_relay();
		exit;
	}
	if (method=="INVITE") {
		record_route();
	}
	if (!t_relay()) {
		sl_reply_error();
	}
}
"""


class Killer:
    """Kills a random worker of r, so many a second, once given the time."""

    def __init__(self, r, rate=KILLS_A_SECOND, seed=1):
        self.r, self.rate, self.dice, self.kills, self.next = r, rate, random.Random(seed), 0, 0

    def turn(self, now):
        if now < self.next:
            return
        self.next = now + 1 / self.rate
        victims = self.r.workers()
        if victims:
            os.kill(self.dice.choice(victims), signal.SIGKILL)
            self.kills += 1


def rest(r):
    """Waits until no transaction is left; the status then."""
    return r.wait_status(lambda s: living(s, r.count_log("a worker died")) == 0, GONE_AFTER, "no transaction left")


def storm(make_router, make_sipp, peers, make_dns, seconds, say=lambda text: None):
    """Runs the storm; raises AssertionError when something did not hold."""
    port = ports.free_port()
    make_sipp("uas_rr", port=port, args=["-key", "contact", f"127.0.0.1:{port}"])
    dns = make_dns({}, slow={"slow.test": (SLOW, "127.0.0.1")})
    r = make_router(tm(retr_timer1=100, retr_timer2=800) + ROUTES, children=4, debug=1, modules=[*MODULES, "rr", "pv"],
                    params=f'dns_servers="{dns.servers}"\nmax_while_loops=2001\n')
    r.expect_deaths()
    r.expect_error("could not write the message a worker died of")
    # a turn with several that think takes long: some die before it ends, again and again
    r.expect_error("a slot pauses, its workers die at once")

    def uri(n):
        user, host = {0: ("callee", f"c{n}.slow.test"), 1: ("thinking77", "127.0.0.1")}.get(n % EVERY, ("callee", "127.0.0.1"))
        return f"sip:{user}@{host}:{port}"
    # what is kept at hand once everything has been used
    Crowd(peers, r.addr).make(40, CALLS_A_SECOND, uri)
    for pid in r.workers():
        r.kill_worker(pid)
    before = rest(r)

    killer, crowd = Killer(r), Crowd(peers, r.addr)
    count = int(CALLS_A_SECOND * seconds)
    ends = crowd.make(count, CALLS_A_SECOND, uri, meanwhile=killer.turn)
    calls = crowd.calls.values()
    completed = [c for c in calls if c.outcome == "completed"]
    saved = [c for c in completed if c.repeated or c.repeats_seen]
    assert set(ends) <= {"completed", 500}, ends
    assert ends.get("completed", 0) > count / 2, ends
    assert saved and 500 in ends, f"no kill hit a message in hand, or none a route: {ends}"
    after = rest(r)
    assert after.problems == 0
    must_be_back(r, before)
    result = (f"{killer.kills} kills in {seconds:g} s; {count} calls: {len(completed) - len(saved)} completed untouched, {len(saved)} were saved by "
              f"what was sent again, {ends.get(500, 0)} ended with 500")
    say(result)
    return result
