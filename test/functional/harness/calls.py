# SPDX-License-Identifier: BSD-2-Clause
"""Calls through a router with transactions: a caller, callees that do what a test says, wires between them, short timers. A worker of several may
overtake another: what must be done before the next message is sent is waited for, by its effect or by settle()."""
from . import sip
from .peers import HOST
from .wait import SCALE, TimedOut
from .wire import Wire

MODULES = ("sl", "tm", "maxfwd", "textops", "xlog")
RELAY = """
route {
	if (!t_relay()) {
		sl_reply_error();
	}
}
"""
REASONS = {100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 302: "Moved", 401: "Unauthorized", 404: "Not Found",
           407: "Proxy Authentication Required", 480: "Gone Away", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
           500: "Server Error", 503: "Service Unavailable", 600: "Busy Everywhere", 603: "Decline"}


def tm(**timers):
    """Parameters of module tm, as lines of a script."""
    return "".join(f'modparam("tm", "{name}", {value})\n' for name, value in timers.items())


def of_hop(req, method, to=None, headers=()):
    """What the same client transaction sends besides req: CANCEL (RFC 3261 9.1), ACK of a non-2xx (17.1.1.3)."""
    lines = [f"{method} {req.uri} SIP/2.0", f"Via: {req.vias[0]}", f"From: {req.get('From')}", f"To: {to or req.get('To')}",
             f"Call-ID: {req.get('Call-ID')}", f"CSeq: {req.get('CSeq').split()[0]} {method}", "Max-Forwards: 70"]
    lines += [f"Route: {v}" for v in req.all("Route")] + list(headers) + ["Content-Length: 0"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def in_dialog(req, final, method, via, cseq=None, headers=()):
    """What the caller of req sends in the dialog that the 2xx `final` made: ACK (of the same number), BYE; by its Record-Routes."""
    number = req.get("CSeq").split()[0] if method == "ACK" else cseq or int(req.get("CSeq").split()[0]) + 1
    contact = final.get("Contact")
    uri = contact[contact.index("<") + 1:contact.index(">")] if contact else req.uri
    routes = [v.strip() for value in final.all("Record-Route") for v in sip.split_values(value)]
    lines = [f"{method} {uri} SIP/2.0", f"Via: {via};branch=z9hG4bK{sip.unique()}", f"From: {req.get('From')}", f"To: {final.get('To')}",
             f"Call-ID: {req.get('Call-ID')}", f"CSeq: {number} {method}", "Max-Forwards: 70"]
    lines += [f"Route: {v}" for v in reversed(routes)] + list(headers) + ["Content-Length: 0"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


class Caller:
    """Sends requests to the router; over UDP by a wire when it has one."""

    def __init__(self, peer, settle, contact=True):
        self.peer, self.settle = peer, settle
        # responses to others than the one that was asked for: in which order two transactions are answered is chance
        self.others = []
        self.contact = [f"Contact: <sip:caller@{peer.host}:{peer.port}>"] if contact else []

    def send(self, raw):
        self.peer.send(raw)
        return sip.Message(raw)

    def start(self, uri, method="INVITE", **fields):
        headers = [*fields.pop("headers", ()), *(self.contact if method == "INVITE" else ())]
        return self.peer.request(method, uri=uri, headers=headers, **fields)

    def again(self, req):
        self.peer.send(req.raw)

    def repeat(self, req):
        """Sends req again until it is answered: while the router has the transaction in its hands a retransmission is only absorbed."""
        for _ in range(10):
            self.again(req)
            try:
                return self.response(req, timeout=0.5)
            except TimedOut:
                pass
        raise TimedOut(f"{req} was repeated ten times and not answered")

    @staticmethod
    def answers(m, req):
        return m.is_response and m.get("Call-ID") == req.get("Call-ID") and m.get("CSeq") == req.get("CSeq")

    def kept(self, req):
        """Takes the responses to req that came while others were waited for."""
        found = [m for m in self.others if self.answers(m, req)]
        self.others = [m for m in self.others if m not in found]
        return found

    def response(self, req, wanted=lambda m: True, timeout=5, what="a response"):
        """The next response to req for which wanted(m) is true; others to req are thrown away."""
        early = self.kept(req)
        for n, m in enumerate(early):
            if wanted(m):
                self.others += early[n + 1:]
                return m

        def is_it(m):
            if self.answers(m, req):
                return wanted(m)
            self.others.append(m)
            return False
        return self.peer.expect(is_it, timeout, f"{what} to {req}")

    def status(self, req, *codes, timeout=5):
        """The next response to req with one of these codes."""
        return self.response(req, lambda m: m.status in codes, timeout, " or ".join(map(str, codes)))

    def final(self, req, timeout=5):
        return self.response(req, lambda m: m.status >= 200, timeout, "a final response")

    def refused(self, req, timeout=5):
        """The final response, not a 2xx; it is acknowledged when it needs to be."""
        final = self.final(req, timeout)
        assert final.status >= 300, final
        if req.method == "INVITE":
            self.ack(req, final)
        return final

    def ack(self, req, final):
        """The ACK that a final response to an INVITE asks for."""
        if final.status >= 300:
            return self.send(of_hop(req, "ACK", final.get("To")))
        return self.send(in_dialog(req, final, "ACK", self.peer.via))

    def cancel(self, req, headers=()):
        return self.send(of_hop(req, "CANCEL", headers=headers))

    def bye(self, req, final):
        return self.send(in_dialog(req, final, "BYE", self.peer.via))

    def all_responses(self, req, seconds=0.05):
        """Every response to req to which what was sent so far has led, or that comes within a while."""
        self.settle()
        found = self.kept(req)
        while not self.peer.silent(seconds):
            m = self.peer.recv()
            (found if self.answers(m, req) else self.others).append(m)
        return found


class Callee:
    """Is sent requests by the router; over UDP by a wire when it has one. Answers when it is told to."""

    def __init__(self, peers, transport, name, wire=False):
        self.name, self.transport, self.met, self.others = name, transport, set(), []
        self.server = peers.tcp_server() if transport == "tcp" else None
        self.peer = None if self.server else peers.udp()
        at = self.server or self.peer
        self.wire = peers.keep(Wire(at.addr)) if wire else None
        self.host, self.port = (self.wire or at).addr
        self.uri = f"sip:{name}@{HOST}:{self.port}" + (";transport=tcp" if self.server else "")

    def recv(self, timeout=5, what="a request"):
        if not self.peer:
            self.peer = self.server.accept(timeout)
        return self.peer.recv(timeout, what)

    def take(self, method="INVITE", timeout=5):
        """The next request of this method that it has not seen yet; new ones of others are kept until they are asked for."""
        while True:
            m = next((m for m in self.others if m.method == method), None)
            if m:
                self.others.remove(m)
            else:
                m = self.recv(timeout, f"{method} for {self.name}")
            if (m.branch, m.method) in self.met:
                continue
            if m.method == method:
                self.met.add((m.branch, method))
                return m
            self.others.append(m)

    def answer(self, req, status, reason=None, tag=None, headers=(), **how):
        contact = [f"Contact: <{self.uri}>"] if req.method == "INVITE" and 100 < status < 300 else []
        raw = sip.response(req, status, reason or REASONS.get(status, "Because"), to_tag=tag or self.name, headers=[*contact, *headers], **how)
        self.peer.send(raw, req.src)
        return sip.Message(raw)

    def refuse(self, req, status, **how):
        """A final response that is no 2xx, and the ACK for it."""
        sent = self.answer(req, status, **how)
        ack = self.take("ACK")
        assert ack.branch == req.branch and ack.get("To") == sent.get("To")
        return ack

    def cancelled(self, req):
        """Waits for the CANCEL of req and answers both; returns the CANCEL."""
        cancel = self.take("CANCEL")
        assert cancel.branch == req.branch and cancel.uri == req.uri
        self.answer(cancel, 200)
        self.refuse(req, 487)
        return cancel

    def silent(self, seconds=0.15):
        return (self.peer or self.server).silent(seconds)

    def forget(self):
        """Throws away what has come."""
        while not self.silent(0):
            self.recv()


class Scene:
    """A router that runs `routes`, a caller and some callees. {a}, {b}, … in the routes are the callees' URIs, {a_port} the port alone."""

    def __init__(self, router, peers, routes=RELAY, callees=1, caller="udp", callee="udp", wires=False, params="", modules=MODULES,
                 children=2, **timers):
        if not timers.keys() & {"retr_timer1", "retr_timer2"}:
            # nothing is sent again in tests of something else, however busy the machine is
            timers.update(retr_timer1=5000, retr_timer2=5000)
        names = "abcdefgh"[:callees]
        self.callees = [Callee(peers, callee, name, wires and callee == "udp") for name in names]
        places = {c.name: c.uri for c in self.callees} | {f"{c.name}_port": c.port for c in self.callees}
        self.r = router(tm(**timers) + routes, params=params, modules=modules, children=children, **places)
        self.wire = None
        if caller == "tcp":
            peer = peers.tcp(self.r.addr)
        else:
            peer = peers.udp()
            self.wire = peers.keep(Wire(self.r.addr)) if wires else None
            peer.default = self.wire.addr if self.wire else self.r.addr
        self.caller, self.callee = Caller(peer, self.settle), self.callees[0] if self.callees else None

    def invite(self, **fields):
        """An INVITE that has reached the first callee: (what the caller sent, what the callee got)."""
        return self.call("INVITE", **fields)

    def call(self, method, **fields):
        req = self.caller.start(self.callee.uri, method, **fields)
        return req, self.callee.take(method)

    def settle(self):
        """Waits until all that was sent so far has had its effects, and the messages that it led to have come."""
        wires = [w for w in (self.wire, *(c.wire for c in self.callees)) if w]
        for w in wires:
            w.still()
        self.r.settle()
        for w in wires:
            w.still()

    def probe(self):
        """The router answers a request, and has dealt with what came before when this returns."""
        req = self.caller.start(self.callee.uri, "OPTIONS")
        got = self.callee.take("OPTIONS")
        self.callee.answer(got, 200)
        assert self.caller.final(req).status == 200
        self.settle()

    def nothing_for(self, *callees):
        """Nothing has come for these callees (all), to which what was sent so far could have led."""
        self.settle()
        for callee in callees or self.callees:
            assert callee.silent(0.05), callee.recv()


def close_to(gaps, expected, slack=0.15):
    """Times between messages, as timers should make them: not early, late by no more than a busy machine explains."""
    assert len(gaps) >= len(expected), (gaps, expected)
    for gap, wanted in zip(gaps, expected):
        # what was late itself comes closer to the next
        assert wanted * 0.75 - 0.02 * (SCALE - 1) <= gap <= wanted * 1.3 + slack * SCALE, (gaps, expected)
