# SPDX-License-Identifier: BSD-2-Clause
"""The wires of other tests do what their plans say: only then do those tests say something."""
import pytest

from harness import sip
from harness.wait import until
from harness.wire import LEFT, RIGHT, Wire, kind, matches


@pytest.fixture
def ends(peers):
    """(left peer, wire, right peer)"""
    left, right = peers.udp(), peers.udp()
    wire = peers.keep(Wire(right.addr))
    left.default = wire.addr
    return left, wire, right


def numbers(peer, n):
    return [int(peer.recv().get("CSeq").split()[0]) for _ in range(n)]


@pytest.mark.parametrize("raw, what", [
    (sip.request("INVITE"), "INVITE"),
    (sip.response(sip.Message(sip.request("BYE")), 200), "200 BYE"),
    (b"SIP/2.0 180 Ringing\r\ncseq : 1 INVITE\r\n\r\n", "180 INVITE"),
    (b"\r\n\r\n", "?"),
])
def test_kinds(raw, what):
    assert kind(raw) == what


@pytest.mark.parametrize("wanted, what, does", [
    ("INVITE", "INVITE", True), ("INVITE", "200 INVITE", False), ("200", "200 BYE", True), ("200 INVITE", "200 BYE", False),
    ("1xx", "183 INVITE", True), ("4xx INVITE", "486 INVITE", True), ("ACK, BYE", "BYE", True), ("*", "?", True),
])
def test_patterns(wanted, what, does):
    assert matches(wanted, what) == does


def test_without_a_plan_all_passes_both_ways(ends):
    left, wire, right = ends
    req = left.request("MESSAGE")
    got = right.recv()
    assert got.raw == req.raw
    right.send(sip.response(got), got.src)
    assert left.final(req).status == 200
    assert [(p.kind, p.side, p.fate) for p in wire.seen] == [("MESSAGE", RIGHT, "passed"), ("200 MESSAGE", LEFT, "passed")]


def test_a_plan_by_kind(ends):
    left, wire, right = ends
    wire.drop("MESSAGE", 1, skip=1).double("MESSAGE", 1).hold("INFO", until="BYE")
    left.request("INFO", cseq=9)
    for n in range(1, 4):
        left.request("MESSAGE", cseq=n)
    left.request("BYE", cseq=8)
    # the second is lost, the first doubled
    assert numbers(right, 5) == [1, 1, 3, 8, 9]
    assert wire.count("MESSAGE") == 3 and wire.count("MESSAGE", "dropped") == 1 and wire.count("*", "held") == 1


def test_what_is_late_comes_behind_others(ends):
    left, wire, right = ends
    wire.delay("MESSAGE", 50, 1)
    left.request("MESSAGE", cseq=1)
    left.request("MESSAGE", cseq=2)
    assert numbers(right, 2) == [2, 1]


def test_chances_are_the_same_each_time(peers):
    def fates(seed):
        left, right = peers.udp(), peers.udp()
        wire = peers.keep(Wire(right.addr)).noise(drop=0.2, double=0.1, late=0.1, ms=5, seed=seed)
        left.default = wire.addr
        for n in range(200):
            left.request("MESSAGE", cseq=n + 1)
        until(lambda: wire.count("*") == 200, 5)
        return [wire.count("*", f) for f in ("dropped", "doubled", "late", "passed")]
    one, again, other = fates(1), fates(1), fates(2)
    assert one == again != other
    assert sum(one) == 200 and 20 <= one[0] <= 60 and 5 <= one[1] <= 40 and 5 <= one[2] <= 40


def test_a_wire_that_is_mended_loses_nothing_and_lets_go_what_it_holds(ends):
    left, wire, right = ends
    wire.hold("INFO", until="BYE").drop("MESSAGE")
    left.request("INFO", cseq=1)
    until(lambda: wire.count("INFO"), 5)
    wire.good()
    left.request("MESSAGE", cseq=2)
    assert numbers(right, 2) == [1, 2]
