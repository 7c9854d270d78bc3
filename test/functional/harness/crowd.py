# SPDX-License-Identifier: BSD-2-Clause
"""Many callers on one UDP socket: each calls, sends again what is not answered as RFC 3261 says, hangs up or cancels, and knows how it ended."""
import collections
import select
import threading
import time

from . import sip
from .calls import in_dialog, of_hop
from .peers import Udp

T1, T2 = 0.5, 4.0
PATIENCE = 40


class Call:
    """One call. outcome: None while it lasts, "completed", the status of what ended it, or "silence"."""

    def __init__(self, crowd, uri, cancel_after):
        self.crowd, self.begun = crowd, time.monotonic()
        self.cancel_at = self.begun + cancel_after if cancel_after else None
        self.repeated, self.repeats_seen, self.outcome, self.answers = 0, 0, None, 0
        self.req = sip.Message(sip.request("INVITE", uri, crowd.peer.via, headers=[f"Contact: <sip:caller@{crowd.peer.host}:{crowd.peer.port}>"]))
        self.final = self.ack = None
        self.ask(self.req.raw)

    def ask(self, raw):
        """Sends a request, and again until `asked` is taken away."""
        self.asked, self.interval, self.next = raw, T1, time.monotonic() + T1
        self.crowd.peer.send(raw)

    def turn(self, now):
        if now - self.begun > PATIENCE:
            self.outcome = "silence"
        elif self.cancel_at and now >= self.cancel_at:
            self.cancel_at = None
            if not self.final:
                self.ask(of_hop(self.req, "CANCEL"))
        elif self.asked and now >= self.next:
            self.repeated += 1
            self.crowd.peer.send(self.asked)
            self.interval = min(self.interval * 2, T2)
            self.next = now + self.interval

    def got(self, m):
        method = m.get("CSeq").split()[1]
        if method == "INVITE":
            self.invited(m)
        elif m.status >= 200 and method == "BYE" and not self.outcome:
            self.asked, self.outcome = None, "completed" if m.status == 200 else m.status
        elif m.status >= 200 and method == "CANCEL":
            self.asked = None

    def invited(self, m):
        if m.status < 200:
            if self.asked == self.req.raw:
                self.asked = None
            return
        self.answers += m.status < 300
        if self.final:
            self.repeats_seen += 1
            self.crowd.peer.send(self.ack)
            return
        self.final, self.asked = m, None
        if m.status >= 300:
            self.ack, self.outcome = of_hop(self.req, "ACK", m.get("To")), m.status
            self.crowd.peer.send(self.ack)
            return
        self.ack = in_dialog(self.req, m, "ACK", self.crowd.peer.via)
        self.crowd.peer.send(self.ack)
        self.ask(in_dialog(self.req, m, "BYE", self.crowd.peer.via))


class Crowd:
    def __init__(self, peers, to):
        self.peer = peers.keep(Udp())
        self.peer.default = to
        self.calls = {}

    def call(self, uri, cancel_after=None):
        c = Call(self, uri, cancel_after)
        self.calls[c.req.get("Call-ID")] = c
        return c

    def turn(self, wait=0.005):
        """What has come, and what is due."""
        while select.select([self.peer.sock], [], [], wait)[0]:
            m = self.peer.recv()
            c = self.calls.get(m.get("Call-ID"))
            if c and m.is_response:
                c.got(m)
            wait = 0
        now = time.monotonic()
        for c in self.lasting():
            c.turn(now)

    def lasting(self):
        return [c for c in self.calls.values() if c.outcome is None]

    def make(self, count, rate, uri_of, cancel_after_of=lambda n: None, meanwhile=lambda now: None):
        """Makes so many calls, so many a second, and waits until each has ended."""
        begin, made = time.monotonic(), 0
        while made < count or self.lasting():
            now = time.monotonic()
            while made < count and now >= begin + made / rate:
                self.call(uri_of(made), cancel_after_of(made))
                made += 1
            self.turn()
            if made < count:
                meanwhile(now)
        return self.outcomes()

    def outcomes(self):
        return dict(collections.Counter(c.outcome for c in self.calls.values()))


class Answering:
    """A callee in a thread of its own, over UDP, that does what the user part says, and sends again what is not acknowledged:
    "ok": 180, 200; "no": 486; "ring": 180, and 487 when it is cancelled; "mute": nothing. Everything else but ACK gets 200."""

    def __init__(self, host="127.0.0.1"):
        self.sock = Udp(host)
        self.port = self.sock.port
        self.sent, self.stop = {}, False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def uri(self, what, host=None):
        return f"sip:{what}@{host or self.sock.host}:{self.port}"

    def keep(self, m, raw):
        """A final response: sent now, and again until its ACK."""
        self.sock.send(raw, m.src)
        self.sent[m.branch] = [raw, m.src, time.monotonic() + T1 / 5, T1 / 5, m.get("Call-ID")]

    def got(self, m):
        what = m.uri.partition(":")[2].partition("@")[0] if not m.is_response else ""
        if m.is_response:
            return
        if m.method == "ACK":
            # that of a 2xx has a branch of its own
            self.sent = {b: s for b, s in self.sent.items() if b != m.branch and (s[4] != m.get("Call-ID") or b"SIP/2.0 200" not in s[0][:12])}
        elif m.method != "INVITE":
            self.sock.send(sip.response(m), m.src)
            if m.method == "CANCEL" and what == "ring":
                self.keep(m, sip.response(m, 487, "Request Terminated").replace(b" CANCEL\r\n", b" INVITE\r\n"))
        elif what in ("ok", "ring"):
            self.sock.send(sip.response(m, 180, "Ringing"), m.src)
            if what == "ok":
                self.keep(m, sip.response(m, headers=[f"Contact: <{self.uri('ok')}>"]))
        elif what == "no":
            self.keep(m, sip.response(m, 486, "Busy Here"))

    def run(self):
        while not self.stop:
            if select.select([self.sock.sock], [], [], 0.02)[0]:
                self.got(self.sock.recv())
            now = time.monotonic()
            for s in self.sent.values():
                if now >= s[2]:
                    self.sock.send(s[0], s[1])
                    s[3] = min(s[3] * 2, T2)
                    s[2] = now + s[3]

    def close(self):
        self.stop = True
        self.thread.join()
        self.sock.close()
