# SPDX-License-Identifier: BSD-2-Clause
"""TLS in all of its forms of configuration: what is understood (--dump), and what is said of mistakes (-c), word for word."""
import os
import re
import shutil
import textwrap

import pytest

from harness import ports
from harness import tls as tls_kit
from harness.pki import openssl
from harness.reload import Reloader
from harness.router import run_serac

pytestmark = pytest.mark.skipif(not tls_kit.available() or tls_kit.REFERENCE, reason="there is no module tls")
HEAD = 'loadmodule "tls.so"\nlisten=tls:127.0.0.1:5061\n'


@pytest.fixture(scope="session")
def material(pki, tmp_path_factory):
    """A folder with files of all sorts; scripts are written beside them."""
    folder = tmp_path_factory.mktemp("tlsconf")
    ca = pki.authority("Conf CA")
    own = ca.issue("conf", san="DNS:sip.test", end=300)
    rsa = ca.issue("conf-rsa", san="DNS:sip.test", kind="rsa", end=300)
    old, soon = ca.issue("conf-old", begin=-20, end=-10), ca.issue("conf-soon", end=9.5)
    for name, c in {"own": own, "rsa": rsa, "old": old, "soon": soon}.items():
        for source, end in ((c.cert, "crt"), (c.key, "key"), (c.pem, "pem")):
            shutil.copy(source, folder / f"{name}.{end}")
            (folder / f"{name}.{end}").chmod(0o600)
    shutil.copy(own.pem, folder / "cert.pem")
    shutil.copy(own.key, folder / "open.key")
    (folder / "open.key").chmod(0o644)
    openssl("req", "-x509", "-newkey", "rsa:1024", "-nodes", "-subj", "/CN=sip.test", "-days", "300",
            "-keyout", folder / "weak.key", "-out", folder / "weak.crt")
    (folder / "weak.key").chmod(0o600)
    openssl("pkcs8", "-topk8", "-in", own.key, "-passout", "pass:secret", "-out", folder / "locked.key")
    openssl("rsa", "-aes256", "-traditional", "-in", rsa.key, "-passout", "pass:secret", "-out", folder / "locked-rsa.key")
    shutil.copy(ca.file, folder / "ca.pem")
    (folder / "cas").mkdir()
    shutil.copy(ca.file, folder / "cas" / "one.pem")
    shutil.copy(pki.ca.file, folder / "cas" / "two.pem")
    (folder / "cas" / "readme").write_text("nothing\n")
    (folder / "empty").mkdir()
    (folder / "text").write_text("nothing\n")
    openssl("ocsp", "-index", ca.dir / "index.txt", "-CA", ca.file, "-rsigner", ca.file, "-rkey", ca.dir / "ca.key", "-issuer", ca.file,
            "-cert", own.cert, "-ndays", "3", "-respout", folder / "own.ocsp")
    shutil.copy(ca.crl("good", end=20), folder / "good.crl")
    shutil.copy(ca.crl("old", begin=-9, end=-2), folder / "old.crl")
    return folder


def check(folder, script, *flags, head=HEAD, files=None):
    """0, 1, 2 and what was said, with dates and days of certificates taken out."""
    for name, text in (files or {}).items():
        (folder / name).write_text(textwrap.dedent(text))
    (folder / "serac.cfg").write_text(head + textwrap.dedent(script).lstrip("\n") + "route { exit; }\n")
    done = run_serac("-c", *flags, "-f", "serac.cfg", cwd=folder)
    said = re.sub(r"[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d \d{4} GMT", "DATE", done.stderr + done.stdout)
    return done.returncode, said


def dump(folder, script, **how):
    """The blocks of --dump: {head: {name: value}}."""
    code, said = check(folder, script, "--dump", **how)
    assert code == 0, said
    blocks = {}
    for head, body in re.findall(r"^(tls_\w+\[.*\]) \{\n((?:\t.*\n)*)\}", said, re.M):
        names = dict(re.findall(r'^\t(\w+) = "?(.*?)"?$', body, re.M))
        names["trusted"] = re.search(r"trusted certificates: (\d+)", body).group(1)
        key = head + (" " + names["server_name"] if head in blocks else "")
        blocks[key] = names
    return blocks


# --- what is understood ----------------------------------------------------------------------------------------------------
def test_the_certificate_beside_the_configuration_is_the_default(material):
    d = dump(material, "")
    assert d["tls_domain[default]"]["certificate"] == "cert.pem" and d["tls_domain[client:default]"]["certificate"] == "cert.pem"


def test_the_roles_have_their_own_defaults(material):
    d = dump(material, "")
    assert d["tls_domain[default]"]["verify_certificate"] == "no" and d["tls_domain[default]"]["require_certificate"] == "no"
    assert d["tls_domain[client:default]"]["verify_certificate"] == "yes"
    assert d["tls_domain[default]"]["trusted"] == "0" and int(d["tls_domain[client:default]"]["trusted"]) > 50


SAME = {
    "core parameters": ('tls_certificate = "rsa.crt"\ntls_private_key = "rsa.key"\ntls_ca_list = "ca.pem"\ntls_verify = 1\ntls_verify_depth = 3\n'
                        'tls_require_certificate = 1\ntls_handshake_timeout = 7\n', None),
    "modparam": ("".join(f'modparam("tls", "{n}", {v})\n' for n, v in (
        ("certificate", '"rsa.crt"'), ("private_key", '"rsa.key"'), ("ca_list", '"ca.pem"'), ("verify_certificate", 1), ("verify_depth", 3),
        ("require_certificate", 1), ("handshake_timeout", 7))), None),
    "modparam with the default's name": ("".join(f'modparam("tls", "{n}", "default={v}")\n' for n, v in (
        ("certificate", "rsa.crt"), ("private_key", "rsa.key"), ("ca_list", "ca.pem"), ("verify_certificate", 1), ("verify_depth", 3),
        ("require_certificate", 1), ("handshake_timeout", 7))), None),
    "a block": ('tls_domain[default] {\n\ttls_certificate = "rsa.crt"\n\ttls_private_key = "rsa.key"; ca_list = "ca.pem"\n\tverify_certificate = require\n'
                '\tverify_depth = 3 handshake_timeout = 7s\n}\n', None),
    "OpenSER's block": ('tls_server_domain[default] {\n\ttls_certificate = "rsa.crt"\n\ttls_private_key = "rsa.key"\n\ttls_ca_list = "ca.pem"\n'
                        '\ttls_verify_client = 1\n\ttls_require_client_certificate = 1\n\ttls_verify_depth = 3\n\ttls_handshake_timeout = 7\n}\n', None),
    "tls.cfg": ('modparam("tls", "config", "tls.cfg")\n', """
        # a comment
        [server:default]
        certificate = "rsa.crt"   # another
        pkey_file = rsa.key
        calist_file = ca.pem
        verify_client = on
        verify_depth = 3
        handshake_timeout = 7
        """),
    "tls.cfg with Kamailio's names": ('modparam("tls", "config", "tls.cfg")\n', """
        [srv:def]
        cert_file = rsa.crt
        private_key = rsa.key
        ca_list = ca.pem
        verify_cert = yes
        require_cert = on
        verify_depth = 3
        handshake_timeout = 7
        """),
}


@pytest.mark.parametrize("form", SAME)
def test_all_forms_mean_the_same(material, form):
    script, cfg = SAME[form]
    d = dump(material, script, files={"tls.cfg": cfg} if cfg else None)["tls_domain[default]"]
    wanted = {"certificate": "rsa.crt", "private_key": "rsa.key", "trusted": "1", "verify_certificate": "yes", "require_certificate": "yes",
              "verify_depth": "3", "handshake_timeout": "7000ms"}
    assert {n: d[n] for n in wanted} == wanted


SOCKET = {
    "modparam": ('modparam("tls", "verify_depth", "127.0.0.1:5061=4")\nmodparam("tls", "tls_certificate", "127.0.0.1:5061=rsa.pem")\n'
                 'modparam("tls", "verify_depth", "[::1]:5061=5")\nmodparam("tls", "verify_certificate", "client:10.0.0.1:5061=0")\n', None),
    "blocks": ('tls_domain[127.0.0.1:5061] { verify_depth = 4 certificate = "rsa.pem" }\ntls_server_domain[[::1]:5061] { tls_verify_depth = 5 }\n'
               'tls_domain[client:10.0.0.1:5061] { tls_verify_server = 0 }\n', None),
    "OpenSER's client block": ('#!define HERE 127.0.0.1\ntls_domain[HERE:5061] {\n\tverify_depth = 4;\n\tcertificate = "rsa.pem";\n}\n'
                               'tls_domain [ server:[::1]:5061 ] { verify_depth = 5; }\ntls_client_domain[10.0.0.1:5061] { tls_verify_server = 0 }\n', None),
    "tls.cfg": ('modparam("tls", "config", "tls.cfg")\n', "[server:127.0.0.1:5061]\nverify_depth=4\ncertificate=rsa.pem\n[server:[::1]:5061]\nverify_depth=5\n"
                "[client:10.0.0.1:5061]\nverify_certificate = no\n"),
}


@pytest.mark.parametrize("form", SOCKET)
def test_a_domain_of_a_socket_in_all_forms(material, form):
    script, cfg = SOCKET[form]
    d = dump(material, "listen=tls:[::1]:5061\n" + script, files={"tls.cfg": cfg} if cfg else None)
    assert d["tls_domain[127.0.0.1:5061]"]["verify_depth"] == "4" and d["tls_domain[127.0.0.1:5061]"]["private_key"] == "rsa.pem"
    assert d["tls_domain[[::1]:5061]"]["verify_depth"] == "5" and d["tls_domain[[::1]:5061]"]["certificate"] == "cert.pem"
    assert d["tls_domain[client:10.0.0.1:5061]"]["verify_certificate"] == "no" and d["tls_domain[client:default]"]["verify_certificate"] == "yes"


def test_what_is_said_of_a_socket_is_for_all_its_domains_that_say_nothing_else(material):
    d = dump(material, """
        modparam("tls", "verify_depth", "127.0.0.1:5061=4")
        tls_domain[127.0.0.1:5061] { server_name = "a.test" }
        tls_domain[127.0.0.1:5061] { server_name = "b.test" verify_depth = 6 }
        """)
    assert d["tls_domain[127.0.0.1:5061]"]["verify_depth"] == "4"
    assert d["tls_domain[127.0.0.1:5061] b.test"]["verify_depth"] == "6"


def test_a_domain_inherits_what_it_does_not_say(material):
    d = dump(material, """
        tls_ca_path = "cas"
        tls_verify_depth = 2
        tls_domain[default] { verify_depth = 3 verify_certificate = 1 }
        tls_domain[127.0.0.1:5061] { ca_list = "ca.pem" }
        tls_client_domain["carrier.test"] { verify_cn = no }
        """)
    own, named = d["tls_domain[127.0.0.1:5061]"], d['tls_client_domain["carrier.test"]']
    assert (own["verify_depth"], own["verify_certificate"], own["trusted"]) == ("3", "no", "1")
    assert (d["tls_domain[default]"]["trusted"], named["verify_depth"], named["trusted"], named["verify_cn"]) == ("2", "2", "2", "no")


def test_what_is_demanded_is_the_domains_own_or_of_no_domain(material):
    script = """
        tls_ca_list = "ca.pem"
        tls_domain[default] {{ verify_certificate = require }}
        tls_domain[client:default] {{ verify_certificate = no }}
        tls_domain[127.0.0.1:5061] {{ }}
        tls_domain[client:10.0.0.1:5061] {{ }}
        {}
        """
    for line, wanted in (("", "no"), ("tls_verify = 1", "yes"), ('modparam("tls", "verify_client", "optional")', "yes")):
        d = dump(material, script.format(line))
        assert d["tls_domain[127.0.0.1:5061]"]["verify_certificate"] == wanted and d["tls_domain[127.0.0.1:5061]"]["require_certificate"] == "no"
        assert d["tls_domain[default]"]["require_certificate"] == "yes" and d["tls_domain[client:default]"]["verify_certificate"] == "no"
        assert d["tls_domain[client:10.0.0.1:5061]"]["verify_certificate"] == "yes"


def test_of_a_cipher_list_and_a_priority_the_nearer_counts(material):
    only13, both = "NORMAL:-VERS-ALL:+VERS-TLS1.3", 'tls_ciphers_list = "ECDHE-ECDSA-AES128-GCM-SHA256"'
    d = dump(material, f"""
        {both}
        tls_domain[default] {{ priority = "{only13}" }}
        tls_domain[127.0.0.1:5061] {{ {both} }}
        """)
    assert d["tls_domain[default]"]["priority"].startswith(only13)
    assert "+AES-128-GCM" in d["tls_domain[127.0.0.1:5061]"]["priority"] and "+AES-128-GCM" in d["tls_domain[client:default]"]["priority"]
    code, said = check(material, f'tls_domain[default] {{ {both} priority = "{only13}" }}\n')
    assert code == 1 and "there is a cipher list and a priority; write one of them" in said


def test_two_certificates_stand_side_by_side(material):
    d = dump(material, """
        tls_domain[default] { certificate = "own.pem" certificate2 = "rsa.crt" private_key2 = "rsa.key" }
        tls_domain[127.0.0.1:5061] { certificate = "rsa.pem" }
        """)
    assert d["tls_domain[default]"]["certificate2"] == "rsa.crt"
    assert "certificate2" not in d["tls_domain[127.0.0.1:5061]"]


@pytest.mark.parametrize("cert,key", [("own.crt", "locked.key"), ("rsa.crt", "locked-rsa.key")])
def test_a_key_with_a_passphrase(material, cert, key):
    lines = f'modparam("tls", "certificate", "{cert}")\nmodparam("tls", "private_key", "{key}")\n'
    assert check(material, lines + 'modparam("tls", "private_key_password", "secret")\n')[0] == 0
    code, said = check(material, lines + 'modparam("tls", "private_key_password", "other")\n')
    assert code == 1 and f'could not load private key "{key}": its passphrase is another one' in said
    code, said = check(material, lines)
    assert code == 1 and f'could not load private key "{key}": it needs its passphrase' in said and "hint: private_key_password has it" in said


def test_an_ocsp_response_is_for_one_certificate(material):
    assert check(material, 'tls_certificate = "own.pem"\nmodparam("tls", "ocsp_response", "own.ocsp")\n') == (0, "serac.cfg: good\n")
    code, said = check(material, 'tls_certificate = "rsa.pem"\nmodparam("tls", "ocsp_response", "own.ocsp")\n')
    assert code == 1 and said.startswith('serac.cfg:4:34: could not load OCSP response "own.ocsp": it is about another certificate')


def test_a_good_crl_and_folders_of_cas_are_taken(material):
    d = dump(material, 'tls_ca_path = "cas"\ntls_crl = "good.crl"\ntls_verify = require\n')
    assert d["tls_domain[default]"]["trusted"] == "2" and d["tls_domain[default]"]["require_certificate"] == "yes"


def test_the_certificate_of_the_key_may_stand_anywhere_in_its_file(material):
    (material / "turned.pem").write_text((material / "ca.pem").read_text() + (material / "own.pem").read_text())
    (material / "turned.pem").chmod(0o600)
    assert check(material, 'tls_certificate = "turned.pem"\n')[0] == 0


def test_dump_is_a_configuration(material):
    script = 'tls_domain[127.0.0.1:5061] { server_name = "a.test" verify_certificate = require ca_list = "ca.pem" }\ntls_client_domain["x.test"] { verify_certificate = 0 }\n'
    _, said = check(material, script, "--dump")
    blocks = "".join(re.findall(r"^tls_\w+\[.*\] \{\n(?:\t.*\n)*\}\n", said, re.M))
    assert check(material, blocks.replace("require_certificate = yes", 'require_certificate = yes ca_list = "ca.pem"'))[0] == 0


def test_tls_that_is_off_needs_no_certificate(material, tmp_path):
    for line in ("disable_tls=1\n", "enable_tls=no\n", "tls_enable=0\n", "tls_disable=yes\n"):
        code, said = check(tmp_path, line, "--dump")
        assert code == 0 and "enable_tls = no" in said and "tls_domain" not in said
    assert check(tmp_path, "", head='loadmodule "tls.so"\nlisten=udp:127.0.0.1:5060\n')[0] == 0


# --- what is said of mistakes ------------------------------------------------------------------------------------------------
WRONG = {
    "no certificate": ("", 'serac.cfg:1:12: TLS needs a certificate: none is named, and there is no "cert.pem"'),
    "absent": ('tls_certificate = "gone.pem"', 'serac.cfg:3:19: could not load certificate "gone.pem": No such file or directory\n'
               '  tls_certificate = "gone.pem"\n                    ^~~~~~~~~~\n'
               '  hint: looked for beside the file that names it, then in the working directory'),
    "a folder": ('tls_certificate = "cas"', 'serac.cfg:3:19: could not load certificate "cas": it is no ordinary file'),
    "text": ('tls_certificate = "text"', 'serac.cfg:3:19: could not load certificate "text": there is no certificate in it'),
    "key only": ('tls_certificate = "own.key"', 'serac.cfg:3:19: could not load certificate "own.key": there is no certificate in it'),
    "no key": ('tls_certificate = "own.crt"', 'serac.cfg:3:19: could not load private key "own.crt": there is no private key in it\n'
               '  tls_certificate = "own.crt"\n                    ^~~~~~~~~\n  hint: private_key names the file that the key is in'),
    "absent key": ('tls_certificate = "own.crt"\ntls_private_key = "gone.key"',
                   'serac.cfg:4:19: could not load private key "gone.key": No such file or directory'),
    "another key": ('tls_certificate = "own.crt"\ntls_private_key = "rsa.key"',
                    'serac.cfg:4:19: private key "rsa.key" does not belong to certificate "own.crt"'),
    "expired": ('tls_certificate = "old.pem"', 'serac.cfg:3:19: certificate "old.pem" expired on DATE'),
    "CA folder": ('tls_ca_list = "cas"', 'serac.cfg:3:15: could not load CA list "cas": it is a folder\n  tls_ca_list = "cas"\n                ^~~~~\n'
                                         '  hint: ca_path is for folders'),
    "CA without certificate": ('tls_ca_list = "text"', 'serac.cfg:3:15: could not load CA list "text": there is no certificate in it'),
    "empty CA folder": ('tls_ca_path = "empty"', 'serac.cfg:3:15: there is no certificate in any file of the folder "empty"'),
    "absent CA folder": ('tls_ca_path = "gone"', 'serac.cfg:3:15: could not open folder "gone": No such file or directory'),
    "no CRL": ('tls_crl = "ca.pem"', 'serac.cfg:3:11: could not load CRL "ca.pem": there is no list of revoked certificates in it'),
    "old CRL": ('tls_crl = "old.crl"', 'serac.cfg:3:11: CRL "old.crl" should have been replaced before DATE'),
    "OCSP": ('modparam("tls", "ocsp_response", "text")', 'serac.cfg:3:34: could not load OCSP response "text": it is no OCSP response'),
    "unknown cipher": ('tls_ciphers_list = "HIGH:FOO"', 'serac.cfg:3:20: unknown cipher "FOO"'),
    "unknown method": ('tls_method = "TLSv9"', "serac.cfg:3:14: "),
    "depth": ("tls_verify_depth = 100", 'serac.cfg:3:20: "tls_verify_depth" must be between 0 and 64'),
    "verify": ("tls_verify = maybe", 'serac.cfg:3:14: "tls_verify" is yes, no or require'),
    "choice": ('modparam("tls", "verify_client", "perhaps")', 'serac.cfg:3:34: "verify_client" is one of "off", "optional", "on", "optional_no_ca"'),
    "timeout": ('tls_handshake_timeout = "soon"', 'serac.cfg:3:25: "tls_handshake_timeout" is a time: a number, or one with a unit as "5s"'),
    "nobody listens": ("tls_domain[127.0.0.1:5069] { }", "serac.cfg:3:1: tls_domain[127.0.0.1:5069]: nobody listens there with TLS"),
    "twice": ('tls_domain[127.0.0.1:5061] { server_name="a.test" }\ntls_domain[127.0.0.1:5061] { server_name="A.test" }',
              "serac.cfg:4:1: tls_domain[127.0.0.1:5061] is there already, with the same name (serac.cfg:3)"),
    "client twice": ("tls_domain[client:10.0.0.1:5061] { }\ntls_client_domain[10.0.0.1:5061] { }",
                     "serac.cfg:4:1: tls_client_domain[10.0.0.1:5061] is there already, with the same name (serac.cfg:3)"),
    "name twice": ('tls_client_domain["gw.test"] { }\ntls_client_domain["gw.test"] { }',
                   'serac.cfg:4:1: tls_client_domain["gw.test"] is there already, with the same name (serac.cfg:3)'),
    "place": ("tls_domain[somewhere] { }", 'serac.cfg:3:12: cannot make a TLS domain of "somewhere": an address with its port, or "default", stands here'),
    "quoted name": ('tls_server_domain["a.test"] { }', "serac.cfg:3:19: only tls_client_domain has a name in its brackets"),
    "word in a block": ("tls_domain[default] {\n\ttls_verfy = 1\n}", 'serac.cfg:4:2: a TLS domain has no "tls_verfy"; did you mean "tls_verify"?'),
    "block": ("tls_domian[default] { }", 'serac.cfg:3:1: unknown word "tls_domian"; did you mean "tls_domain"?'),
    "value missing": ("tls_domain[default] {\n\ttls_verify =\n}", 'serac.cfg:4:13: a value is missing behind this "="'),
    "name of no domain": ('modparam("tls", "server_id", "x")', 'serac.cfg:3:17: "server_id" is said of one domain, and none is named'),
    "advertise": ('tls_domain[default] { advertise = "a b" }', 'serac.cfg:3:35: cannot advertise "a b": it is no host:port'),
    "renegotiation": ('modparam("tls", "renegotiation", 1)', 'serac.cfg:3:17: "renegotiation" cannot be set: renegotiation is refused: connect again'),
    "switch": ("disable_tls = maybe", 'serac.cfg:3:15: "disable_tls" is yes or no'),
    "no tls.cfg": ('modparam("tls", "config", "gone.cfg")', 'serac.cfg:3:27: could not read "gone.cfg": No such file or directory'),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_a_mistake_is_told_where_it_stands(material, tmp_path, mistake):
    script, wanted = WRONG[mistake]
    folder = tmp_path if mistake == "no certificate" else material
    code, said = check(folder, script + "\n")
    assert code == 1
    assert said.startswith(wanted), said
    assert said.count(": ") < 8 and len(re.findall(r"^\S+:\d+:\d+: (?!warning)", said, re.M)) == 1, said


CFG_WRONG = {
    "[server:default]\nverify_dpth = 1\n": 'tls.cfg:2:1: a TLS domain has no "verify_dpth"; did you mean "verify_depth"?',
    "[server:default]\n\tverify_depth = many # x\n": 'tls.cfg:2:17: "verify_depth" is a number',
    "verify_depth = 1\n": "tls.cfg:1:1: this stands before the first section",
    "[server]\n": "tls.cfg:1:2: a section is [server:...] or [client:...]",
    "[server:default\n": 'tls.cfg:1:1: "[" is not closed',
    "[server:nowhere]\n": 'tls.cfg:1:2: an address with its port, or "default", stands here\n  [server:nowhere]\n   ^~~~~~~~~~~~~~\n'
                          "  hint: as in [server:192.0.2.1:5061], [client:default]",
    "[server:default]\nnothing\n": "tls.cfg:2:1: a line is [section] or name = value",
    '[server:default]\ncertificate = "own.pem\n': "tls.cfg:2:15: this quote is not closed",
    '[server:default]\ncertificate = "own.pem" x\n': "tls.cfg:2:25: nothing may stand behind the value",
    "[server:default]\ncertificate = gone.pem\n": 'tls.cfg:2:15: could not load certificate "gone.pem": No such file or directory',
    "[client:any]\n": "tls.cfg:1:1: a client domain needs an address or a name",
    "[server:127.0.0.1:5061]\n[server:127.0.0.1:5061]\n": "tls.cfg:2:1: [server:127.0.0.1:5061] is there already, with the same name (tls.cfg:1)",
}


@pytest.mark.parametrize("cfg", CFG_WRONG)
def test_a_mistake_in_tls_cfg_is_told_with_its_line(material, cfg):
    code, said = check(material, 'modparam("tls", "config", "tls.cfg")\n', files={"tls.cfg": cfg})
    assert code == 1 and said.startswith(CFG_WRONG[cfg]), said


WARNED = {
    'tls_certificate = "soon.pem"': 'serac.cfg:3:19: warning: certificate "soon.pem" expires in 9 days, on DATE',
    'tls_certificate = "own.crt"\ntls_private_key = "open.key"': 'serac.cfg:4:19: warning: everybody on this machine can read the private key "open.key"',
    'tls_certificate = "weak.crt"\ntls_private_key = "weak.key"': 'serac.cfg:3:19: warning: peers may refuse certificate "weak.crt": its key has 1024 bits only',
    "tls_verify = 1": "serac.cfg:3:14: warning: tls_domain[default]: no client's certificate can be good without a CA list",
    'tls_ca_list = "ca.pem"\ntls_verify = 0\ntls_require_certificate = 1': "serac.cfg:4:14: warning: a certificate that is required is verified, too",
    "tls_method = tlsv1": 'serac.cfg:3:14: warning: method "tlsv1" means TLS 1.2 or newer here',
    'modparam("tls", "tls_log", 3)': 'serac.cfg:3:17: warning: "tls_log" is not needed here: debug says what is logged',
}


@pytest.mark.parametrize("script", WARNED)
def test_what_somebody_should_know_is_a_warning(material, script):
    code, said = check(material, script + "\n")
    assert code == 0 and said.startswith(WARNED[script]), said
    assert check(material, script + "\n", "-W")[0] == 2


WITHOUT = {"listen=tls:127.0.0.1:5061": 'serac.cfg:1:8: cannot listen on "tls:127.0.0.1:5061": TLS needs loadmodule "tls.so"',
           "enable_tls=yes": 'serac.cfg:1:12: "enable_tls": it needs loadmodule "tls.so"',
           'tls_certificate="a"': 'serac.cfg:1:1: "tls_certificate" cannot be set: it needs loadmodule "tls.so"',
           "tls_domain[default] { tls_verify = 1 }": 'serac.cfg:1:1: "tls_domain" cannot stand here: it needs loadmodule "tls.so"'}


@pytest.mark.parametrize("line", WITHOUT)
def test_without_the_module_the_error_names_it(tmp_path, line):
    code, said = check(tmp_path, line + "\n", head="")
    assert code == 1 and said.startswith(WITHOUT[line]), said


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_key_that_only_root_can_read_is_told(material):
    material.chmod(0o755)
    for parent in list(material.parents)[:3]:
        parent.chmod(parent.stat().st_mode | 0o011)
    code, said = check(material, 'user="nobody"\ntls_certificate = "own.pem"\n')
    assert code == 1 and said.startswith('serac.cfg:4:19: user "nobody" cannot read "own.pem": Permission denied'), said
    assert "hint: a reload must be able to read it" in said


# --- a router that runs with it ----------------------------------------------------------------------------------------------
SERVED = {
    "blocks": 'tls_domain[default] {{ certificate = "{a.cert}" private_key = "{a.key}" }}\n'
              'tls_domain[127.0.0.1:{port}] {{ server_name = "b.test" certificate = "{b.cert}" private_key = "{b.key}" }}\n',
    "core parameters and OpenSER's block": 'tls_certificate = "{a.cert}"\ntls_private_key = "{a.key}"\n'
                                           'tls_server_domain[127.0.0.1:{port}] {{ server_name = "B.test." tls_certificate = "{b.pem}" }}\n',
    "modparam": 'modparam("tls", "certificate", "{a.cert}")\nmodparam("tls", "private_key", "{a.key}")\n'
                'modparam("tls", "server_name", "127.0.0.1:{port}=b.test")\nmodparam("tls", "certificate", "127.0.0.1:{port}={b.pem}")\n',
}


def shown(tls, r, name=None):
    return tls.client(r, name=name).sock.getpeercert(True)


@pytest.mark.parametrize("form", SERVED)
def test_names_get_their_certificates_in_each_form(tls, pki, form):
    a, b, port = pki.ca.issue("form-a", end=300), pki.ca.issue("form-b", end=300), ports.free_port()
    r = tls.router(config=SERVED[form].format(a=a, b=b, port=port), port=port)
    assert [shown(tls, r, n) for n in (None, "a.test", "b.test", "B.TEST")] == [a.der, a.der, b.der, b.der]


def test_a_reload_brings_new_files_and_a_broken_one_changes_nothing(tls, pki, tmp_path):
    a, b, file = pki.ca.issue("form-a", end=300), pki.ca.issue("form-b", end=300), tmp_path / "own.pem"
    file.write_bytes(a.pem.read_bytes())
    file.chmod(0o600)
    r = tls.router(config=f'tls_certificate = "{file}"\n')
    old = tls.client(r)
    file.write_bytes(b.pem.read_bytes())
    tls.reload(r)
    assert (old.sock.getpeercert(True), shown(tls, r)) == (a.der, b.der)
    file.write_text("nothing\n")
    Reloader(r).refused()
    r.wait_log("there is no certificate in it")
    assert shown(tls, r) == b.der
    file.write_bytes(b.pem.read_bytes())
    r.script.write_text("disable_tls=yes\n" + r.script.read_text())
    Reloader(r).refused()
    r.wait_log("TLS would be off and is on: this needs a restart")
    assert shown(tls, r) == b.der


def test_an_address_without_transport_has_tls_too(router, pki, tls):
    cert, port, sip_port = pki.ca.issue("form-a", end=300), ports.free_port(), ports.free_port()
    r = router(f'tls_certificate = "{cert.pem}"\ntls_port_no = {port}\n' + tls_kit.ANSWER, modules=("tls", "sl"), listen=["127.0.0.1"],
               params=f"port={sip_port}\n", port=sip_port)
    r.tls = ("127.0.0.1", port)
    assert shown(tls, r) == cert.der
