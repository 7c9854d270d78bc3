# SPDX-License-Identifier: BSD-2-Clause
"""A bad wire: UDP datagrams between two sides, some lost, doubled, late or out of order, by a plan that is the same each time."""
import functools
import heapq
import random
import re
import select
import socket
import struct
import threading
import time

from .wait import until

RIGHT, LEFT = "right", "left"
# the kernel says when a datagram came: this thread may have been late
SO_TIMESTAMPNS = 35
CSEQ = re.compile(rb"\r\nCSeq[ \t]*:[ \t]*\d+[ \t]+(\w+)", re.I)


def kind(raw):
    """What a datagram is: "INVITE", "200 INVITE", "?" for what is no SIP."""
    if raw.startswith(b"SIP/2.0 "):
        m = CSEQ.search(raw)
        return raw[8:11].decode("latin-1") + " " + (m[1].decode() if m else "?")
    word, _, rest = raw.partition(b" ")
    return word.decode("latin-1") if b"SIP/2.0\r\n" in rest else "?"


@functools.lru_cache(maxsize=None)
def pattern(wanted):
    """"INVITE" (the request), "200" (to any method), "2xx", "487 INVITE", "1xx INVITE", "*"; several with commas between."""
    def one(text):
        head, _, method = text.strip().partition(" ")
        if head == "*":
            return ".*"
        if not head[0].isdigit():
            return re.escape(head)
        return head.replace("x", r"\d") + " " + (re.escape(method) if method else r"\S+")
    return re.compile("|".join(map(one, wanted.split(","))))


def matches(wanted, what):
    return bool(pattern(wanted).fullmatch(what))


class Rule:
    """What happens to datagrams of one kind: fate(wire, passage) is called for the first `times` of them after `skip`."""

    def __init__(self, wanted, fate, times, skip, side):
        self.wanted, self.fate, self.times, self.skip, self.side = wanted, fate, times, skip, side

    def takes(self, passage):
        if not self.times or (self.side and self.side != passage.side) or not matches(self.wanted, passage.kind):
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times > 0:
            self.times -= 1
        return True


class Passage:
    """One datagram: what it is, to which side it goes, when it came, and what became of it."""

    def __init__(self, raw, at, side, out, to):
        self.raw, self.at, self.side, self.out, self.to = raw, at, side, out, to
        self.kind, self.fate = kind(raw), "passed"

    def __repr__(self):
        return f"<{self.kind} {self.side} {self.fate}>"


class Wire:
    """Wire(to=(host, port)): what is sent to .addr goes right, to `to`; what comes back goes left, to whom sent last (or to `left`).
    Without rules it loses nothing. Rules are asked in the order in which they were made; the first that takes a datagram decides.
    `seen` lists all that came, in order; it is kept only when `keep` is true."""

    def __init__(self, to, left=None, host="127.0.0.1", keep=True):
        self.to, self.left, self.keep = to, left, keep
        self.near, self.far = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        for s in (self.near, self.far):
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
            s.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
            s.bind((host, 0))
        self.addr = self.host, self.port = self.near.getsockname()
        self.rules, self.seen, self.held, self.later, self.counts = [], [], [], [], {}
        self.chance, self.lock, self.turn = None, threading.Lock(), 0
        self.end_r, self.end_w = socket.socketpair()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    # --- the plan ----------------------------------------------------------------------------------------------------
    def rule(self, wanted, fate, times=-1, skip=0, side=None):
        with self.lock:
            self.rules.append(Rule(wanted, fate, times, skip, side))
        return self

    def drop(self, wanted, times=-1, **how):
        """Loses the first `times` of this kind (all), after `skip`; side="right" or "left": only those that go there."""
        return self.rule(wanted, self.lost, times, **how)

    def double(self, wanted, times=-1, **how):
        return self.rule(wanted, lambda p: self.go(p, "doubled", copies=2), times, **how)

    def hold(self, wanted, until, times=1, **how):
        """Keeps what is of this kind until something of kind `until` has passed: they come in the other order."""
        return self.rule(wanted, lambda p: self.keep_back(p, until), times, **how)

    def delay(self, wanted, ms, times=-1, **how):
        return self.rule(wanted, lambda p: self.put_off(p, ms), times, **how)

    def noise(self, drop=0.0, double=0.0, late=0.0, ms=30, seed=1):
        """Chances from 0 to 1 for every datagram that no rule takes; late ones come up to `ms` later, so behind others."""
        with self.lock:
            self.chance = (random.Random(seed), drop, double, late, ms)
        return self

    def good(self):
        """From now on nothing is lost any more; what is held goes on."""
        with self.lock:
            self.rules, self.chance = [], None
            for p, _ in self.held:
                self.go(p, "reordered")
            self.held = []
        return self

    # --- what was seen -----------------------------------------------------------------------------------------------
    def count(self, wanted, fate=None):
        """How many of a kind came; of these, how many were "passed", "dropped", "doubled", "held" or "late"."""
        with self.lock:
            return sum(n for (what, f), n in self.counts.items() if matches(wanted, what) and fate in (None, f))

    def times(self, wanted):
        """When datagrams of this kind came, in seconds after the first of them."""
        with self.lock:
            at = [p.at for p in self.seen if matches(wanted, p.kind)]
        return [t - at[0] for t in at]

    def still(self):
        """Waits until all that was sent into it so far has passed, or met its fate."""
        until(lambda: not select.select([self.near, self.far], [], [], 0)[0], 5, "the wire", every=0.001)
        with self.lock:
            pass

    # --- fates, called with the lock held ----------------------------------------------------------------------------
    def lost(self, p):
        p.fate = "dropped"

    def go(self, p, fate="passed", copies=1):
        p.fate = fate
        for _ in range(copies):
            try:
                p.out.sendto(p.raw, p.to)
            except OSError:
                pass  # nobody is there yet, or any more: lost like any datagram

    def keep_back(self, p, until):
        p.fate = "held"
        self.held.append((p, until))

    def put_off(self, p, ms):
        p.fate = "late"
        self.turn += 1
        heapq.heappush(self.later, (time.monotonic() + ms / 1000, self.turn, p))

    def by_chance(self, p):
        dice, drop, double, late, ms = self.chance
        x = dice.random()
        if x < drop:
            self.lost(p)
        elif x < drop + double:
            self.go(p, "doubled", copies=2)
        elif x < drop + double + late:
            self.put_off(p, dice.uniform(1, ms))
        else:
            self.go(p)

    def decide(self, p):
        # before it goes on: whoever gets it may look at once
        if self.keep:
            self.seen.append(p)
        rule = next((r for r in self.rules if r.takes(p)), None)
        if rule:
            rule.fate(p)
        elif self.chance:
            self.by_chance(p)
        else:
            self.go(p)
        freed = [h for h in self.held if h[0] is not p and matches(h[1], p.kind)]
        self.held = [h for h in self.held if h not in freed]
        for h, _ in freed:
            self.go(h, "reordered")
        self.counts[p.kind, p.fate] = self.counts.get((p.kind, p.fate), 0) + 1

    # --- the thread --------------------------------------------------------------------------------------------------
    def due(self):
        """Sends what is due; returns how many milliseconds there are to wait."""
        while self.later and self.later[0][0] <= time.monotonic():
            self.go(heapq.heappop(self.later)[2], "late")
        return max(0, (self.later[0][0] - time.monotonic()) * 1000) if self.later else None

    def came(self, s):
        raw, more, _, src = s.recvmsg(65536, 64)
        seconds, ns = struct.unpack("qq", more[0][2])
        at = seconds + ns / 1e9
        if s is self.near:
            self.left = src
            self.decide(Passage(raw, at, RIGHT, self.far, self.to))
        elif self.left:
            self.decide(Passage(raw, at, LEFT, self.near, self.left))

    def run(self):
        poll = select.poll()
        by_fd = {s.fileno(): s for s in (self.near, self.far, self.end_r)}
        for fd in by_fd:
            poll.register(fd, select.POLLIN)
        wait = None
        while True:
            ready = [by_fd[fd] for fd, _ in poll.poll(wait)]
            if self.end_r in ready:
                return
            with self.lock:
                for s in ready:
                    self.came(s)
                wait = self.due()

    def close(self):
        if self.thread.is_alive():
            self.end_w.send(b"x")
            self.thread.join()
        for s in (self.near, self.far, self.end_r, self.end_w):
            s.close()
