# SPDX-License-Identifier: BSD-2-Clause
"""Who is who: the domain that a client's server name chooses and what it demands; whom the router takes for the one it called."""
import pytest

from harness import sip
from harness.tls import ANSWER, V12, V13, SClient, client_context, need, own
from harness.wait import TimedOut, until

versions = pytest.mark.parametrize("version", [V12, V13], ids=["1.2", "1.3"])
# name asked for → the domain that answers; None: no SNI at all
NAMES = {"closed.test": "closed.test", "CLOSED.Test": "closed.test", "open.test": "open.test", "OPEN.TEST": "open.test", "other.test": None, None: None,
         "a.wild.test": "*.wild.test", "A.WILD.test": "*.wild.test", "wild.test": None}
RELAY = """
route {
	if (!t_relay()) {
		sl_reply_error();
	}
}
"""


# said by each: what the default demands is theirs, too
OPEN = {"verify_certificate": False, "require_certificate": False}


def three_domains(tls, pki, default_requires=False):
    """closed.test demands a certificate, open.test and *.wild.test do not."""
    closed = {"verify_certificate": True, "require_certificate": True, "ca_list": pki.ca.file}
    return tls.router(domains=tls.domains(closed if default_requires else {}, **{
        "server:127.0.0.1:{tls}#1": {**tls.identity(pki.server("closed.test")), "server_name": "closed.test", **closed},
        "server:127.0.0.1:{tls}#2": {**tls.identity(pki.server("open.test")), "server_name": "open.test", **OPEN},
        "server:127.0.0.1:{tls}#3": {**tls.identity(pki.server("*.wild.test")), "server_name": "*.wild.test", **OPEN}}))


def common_name(c):
    return next(v for part in c.sock.getpeercert()["subject"] for k, v in part if k == "commonName")


def ended(c):
    """What TLS 1.3 tells a client after its handshake: refused."""
    try:
        c.request()
        c.recv(3)
    except (TimedOut, OSError):
        return True
    return False


@versions
@pytest.mark.parametrize("default_requires", [False, True], ids=["default open", "default closed"])
def test_server_names_choose_the_domain_and_what_it_demands(tls, pki, version, default_requires):
    r = three_domains(tls, pki, default_requires)
    bob = pki.client()
    for name, domain in NAMES.items():
        if tls.reference and (domain is None or domain == "*.wild.test"):
            continue
        demands = domain == "closed.test" or (domain is None and default_requires)
        assert tls.refused(r, name=name, version=version) == demands, name
        c = tls.client(r, bob, name=name, version=version)
        assert c.ask().status == 200
        assert common_name(c) == (domain or "sip.test"), name


@own
@versions
def test_a_trailing_dot_does_not_matter(tls, pki, version):
    r = three_domains(tls, pki)
    assert tls.refused(r, name="closed.test.", version=version)
    c = tls.client(r, name="open.test.", version=version)
    assert common_name(c) == "open.test" and c.ask().status == 200


@own
@pytest.mark.parametrize("default_requires", [False, True], ids=["default open", "default closed"])
def test_odd_server_names_get_the_default(tls, pki, default_requires):
    need("openssl")
    r = three_domains(tls, pki, default_requires)
    for name in ("127.0.0.1", "::1", "a" * 255, ".", "closed.test..", "-", "*.wild.test", "closed.test#", "x" * 63 + ".wild.test." + "y" * 60):
        c = tls.keep(SClient(r.tls, "-CAfile", pki.ca.file, "-servername", name))
        try:
            answered = c.ask(sip.request(via="SIP/2.0/TLS 127.0.0.1:9;rport"))
        except TimedOut:
            assert c.process.wait(5) is not None, "neither answered nor closed"
            answered = False
        # a name that is none may be refused as an error in the protocol, but gets past no domain
        assert not (answered and default_requires), name
        assert not answered or b"CN = sip.test" in c.text or b"CN=sip.test" in c.text, name
    assert tls.client(r, pki.client()).ask().status == 200


@own
@versions
def test_resumed_sessions_stay_within_their_domain(tls, pki, version):
    r = three_domains(tls, pki)
    nobody = client_context(pki.ca.file, None, version)
    bob = client_context(pki.ca.file, pki.client(), version)

    def session(context, name):
        c = tls.client(r, context=context, name=name)
        assert c.ask().status == 200
        c.silent(0.05)
        s = c.sock.session
        c.bye()
        return s
    # resumed at home
    for context, name in ((nobody, "open.test"), (nobody, "OPEN.test"), (bob, "closed.test"), (nobody, None), (nobody, "a.wild.test")):
        c = tls.client(r, context=context, name=name, session=session(context, name))
        assert c.sock.session_reused, f"{name} is not resumed"
        assert c.ask().status == 200
    # a full handshake elsewhere: with a certificate it is let in, without it is not
    for name in ("open.test", None, "a.wild.test"):
        assert tls.refused(r, context=nobody, name="closed.test", session=session(nobody, name))
        c = tls.client(r, context=bob, name="closed.test", session=session(bob, name))
        assert not c.sock.session_reused and common_name(c) == "closed.test" and c.ask().status == 200
    # one that knew Bob opens nothing that does not ask
    c = tls.client(r, context=bob, name="open.test", session=session(bob, "closed.test"))
    assert not c.sock.session_reused and common_name(c) == "open.test" and c.ask().status == 200


@versions
def test_client_certificates_that_are_not_good(tls, pki, version):
    """A domain that requires lets none of these in; one that verifies without requiring neither."""
    ca, closed = pki.ca, {"verify_certificate": True, "ca_list": pki.ca.file}
    r = tls.router(domains=tls.domains({**closed, "require_certificate": True}, **{"server:127.0.0.1:{tls}": {**tls.identity(pki.server()), **closed, "require_certificate": False}}))
    bad = {"expired": ca.issue("client-expired", begin=-9, end=-2), "early": ca.issue("client-early", begin=2, end=9), "strange": pki.stranger.issue("client-strange")}
    for what, cert in bad.items():
        assert tls.refused(r, cert=cert, version=version), what
    assert not tls.refused(r, cert=pki.client(), version=version)
    assert not tls.refused(r, version=version)


def test_a_revoked_client(tls, pki):
    ca = pki.authority("Client CA")
    good, bad = ca.issue("kept"), ca.issue("lost")
    crl = ca.crl("clients", bad)
    r = tls.router(domains=tls.domains({"verify_certificate": True, "require_certificate": True, "ca_list": ca.file, "crl": crl}))
    assert tls.refused(r, cert=bad)
    assert tls.client(r, good).ask().status == 200


@own
def test_a_revoked_client_whose_session_is_resumed(tls, pki):
    """A list that comes by reload is held against tickets of before."""
    for version in (V12, V13):
        ca = pki.authority(f"Client CA {version}")
        cert = ca.issue("soon-lost")
        closed = {"verify_certificate": True, "require_certificate": True, "ca_list": ca.file, "crl": ca.crl("before")}
        domains = tls.domains(closed)
        r = tls.router(domains=domains)
        context = client_context(pki.ca.file, cert, version)
        c = tls.client(r, context=context)
        assert c.ask().status == 200
        c.silent(0.05)
        session = c.sock.session
        tls.write_domains(r.config_at, tls.domains({**closed, "crl": ca.crl("after", cert)}))
        tls.reload(r)
        assert tls.refused(r, context=context, session=session)
        assert tls.refused(r, context=context)
        # what was up stays
        assert c.ask().status == 200


# --- whom we called ----------------------------------------------------------------------------------------------------
SIP_DOMAIN = "1.3.6.1.5.5.7.3.20"
# case → how the certificate is made, the name that was called, whether it is that one
CALLED = {
    "CN, no SAN": (dict(subject="/CN=good.test"), "good.test", True),
    "CN in capitals": (dict(subject="/O=x/CN=Good.TEST"), "good.test", True),
    "another CN": (dict(subject="/CN=evil.test"), "good.test", False),
    "CN beside another SAN": (dict(subject="/CN=good.test", san="DNS:evil.test"), "good.test", False),
    "CN beside a URI SAN": (dict(subject="/CN=good.test", san="URI:sip:evil.test"), "good.test", False),
    "DNS SAN": (dict(subject="/CN=x", san="DNS:evil.test,DNS:good.test"), "good.test", True),
    "DNS SAN in capitals": (dict(subject="/CN=x", san="DNS:GOOD.Test"), "good.test", True),
    "called in capitals": (dict(subject="/CN=x", san="DNS:good.test"), "GOOD.test", True),
    "longer SAN": (dict(subject="/CN=x", san="DNS:good.test.evil.test,DNS:xgood.test"), "good.test", False),
    "URI SAN": (dict(subject="/CN=x", san="URI:sip:good.test"), "good.test", True),
    "URI SAN in capitals": (dict(subject="/CN=x", san="URI:SIP:Good.test"), "good.test", True),
    "URI SAN before DNS SAN": (dict(subject="/CN=x", san="URI:sip:evil.test,DNS:good.test"), "good.test", False),
    "URI SAN with a user": (dict(subject="/CN=good.test", san="URI:sip:bob@good.test"), "good.test", False),
    "URI SAN of another scheme": (dict(subject="/CN=x", san="URI:https://good.test/"), "good.test", False),
    "e-mail SAN": (dict(subject="/CN=x", san="email:x@good.test"), "good.test", False),
    "wildcard": (dict(subject="/CN=x", san="DNS:*.good.test"), "a.good.test", True),
    "wildcard, no label": (dict(subject="/CN=x", san="DNS:*.good.test"), "good.test", False),
    "wildcard, two labels": (dict(subject="/CN=x", san="DNS:*.good.test"), "a.b.good.test", False),
    "wildcard in the middle": (dict(subject="/CN=x", san="DNS:a.*.good.test"), "a.b.good.test", False),
    "lone star": (dict(subject="/CN=x", san="DNS:*"), "good.test", False),
    "address SAN": (dict(subject="/CN=x", san="IP:127.0.0.1"), "127.0.0.1", True),
    "another address": (dict(subject="/CN=127.0.0.1", san="IP:127.0.0.2"), "127.0.0.1", False),
    "address as CN": (dict(subject="/CN=127.0.0.1"), "127.0.0.1", False),
    "address as DNS SAN": (dict(subject="/CN=x", san="DNS:127.0.0.1"), "127.0.0.1", False),
    "empty subject": (dict(subject="/", san="critical,DNS:good.test"), "good.test", True),
    "empty subject and no SAN": (dict(subject="/"), "good.test", False),
    "expired": (dict(subject="/CN=x", san="DNS:good.test", begin=-9, end=-2), "good.test", False),
    "not yet valid": (dict(subject="/CN=x", san="DNS:good.test", begin=2, end=9), "good.test", False),
    "purpose of a client": (dict(subject="/CN=x", san="DNS:good.test", purpose="clientAuth"), "good.test", True),
    "purpose sipDomain": (dict(subject="/CN=x", san="DNS:good.test", purpose=SIP_DOMAIN), "good.test", True),
    "any purpose": (dict(subject="/CN=x", san="DNS:good.test", purpose="anyExtendedKeyUsage"), "good.test", True),
    "no purpose": (dict(subject="/CN=x", san="DNS:good.test", purpose=None), "good.test", True),
    "wrong purpose": (dict(subject="/CN=x", san="DNS:good.test", purpose="codeSigning,emailProtection"), "good.test", False),
    "RSA": (dict(subject="/CN=x", san="DNS:good.test", kind="rsa"), "good.test", True),
}


class Call:
    """One case: a callee with that certificate, and what became of a request to it."""

    def __init__(self, tls, u, cert, host):
        self.uas, self.u, self.host = tls.uas(cert), u, host
        self.req = u.request(uri=self.uas.uri(host))


def outcomes(u, calls):
    """{case: True when it was delivered}; those that failed have failed in TLS, before a byte of SIP."""
    result = {}
    for (what, call), final in zip(calls.items(), u.finals([c.req for c in calls.values()], 10)):
        result[what] = final.status == 200
        assert bool(call.uas.seen) == result[what], f"{what}: {final}"
        if not result[what]:
            until(lambda c=call: c.uas.failures, 3, f"{what}: the callee sees the end of the handshake")
    return result


def caller(tls, dns, pki, peers, client=None, names=("good.test", "a.good.test", "a.b.good.test")):
    d = dns({name: ["127.0.0.1"] for name in names})
    r = tls.router(RELAY, modules=("sl", "tm"), params=f'dns_servers="{d.servers}"\n', domains=tls.domains(client=client))
    u = peers.udp()
    u.default = r.addr
    return r, u


@own
def test_names_in_the_certificates_of_servers(tls, pki, peers, dns):
    r, u = caller(tls, dns, pki, peers)
    ca = pki.ca
    certs = {what: ca.issue(f"called-{n}", **how) for n, (what, (how, _, _)) in enumerate(CALLED.items())}
    certs["NUL in CN"] = ca.forge("nul-cn", b"good.test#evil", b"good.test\0evil", subject="/CN=good.test#evil.test")
    certs["NUL in DNS SAN"] = ca.forge("nul-san", b"good.test-evil", b"good.test\0evil", subject="/CN=x", san="DNS:good.test-evil.test")
    certs["NUL in URI SAN"] = ca.forge("nul-uri", b"sip:good.test-evil", b"sip:good.test\0evil", subject="/CN=x", san="URI:sip:good.test-evil.test")
    certs["newline in CN"] = ca.forge("nl-cn", b"good.test#evil", b"good.test\nevil", subject="/CN=good.test#evil.test")
    certs["of a stranger"] = pki.stranger.issue("called-good", "/CN=x", "DNS:good.test")
    hosts = {what: host for what, (_, host, _) in CALLED.items()}
    wanted = {what: good for what, (_, _, good) in CALLED.items()}
    calls = {what: Call(tls, u, cert, hosts.get(what, "good.test")) for what, cert in certs.items()}
    got = outcomes(u, calls)
    assert got == {what: wanted.get(what, False) for what in certs}
    for what, call in calls.items():
        assert call.uas.names[:1] == ([None] if call.host == "127.0.0.1" else ["good.test" if call.host == "GOOD.test" else call.host]), f"SNI of {what}"


@own
def test_chains_and_lists_of_revoked_ones(tls, pki, peers, dns):
    ca = pki.authority("Server CA")
    revoked, good = (ca.issue(name, f"/CN={name}", "DNS:good.test") for name in ("revoked", "good"))
    crl = ca.crl("now", revoked)
    one = pki.authority("Server CA one", ca)
    two = pki.authority("Server CA two", one)
    three = pki.authority("Server CA three", two)
    near, far = (a.issue(n, f"/CN={n}", "DNS:good.test") for a, n in ((one, "near"), (three, "far")))
    for client, cases in (({"ca_list": ca.file, "crl": crl}, {"good": (good, True), "revoked": (revoked, False)}),
                          ({"ca_list": ca.file, "verify_depth": 2}, {"not too deep": (near, True), "too deep": (far, False)}),
                          ({"ca_list": ca.file}, {"deep": (far, True)})):
        r, u = caller(tls, dns, pki, peers, client)
        got = outcomes(u, {what: Call(tls, u, cert, "good.test") for what, (cert, _) in cases.items()})
        assert got == {what: good_ for what, (_, good_) in cases.items()}


@own
@pytest.mark.slow
def test_a_list_of_revoked_ones_that_grows_too_old(tls, pki, peers, dns):
    """From then on nobody is let through by it."""
    ca = pki.authority("Server CA with a list")
    good = ca.issue("good", "/CN=good", "DNS:good.test")
    r, u = caller(tls, dns, pki, peers, {"ca_list": ca.file, "crl": ca.crl("short", end=3 / 86400)})
    uas = [tls.uas(good) for _ in range(2)]
    assert u.ask(uri=uas[0].uri("good.test")).status == 200
    until(lambda: u.ask(uri=tls.uas(good).uri("good.test")).status != 200, 6, "the list is too old", every=0.2)


@own
def test_a_list_that_is_too_old_is_an_error_from_the_start(tls, pki, start_error):
    ca = pki.authority("Server CA with an old list")
    cfg = pki.dir / "old-list.cfg"
    tls.write_domains(cfg, tls.domains(client={"ca_list": ca.file, "crl": ca.crl("old", begin=-9, end=-1)}))
    assert "old" in start_error(ANSWER, modules=("sl",), params=f'loadmodule "tls"\nmodparam("tls", "config", "{cfg}")\n')


@own
def test_two_sip_domains_behind_one_port_get_two_connections(tls, pki, peers, dns):
    r, u = caller(tls, dns, pki, peers, names=("a.test", "b.test"))
    uas = tls.uas(pki.ca.issue("a-and-b", "/CN=x", "DNS:a.test,DNS:b.test"))
    for _ in range(3):
        for host in ("a.test", "b.test", "A.test"):
            assert u.ask(uri=uas.uri(host)).status == 200
    assert sorted(uas.names) == ["a.test", "b.test"] and len(uas.sockets) == 2


@own
def test_a_name_that_is_not_proven_does_not_use_the_connection_of_one_that_is(tls, pki, peers, dns):
    r, u = caller(tls, dns, pki, peers, names=("a.test", "b.test"))
    uas = tls.uas(pki.ca.issue("only-a", "/CN=x", "DNS:a.test"))
    assert u.ask(uri=uas.uri("a.test")).status == 200
    assert u.ask(uri=uas.uri("b.test")).status != 200
    assert u.ask(uri=uas.uri("127.0.0.1")).status != 200
    assert u.ask(uri=uas.uri("a.test")).status == 200
    assert len(uas.seen) == 2


@own
def test_a_client_domain_is_found_by_its_name(tls, pki, peers, dns):
    d = dns({name: ["127.0.0.1"] for name in ("a.test", "b.test")})
    r = tls.router(f'tls_client_domain["a.test"] {{ ca_list = "{pki.stranger.file}" }}\n' + RELAY, modules=("sl", "tm"),
                   params=f'dns_servers="{d.servers}"\n')
    u = peers.udp()
    u.default = r.addr
    uas = tls.uas(pki.stranger.issue("a-and-b-of-another", "/CN=x", "DNS:a.test,DNS:b.test"))
    assert u.ask(uri=uas.uri("a.test")).status == 200
    assert u.ask(uri=uas.uri("b.test")).status != 200
    assert u.ask(uri=tls.uas(pki.ca.issue("a-of-ours", "/CN=x", "DNS:a.test")).uri("a.test")).status != 200
    r.wait_log('domain="tls_client_domain')


@own
def test_verification_can_be_turned_off(tls, pki, peers, dns):
    r, u = caller(tls, dns, pki, peers, {"verify_certificate": False, "require_certificate": False})
    uas = tls.uas(pki.stranger.issue("whoever"))
    assert u.ask(uri=uas.uri("good.test")).status == 200


@own
def test_sips_goes_over_tls_and_is_verified(tls, pki, peers, dns):
    r, u = caller(tls, dns, pki, peers)
    good, bad = tls.uas(pki.ca.issue("sips-good", "/CN=x", "DNS:good.test")), tls.uas(pki.ca.issue("sips-bad", "/CN=x", "DNS:evil.test"))
    assert u.ask(uri=good.uri("good.test", "sips")).status == 200
    assert u.ask(uri=bad.uri("good.test", "sips")).status != 200
