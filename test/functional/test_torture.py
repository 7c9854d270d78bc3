# SPDX-License-Identifier: BSD-2-Clause
"""The messages of RFC 4475 against the columns "acceptable" and "forbidden" of EXPECTATIONS.tsv, over UDP, TCP, and TCP byte by byte."""
import csv
import re
from pathlib import Path

import pytest

from harness import sip
from harness.peers import Peers
from harness.router import Router
from harness.wait import TimedOut

DATA = Path(__file__).resolve().parents[1] / "torture" / "rfc4475"
ROWS = {row["message"]: row for row in csv.DictReader((DATA / "EXPECTATIONS.tsv").open(encoding="utf-8"), delimiter="\t")}

# Outcomes: "forward" (one copy reached the callee), a status, "drop" (nothing), "close" (the stream was closed), "hang" (a stream waits for more).
FORWARD, DROP, CLOSE, HANG = "forward", "drop", "close", "hang"
NORMAL = {(FORWARD,)}
BAD = {(400,)}
BAD_OR_REPAIRED = {(400,), (FORWARD,)}
SILENT = {(DROP,)}
# of a stream that cannot be followed
BAD_STREAM = {(400, CLOSE), (CLOSE,)}

# Column "acceptable" for the script below: over UDP, and over TCP where that differs.
ACCEPTABLE = {
    "wsinv": NORMAL, "intmeth": NORMAL, "esc01": NORMAL, "escnull": NORMAL, "esc02": NORMAL, "lwsdisp": NORMAL, "longreq": NORMAL,
    # over TCP the octets behind are a second request, and those behind its body are not SIP
    "dblreq": (NORMAL, {(FORWARD, FORWARD, CLOSE)}), "semiuri": NORMAL, "transports": NORMAL, "mpart01": NORMAL,
    "unreason": SILENT, "noreason": SILENT,
    "badinv01": {(400,), (DROP,)},
    "clerr": (BAD, {(HANG,), (CLOSE,)}),
    "ncl": (BAD, BAD_STREAM),
    "scalar02": BAD, "scalarlg": SILENT,
    "quotbal": {(400,), (FORWARD,), (DROP,)},
    "ltgtruri": BAD_OR_REPAIRED, "lwsruri": BAD_OR_REPAIRED, "lwsstart": BAD_OR_REPAIRED, "trws": BAD_OR_REPAIRED,
    "escruri": BAD_OR_REPAIRED, "baddate": {(FORWARD,), (400,)}, "regbadct": BAD_OR_REPAIRED, "badaspec": BAD_OR_REPAIRED,
    "baddn": ({(400,), (DROP,)}, {(400,), (HANG,), (CLOSE,), (400, CLOSE)}),
    "badvers": ({(505,), (400,), (DROP,)}, {(505,), (400,), (505, CLOSE), (400, CLOSE), (CLOSE,), (DROP,)}),
    "mismatch01": BAD, "mismatch02": {(501,), (400,)}, "bigcode": SILENT,
    "badbranch": {(400,), (FORWARD,)}, "insuf": {(400,), (DROP,)},
    "unkscm": {(416,), (400,), (404,)}, "novelsc": {(416,), (404,)}, "unksm2": {(400,), (FORWARD,)},
    "bext01": {(420,)}, "invut": NORMAL, "regaut01": NORMAL,
    "multi01": {(400,), (DROP,)},
    "mcl01": (BAD, BAD_STREAM),
    "bcast": SILENT, "zeromf": {(483,)},
    "cparam01": NORMAL, "cparam02": NORMAL, "regescrt": NORMAL, "sdp01": NORMAL,
    # without Content-Length a stream cannot be followed (RFC 3261 18.3)
    "inv2543": (NORMAL, {(FORWARD,), (400, CLOSE), (CLOSE,)}),
    "test": None,
}
# What of a row cannot be judged before there is a registrar.
NEEDS_REGISTRAR = {"escnull", "esc02", "regbadct", "unksm2", "regaut01", "cparam01", "cparam02", "regescrt"}

SCRIPT = """
route {
	if (uri=~"^sip:probe@") {
		sl_send_reply("200", "OK");
		exit;
	}
	if (!mf_process_maxfwd_header("70")) {
		sl_send_reply("483", "Too Many Hops");
		exit;
	}
	if (!sanity_check()) {
		exit;
	}
	forward_udp("127.0.0.1", {callee});
}
"""


class Bench:
    """One worker, so that a probe is answered after what was sent before it."""

    def __init__(self):
        self.peers = Peers()
        self.callee = self.peers.udp()
        self.router = Router(SCRIPT, children=1, callee=self.callee.port, params="tcp_message_timeout=1s\n").start()
        # the messages carry no rport: answers go to the source's address at the port of Via
        self.udp, self.udp_5050 = self.peers.udp("127.0.0.2", 5060), self.peers.udp("127.0.0.2", 5050)
        self.udp.default = self.router.addr

    def forwarded(self):
        got = []
        while self.callee.waiting():
            got.append(self.callee.recv())
        return got

    def over_udp(self, raw):
        """(outcome, copies, answers)"""
        self.udp.send(raw)
        probe = self.udp.request(uri="sip:probe@x")
        answers = []
        while (m := self.udp.recv()).get("Call-ID") != probe.get("Call-ID"):
            answers.append(m)
        while self.udp_5050.waiting():
            answers.append(self.udp_5050.recv())
        copies = self.forwarded()
        return tuple([m.status for m in answers] + [FORWARD] * len(copies)) or (DROP,), copies, answers

    def over_tcp(self, raw, bytewise):
        c = self.peers.tcp(self.router.addr, host="127.0.0.2")
        probe = sip.request(uri="sip:probe@x", via=c.via)
        probe_id = sip.Message(probe).get("Call-ID")
        answers, end = [], None
        try:
            for i in range(len(raw)) if bytewise else ():
                c.send(raw[i:i + 1])
            c.send(probe if bytewise else raw + probe)
        except OSError:
            pass
        while end is None:
            try:
                m = c.recv(0.5)
                if m.get("Call-ID") == probe_id and m.status == 200:
                    end = ()
                else:
                    answers.append(m)
            except TimedOut:
                end = (CLOSE,) if c.eof else (HANG,)
        if end == (HANG,):
            assert c.closed(4), "a message that is never whole ends at its deadline"
            answers += [sip.Message(c.data)] if c.data else []
        c.close()
        copies = self.forwarded()
        return tuple([m.status for m in answers] + [FORWARD] * len(copies)) + end or (DROP,), copies, answers

    def close(self):
        self.peers.close()
        self.router.finish()


@pytest.fixture(scope="module")
def bench():
    b = Bench()
    yield b
    b.close()


def message(name, repaired=False):
    return (DATA / ("messages-repaired" if repaired else "messages") / f"{name}.dat").read_bytes()


def compare(sent, got):
    """Octet by octet, apart from our Via, received and rport of theirs, Max-Forwards, Max-Breadth, Route and what lies behind the body."""
    sent, got = sip.Message(sent), sip.Message(got.raw)
    assert got.first == sent.first
    own = next(i for i, (name, _, _) in enumerate(got.headers) if name.lower() in ("via", "v"))
    assert "127.0.0.1" in got.headers[own][1], "our Via is the first"

    def rest(headers):
        return [raw for name, _, raw in headers if name.lower() not in ("max-forwards", "max-breadth", "route")]
    ours, theirs = rest(got.headers[:own] + got.headers[own + 1:]), rest(sent.headers)
    top = next(i for i, raw in enumerate(theirs) if re.match(rb"(via|v)\s*:", raw, re.I))
    stripped = re.sub(rb";received=127\.0\.0\.2(?=[;,\s]|$)", b"", ours[top], count=1)
    stripped = re.sub(rb";rport=\d+", b";rport", stripped, count=1)
    assert stripped == theirs[top]
    assert ours[:top] + ours[top + 1:] == theirs[:top] + theirs[top + 1:]
    length = sent.get("Content-Length")
    assert got.body == (sent.body[:int(length)] if length is not None else sent.body)
    assert got.all("Max-Breadth") == ["60"]
    before = sent.get("Max-Forwards")
    assert int(got.get("Max-Forwards")) == (70 if before is None else int(before) - 1)


def judge(name, raw, copies, answers):
    """Column "forbidden"."""
    if name in ("quotbal", "ltgtruri", "lwsruri", "lwsstart", "trws", "escruri", "regbadct", "badaspec"):
        # let through only when repaired
        for m in copies:
            assert sip.Message(raw).first != m.first or name in ("quotbal", "regbadct", "badaspec")
            assert "<" not in m.uri and "?" not in m.uri and not m.first.endswith(" ") and "  " not in m.first
            if name in ("quotbal", "badaspec"):
                compared = {"quotbal": "To", "badaspec": "From"}[name]
                assert m.get(compared) != sip.Message(raw).get(compared)
            assert not m.all("Route")
    elif name == "bext01":
        tags = {t.strip() for v in answers[0].all("Unsupported") for t in v.split(",")}
        assert tags == {"noProxiesSupportThis", "norDoAnyProxiesSupportThis"}
    elif name not in ("test", "badbranch", "dblreq"):
        for m in copies:
            compare(raw, m)
    if name == "dblreq" and copies:
        compare(raw, copies[0])
        assert b"INVITE sip:" not in copies[0].raw.replace(b"CSeq", b"")
    if name == "mpart01" and copies:
        assert len(copies[0].body) == 553
    if name == "sdp01":
        assert not any(m.status == 406 for m in answers)


CASES = [(name, False) for name in ACCEPTABLE] + [("baddn", True)]


@pytest.mark.parametrize("how", ["udp", "tcp", "bytewise"])
@pytest.mark.parametrize("name, repaired", CASES, ids=[n + ("-repaired" if r else "") for n, r in CASES])
def test_torture(bench, name, repaired, how):
    raw = message(name, repaired)
    if how == "udp":
        outcome, copies, answers = bench.over_udp(raw)
    else:
        outcome, copies, answers = bench.over_tcp(raw, how == "bytewise")
    accepted = ACCEPTABLE[name]
    if isinstance(accepted, tuple):
        accepted = accepted[how != "udp"]
    if repaired:
        # the display name is at fault: 400, or a liberal copy that does not propagate it
        accepted = {(400,), (DROP,)}
    row = ROWS[name]
    assert accepted is None or outcome in accepted, \
        f"{outcome}; acceptable: {row['acceptable']}; forbidden: {row['forbidden']}; {answers}"
    judge(name, raw, copies, answers)
    assert bench.router.count_log("a worker died") == 0


@pytest.mark.parametrize("name", sorted(NEEDS_REGISTRAR))
def test_bindings(name):
    pytest.skip("waiting for a registrar: " + ROWS[name]["acceptable"])


def test_every_row_is_judged():
    assert set(ACCEPTABLE) == set(ROWS)
    assert {p.stem for p in (DATA / "messages").glob("*.dat")} == set(ROWS)
