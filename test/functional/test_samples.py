# SPDX-License-Identifier: BSD-2-Clause
"""The scripts of etc/samples do what they say."""
import re
import shutil
import socket
import ssl

import pytest

from harness import ports
from harness.documents import lay_out
from harness.router import TOP, run_serac
from harness.tls import available
from harness.wait import until

SAMPLES = TOP / "etc" / "samples"
pytestmark = pytest.mark.skipif(not available(), reason="there is no module tls in this build")


@pytest.fixture
def sample(router, tls_folder):
    """sample("tls-bob.cfg", …) → that script in a running router, at free ports; each pair of texts is exchanged in it."""
    def make(name, *changes):
        text = (SAMPLES / name).read_text()
        for port in sorted(set(re.findall(r"127\.0\.0\.1:(506\d)", text))):
            text = text.replace(f"127.0.0.1:{port}", f"127.0.0.1:{ports.free_port()}")
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        r = router("", script="children=2\nshm_mem=256\noverload_lag=0\n" + text, start=False)
        lay_out(r.dir, tls_folder)
        r.start()
        r.tls = int(re.search(r"listen=tls:127\.0\.0\.1:(\d+)", text).group(1))
        return r
    return make


def test_what_they_say_of_messages(tmp_path, tls_folder):
    shutil.copytree(SAMPLES, tmp_path / "samples", ignore=shutil.ignore_patterns("tls"))
    lay_out(tmp_path / "samples", tls_folder)
    done = run_serac("--test", tmp_path / "samples" / "tests", "--trace")
    assert done.returncode == 0, done.stdout + done.stderr


def shown(port, ca, name, cert=None):
    """Who the router says that it is to who asks for that name."""
    c = ssl.create_default_context(cafile=ca)
    if cert:
        c.load_cert_chain(f"{cert}.pem", f"{cert}.key")
    with c.wrap_socket(socket.create_connection(("127.0.0.1", port), 5), server_hostname=name) as s:
        s.do_handshake()
        subject = dict(x[0] for x in s.getpeercert()["subject"])["commonName"]
        # TLS 1.3: whether our certificate was enough is told by what comes next
        s.sendall(b"\r\n\r\n")
        assert s.recv(2) == b"\r\n"
        return subject


def test_two_domains(sample, tls_folder):
    r = sample("tls-domains.cfg")
    ca, bob = tls_folder / "ca.pem", tls_folder / "Bob"
    assert shown(r.tls, ca, "sip.example.com") == shown(r.tls, ca, "Example.COM") == "sip.example.com"
    assert shown(r.tls, ca, "sip.example.org", bob) == "sip.example.org"
    for name in ("example.org", "sip.example.org"):
        with pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
            shown(r.tls, ca, name)


def test_only_with_a_certificate(sample, tls_folder):
    for name, good, bad in (("tls-bob.cfg", "Bob", "carrier/gw.example.net"), ("tls-trunk.cfg", "carrier/gw.example.net", "Bob"),
                            ("tls-teams.cfg", "carrier/sip.pstnhub.microsoft.com", "Bob")):
        r = sample(name)
        us = "sbc.example.com" if "teams" in name else "sip.example.com"
        assert shown(r.tls, tls_folder / "ca.pem", us, tls_folder / good) == us
        for cert in (None, tls_folder / bad):
            with pytest.raises((ssl.SSLError, ConnectionError, AssertionError)):
                shown(r.tls, tls_folder / "ca.pem", us, cert)


def test_teams_is_pinged_at_its_three_names(sample, dns):
    d = dns({})
    sample("tls-teams.cfg", ("interval=60", "interval=100ms"), ('loadmodule "tls"', f'dns_servers="{d.servers}"\nloadmodule "tls"'))
    names = {"sip.pstnhub.microsoft.com", "sip2.pstnhub.microsoft.com", "sip3.pstnhub.microsoft.com"}
    until(lambda: names <= {name for name, _ in d.asked}, what="all three are looked up")
