# SPDX-License-Identifier: BSD-2-Clause
"""What the script says of a connection that is up; secrets for one peer; certificates that expire."""
import re

import pytest

from harness.tls import ANSWER, V12, V13, client_context, own
from harness.wait import until

pytestmark = own
versions = pytest.mark.parametrize("version", [V12, V13], ids=["1.2", "1.3"])
ONLY_BOB = """
event_route[tls:connection-in] {
	xlog("L_NOTICE", "in from $si:$sp over $proto: %@tls.peer\\n");
	if (@tls.peer != "Bob") drop;
}
"""


def asking(tls, routes, **how):
    return tls.router(routes + ANSWER, domains=tls.domains({"verify_certificate": True, "ca_list": tls.pki.ca.file}), **how)


@versions
def test_the_script_refuses_a_connection_before_its_first_message(tls, pki, version):
    r = asking(tls, ONLY_BOB)
    bob = tls.client(r, pki.client("Bob"), version=version)
    assert bob.ask().status == 200
    assert tls.refused(r, cert=pki.client("Eve"), version=version)
    assert tls.refused(r, version=version)
    r.wait_log(r'a connection was refused peer=\S+ domain=\S+ server_name="" stage=event reason="event_route\[tls:connection-in\] said drop"')
    r.wait_log(f"in from 127.0.0.1:{bob.sock.getsockname()[1]} over tls: Bob")
    assert r.status().counter("tls", "failed_event") == 2
    assert r.status().counter("core", "requests") == 1, "nothing of the others was read"


def test_a_resumed_session_is_asked_about_again(tls, pki):
    r = asking(tls, ONLY_BOB)
    context = client_context(pki.ca.file, pki.client("Bob"))
    c = tls.client(r, context=context)
    assert c.ask().status == 200
    c.silent(0.05)
    again = tls.client(r, context=context, session=c.sock.session)
    assert again.sock.session_reused and again.ask().status == 200
    assert len(re.findall("in from .* over tls: Bob", r.log())) == 2


def test_the_event_is_no_request(tls, pki):
    """What the route does to the request that it runs on reaches nobody."""
    r = tls.router("""
event_route[tls:connection-in] {
	xlog("L_NOTICE", "here: $rm $rU\\n");
	append_hf("X-Event: yes\\r\\n");
	$ru = "sip:127.0.0.1:9";
	append_branch("sip:127.0.0.1:9");
	route(MORE);
}
route[MORE] { setflag(3); }
""" + ANSWER)
    c = tls.client(r)
    m = c.ask()
    assert m.status == 200 and not m.get("X-Event")
    assert c.silent()
    r.wait_log("here: OPTIONS event")
    assert r.status().counter("core", "requests") == 1


def test_it_cannot_answer_or_send_on(start_error):
    routes = 'listen=tls:127.0.0.1:0\nevent_route[tls:connection-in] { sl_send_reply("200", "OK"); t_relay(); }\nroute { }'
    told = start_error(routes, modules=("tls", "sl", "tm"))
    assert '"sl_send_reply" cannot be used in an event route' in told
    assert '"t_relay" cannot be used in an event route' in told


def test_connections_of_ours_may_be_refused_too(tls, pki, peers):
    server = pki.ca.issue("event-server", "/CN=x", "IP:127.0.0.1")
    r = tls.router("""
event_route[tls:connection-out] {
	if (@tls.peer == "x") drop;
}
route { t_relay(); }
""", modules=("sl", "tm"))
    uas = tls.uas(server)
    u = peers.udp()
    u.default = r.addr
    assert u.ask(uri=uas.uri("127.0.0.1")).status in (477, 480, 500, 503)
    assert not uas.seen, "nothing was sent"
    assert r.status().counter("tls", "failed_event") >= 1


# --- secrets ---------------------------------------------------------------------------------------------------------
def keylog(tls, tmp_path, peer, args):
    file = tmp_path / "secrets"
    r = tls.router(f'modparam("tls", "keylog_file", "{file}")\nmodparam("tls", "keylog_peer", "{peer}")\n' + ANSWER, args=args)
    assert tls.client(r).ask().status == 200
    return r, file


def test_secrets_are_written_for_one_peer_and_only_with_the_option(tls, tmp_path):
    r, file = keylog(tls, tmp_path, "127.0.0.1", ["--allow-keylog"])
    text = until(lambda: file.exists() and file.read_text(), 2, "secrets")
    assert file.stat().st_mode & 0o777 == 0o600
    assert {line.split()[0] for line in text.splitlines()} >= {"CLIENT_TRAFFIC_SECRET_0", "SERVER_TRAFFIC_SECRET_0"}
    assert all(re.fullmatch(r"[A-Z_0-9]+ [0-9a-f]{64} [0-9a-f]{64,128}", line) for line in text.splitlines())
    r.wait_log("secrets of TLS connections are written to a file")
    secrets = [line.split()[2] for line in text.splitlines()]
    assert not any(s in r.log() for s in secrets)
    file.unlink()
    r, file = keylog(tls, tmp_path, "127.0.0.2", ["--allow-keylog"])
    assert file.read_text() == ""
    file.unlink()
    r, file = keylog(tls, tmp_path, "127.0.0.1", [])
    assert not file.exists()
    r.wait_log("keylog_file is ignored")


# --- certificates ------------------------------------------------------------------------------------------------------
def test_a_certificate_that_expires_soon_is_told_at_the_start(tls, pki):
    soon, later = pki.ca.issue("soon", "/CN=soon", begin=-5, end=10), pki.ca.issue("later", "/CN=later", begin=-5, end=300)
    r = tls.router(domains=tls.domains(tls.identity(soon)))
    r.wait_log(r"warning tls a certificate expires soon file=\S*soon\S* .* days=(9|10) ")
    r.wait_log(r"tls certificate domain=\S+ .*days=(9|10)")
    r = tls.router(domains=tls.domains(tls.identity(later)))
    r.wait_log(r"tls certificate domain=\S+ .*days=(299|300)")
    assert "expires soon" not in r.log()
