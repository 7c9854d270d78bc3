# SPDX-License-Identifier: BSD-2-Clause
"""serac --try --tls-peer and serac --test: what a script does for a peer with a certificate that is in a file."""
import pytest

from harness.router import run_serac
from harness.tls import V12, client_context

MESSAGE = ("OPTIONS sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/TLS 192.0.2.1:5061;branch=z9hG4bKa\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>\r\n"
           "Call-ID: 1@x\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n")
ONLY_BOB = """
	if (proto == TLS && @tls.peer != "Bob") {
		sl_send_reply("403", "Only Bob");
		exit;
	}
	sl_send_reply("200", "OK");
"""


class Script:
    def __init__(self, folder, pki):
        self.folder, self.pki = folder, pki
        self.path, self.message = folder / "serac.cfg", folder / "m.sip"
        self.message.write_bytes(MESSAGE.encode())
        self.write(ONLY_BOB)

    def write(self, route, **domain):
        cert = self.pki.server()
        lines = {"certificate": cert.cert, "private_key": cert.key, "ca_list": self.pki.ca.file, "verify_certificate": "yes", **domain}
        params = "".join(f'modparam("tls", "{k}", "{v}")\n' for k, v in lines.items())
        self.path.write_text('loadmodule "sl"\nloadmodule "pv"\nloadmodule "textops"\nloadmodule "xlog"\nloadmodule "tm"\nloadmodule "acc"\nloadmodule "tls"\n'
                             f'listen=udp:127.0.0.1:5060\nlisten=tls:127.0.0.1:5061\nmodparam("acc", "log_extra", "tls=@tls.desc")\n{params}route {{\n{route}\n}}\n')
        return self

    def attempt(self, peer, *more):
        done = run_serac("--try", self.message, "-f", self.path, *(["--tls-peer", peer] if peer else []), *more)
        return done.returncode, done.stdout + done.stderr

    def test(self, text):
        (self.folder / "t.test").write_text("script serac.cfg\n" + text)
        done = run_serac("--test", self.folder / "t.test")
        return done.returncode, done.stdout + done.stderr


@pytest.fixture
def script(tmp_path, pki):
    return Script(tmp_path, pki)


def test_only_bob(script):
    pki = script.pki
    for peer, answer in ((pki.client("Bob"), "200 OK"), (pki.client("Eve"), "403 Only Bob")):
        code, said = script.attempt(peer.cert)
        assert code == 0 and f"SIP/2.0 {answer}" in said, said
    code, said = script.attempt(None, "--from", "tls:192.0.2.1:5061")
    assert code == 0 and "403 Only Bob" in said and "asks for no certificate" not in said, said
    code, said = script.attempt(None, "--from", "udp:192.0.2.1:5060")
    assert code == 0 and "200 OK" in said, said


def test_every_place_that_shows_text_shows_certificates(script):
    script.write("""
	acc_log_request("seen");
	append_hf("X-Peer: %@tls.peer, $tls_peer_subject\\r\\n");
	xlog("L_NOTICE", "host %@tls.peer.host[2] of %@tls.peer.host.count, $(tls_peer_san_hostname[-1])\\n");
	xlog("L_NOTICE", "dn [%@tls.peer.subject.dn] [$tls(p_issuer_line)] my [%@tls.my] cipher [%@tls.cipher/$tls_cipher_bits]\\n");
	if (is_peer_verified() && @tls.peer.verified == "1" && $tls_peer_verified == 1 && @tls.peer.self_signed == 0 && @tls.peer.uri =~ "^sip:") {
		forward("127.0.0.1", 5070);
	}
""")
    peer = script.pki.ca.issue("many", "/C=DE/O=a/CN=Bob", "DNS:one.test,URI:sip:bob@x.test,DNS:two.test")
    code, said = script.attempt(peer.cert)
    assert code == 0 and "X-Peer: Bob, /C=DE/O=a/CN=Bob\n" in said, said
    assert "host two.test of 2, two.test" in said
    assert "tls=(TLS1.3)-" in said, said
    assert "dn [CN=Bob,O=a,C=DE] [/CN=Test CA] my [sip.test] cipher [TLS_AES_256_GCM_SHA384/256]" in said, said


def test_what_the_domain_would_refuse_is_told(script):
    pki = script.pki
    stranger = pki.stranger.issue("bob", "/CN=Bob")
    code, said = script.attempt(stranger.cert)
    assert code == 0 and "would not let this peer in: the CA list does not have the issuer" in said, said
    script.write('\txlog("v%@tls.peer.verified e%@tls.peer.expired r%@tls.peer.revoked s%@tls.peer.self_signed\\n");\n\tsl_send_reply("200", "OK");',
                 verify_certificate="no")
    old = pki.ca.issue("old", "/CN=Old", begin=-20, end=-10)
    for cert, values in ((stranger.cert, "v0 e0 r0 s0"), (old.cert, "v0 e1 r0 s0"), (pki.ca.file, "v1 e0 r0 s1"), (pki.client().cert, "v1 e0 r0 s0")):
        code, said = script.attempt(cert)
        assert code == 0 and values in said and "would not" not in said, said
        assert "asks for no certificate, a script sees none of a real peer there: verify_certificate asks" in said


def test_every_issuer_needs_a_list_of_revoked_ones_where_there_are_lists(script):
    pki = script.pki
    ca = pki.authority("Peer CA")
    kept, lost = ca.issue("kept"), ca.issue("lost")
    crl, other = ca.crl("now", lost), pki.stranger.crl("other")
    for lists, cert, why in ((crl, kept, None), (crl, lost, "a certificate of its chain was revoked"),
                             (other, kept, 'there is no list of revoked certificates of "CN=Peer CA"')):
        code, said = script.write(ONLY_BOB, ca_list=ca.file, crl=lists).attempt(cert.cert)
        assert code == 0 and (f"would not let this peer in: {why}" in said if why else "would not" not in said), said


@pytest.mark.parametrize("peer, more, why", [
    ("nowhere.pem", [], "could not read the certificate nowhere.pem: "),
    ("m.sip", [], "cannot use m.sip: there is no certificate in it"),
    ("bob", ["--from", "udp:192.0.2.1:5060"], "only who comes over TLS shows a certificate"),
])
def test_what_cannot_be_shown_is_explained(script, peer, more, why, monkeypatch):
    monkeypatch.chdir(script.folder)
    code, said = script.attempt(script.pki.client().cert if peer == "bob" else peer, *more)
    assert code == 1 and why in said, said


def test_without_the_module_there_is_no_peer(script):
    script.path.write_text('loadmodule "sl"\nlisten=udp:127.0.0.1:5060\nroute {\n\tsl_send_reply("200", "OK");\n}\n')
    code, said = script.attempt(script.pki.client().cert)
    assert code == 1 and 'needs loadmodule "tls.so" in the script' in said, said


def test_files_of_tests_have_peers(script):
    (script.folder / "bob.pem").write_text(script.pki.client("Bob").cert.read_text())
    (script.folder / "eve.pem").write_text(script.pki.client("Eve").cert.read_text())
    code, said = script.test("""
test Bob may
tls-peer bob.pem
request OPTIONS sip:127.0.0.1
expect reply 200
test Eve and whoever shows nothing may not
tls-peer eve.pem
request OPTIONS sip:127.0.0.1
expect reply 403 Only Bob
tls-peer none
from tls:192.0.2.1:5061
request OPTIONS sip:127.0.0.1
expect reply 403 Only Bob
test a certificate is of one test
request OPTIONS sip:127.0.0.1
expect reply 200
""")
    assert code == 0 and "3 passed, 0 failed" in said, said
    code, said = script.test("test x\ntls-peer no.pem\nrequest OPTIONS sip:127.0.0.1\nexpect reply 200\n")
    assert code == 1 and "could not read the certificate: " in said, said


@pytest.mark.parametrize("written, why", [
    ('@tls.peer.subjec.cn == "a"', 'unknown select "@tls.peer.subjec.cn"; did you mean "@tls.peer.subject.cn"?'),
    ('@tls.peer.sn[2] == "1"', 'there is only one "@tls.peer.sn": it takes no number'),
    ('$tls(subject) == "a"', "what it has is p_subject_line p_issuer_line m_subject_line m_issuer_line"),
    ("$tls_per_verified == 1", 'unknown variable "$tls_per_verified"; did you mean "$tls_peer_verified"?'),
])
def test_mistakes_are_told_when_the_script_is_read(script, written, why):
    script.write(f"\tif ({written}) exit;")
    done = run_serac("-c", "-f", script.path)
    assert done.returncode == 1 and why in done.stdout + done.stderr, done.stdout + done.stderr


def test_a_resumed_session_still_knows_who_we_are(tls, pki):
    r = tls.router('route {\n\tif (@tls.my == "sip.test") sl_send_reply("200", "OK");\n\telse sl_send_reply("403", "No");\n}')
    for version in (V12, None):
        context = client_context(pki.ca.file, version=version)
        c = tls.client(r, context=context)
        assert c.ask().status == 200
        c.silent(0.05)
        again = tls.client(r, context=context, session=c.sock.session)
        assert again.sock.session_reused and again.ask().status == 200
