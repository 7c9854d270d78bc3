# SPDX-License-Identifier: BSD-2-Clause
"""Which connection a message takes where some of its way is TLS: calls through two routers, sips, answers whose connection is gone, aliases, client domains."""
import re

import pytest

from harness import sip
from harness.calls import in_dialog, of_hop
from harness.peers import HOST
from harness.router import run_serac
from harness.tls import TlsUas, own, server_context
from harness.wait import until

pytestmark = own

RECORDING = """
route {
	if (has_totag()) {
		if (!loose_route() || !is_dialog_ours()) {
			sl_send_reply("481", "No Such Dialog");
			exit;
		}
	} else {
		record_route();
		$du = %s;
	}
	if (!t_relay()) {
		sl_reply_error();
	}
}
"""
RR = ("sl", "tm", "rr", "siputils", "textops")
RELAY = "route {\n\t%s\n\tif (!t_relay()) {\n\t\tsl_reply_error();\n\t}\n}"


def recorded(m):
    """Host, port and parameters of each Record-Route, without tags and MACs."""
    uris = [v.strip() for value in m.all("Record-Route") for v in sip.split_values(value)]
    return [re.sub(r";(ftag|mac)=[^;>]*", "", u) for u in uris]


def text_of(scheme, host, port):
    return f"{scheme}:{host}:{port}" + (";transport=tls" if scheme == "sip" else "")


class Chain:
    """A caller over UDP, two routers with TLS between them, a callee over UDP."""

    def __init__(self, tls, peers, scheme):
        self.callee, self.caller = peers.udp(), peers.udp()
        # the routers' connection ends by itself when the test does
        how = {"modules": RR, "params": 'tcp_connection_lifetime="500ms"\n'}
        self.second = tls.router(RECORDING % f'"sip:{HOST}:{self.callee.port}"', **how)
        self.first = tls.router(RECORDING % ('"%s"' % text_of(scheme, *self.second.tls)), **how)
        self.caller.default, self.callee.default = self.first.addr, self.second.addr

    def invite(self, **fields):
        return self.caller.request("INVITE", headers=[f"Contact: <sip:caller@{HOST}:{self.caller.port}>"], **fields)

    def answer(self):
        """The INVITE as it came to the callee, who answers."""
        got = self.callee.recv()
        routes = [f"Record-Route: {v}" for v in got.all("Record-Route")]
        self.callee.send(sip.response(got, headers=[*routes, f"Contact: <{self.callee.uri}>"]))
        return got


@pytest.mark.parametrize("scheme", ["sip", "sips"])
def test_a_call_through_two_routers_with_tls_between_them(tls, peers, scheme):
    c = Chain(tls, peers, scheme)
    invite = c.invite()
    got = c.answer()
    final = c.caller.final(invite)
    assert final.status == 200
    (h1, p1), (h2, p2) = c.first.tls, c.second.tls
    # each router with both of its sides; the Request-URI is a sip URI
    assert recorded(got) == [f"<sip:{HOST}:{c.second.addr[1]};r2=on;lr>", f"<sip:{h2}:{p2};transport=tls;r2=on;lr>",
                             f"<sip:{h1}:{p1};transport=tls;r2=on;lr>", f"<sip:{HOST}:{c.first.addr[1]};r2=on;lr>"]
    assert [v.split()[0] for v in got.vias] == ["SIP/2.0/UDP", "SIP/2.0/TLS", "SIP/2.0/UDP"]
    c.caller.send(in_dialog(invite, final, "ACK", c.caller.via))
    assert c.callee.recv().method == "ACK"
    c.caller.send(in_dialog(invite, final, "BYE", c.caller.via))
    bye = c.callee.expect(lambda m: m.method == "BYE")
    assert not bye.all("Route")
    c.callee.send(sip.response(bye))
    assert c.caller.expect(lambda m: m.is_response and "BYE" in m.get("CSeq")).status == 200
    # and a request of the callee finds its way back
    routes = [v for value in got.all("Record-Route") for v in sip.split_values(value)]
    back = c.callee.request("OPTIONS", uri=f"sip:caller@{HOST}:{c.caller.port}", call_id=invite.get("Call-ID"), from_tag="callee", to_tag=sip.param(invite.get("From"), "tag"),
                            headers=["Route: " + v.strip() for v in routes])
    got = c.caller.expect(lambda m: m.method == "OPTIONS")
    c.caller.send(sip.response(got))
    assert c.callee.final(back).status == 200


def test_a_sips_call_never_leaves_tls(tls, pki, peers, dns):
    d = dns({"good.test": ["127.0.0.1"]})
    uas = tls.uas(pki.ca.issue("sips-route", "/CN=x", "DNS:good.test"))
    udp = peers.udp()
    r = tls.router('route {\n\tif ($hdr(To-UDP) != "") { $du = "sip:127.0.0.1:%d;transport=udp"; }\n\trecord_route();\n\tif (!t_relay()) { sl_reply_error(); }\n}' % udp.port,
                   modules=RR, params=f'dns_servers="{d.servers}"\n')
    c = tls.client(r)
    assert c.ask(uri=uas.uri("good.test", "sips")).status == 200
    # transport=tcp is what lies below TLS; in Record-Route a sips URI says enough
    assert c.ask(uri=uas.uri("good.test", "sips") + ";transport=tcp").status == 200
    for m in uas.seen:
        assert recorded(m) == [f"<sips:{HOST}:{r.tls[1]};lr>"]
    for uri, headers in ((uas.uri("good.test", "sips") + ";transport=udp", []), (uas.uri("good.test", "sips"), ["To-UDP: 1"])):
        assert c.ask(uri=uri, headers=headers).status == 480
    assert len(uas.seen) == 2 and udp.silent(0.1)


@pytest.mark.parametrize("call", ["t_relay_to_tls()", 't_relay_to_tls("127.0.0.1", "{port}")', 't_relay("tls:127.0.0.1:{port}")', "forward_tls()",
                                  'forward_tls("127.0.0.1", {port})'])
def test_functions_that_name_tls(tls, peers, call):
    uas = tls.uas()
    r = tls.router("route {\n\tforce_send_socket(tls:127.0.0.1:{tls});\n\tif (!" + call.replace("{port}", str(uas.port)) + ") {\n\t\tsl_reply_error();\n\t}\n}",
                   modules=("sl", "tm"))
    u = peers.udp()
    u.default = r.addr
    assert u.ask(uri=f"sip:callee@127.0.0.1:{uas.port}").status == 200
    assert uas.seen[0].vias[0].startswith(f"SIP/2.0/TLS 127.0.0.1:{r.tls[1]};")


def test_a_literal_is_reached_by_the_connection_that_came_from_there(tls, peers):
    """As a registrar names a phone behind a NAT; nobody listens there."""
    r = tls.router(RELAY % "", modules=("sl", "tm"))
    phone, u = tls.client(r), peers.udp()
    u.default = r.addr
    req = u.request(uri=phone.uri)
    got = phone.recv()
    assert got.method == "OPTIONS"
    phone.send(sip.response(got))
    assert u.final(req).status == 200
    # TCP and TLS are not mixed
    assert u.ask(uri=phone.uri.replace("=tls", "=tcp")).status == 500


# --- answers whose connection is gone --------------------------------------------------------------------------------------------------------------
class Late:
    """A request over TLS whose sender has closed its connection when the answer comes."""

    def __init__(self, tls, peers, sent_by, **how):
        self.callee = peers.udp()
        self.r = tls.router(RELAY % f'$du = "sip:{HOST}:{self.callee.port}";', modules=("sl", "tm"), **how)
        self.callee.default = self.r.addr
        c = tls.client(self.r)
        self.req = c.request(via=f"SIP/2.0/TLS {sent_by}")
        self.got = self.callee.recv()
        c.bye()
        assert c.closed()
        c.close()

    def answer(self):
        self.callee.send(sip.response(self.got))


def test_an_answer_goes_to_sent_by_when_its_connection_is_gone(tls, pki, peers):
    s = tls.server(pki.ca.issue("sent-by", "/CN=x", "DNS:phone.test"))
    late = Late(tls, peers, f"phone.test:{s.port}")
    late.answer()
    c = s.accept()
    assert c.recv().status == 200 and s.names == ["phone.test"]


def test_an_answer_goes_to_nobody_else_than_sent_by(tls, pki, peers):
    uas = tls.uas(pki.ca.issue("not-sent-by", "/CN=x", "DNS:other.test,IP:127.0.0.1"))
    late = Late(tls, peers, f"phone.test:{uas.port}")
    late.answer()
    until(lambda: uas.failures, 5, "the handshake fails")
    assert not uas.seen


# --- aliases ------------------------------------------------------------------------------------------------------------------------------------------
class Reused:
    """A gateway gw.test calls the router from a port where it does not listen, and offers its connection (RFC 5923); the router's clients call gw.test and
    other.test, which both lead to where it listens."""

    def __init__(self, tls, pki, peers, dns, cert, accept="tcp_accept_aliases=yes\n", routes="", alias=";alias"):
        d = dns({"gw.test": ["127.0.0.1"], "other.test": ["127.0.0.1"]})
        self.uas = tls.uas(pki.ca.issue("gw-listens", "/CN=x", "DNS:gw.test,DNS:other.test"))
        self.r = tls.router(RELAY % f'if (is_method("REGISTER")) {{ {routes} sl_send_reply("200", "OK"); exit; }}', modules=("sl", "tm", "textops"), params=f'{accept}dns_servers="{d.servers}"\n',
                            domains=tls.domains({"verify_certificate": True, "ca_list": pki.ca.file}))
        self.gw, self.u = tls.client(self.r, cert), peers.udp()
        self.u.default, self.gone = self.r.addr, False
        assert self.gw.ask("REGISTER", via=f"SIP/2.0/TLS gw.test:{self.uas.port}{alias}").status == 200

    def carried(self, host):
        """Whether a request to that host comes by the gateway's own connection."""
        seen = len(self.uas.seen)
        req = self.u.request(uri=self.uas.uri(host))
        until(lambda: len(self.uas.seen) > seen or (not self.gone and self.gw.readable(0)), 5, "the request comes")
        if len(self.uas.seen) == seen:
            self.gw.send(sip.response(self.gw.recv()))
        assert self.u.final(req).status == 200
        return len(self.uas.seen) == seen


def test_an_alias_carries_what_its_certificate_is_for(tls, pki, peers, dns):
    t = Reused(tls, pki, peers, dns, pki.ca.issue("gw-calls", "/CN=x", "DNS:gw.test"))
    assert t.carried("gw.test") and t.carried("GW.test")
    assert not t.carried("other.test")
    t.gone = t.gw.bye()
    t.gw.close()
    assert not t.carried("gw.test")


@pytest.mark.parametrize("how", ["no certificate", "stranger", "other name", "not offered", "not accepted"])
def test_no_alias_without(tls, pki, peers, dns, how):
    good = pki.ca.issue("gw-calls", "/CN=x", "DNS:gw.test")
    cert = {"no certificate": None, "stranger": None, "other name": pki.ca.issue("gw-other", "/CN=gw.test", "DNS:another.test")}.get(how, good)
    t = Reused(tls, pki, peers, dns, cert, accept="" if how == "not accepted" else "tcp_accept_aliases=yes\n", alias="" if how == "not offered" else ";alias")
    assert not t.carried("gw.test")


def test_the_script_gives_an_alias(tls, pki, peers, dns):
    t = Reused(tls, pki, peers, dns, None, accept="", routes="force_tcp_alias();", alias="")
    assert t.carried("gw.test") and t.carried("other.test")


# --- client domains -----------------------------------------------------------------------------------------------------------------------------------
def peer_names(s):
    return [v for part in s.getpeercert()["subject"] for k, v in part if k == "commonName"]


@pytest.mark.parametrize("how", ["function", "server_id", "avp", "xavp", "failure route", "branch route"])
def test_the_script_chooses_who_we_are(tls, pki, peers, how):
    ca = pki.ca.file
    gold, plain = pki.client("Gold"), pki.client("Plain")
    uas = tls.uas(ca=ca, require=True)
    nobody = peers.udp()
    nobody.close()
    say = {"function": 'tls_set_client_domain("gold");', "server_id": 'tls_set_connect_server_id("gold");', "avp": '$avp(domain) = "gold";',
           "xavp": '$xavp(tls=>server_id) = "gold";'}.get(how, "")
    gold_when = "if (is_method(\"INFO\")) { %s }" % (say or "t_on_failure(\"AGAIN\"); t_on_branch(\"BRANCH\");")
    more = {"failure route": 'failure_route[AGAIN] {\n\ttls_set_client_domain("gold");\n\t$du = "%s";\n\tt_relay();\n}\nbranch_route[BRANCH] { }\n' % uas.uri(),
            "branch route": 'failure_route[AGAIN] { }\nbranch_route[BRANCH] {\n\ttls_set_client_domain("gold");\n}\n'}.get(how, "")
    first = 'if (is_method("INFO")) { $du = "sip:127.0.0.1:9;transport=tcp"; }' if how == "failure route" else ""
    r = tls.router(f'modparam("tls", "client_domain_avp", "$avp(domain)")\nmodparam("tls", "xavp_cfg", "tls")\n' + RELAY % (gold_when + first) + "\n" + more,
                   modules=("sl", "tm", "textops", "pv"),
                   domains=tls.domains(client={"certificate": plain.cert, "private_key": plain.key},
                                       **{"client:any": {"server_id": "gold", "method": "TLSv1.2+", "certificate": gold.cert, "private_key": gold.key,
                                                         "verify_certificate": True, "require_certificate": True, "ca_list": ca}}))
    u = peers.udp()
    u.default = r.addr
    for _ in range(2):
        assert u.ask(uri=uas.uri()).status == 200
        assert u.ask("INFO", uri=uas.uri()).status == 200
    # two connections, each with its own certificate
    assert [peer_names(s) for s in uas.sockets] == [["Plain"], ["Gold"]]
    assert [m.method for m in uas.seen] == ["OPTIONS", "INFO"] * 2


def test_the_script_says_whom_we_call(tls, pki, peers):
    """Several names behind one address, of which neither DNS nor the URI says anything."""
    uas = tls.uas(pki.ca.issue("virtual", "/CN=x", "DNS:virtual.test,IP:127.0.0.1"))
    r = tls.router('modparam("tls", "xavp_cfg", "tls")\n' + RELAY % 'if ($rU != "callee") { $xavp(tls=>server_name) = $rU + ".test"; }', modules=("sl", "tm", "pv"))
    u = peers.udp()
    u.default = r.addr
    for user, status in (("callee", 200), ("virtual", 200), ("other", 503), ("virtual", 200)):
        assert u.ask(uri=uas.uri().replace("callee", user)).status in (status, 500 if status == 503 else status), user
    assert uas.names == [None, "virtual.test", "other.test"] and len(uas.seen) == 3


def test_each_branch_of_a_fork_is_somebody_else(tls, pki, peers):
    ca = pki.ca.file
    gold, plain = pki.client("Gold"), pki.client("Plain")
    uas = tls.uas(ca=ca, require=True)
    r = tls.router(RELAY % f't_on_branch("B"); append_branch("{uas.uri().replace("callee", "gold")}");' +
                   '\nbranch_route[B] {\n\tif ($rU == "gold") { tls_set_client_domain("gold"); }\n}\n', modules=("sl", "tm", "pv"),
                   domains=tls.domains(client={"certificate": plain.cert, "private_key": plain.key},
                                       **{"client:any": {"server_id": "gold", "method": "TLSv1.2+", "certificate": gold.cert, "private_key": gold.key,
                                                         "verify_certificate": True, "require_certificate": True, "ca_list": ca}}))
    u = peers.udp()
    u.default = r.addr
    assert u.ask(uri=uas.uri()).status == 200
    until(lambda: len(uas.seen) == 2, 5, "both branches")
    assert sorted(peer_names(s)[0] for s in uas.sockets) == ["Gold", "Plain"]


def test_a_client_domain_that_is_not_there(tls, peers):
    uas = tls.uas()
    r = tls.router('modparam("tls", "client_domain_avp", "domain")\n' + RELAY % 'if (tls_set_client_domain("golden")) { exit; }\n\t$avp(domain) = "golden";',
                   modules=("sl", "tm"))
    u = peers.udp()
    u.default = r.addr
    assert u.ask(uri=uas.uri()).status == 500
    assert not uas.seen


@pytest.mark.parametrize("line, said", [
    ('modparam("tls", "client_domain_avp", "$avq(x)")', 'client_domain_avp: unknown variable "$avq"; did you mean "$avp"?'),
    ('modparam("tls", "xavp_cfg", "t)s")', "xavp_cfg: cannot understand this variable"),
    ('modparam("tls", "client_domain_avp", "%s")' % ("x" * 200), "client_domain_avp: the name is too long"),
])
def test_names_that_can_be_none_are_told(pki, tmp_path, line, said):
    c = pki.server()
    f = tmp_path / "serac.cfg"
    f.write_text(f'loadmodule "tls"\nmodparam("tls", "certificate", "{c.cert}")\nmodparam("tls", "private_key", "{c.key}")\n{line}\nroute {{ exit; }}\n')
    done = run_serac("-c", "-f", f)
    assert done.returncode == 1 and said in done.stdout + done.stderr


def test_what_a_domain_advertises(tls, pki, peers):
    """Toward a trunk that knows us by our certificate's name."""
    uas = tls.uas()
    ca = pki.ca.file
    callee = peers.udp()
    more = {f"client:127.0.0.1:{uas.port}": {"advertise": "sbc.test:443", "method": "TLSv1.2+", "verify_certificate": True, "require_certificate": True, "ca_list": ca},
            "server:127.0.0.1:{tls}": {**tls.identity(pki.server("edge.test")), "server_name": "edge.test", "advertise": "edge.test:5071"}}
    r = tls.router(RECORDING % "$hdr(To-Trunk)", modules=RR, domains=tls.domains(**more))
    c = tls.client(r, name="edge.test")
    assert c.ask("INVITE", headers=[f"To-Trunk: {uas.uri()}"]).status == 200
    got = uas.seen[0]
    assert got.vias[0].startswith("SIP/2.0/TLS sbc.test:443;")
    assert recorded(got) == ["<sip:sbc.test:443;transport=tls;r2=on;lr>", "<sip:edge.test:5071;transport=tls;r2=on;lr>"]
    # by our names in Routes it is known that they are ours
    for name in ("sbc.test:443", "edge.test:5071", f"127.0.0.1:{r.tls[1]}"):
        assert c.ask("OPTIONS", to_tag="x", headers=[f"Route: <sip:{name};transport=tls;lr>"]).status == 481
    # toward the one who called the other name
    c.send(sip.request("INVITE", via=c.via, headers=[f"To-Trunk: sip:{HOST}:{callee.port}"]))
    got = callee.recv()
    assert recorded(got) == [f"<sip:{HOST}:{r.addr[1]};r2=on;lr>", "<sip:edge.test:5071;transport=tls;r2=on;lr>"]


# --- transactions -------------------------------------------------------------------------------------------------------------------------------------
def test_what_ends_an_invite_goes_where_it_went(tls, pki, peers, dns):
    """CANCEL and ACK are sent when what the INVITE was made of is long gone: the name that is proved has to outlive it."""
    d = dns({"good.test": ["127.0.0.1"]})
    s = tls.server(pki.ca.issue("cancelled", "/CN=x", "DNS:good.test"))
    r = tls.router(RELAY % "", modules=("sl", "tm"), params=f'dns_servers="{d.servers}"\n')
    u = peers.udp()
    u.default = r.addr
    req = u.request("INVITE", uri=s.uri.replace(HOST, "good.test"))
    c = s.accept()
    invite = c.recv()
    c.send(sip.response(invite, 180, "Ringing"))
    u.expect(lambda m: m.status == 180)
    # other requests use the memory of the first
    for n in range(20):
        assert u.ask(uri=f"sip:x{n}@127.0.0.1:9").status == 500
    u.send(of_hop(req, "CANCEL"))
    cancel = c.recv()
    assert cancel.method == "CANCEL" and cancel.branch == invite.branch
    c.send(sip.response(cancel))
    c.send(sip.response(invite, 487, "Request Terminated"))
    assert c.recv().method == "ACK"
    assert u.final(req).status == 487 and s.names == ["good.test"]


def test_further_addresses_of_a_name_have_its_name_and_domain(tls, pki, peers, dns):
    ca = pki.ca.file
    gold = pki.client("Gold")
    good = pki.ca.issue("further-good", "/CN=x", "DNS:good.test")
    uas = peers.keep(TlsUas(server_context(good, ca, require=True)))
    wrong = peers.keep(TlsUas(server_context(pki.ca.issue("further-wrong", "/CN=x", "DNS:evil.test,IP:127.0.0.2"), ca), "127.0.0.2", uas.port))
    d = dns({"good.test": ["127.0.0.2", "127.0.0.1"]})
    r = tls.router(RELAY % 'tls_set_client_domain("gold");', modules=("sl", "tm"), params=f'dns_servers="{d.servers}"\n',
                   domains=tls.domains(**{"client:any": {"server_id": "gold", "method": "TLSv1.2+", "certificate": gold.cert, "private_key": gold.key,
                                                         "verify_certificate": True, "require_certificate": True, "ca_list": ca}}))
    u = peers.udp()
    u.default = r.addr
    assert u.ask("INVITE", uri=uas.uri("good.test")).status == 200
    assert not wrong.seen and len(uas.seen) == 1
    assert wrong.names + uas.names == ["good.test", "good.test"] and peer_names(uas.sockets[0]) == ["Gold"]
