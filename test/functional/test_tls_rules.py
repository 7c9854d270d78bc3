# SPDX-License-Identifier: BSD-2-Clause
"""Who may do what by certificate, as scripts say it; what is too weak for anybody."""
import re
import subprocess

import pytest

from harness.tls import V12, SClient, client_context, need, own

ASKS = {"verify_certificate": True, "require_certificate": False}
ONLY_BOB = 'route {\n\tif (proto == TLS && @tls.peer != "Bob") {\n\t\tsl_send_reply("403", "Only Bob");\n\t\texit;\n\t}\n\tsl_send_reply("200", "OK");\n}'


def asking(tls, routes, **how):
    return tls.router(routes, domains=tls.domains({**ASKS, "ca_list": tls.pki.ca.file}), **how)


@own
def test_only_bob(tls, pki, peers):
    r = asking(tls, ONLY_BOB)
    for cert, status in ((pki.client("Bob"), 200), (pki.client("Eve"), 403), (pki.client("bob"), 403), (pki.client("Bobby"), 403), (None, 403)):
        assert tls.client(r, cert).ask().status == status
    assert peers.tcp(r.addr).ask().status == 200, "the rule is about TLS"


def test_kamailios_names_for_the_peer(tls, pki):
    r = asking(tls, 'route {\n\tif ($tls_peer_subject_cn == "Bob" && $tls_peer_verified == 1) {\n\t\tsl_send_reply("200", "OK");\n\t\texit;\n\t}\n\tsl_send_reply("403", "No");\n}',
               modules=("sl", "pv"))
    assert tls.client(r, pki.client("Bob")).ask().status == 200
    assert tls.client(r, pki.client("Eve")).ask().status == 403
    assert tls.client(r).ask().status == 403


def test_is_peer_verified(tls, pki):
    r = asking(tls, 'route {\n\tif (is_peer_verified()) {\n\t\tsl_send_reply("200", "OK");\n\t\texit;\n\t}\n\tsl_send_reply("403", "No");\n}')
    assert tls.client(r, pki.client("Bob")).ask().status == 200
    assert tls.client(r).ask().status == 403


@own
def test_a_resumed_session_knows_its_peer(tls, pki):
    r = asking(tls, ONLY_BOB)
    for version in (V12, None):
        context = client_context(pki.ca.file, pki.client("Bob"), version)
        c = tls.client(r, context=context)
        assert c.ask().status == 200
        c.silent(0.05)
        again = tls.client(r, context=context, session=c.sock.session)
        assert again.sock.session_reused and again.ask().status == 200


@own
def test_names_that_could_fool_a_comparison(tls, pki):
    """Bob with a NUL behind, two common names, Bob in another part of the name: none of them is Bob."""
    r = asking(tls, ONLY_BOB)
    ca = pki.ca
    odd = [ca.forge("bob-nul", b"Bob#evil", b"Bob\0evil", subject="/CN=Bob#evil"), ca.forge("bob-newline", b"Bob#evil", b"Bob\nevil", subject="/CN=Bob#evil"),
           ca.issue("bob-second", "/CN=Eve/CN=Bob"), ca.issue("bob-ou", "/OU=Bob/CN=Eve"), ca.issue("bob-space", "/CN=Bob "),
           ca.forge("bob-teletex", b"\x0c\x08Bob#evil", b"\x14\x08Bob\xff\xfe\xfdil", subject="/CN=Bob#evil"), ca.issue("nobody", "/", "email:bob@example.com")]
    for cert in odd:
        assert tls.client(r, cert).ask().status == 403, cert.cert.name
    assert tls.client(r, pki.client("Bob")).ask().status == 200


@own
def test_a_certificate_with_very_many_names(tls, pki):
    r = asking(tls, 'route {\n\tappend_to_reply("X-Peer: %@tls.peer, %@tls.peer.host\\r\\n");\n\tsl_send_reply("200", "OK");\n}', modules=("sl", "textops"))
    cert = pki.ca.issue("many-names", "/CN=Many", ",".join(f"DNS:host-{n}.with.a.rather.long.name.test" for n in range(300)))
    assert tls.client(r, cert).ask().status == 200


@own
def test_facts_in_replies_and_logs(tls, pki):
    r = asking(tls, 'route {\n\txlog("L_NOTICE", "peer [%@tls.peer] issuer [%@tls.peer.issuer.cn] version [%@tls.version] name [%@tls.server_name]\\n");\n\tsl_send_reply("200", "OK");\n}')
    assert tls.client(r, pki.client("Bob"), name="Sip.test").ask().status == 200
    r.wait_log(r"peer \[Bob\] issuer \[Test CA\] version \[TLSv1.3\] name \[[Ss]ip.test\]")


# --- weak ones ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_versions_below_1_2_are_refused(tls, version):
    need("openssl")
    r = tls.router()
    c = tls.keep(SClient(r.tls, version, "-cipher", "ALL:@SECLEVEL=0"))
    assert c.process.wait(5) != 0
    c.wait(rb"alert|no protocols|unsupported protocol|wrong version|Cipher is \(NONE\)")
    assert tls.client(r).ask().status == 200


@own
@pytest.mark.parametrize("cipher", ["aNULL", "eNULL", "3DES", "RC4", "EXPORT", "LOW", "SRP", "CAMELLIA", "ARIA128"])
def test_weak_ciphers_are_refused(tls, pki, cipher):
    need("openssl")
    rsa, ec = pki.server(kind="rsa"), pki.server(kind="ec")
    said = subprocess.run(["openssl", "ciphers", "-tls1_2", "-s", f"{cipher}:@SECLEVEL=0"], capture_output=True, text=True)
    if said.returncode or not said.stdout.strip():
        pytest.skip(f"this openssl has no {cipher}")
    for c in (rsa, ec):
        r = tls.router(domains=tls.domains({"cert": c}))
        program = tls.keep(SClient(r.tls, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0"))
        assert program.process.wait(5) != 0


@own
def test_sslscan_finds_nothing_weak(tls, pki):
    need("sslscan")
    r = tls.router(domains=tls.domains({"cert": pki.server(kind="rsa")}))
    text = subprocess.run(["sslscan", "--no-colour", "--no-heartbleed", f"127.0.0.1:{r.tls[1]}"], capture_output=True, text=True, timeout=30).stdout
    for old in ("SSLv2", "SSLv3", "TLSv1.0", "TLSv1.1"):
        assert re.search(rf"^{re.escape(old)} +disabled", text, re.M), text
    for new in ("TLSv1.2", "TLSv1.3"):
        assert re.search(rf"^{re.escape(new)} +enabled", text, re.M), text
    assert not re.search(r"^(Accepted|Preferred) .*(NULL|3DES|RC4|EXP|DES-CBC|MD5|anon|ADH|AECDH|_112_|(?<!\d)(40|56|112) bits)", text, re.M), text
    assert "Insecure session renegotiation" not in text or "supported" not in text.partition("Insecure session renegotiation")[2][:20], text
