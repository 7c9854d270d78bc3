# SPDX-License-Identifier: BSD-2-Clause
"""TLS with the programs of others: openssl, gnutls-cli and gnutls-serv, Kamailio, sipp through socat, baresip."""
import re
import subprocess

import pytest

from harness import kamailio, netns, ports, sip
from harness.router import HOST
from harness.tls import V12, V13, SClient, client_context, need, own
from harness.wait import until

# who came, for the log
WHO = 'route {\n\txlog("L_NOTICE", "came over $proto as [$tls_peer_subject_cn]\\n");\n\tsl_send_reply("200", "OK");\n}'
RELAY = """
route {
	if (proto == TLS) {
		xlog("L_NOTICE", "over tls came a $rm\\n");
		sl_send_reply("200", "OK");
		exit;
	}
	if (!t_relay()) {
		sl_reply_error();
	}
}
"""
RELAYS = ("sl", "tm", "maxfwd", "textops", "xlog")


def request(uri="sip:here@sip.test", **fields):
    return sip.request(uri=uri, via="SIP/2.0/TLS 127.0.0.1:9;rport", **fields)


def relayed(u, uri, headers=()):
    """A request over UDP that the router is to relay to that URI."""
    return u.request("OPTIONS", uri=uri, headers=headers)


# --- Python's ssl, which is OpenSSL: all pairs -------------------------------------------------------------------------
@pytest.mark.parametrize("version", [V12, V13], ids=["1.2", "1.3"])
@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_clients_of_each_version_with_and_without_certificate(tls, pki, kind, version):
    r = tls.router(WHO, modules=("sl", "pv", "xlog"), domains=tls.domains({"cert": pki.server(kind=kind), "verify_certificate": True, "ca_list": pki.ca.file}))
    for cert, name in ((None, "<null>|"), (pki.client(kind="ec"), "Bob"), (pki.client("Eve", "rsa"), "Eve")):
        c = tls.client(r, cert, version=version)
        assert c.sock.version() == {V12: "TLSv1.2", V13: "TLSv1.3"}[version]
        assert c.ask().status == 200
        r.wait_log(rf"came over tls as \[({name})\]")
        assert c.bye()


@own
def test_rsa_and_ecdsa_side_by_side(tls, pki):
    rsa, ec = pki.server(kind="rsa"), pki.server(kind="ec")
    r = tls.router(config=f'modparam("tls", "certificate", "{rsa.cert}")\nmodparam("tls", "private_key", "{rsa.key}")\n'
                          f'modparam("tls", "certificate2", "{ec.cert}")\nmodparam("tls", "private_key2", "{ec.key}")\n')
    for wanted in ("RSA", "ECDSA"):
        c = tls.client(r, context=client_context(pki.ca.file, None, V12, f"a{wanted}"))
        assert wanted in c.sock.cipher()[0] and c.ask().status == 200


@pytest.mark.parametrize("version", [V12, V13], ids=["1.2", "1.3"])
@pytest.mark.parametrize("kind", ["ec", "rsa"])
def test_servers_of_each_version_with_and_without_client_certificate(tls, pki, peers, kind, version):
    me = pki.client("router", kind)
    r = tls.router(RELAY, modules=RELAYS, domains=tls.domains(client={"certificate": me.cert, "private_key": me.key}))
    u = peers.udp()
    u.default = r.addr
    for ca in (None, pki.ca.file):
        server = tls.server(pki.server(kind=kind), ca, version, require=bool(ca))
        req = relayed(u, server.uri)
        there = server.accept()
        there.send(sip.response(there.recv()))
        assert u.final(req).status == 200
        shown = there.sock.getpeercert()
        assert bool(shown) == bool(ca) and (not ca or ((("commonName", "router"),) in shown["subject"]))


# --- openssl s_client, s_server ----------------------------------------------------------------------------------------
@own
@pytest.mark.parametrize("version", ["-tls1_2", "-tls1_3"])
def test_openssl_s_client_with_a_fresh_and_a_resumed_session(tls, pki, tmp_path, version):
    need("openssl")
    r = tls.router()
    saved = tmp_path / "session.pem"
    for how in ("out", "in"):
        c = tls.keep(SClient(r.tls, version, "-CAfile", pki.ca.file, "-verify_return_error", f"-sess_{how}", saved))
        said = c.wait(rb"(New|Reused), (TLSv1\.[23])")
        assert said[1] == {"out": b"New", "in": b"Reused"}[how] and said[2].decode() == version.replace("-tls1_", "TLSv1.")
        assert c.ask(request())
        if how == "out":
            until(lambda: saved.exists() and b"END" in saved.read_bytes(), 5, "a session to resume")


def test_openssl_s_server(tls, pki, peers, tmp_path):
    need("openssl")
    port, c = ports.free_port(), pki.server()
    server = subprocess.Popen(["openssl", "s_server", "-accept", f"{HOST}:{port}", "-cert", c.cert, "-key", c.key, "-quiet"], stdin=subprocess.PIPE,
                              stdout=(tmp_path / "out").open("wb"), stderr=subprocess.STDOUT)
    try:
        until(lambda: listens(port), 5, "s_server listens")
        r = tls.router(RELAY, modules=RELAYS)
        u = peers.udp()
        u.default = r.addr
        req = relayed(u, f"sip:x@{HOST}:{port};transport=tls")
        raw = until(lambda: (b := (tmp_path / "out").read_bytes()) and sip.frame(b) and b, 5, "the request")
        server.stdin.write(sip.response(sip.Message(raw)))
        server.stdin.flush()
        assert u.final(req).status == 200
    finally:
        server.kill()
        server.wait()
        server.stdin.close()


def listens(port):
    return any(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in open("/proc/net/tcp").readlines()[1:])


# --- GnuTLS' commands --------------------------------------------------------------------------------------------------
@own
@pytest.mark.parametrize("priority", ["NORMAL:-VERS-ALL:+VERS-TLS1.2", "NORMAL:-VERS-ALL:+VERS-TLS1.3"], ids=["1.2", "1.3"])
def test_gnutls_cli_with_a_resumed_session(tls, pki, priority):
    need("gnutls-cli")
    r = tls.router()
    said = subprocess.run(["gnutls-cli", "--x509cafile", pki.ca.file, "--verify-hostname", "sip.test", "--sni-hostname", "sip.test", "-p", str(r.tls[1]),
                           "--resume", "--waitresumption", "--priority", priority, "--logfile", "/dev/stdout", HOST], input=request(), capture_output=True, timeout=20)
    text = said.stdout.decode(errors="replace") + said.stderr.decode(errors="replace")
    assert "The certificate is trusted" in text and "This is a resumed session" in text, text


def test_gnutls_serv_that_wants_a_certificate(tls, pki, peers, tmp_path):
    need("gnutls-serv")
    port, c, me = ports.free_port(), pki.server(), pki.client("router")
    server = subprocess.Popen(["gnutls-serv", "--echo", "-p", str(port), "--x509certfile", c.cert, "--x509keyfile", c.key, "--x509cafile", pki.ca.file,
                               "--require-client-cert", "--verify-client-cert"], stdin=subprocess.DEVNULL, stdout=(tmp_path / "out").open("wb"), stderr=subprocess.STDOUT)
    try:
        until(lambda: listens(port), 5, "gnutls-serv listens")
        r = tls.router(RELAY, modules=RELAYS, domains=tls.domains(client={"certificate": me.cert, "private_key": me.key}))
        u = peers.udp()
        u.default = r.addr
        relayed(u, f"sip:x@{HOST}:{port};transport=tls")
        # what comes back is the request itself, or what gnutls-serv makes of its line ends
        r.wait_log("over tls came a OPTIONS|line feed without carriage return")
        text = until(lambda: (t := (tmp_path / "out").read_text(errors="replace")) and "CN=router" in t and t, 5, "the router's certificate")
        assert "Simple Client" not in text
    finally:
        server.terminate()
        server.wait(10)


# --- Kamailio ----------------------------------------------------------------------------------------------------------
MUTUAL = {"verify_certificate": True, "require_certificate": True}


def kamailio_peer(tls, pki, routes, port):
    if not kamailio.available():
        pytest.skip("kamailio with its TLS module is not installed")
    cfg, c = pki.dir / f"kamailio-{port}.cfg", pki.server("kamailio.test")
    tls.write_domains(cfg, {"server:default": tls.identity(c, ca_list=pki.ca.file, **MUTUAL), "client:default": tls.identity(c, ca_list=pki.ca.file, **MUTUAL)})
    udp = ports.free_port()
    return tls.keep(kamailio.Kamailio(pki.dir, f'modparam("tls", "config", "{cfg}")\n' + routes, modules=("tls", "sl", "tm", "xlog"), port=udp, tls=port,
                                      listen=[f"udp:{HOST}:{udp}", f"tls:{HOST}:{port}"])).start()


def test_kamailio_as_client_and_as_server(tls, pki, peers):
    me = pki.server()
    r = tls.router(RELAY, modules=RELAYS, domains=tls.domains({"ca_list": pki.ca.file, **MUTUAL}, {"certificate": me.cert, "private_key": me.key}))
    k = kamailio_peer(tls, pki, RELAY, ports.free_port())
    for first, second in ((r, k.tls_port), (k, r.tls[1])):
        u = peers.udp()
        u.default = first.addr
        # by the same connection
        for n in range(3):
            assert u.final(relayed(u, f"sip:x@{HOST}:{second};transport=tls")).status == 200
    r.wait_log("over tls came a OPTIONS")


# --- sipp through socat ------------------------------------------------------------------------------------------------
def test_calls_of_sipp_through_socat(tls, pki, sipp):
    need("socat")
    uas = sipp("uas")
    r = tls.router(f'route {{\n\t$du = "sip:{HOST}:{uas.port}";\n\tif (!forward()) {{\n\t\tsl_reply_error();\n\t}}\n}}', modules=("sl", "pv"))
    port = ports.free_port()
    socat = subprocess.Popen(["socat", f"TCP-LISTEN:{port},bind={HOST},fork,reuseaddr", f"OPENSSL:{HOST}:{r.tls[1]},cafile={pki.ca.file},commonname=sip.test"],
                             stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
    try:
        until(lambda: listens(port), 5, "socat listens")
        sipp("uac", transport="tcp", remote=(HOST, port), calls=20, rate=100, target=f"sip:callee@{HOST}:{uas.port}").must_succeed()
    finally:
        # its children, too
        subprocess.run(["kill", *re.findall(r"\d+", open(f"/proc/{socat.pid}/task/{socat.pid}/children").read()), str(socat.pid)])
        socat.wait(5)
        socat.stderr.close()


# --- baresip -----------------------------------------------------------------------------------------------------------
BARESIP = """sip_listen 127.0.0.1:0
sip_cafile {ca}
sip_verify_server yes
module_path /usr/lib/baresip/modules
module_app account.so
module_app menu.so
module g711.so
"""


@pytest.fixture
def network(root):
    """A network of its own: baresip does not work on a loopback alone."""
    ns = netns.Namespace()
    ns.run("ip", "link", "add", "one", "type", "veth", "peer", "name", "other")
    for name in ("one", "other"):
        ns.run("ip", "link", "set", name, "up")
    ns.run("ip", "addr", "add", "10.77.0.1/24", "dev", "one")
    yield ns
    ns.close()


def test_baresip_calls_and_verifies_the_router(tls, pki, tmp_path, network):
    need("baresip")
    r = tls.router('route {\n\tif (method == "ACK") {\n\t\texit;\n\t}\n\tsl_send_reply("486", "Busy With Tests");\n}', prefix=network.prefix)
    (tmp_path / "config").write_text(BARESIP.format(ca=pki.ca.file))
    (tmp_path / "accounts").write_text(f"<sip:alice@{HOST}:{r.tls[1]};transport=tls>;regint=0\n")
    with (tmp_path / "out").open("wb") as out:
        program = subprocess.Popen([*network.prefix, "baresip", "-f", tmp_path, "-e", f"/dial sip:bob@{HOST}:{r.tls[1]};transport=tls", "-t", "10"],
                                   stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=tmp_path)
    try:
        until(lambda: b"Busy With Tests" in (tmp_path / "out").read_bytes(), 5, "the answer in baresip's words")
    finally:
        program.terminate()
        program.wait(10)
