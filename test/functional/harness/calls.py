# SPDX-License-Identifier: BSD-2-Clause
"""Calls through a router with transactions: a caller, callees that do what a test says, wires between them, short timers."""
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

    def __init__(self, peer, contact=True):
        self.peer = peer
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

    def response(self, req, wanted=lambda m: True, timeout=5, what="a response"):
        """The next response to req for which wanted(m) is true; others are thrown away."""
        return self.peer.expect(lambda m: m.is_response and m.get("Call-ID") == req.get("Call-ID") and m.get("CSeq") == req.get("CSeq")
                                and wanted(m), timeout, f"{what} to {req}")

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

    def all_responses(self, req, seconds=0.3):
        """Every response to req that is there or comes within a while."""
        found = []
        while not self.peer.silent(seconds):
            m = self.peer.recv()
            if m.is_response and m.get("Call-ID") == req.get("Call-ID") and m.get("CSeq") == req.get("CSeq"):
                found.append(m)
        return found


class Callee:
    """Is sent requests by the router; over UDP by a wire when it has one. Answers when it is told to."""

    def __init__(self, peers, transport, name, wire=False):
        self.name, self.transport, self.met = name, transport, set()
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
        """The next request of this method that it has not seen yet; the others are thrown away."""
        while True:
            m = self.recv(timeout, f"{method} for {self.name}")
            if m.method == method and (m.branch, method) not in self.met:
                self.met.add((m.branch, method))
                return m

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


class Scene:
    """A router that runs `routes`, a caller and some callees. {a}, {b}, … in the routes are the callees' URIs, {a_port} the port alone."""

    def __init__(self, router, peers, routes=RELAY, callees=1, caller="udp", callee="udp", wires=False, params="", modules=MODULES,
                 children=2, **timers):
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
        self.caller, self.callee = Caller(peer), self.callees[0] if self.callees else None

    def invite(self, **fields):
        """An INVITE that has reached the first callee: (what the caller sent, what the callee got)."""
        return self.call("INVITE", **fields)

    def call(self, method, **fields):
        req = self.caller.start(self.callee.uri, method, **fields)
        return req, self.callee.take(method)

    def probe(self):
        """A request that the router has answered when this returns: what came before it has been dealt with by a worker that was free."""
        req = self.caller.start(self.callee.uri, "OPTIONS")
        got = self.callee.take("OPTIONS")
        self.callee.answer(got, 200)
        assert self.caller.final(req).status == 200

    def nothing_for(self, *callees):
        """Nothing has come for these callees, or for the first one but a probe."""
        for callee in callees or self.callees:
            assert callee.silent(), callee.recv()


def close_to(gaps, expected, slack=0.15):
    """Times between messages, as timers should make them: never early, late by no more than a busy machine explains."""
    assert len(gaps) >= len(expected), (gaps, expected)
    for gap, wanted in zip(gaps, expected):
        assert wanted * 0.75 <= gap <= wanted * 1.3 + slack * SCALE, (gaps, expected)
