# SPDX-License-Identifier: BSD-2-Clause
"""Reloads: one by one, and the storm: many a second while calls go on, good and broken files in turn."""
import re
import signal
import time
from pathlib import Path

from .wait import SCALE, until

RELOADS_A_SECOND = 20
CALLS_A_SECOND = 300
# what a loader writes when it refuses
REFUSAL = r" reload the configuration | main could not reload"
LINES = 2000
FAST_MS = 50


class Reloader:
    """A router whose script is changed under it."""

    def __init__(self, r):
        self.r = r

    def change(self, old, new):
        text = self.r.script.read_text()
        assert old in text
        self.r.script.write_text(text.replace(old, new))
        return self

    def ended(self, pattern):
        seen = self.r.count_log(pattern)
        self.r.signal(signal.SIGHUP)
        until(lambda: self.r.count_log(pattern) > seen, 10, pattern, every=0.002)

    def reload(self):
        self.ended(r"notice main reloaded ")
        return self

    def refused(self):
        self.r.expect_error(REFUSAL)
        self.ended("could not reload, the old configuration stays")
        return self

    def settled(self):
        """Only one configuration is in use, and memory is whole."""
        s = self.r.wait_status(lambda s: s.other["configuration"]["in_use"] == 1, 10, "one configuration in use")
        assert s.problems == 0
        return s


def script(lines, port, what, broken):
    """A script of that many lines, of which each request passes a few."""
    tables = "".join(f'route[T{t}] {{\n' + "".join(
        f'\tif (@ruri.user=="u{t}-{n}" || from_uri=~"^sip:{t}{n}@") {{\n\t\tappend_hf("X-Entry: {t}-{n} $fU\\r\\n");\n\t\txlog("L_DBG", "entry {n} of $ru\\n");\n\t}}\n'
        for n in range(10)) + "}\n" for t in range(lines // 42))
    calls = "".join(f'\t\troute("T{t}");\n' for t in range(lines // 42))
    return (f'route {{\n\t# {what}\n\troute("T1");\n\tif (method=="NONE") {{\n{calls}\t}}\n\tforward_udp("127.0.0.1", {port});\n}}\n' + tables
            + ("route[LAST] {\n\tt_relai();\n\tif (\n}\n" if broken else ""))


def private_memory(pid):
    """Bytes of private memory in use, also those that a child which was just forked has not yet changed."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Anonymous: +(\d+) kB", text, re.M)[1]) * 1024


def memory(r):
    """What is in use: shared, of main, of the worker that has most."""
    s = r.wait_status(lambda s: s.other["configuration"]["in_use"] == 1, 10, "one configuration in use")
    assert s.problems == 0
    return {"shared": s.memory["in_use"] - s.memory["cached"], "main": private_memory(r.main),
            "worker": max(private_memory(p) for p in r.workers())}


def storm(make_router, make_sipp, count, say=lambda text: None):
    """count reloads, twenty a second, under calls; raises AssertionError when something did not hold."""
    uas = make_sipp("uas")
    r = make_router(script(LINES, uas.port, "first", False), debug=1, children=2)
    r.expect_error(REFUSAL)
    head = r.script.read_text()
    head = head[:head.index("route {")]
    s = Reloader(r)
    files = [head + script(LINES, uas.port, f"script {n}", n % 2 == 1) for n in range(4)]
    # everything has been used, and the allocators have what they keep
    warm = min(count, 60)
    make_sipp("uac", remote=r.addr, calls=100, rate=100).must_succeed()
    for n in range(warm):
        r.script.write_text(files[n % 4])
        s.refused() if n % 2 else s.reload()
    before, pids = memory(r), r.workers()
    seconds = count / RELOADS_A_SECOND
    calls = make_sipp("uac", remote=r.addr, calls=int(CALLS_A_SECOND * seconds), rate=CALLS_A_SECOND)
    begin, done, late = time.monotonic(), len(r.lines), 0
    times, ends = [], 0
    for n in range(count):
        r.script.write_text(files[n % 4])
        r.signal(signal.SIGHUP)

        def finished():
            nonlocal done, ends
            while done < len(r.lines):
                line = r.lines[done]
                done += 1
                if m := re.search(r"main reloaded generation=\d+ us=(\d+)", line):
                    times.append(int(m[1]) / 1000)
                    ends += 1
                ends += "could not reload" in line
            return ends > n
        until(finished, 10, f"reload {n}", every=0.002)
        ahead = begin + (n + 1) / RELOADS_A_SECOND - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        else:
            late += 1
    calls.must_succeed(60 + seconds)
    after = memory(r)
    for what, allowed in (("shared", 64 << 10), ("main", 1 << 20), ("worker", 1 << 20)):
        assert after[what] <= before[what] + allowed, f"{what} memory grew: {before} then {after}"
    assert r.workers() == pids, "no worker died"
    times.sort()
    middle = times[len(times) // 2]
    assert middle < FAST_MS * SCALE, f"a reload of {LINES} lines took {middle:.1f} ms"
    say(f"{count} reloads in {time.monotonic() - begin:.0f} s ({late} late), {len(times)} good; {int(CALLS_A_SECOND * seconds)} calls, none failed; "
        f"a reload of {LINES} lines took {middle:.1f} ms (half of them), {times[-1]:.1f} ms at most; "
        f"memory before {before}, after {after}")
