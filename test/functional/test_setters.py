# SPDX-License-Identifier: BSD-2-Clause
"""Variables that a script sets: what then leaves, octet by octet."""
import re

import pytest

from harness import ports
from harness.wait import until

REQUEST = (b"MESSAGE sip:bob@127.0.0.1 SIP/2.0\r\n"
           b"Via: SIP/2.0/UDP 127.0.0.1:9;branch=z9hG4bKone;rport\r\n"
           b"From: \"Alice\" <sip:alice@a.example;transport=udp>;tag=ft;x=1\r\n"
           b"t: sip:bob@b.example;tag=tt\r\n"
           b"Call-ID: c1@test\r\nCSeq: 1 MESSAGE\r\nMax-Forwards: 70\r\nMax-Breadth: 60\r\n"
           b"Content-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello")


def left(got):
    """What arrived, without the Via of the router and what it wrote into the one below."""
    ours = re.match(rb"([^\r]*\r\n)Via: [^\r]*\r\n", got.raw)
    assert ours
    return re.sub(rb";rport=\d+;received=[^;\r]*|;received=[^;\r]*;rport=\d+|;rport=\d+", b";rport", ours[1] + got.raw[ours.end():], count=1)


@pytest.fixture
def sent(router, peers):
    """sent(statements) → (what arrived as left() gives it, the Message, the ports of the router)."""
    def make(statements):
        callee, first, second = peers.udp(), ports.free_port(), ports.free_port()
        r = router("route {\n" + statements + "\n\tif ($du == $null)\n\t\t$du = \"sip:127.0.0.1:{callee}\";\n\tforward();\n}\n",
                   port=first, listen=[f"udp:127.0.0.1:{p}" for p in (first, second)], callee=callee.port, second=second)
        caller = peers.udp()
        caller.sock.sendto(REQUEST, r.addr)
        got = callee.recv()
        return left(got), got, (first, second)
    return make


def expected(*changes):
    text = REQUEST.replace(b"Max-Forwards: 70", b"Max-Forwards: 69")
    for was, now in changes:
        assert text.count(was) == 1
        text = text.replace(was, now)
    return text


def test_nothing_else_changes(sent):
    assert sent("")[0] == expected()


def test_from_and_to(sent):
    text, _, _ = sent("""
	$fU = "carol"; $fd = "c.example"; $fn = "Carol \\"C\\"";
	$tu = "sip:dan@d.example:5080"; $tn = "Dan";""")
    assert text == expected((b"\"Alice\" <sip:alice@a.example;transport=udp>", b"\"Carol \\\"C\\\"\" <sip:carol@c.example;transport=udp>"),
                            (b"t: sip:bob@b.example;", b"t: \"Dan\" <sip:dan@d.example:5080>;"))


def test_what_does_not_fit_changes_nothing(sent):
    text, _, _ = sent("""
	$fu = "sip:x@y>\\r\\nEvil: 1"; $fn = "a\\r\\nEvil: 2"; $tU = "a b"; $rU = "x y"; $ru = "no uri"; $fs = "udp:192.0.2.1:5060";""")
    assert text == expected()


def test_the_request_uri_and_its_parts(sent):
    assert sent("\t$rU = \"eve\"; $rd = \"e.example\"; $rp = 5099;")[0] == expected((b"sip:bob@127.0.0.1 ", b"sip:eve@e.example:5099 "))
    assert sent("\t$ru = \"sip:new@n.example;x=1\"; $rU = $null;")[0] == expected((b"sip:bob@127.0.0.1 ", b"sip:n.example;x=1 "))


def test_the_socket_to_send_from(sent):
    _, got, (first, second) = sent("\t$fs = \"udp:127.0.0.1:{second}\";")
    assert got.src[1] == second and f"127.0.0.1:{second}" in got.vias[0]
    _, got, (first, second) = sent("\t$fs = \"udp:127.0.0.1:{second}\"; $fs = $null;")
    assert got.src[1] == first


@pytest.mark.parametrize("value, body", [("\"much longer\\r\\nthan before\"", b"much longer\r\nthan before"), ("7", b"7"), ("\"\"", b""),
                                         ("$rb + \"!\"", b"hello!"), ("$(rb{s.toupper})", b"HELLO")])
def test_the_body_and_its_length(sent, value, body):
    assert sent(f"\t$rb = \"first\"; $rb = {value};")[0] == \
        expected((b"Content-Length: 5", b"Content-Length: %d" % len(body)), (b"\r\n\r\nhello", b"\r\n\r\n" + body))


def test_no_body_has_no_type(sent):
    assert sent("\t$rb = $null;")[0] == \
        expected((b"Content-Type: text/plain\r\nContent-Length: 5", b"Content-Length: 0"), (b"\r\n\r\nhello", b"\r\n\r\n"))


def test_a_transformation_that_fails_says_where(router, peers):
    r = router("""route {
	$var(n) = "x";
	$var(a) = $(rU{s.int});
	$var(a) = $(rU{s.substr,0,$var(n)});
	$var(a) = $(hdr(X-None){s.int});
	$var(a) = $(rU{s.len});
	sl_send_reply("200", "OK");
}
""")
    caller = peers.udp()
    caller.default = r.addr
    assert caller.ask(uri="sip:joe@127.0.0.1").status == 200
    def told_lines():
        return [line for line in r.lines if " a transformation " in line or " of a transformation " in line]

    until(lambda: len(told_lines()) >= 2, 5, "both lines")
    told = told_lines()
    assert len(told) == 2
    place = re.compile(r"at=\S*serac\.cfg:(\d+) what=(\S+)")
    found = [place.search(line).groups() for line in told]
    first = r.script.read_text().split("\n").index("\t$var(a) = $(rU{s.int});") + 1
    assert found == [(str(first), "s.int"), (str(first + 1), "s.substr")]
