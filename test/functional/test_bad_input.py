# SPDX-License-Identifier: BSD-2-Clause
"""What is not SIP, or not good SIP: pings, broken headers, false lengths, messages too large; over UDP and TCP."""
import re

import pytest

from harness import sip
from harness.wait import TimedOut, until

ROUTES = """
route {
	if (method=="OPTIONS" || method=="MESSAGE" || method=="INVITE") {
		sl_send_reply("200", "OK");
		exit;
	}
	sl_send_reply("405", "Method Not Allowed");
}
"""


@pytest.fixture
def r(router):
    return router(ROUTES)


@pytest.fixture(params=["udp", "tcp"])
def caller(request, r, peers):
    if request.param == "udp":
        c = peers.udp()
        c.default = r.addr
        return c
    return peers.tcp(r.addr)


def broken(caller, pattern, replacement, **fields):
    """A good request with one place changed."""
    raw = sip.request(via=caller.via, **fields)
    changed = re.sub(pattern.encode(), replacement.encode(), raw, count=1, flags=re.M)
    assert changed != raw
    return changed


# what is changed, by what, and which header the 400 must name
BAD_HEADERS = [
    ("^CSeq: .*?\r", "CSeq: 1 INVITE\r", "CSeq"),
    ("^CSeq: .*?\r", "CSeq: 4294967296 OPTIONS\r", "CSeq"),
    ("^CSeq: .*?\r", "CSeq: one OPTIONS\r", "CSeq"),
    ("^CSeq: .*?\r", "CSeq: -1 OPTIONS\r", "CSeq"),
    ("^CSeq: .*?\r\n", "", "CSeq"),
    ("^Call-ID: .*?\r\n", "", "Call-ID"),
    ("^Call-ID: .*?\r", "Call-ID:\r", "Call-ID"),
    ("^From: .*?\r\n", "", "From"),
    ("^To: .*?\r\n", "", "To"),
    ("^To: .*?\r", "To: \"unterminated <sip:x@example.com>\r", "To"),
    ("^(To: .*?\r\n)", r"\1\1", "To"),
    ("^(From: .*?\r\n)", r"\1\1", "From"),
    ("^(Call-ID: .*?\r\n)", r"\1\1", "Call-ID"),
    ("^(CSeq: .*?\r\n)", r"\1\1", "CSeq"),
    ("^Max-Forwards: .*?\r", "Max-Forwards: many\r", "Max-Forwards"),
]


@pytest.mark.parametrize("pattern, replacement, header", BAD_HEADERS)
def test_a_bad_header_gets_400_that_names_it(r, caller, pattern, replacement, header):
    caller.send(broken(caller, pattern, replacement))
    answer = caller.recv()
    assert answer.status == 400
    assert header.lower() in answer.first.lower(), answer.first
    # the connection or socket goes on
    assert caller.ask().status == 200


@pytest.mark.parametrize("pattern, replacement, header", BAD_HEADERS[:6])
def test_a_bad_ack_is_not_answered(r, caller, pattern, replacement, header):
    raw = broken(caller, pattern, replacement.replace("OPTIONS", "ACK"), method="ACK")
    caller.send(raw)
    assert caller.ask().status == 200
    assert caller.silent(0.05)


def test_another_version_gets_505(r, caller):
    caller.send(broken(caller, "SIP/2.0\r", "SIP/3.0\r"))
    assert caller.recv().status == 505
    assert caller.transport == "TCP" or caller.ask().status == 200


def test_an_unknown_method_is_for_the_script(r, caller):
    assert caller.ask("JUMP").status == 405


def test_whitespace_before_the_colon_is_valid(r, caller):
    caller.send(broken(caller, "^CSeq:", "CSeq \t :"))
    assert caller.recv().status == 200


# --- datagrams ---------------------------------------------------------------------------------------------------------

@pytest.fixture
def udp(r, peers):
    u = peers.udp()
    u.default = r.addr
    return u


def test_keepalives_over_udp_are_dropped_silently_and_counted(r, udp):
    def keepalives():
        return next(v for g in r.status().counters.values() for k, v in g.items() if "keepalive" in k)
    before, lines = keepalives(), len(r.lines)
    for ping in (b"\r\n\r\n", b"\r\n", b"\0\0\0\0", b"\0", b"x", b""):
        udp.send(ping)
    assert udp.ask().status == 200
    assert udp.silent(0.05)
    # an empty datagram need not be counted
    assert keepalives() - before in (5, 6)
    assert not [l for l in r.lines[lines:] if re.search(r" (warn\w*|notice|error) (?!status)", l)]


@pytest.mark.parametrize("garbage", [b"hello, world\r\n\r\n", b"\xff" * 1200, b"INVITE", b"SIP/2.0 200\r\n\r\n",
                                     b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"INVITE sip:x SIP/2.0\r\n" + b"A" * 60000,
                                     b"INVITE  SIP/2.0\r\n\r\n", b":\r\n" * 500, b"\r\n" * 3000 + b"x"])
def test_garbage_over_udp_costs_only_itself(r, udp, garbage):
    udp.send(garbage)
    assert udp.ask().status == 200


def test_content_length_beyond_the_datagram_is_400_for_a_request(r, udp):
    udp.send(broken(udp, "Content-Length: 0", "Content-Length: 10"))
    answer = udp.recv()
    assert answer.status == 400 and "content-length" in answer.first.lower()


def test_content_length_beyond_the_datagram_drops_a_response(router, peers):
    callee = peers.udp()
    router_ = router(f'route {{\n\tforward_udp("127.0.0.1", {callee.port});\n}}')
    caller = peers.udp()
    caller.default = router_.addr
    caller.request()
    good = sip.response(callee.recv())
    callee.send(good.replace(b"Content-Length: 0", b"Content-Length: 5"), router_.addr)
    callee.send(good.replace(b"200 OK", b"202 Accepted"), router_.addr)
    assert caller.recv().status == 202
    assert not caller.waiting()


BAD_LENGTHS = ["-1", "+5", "4294967296", "99999999999999999999", "1 2", "0x5", "five", ""]


@pytest.mark.parametrize("length", BAD_LENGTHS)
def test_a_bad_content_length_over_udp_is_400(r, udp, length):
    udp.send(broken(udp, "Content-Length: 0", f"Content-Length: {length}"))
    assert udp.recv().status == 400
    assert udp.ask().status == 200


@pytest.mark.parametrize("second", ["Content-Length: 0", "l: 0", "Content-Length: 1", "content-length : 0"])
def test_a_repeated_content_length_is_400(r, caller, second):
    caller.send(broken(caller, "(Content-Length: 0\r\n)", rf"\1{second}\r\n"))
    assert caller.recv().status == 400
    assert caller.transport == "UDP" or caller.closed()


def test_no_content_length_over_udp_means_all_of_it(r, udp):
    udp.send(sip.request("MESSAGE", via=udp.via, length=False, body=b"hello"))
    assert udp.recv().status == 200


# --- streams -----------------------------------------------------------------------------------------------------------

@pytest.fixture
def tcp(r, peers):
    return peers.tcp(r.addr)


def test_stream_ping_gets_one_crlf(r, tcp):
    tcp.send(b"\r\n\r\n")
    assert tcp.recv_bytes(2) == b"\r\n"
    assert tcp.silent(0.1)


def test_a_single_crlf_is_ignored(r, tcp):
    tcp.send(b"\r\n")
    assert tcp.silent(0.1)
    assert tcp.ask().status == 200


def test_pings_between_messages_and_in_pieces(r, tcp):
    for piece in (b"\r", b"\n", b"\r", b"\n"):
        tcp.send(piece)
    assert tcp.recv_bytes(2) == b"\r\n"
    raw = sip.request(via=tcp.via)
    tcp.send(raw + b"\r\n\r\n" + raw)
    assert tcp.recv().status == 200
    assert tcp.recv_bytes(2) == b"\r\n"
    assert tcp.recv().status == 200


def test_a_lone_crlf_swallows_nothing(r, tcp):
    for _ in range(3):
        tcp.send(b"\r\n" + sip.request(via=tcp.via))
        assert tcp.recv().status == 200


@pytest.mark.parametrize("length", BAD_LENGTHS)
def test_a_bad_content_length_over_tcp_is_400_and_close(r, tcp, peers, length):
    smuggled = sip.request("MESSAGE", via=tcp.via)
    tcp.send(broken(tcp, "Content-Length: 0", f"Content-Length: {length}") + smuggled)
    assert tcp.recv().status == 400
    assert tcp.closed()
    assert tcp.data == b"", "nothing behind it was taken for a message"
    assert peers.tcp(r.addr).ask().status == 200


def test_no_content_length_over_tcp_is_400_and_close(r, tcp):
    tcp.send(sip.request("OPTIONS", via=tcp.via, length=False))
    answer = tcp.recv()
    assert answer.status == 400 and "content-length" in answer.first.lower()
    assert tcp.closed()


def test_two_messages_in_one_segment(r, tcp):
    one, two = sip.request(via=tcp.via), sip.request("MESSAGE", via=tcp.via, body=b"x" * 99)
    tcp.send(one + two)
    assert tcp.recv().get("CSeq") == "1 OPTIONS"
    assert tcp.recv().get("CSeq") == "1 MESSAGE"


def test_a_message_byte_by_byte(r, tcp):
    for b in sip.request("MESSAGE", via=tcp.via, body=b"hello"):
        tcp.send(bytes([b]))
    assert tcp.recv().status == 200


def test_a_hundred_messages_at_once_are_answered_in_order(r, tcp):
    tcp.send(b"".join(sip.request(via=tcp.via, cseq=n, call_id="hundred") for n in range(1, 101)))
    assert [int(tcp.recv().get("CSeq").split()[0]) for _ in range(100)] == list(range(1, 101))


@pytest.mark.parametrize("garbage", [b"hello\r\n\r\n", b"\0" * 100, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
                                     b"OPTIONS sip:x SIP/2.0\r\n\r\n", b"SIP/2.0 abc\r\n\r\n"])
def test_a_stream_that_cannot_be_followed_is_closed(r, tcp, peers, garbage):
    tcp.send(garbage)
    assert tcp.closed(3)
    assert peers.tcp(r.addr).ask().status == 200


def test_a_message_above_the_limit_gets_513_and_close(router, peers):
    router_ = router(ROUTES, params="tcp_msg_max=8192\n")
    c = peers.tcp(router_.addr)
    assert c.ask("MESSAGE", body=b"x" * 7000).status == 200
    try:
        c.send(sip.request("MESSAGE", via=c.via, body=b"x" * 9000))
    except OSError:
        pass
    assert c.recv().status == 513
    assert c.closed()


def test_a_header_section_above_the_limit_gets_513_and_close(router, peers):
    router_ = router(ROUTES, params="tcp_msg_max=8192\n")
    c = peers.tcp(router_.addr)
    head = sip.request(via=c.via).replace(b"Content-Length", b"X-Long: " + b"y" * 9000 + b"\r\nContent-Length")
    try:
        c.send(head)
    except OSError:
        pass
    assert c.recv().status == 513
    assert c.closed()


def test_the_largest_message_passes(router, peers):
    callee = peers.tcp_server()
    router_ = router(f'route {{\n\tforward_tcp("127.0.0.1", {callee.port});\n}}')
    c = peers.tcp(router_.addr)
    body = bytes(range(256)) * 240
    c.request("MESSAGE", body=body)
    assert callee.accept().recv().body == body


def test_a_message_that_is_too_large_for_udp(router, peers):
    callee = peers.udp()
    router_ = router(f'route {{\n\tforward_udp("127.0.0.1", {callee.port});\n}}')
    c = peers.tcp(router_.addr)
    c.request("MESSAGE", body=b"x" * 65200)
    # it cannot leave as a datagram: nothing comes, or the caller is told; the router lives
    try:
        assert c.recv(1).status >= 400
    except TimedOut:
        pass
    assert callee.silent(0.1)
    c.request("MESSAGE", body=b"x" * 60000)
    assert len(callee.recv().body) == 60000


def test_half_a_message_is_closed_at_its_deadline(router, peers):
    router_ = router(ROUTES, params="tcp_message_timeout=1s\n")
    c = peers.tcp(router_.addr)
    c.send(sip.request(via=c.via)[:50])
    assert c.closed(3)


def test_every_prefix_of_a_message_over_udp(r, udp):
    raw = sip.request("INVITE", via=udp.via, headers=["Route: <sip:a;lr>, \"b\" <sip:c;lr>"], body=b"v=0\r\n")
    for n in range(len(raw)):
        udp.send(raw[:n])
    until(lambda: udp.ask().status == 200, 5, "an answer")
