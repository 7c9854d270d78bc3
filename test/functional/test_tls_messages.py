# SPDX-License-Identifier: BSD-2-Clause
"""Messages over TLS connections that are up: of all sizes, however records cut them; key updates, good-byes, nonsense."""
import os
import socket
import threading

import pytest

from harness import sip
from harness.tls import V12, V13, SClient, need, own
from harness.wait import until

RELAY = "route {\n\tif (!forward()) {\n\t\tsl_reply_error();\n\t}\n}"
# around the limits of a record (16,384) and of a message (65,535)
SIZES = [600, 16383, 16384, 16385, 32768, 40000, 65000]
versions = pytest.mark.parametrize("version", [V12, V13], ids=["1.2", "1.3"])


def of_size(total, make):
    """What make(body) makes, with as large a body as makes it that large in all."""
    n = total - len(make(b""))
    while len(raw := make(os.urandom(1).hex().encode()[:1] * n)) > total:
        n -= 1
    return raw


def pair(tls, version):
    """A router, a client of it, and the server that it relays to; one request has passed."""
    server = tls.server(version=version)
    r = tls.router(RELAY, params="tcp_conn_wq_max=1048576\n" if not tls.reference else "tcp_conn_wq_max=1048576\ntcp_wq_blk_size=65536\n")
    c = tls.client(r, version=version)
    req = c.request(uri=server.uri)
    there = server.accept()
    there.send(sip.response(there.recv()))
    assert c.final(req).status == 200
    return r, c, server, there


@versions
def test_sizes_both_ways(tls, version):
    r, c, server, there = pair(tls, version)
    for size in SIZES:
        body = os.urandom(32).hex().encode() * (size // 64 - 8)
        req = c.request("MESSAGE", uri=server.uri, body=body)
        got = there.recv()
        assert got.body == body
        answer = os.urandom(32).hex().encode() * (size // 64 - 8)
        there.send(sip.response(got, body=answer))
        assert c.final(req).body == answer


@own
def test_the_largest_message_is_65535_bytes(tls):
    r, c, server, there = pair(tls, V13)
    via = "SIP/2.0/TLS 127.0.0.1:9;rport;branch=z9hG4bKlargest"
    raw = of_size(65535, lambda body: sip.request("MESSAGE", uri=server.uri, via=via, body=body, call_id="largest", from_tag="x"))
    assert len(raw) == 65535
    c.send(raw)
    got = there.recv()
    assert got.body == sip.Message(raw).body
    # as much comes back; the Via that is taken off was part of it
    answer = of_size(65535, lambda body: sip.response(got, body=body))
    there.send(answer)
    assert c.final(sip.Message(raw)).body == sip.Message(answer).body


@versions
def test_many_messages_in_one_record_and_one_in_forty(tls, version):
    r = tls.router()
    c = tls.client(r, version=version)
    raw = [sip.request(via=c.via, cseq=n, body=b"x" * 200) for n in range(1, 21)]
    c.send(raw[0] + raw[1])
    assert all(m.status == 200 for m in c.finals([sip.Message(x) for x in raw[:2]]))
    c.send(b"".join(raw[2:]))
    assert all(m.status == 200 for m in c.finals([sip.Message(x) for x in raw[2:]]))
    one = sip.request(via=c.via, body=b"y" * 20000)
    step = len(one) // 40 + 1
    for at in range(0, len(one), step):
        c.send(one[at:at + step])
    assert c.final(sip.Message(one)).status == 200
    # the end of one and the beginning of the next in a record
    whole = b"".join(raw)
    for at in range(0, len(whole), 700):
        c.send(whole[at:at + 700])
    assert all(m.status == 200 for m in c.finals([sip.Message(x) for x in raw]))


@versions
def test_records_that_come_byte_by_byte(tls, version):
    """What lies between client and router cuts everything into single bytes, the handshake too."""
    r = tls.router()
    relay = Cutter(tls, r.tls)
    c = tls.client(relay, version=version)
    assert c.ask(body=b"z" * 300).status == 200


class Cutter:
    """A wire that delivers single bytes to the router."""

    def __init__(self, tls, to):
        self.server, self.to, self.ends = tls.peers.tcp_server(), to, []
        self.tls = self.server.addr
        threading.Thread(target=self.run, args=(tls.keep(self).server,), daemon=True).start()

    def run(self, server):
        server.sock.settimeout(10)
        a, b = server.sock.accept()[0], socket.create_connection(self.to)
        self.ends = [a, b]
        threading.Thread(target=self.copy, args=(b, a, 65536), daemon=True).start()
        self.copy(a, b, 1)

    @staticmethod
    def copy(a, b, step):
        try:
            while data := a.recv(65536):
                for at in range(0, len(data), step):
                    b.sendall(data[at:at + step])
        except OSError:
            pass

    def close(self):
        # whoever waits in recv() wakes up, and the other side sees the end
        for s in self.ends:
            s.shutdown(socket.SHUT_RDWR)


def request():
    return sip.request(via="SIP/2.0/TLS 127.0.0.1:9;rport")


@own
def test_key_updates(tls, pki):
    need("openssl")
    r = tls.router()
    c = tls.keep(SClient(r.tls, "-tls1_3", "-CAfile", pki.ca.file))
    c.wait(rb"Verify return code: 0")
    for command in (b"k\n", b"K\n", b"K\n"):
        c.send(command)
        c.wait(rb"KEYUPDATE\n")
        c.text = b""
        assert c.ask(request())


@own
def test_renegotiation_is_refused(tls, pki):
    need("openssl")
    r = tls.router()
    c = tls.keep(SClient(r.tls, "-tls1_2", "-CAfile", pki.ca.file))
    assert c.ask(request())
    c.text = b""
    c.send(b"R\n")
    c.wait(rb"RENEGOTIATING")
    # it goes on as before or ends; there is no second handshake
    c.send(request())
    try:
        c.wait(rb"SIP/2.0 200|errno|closed|[Nn]o renegotiation|handshake failure|error:")
    except AssertionError:
        assert c.process.poll() is not None, "neither answered nor closed"
    assert b"depth=0" not in c.text
    assert tls.client(r).ask().status == 200


def test_a_good_bye_is_answered_and_ends_the_connection(tls):
    r = tls.router()
    for version in (V12, V13):
        c = tls.client(r, version=version)
        assert c.ask().status == 200
        assert c.bye()


@own
def test_an_end_without_good_bye_and_a_reset(tls):
    r = tls.router()
    for how in ("close", "reset"):
        c = tls.client(r)
        assert c.ask().status == 200
        getattr(c, how)()
    r.wait_status(lambda s: s.connections == 0)
    assert tls.client(r).ask().status == 200


def corrupt(c):
    """A record of application data that nobody encrypted."""
    os.write(c.sock.fileno(), b"\x17\x03\x03\x00\x40" + b"\xaa" * 64)


@versions
def test_a_record_that_was_tampered_with_ends_only_its_connection(tls, version):
    r = tls.router()
    good, bad = tls.client(r, version=version), tls.client(r, version=version)
    assert good.ask().status == bad.ask().status == 200
    corrupt(bad)
    assert bad.closed(3)
    assert good.ask().status == 200


@own
@pytest.mark.parametrize("bytes_", [b"OPTIONS sip:x@y SIP/2.0\r\n\r\n", b"\r\n\r\n", b"\x16\x03\x01\xff\xff" + b"\1" * 300, b"\x16\x03\x01\x00\x04\x01\x00\x00\x00", b"\x80\x2e\x01\x00\x02" + b"\0" * 60,
                                    b"GET / HTTP/1.1\r\n\r\n", b"\x15\x03\x03\x00\x02\x02\x28", b"\x16\x03\x03\x00\x00" * 50], ids=range(8))
def test_nonsense_in_place_of_a_client_hello_is_closed(tls, bytes_):
    r = tls.router(params="tls_handshake_timeout=1s\n")
    c = tls.peers.tcp(r.tls)
    c.send(bytes_)
    assert c.closed(4)
    assert tls.client(r).ask().status == 200


@own
def test_tls_on_a_port_for_tcp(tls):
    r = tls.router(params="tcp_accept_timeout=1s\n")

    class At:
        tls = r.addr
    with pytest.raises(OSError):
        tls.client(At)


def test_pings(tls):
    c = tls.client(tls.router())
    assert c.ask().status == 200
    c.send(b"\r\n\r\n")
    assert c.recv_bytes(2) == b"\r\n"
    assert c.ask().status == 200
