# SPDX-License-Identifier: BSD-2-Clause
"""A module with a protocol of its own over TLS (test/functional/modules/echo): it listens and it calls; TLS is what it is for SIP."""
import pytest

from harness import ports
from harness.router import BUILD
from harness.tls import Tls, client_context, own

pytestmark = own
CALL = """route {
	if (echo_call("127.0.0.1", %d, "peer.example", "hello")) {
		sl_send_reply("200", "OK");
	}
}"""


@pytest.fixture
def at(tls):
    port, peer = ports.free_port(), tls.server(tls.pki.server("peer.example"))
    r = tls.router(f'modparam("echo", "port", {port})\n' + CALL % peer.port, modules=("sl", "echo"), params=f'mpath="{BUILD}/test/modules"\n')
    r.echo, r.peer = ("127.0.0.1", port), peer
    return r


def connect(tls, at):
    return tls.peers.keep(Tls.client(at.echo, client_context(tls.pki.ca.file)))


def test_lines_come_back_in_order(tls, at):
    c = connect(tls, at)
    c.send(b"one\ntwo\nthr")
    assert c.recv_bytes(8) == b"one\ntwo\n"
    c.send(b"ee\n")
    assert c.recv_bytes(6) == b"three\n"


def test_what_is_no_line_closes_the_connection(tls, at):
    c = connect(tls, at)
    c.send(b"x" * 2000)
    assert c.closed()


def test_it_calls_and_hears_the_answer(tls, at):
    c = tls.client(at)
    assert c.final(c.request()).status == 200
    there = at.peer.accept()
    assert there.recv_bytes(5) == b"hello"
    assert at.peer.names[-1] == "peer.example"
    there.send(b"world")
    at.wait_log("was answered.*world")


def test_it_does_not_carry_sip(tls, at):
    """Neither is its socket one of ours for SIP, nor is its connection used."""
    c = tls.client(at)
    assert c.final(c.request()).status == 200
    assert at.peer.accept().recv_bytes(5) == b"hello"
    assert c.final(c.request(uri=f"sip:a@127.0.0.1:{at.peer.port};transport=tls")).status == 200
