# SPDX-License-Identifier: BSD-2-Clause
"""Tickets: what was changed, cut, or belongs elsewhere is unknown; what is honest is taken by every worker, after deaths, reloads and restarts."""
import pytest

from harness import sip
from harness.tls import ANSWER, V12, V13, SClient, client_context, need, own, session_ticket
from harness.wait import until

pytestmark = own
versions = pytest.mark.parametrize("version", [V12, V13], ids=["1.2", "1.3"])


def flip(at):
    def change(ticket):
        n = at if at >= 0 else len(ticket) + at
        return ticket[:n] + bytes([ticket[n] ^ 0x40]) + ticket[n + 1:]
    return change


# the name of the key, the IV, the encrypted state, the MAC
CHANGES = {"first byte": flip(0), "key's name": flip(15), "IV": flip(20), "state": flip(60), "MAC": flip(-1), "one byte less": lambda t: t[:-1],
           "half": lambda t: t[:len(t) // 2], "one byte": lambda t: t[:1],
           "zeros": lambda t: bytes(len(t))}
# what stands behind an honest one may be overlooked
LONGER = {"one more": lambda t: t + b"\0", "twice": lambda t: t + t, "large": lambda t: t + bytes(30000)}


def s_client(tls, r, version, *args):
    return tls.keep(SClient(r.tls, {V12: "-tls1_2", V13: "-tls1_3"}[version], "-CAfile", tls.pki.ca.file, *args))


def outcome(c):
    """ "New" or "Reused", once a request has been answered."""
    said = c.wait(rb"(New|Reused), (TLSv1\.[23])")[1].decode()
    assert c.ask(sip.request(via="SIP/2.0/TLS 127.0.0.1:9;rport"))
    return said


@versions
def test_tickets_that_were_tampered_with_lead_to_a_full_handshake(tls, tmp_path, version):
    need("openssl")
    r = tls.router()
    saved = tmp_path / "session"
    assert outcome(s_client(tls, r, version, "-sess_out", saved)) == "New"
    text = until(lambda: saved.exists() and "END" in saved.read_text() and saved.read_text(), 5, "a session")
    bad = {}
    for what, change in {**CHANGES, **LONGER}.items():
        bad[what] = tmp_path / what.replace(" ", "-")
        bad[what].write_text(session_ticket(text, change))
    clients = {what: s_client(tls, r, version, "-sess_in", path) for what, path in bad.items()}
    ends = {what: outcome(c) for what, c in clients.items()}
    assert {what: ends[what] for what in CHANGES} == {what: "New" for what in CHANGES}
    assert outcome(s_client(tls, r, version, "-sess_in", saved)) == "Reused", "the honest one is still good"


def get_session(tls, r, context, name=None):
    c = tls.client(r, context=context, name=name)
    assert c.ask().status == 200
    c.silent(0.05)
    session = c.sock.session
    c.bye()
    return session


def resumes(tls, r, context, session, name=None):
    c = tls.client(r, context=context, session=session, name=name)
    assert c.ask().status == 200
    c.silent(0)
    return c.sock.session_reused


@versions
def test_every_worker_takes_a_ticket_of_another_and_of_a_dead_one(tls, version):
    r = tls.router(children=3)
    context = client_context(tls.pki.ca.file, None, version)
    session = get_session(tls, r, context)
    held = [tls.client(r, context=context, session=session) for _ in range(6)]
    assert all(c.sock.session_reused and c.ask().status == 200 for c in held)
    assert sum(1 for s in r.status().slots if s["connections"]) == 3, "each has some of them"
    for pid in r.workers():
        r.kill_worker(pid)
    assert resumes(tls, r, context, session)


@versions
def test_a_policy_that_changed_by_reload_ends_tickets_and_one_that_did_not_keeps_them(tls, pki, version):
    r = tls.router()
    context = client_context(pki.ca.file, pki.client(), version)
    session = get_session(tls, r, context)
    tls.reload(r)
    assert resumes(tls, r, context, session)
    for more in ({"verify_certificate": True, "ca_list": pki.ca.file}, {"verify_certificate": True, "require_certificate": True, "ca_list": pki.ca.file},
                 {"verify_certificate": True, "require_certificate": True, "ca_list": pki.ca.file, "verify_depth": 1}):
        tls.write_domains(r.config_at, tls.domains(more))
        tls.reload(r)
        assert not resumes(tls, r, context, session)
        session = get_session(tls, r, context)
        assert resumes(tls, r, context, session)


def test_a_key_file_keeps_tickets_across_a_restart(tls, tmp_path):
    key = tmp_path / "tickets.key"
    key.write_bytes(b"k" * 64)
    key.chmod(0o600)
    context = client_context(tls.pki.ca.file, None, V13)
    again = []
    for with_file in (True, False):
        how = f'modparam("tls", "session_ticket_key_file", "{key}")\n' if with_file else ""
        r = tls.router(how + ANSWER)
        session = get_session(tls, r, context)
        r.signal(15)
        assert r.wait_exit() == 0
        r = tls.router(how + ANSWER, port=r.tls[1])
        again.append(resumes(tls, r, context, session))
    assert again == [True, False]


@versions
def test_the_router_resumes_as_a_client_by_name(tls, pki, peers, dns, version):
    d = dns({"a.test": ["127.0.0.1"], "b.test": ["127.0.0.1"]})
    r = tls.router("route {\n\tt_relay();\n}", modules=("sl", "tm"), params=f'dns_servers="{d.servers}"\n')
    u = peers.udp()
    u.default = r.addr
    uas = tls.uas(pki.ca.issue("a-and-b", "/CN=x", "DNS:a.test,DNS:b.test"), version=version)

    def reused(host):
        n = len(uas.sockets)
        assert u.ask(uri=uas.uri(host)).status == 200
        assert len(uas.sockets) == n + 1, "a new connection"
        s = uas.sockets[-1]
        was = s.session_reused
        # the next one is a new connection
        s.shutdown(2)
        r.wait_status(lambda s: s.connections == 0)
        return was
    assert [reused("a.test"), reused("a.test"), reused("b.test"), reused("b.test"), reused("a.test")] == [False, True, False, True, True]
