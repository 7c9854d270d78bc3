# SPDX-License-Identifier: BSD-2-Clause
"""tools/serac-cert: what it makes is judged by openssl; nothing is overwritten, keys are their owner's."""
import stat
import subprocess

import pytest

from harness.router import TOP


@pytest.fixture
def cert(tmp_path):
    """cert("server", "a.example") → what serac-cert says; status: what it ends with."""
    def run(*args, status=0, folder=tmp_path / "tls"):
        done = subprocess.run([TOP / "tools" / "serac-cert", "-d", folder, *args], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL)
        assert done.returncode == status, done.stdout + done.stderr
        return done.stdout + done.stderr
    run.folder = tmp_path / "tls"
    return run


def openssl(*args):
    done = subprocess.run(["openssl", *map(str, args)], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def is_good(folder, name, purpose, *more):
    return openssl("verify", "-CAfile", folder / "ca.pem", "-x509_strict", "-purpose", purpose, *more, folder / f"{name}.pem")[0] == 0


def shown(folder, name):
    return openssl("x509", "-noout", "-text", "-in", folder / f"{name}.pem")[1]


def test_a_server_is_proved_by_all_of_its_names(cert):
    cert("ca", "Example CA")
    cert("server", "sip.example.com", "example.com", "192.0.2.10", "2001:db8::1", "sip:example.com")
    for name in ("sip.example.com", "example.com"):
        assert is_good(cert.folder, "sip.example.com", "sslserver", "-verify_hostname", name)
    for address in ("192.0.2.10", "2001:db8::1"):
        assert is_good(cert.folder, "sip.example.com", "sslserver", "-verify_ip", address)
    assert not is_good(cert.folder, "sip.example.com", "sslserver", "-verify_hostname", "www.example.com")
    # it calls others, too
    assert is_good(cert.folder, "sip.example.com", "sslclient")
    text = shown(cert.folder, "sip.example.com")
    for part in ("URI:sip:example.com", "P-256", "ecdsa-with-SHA256", "CN = sip.example.com", "CN = Example CA", "CA:FALSE"):
        assert part in text
    same = [openssl("pkey", "-pubout", "-in", cert.folder / "sip.example.com.key")[1],
            openssl("x509", "-noout", "-pubkey", "-in", cert.folder / "sip.example.com.pem")[1]]
    assert same[0] == same[1]


def test_a_client_is_a_person_or_a_gateway(cert):
    cert("ca")
    cert("client", "Bob")
    cert("client", "bob@example.com")
    cert("client", "gw.example.net")
    assert is_good(cert.folder, "Bob", "sslclient") and not is_good(cert.folder, "Bob", "sslserver")
    assert "Alternative Name" not in shown(cert.folder, "Bob")
    text = shown(cert.folder, "bob@example.com")
    assert "email:bob@example.com" in text and "URI:sip:bob@example.com" in text
    assert "DNS:gw.example.net" in shown(cert.folder, "gw.example.net")


def test_wildcards_days_and_rsa(cert):
    cert("ca", "--days", "30")
    assert "_.example.com.key" in cert("server", "*.example.com", "--rsa", "2048", "--days", "10")
    assert is_good(cert.folder, "_.example.com", "sslserver", "-verify_hostname", "a.example.com")
    assert "Public-Key: (2048 bit)" in shown(cert.folder, "_.example.com")
    assert "10 days left" in cert("expiry", "*.example.com", status=1)
    assert "\t30 days left" in cert("expiry", "--days", "7", "ca")


def test_files_are_their_owners_and_stay(cert):
    cert("ca")
    cert("server", "a.example")
    before = {p.name: p.read_bytes() for p in cert.folder.iterdir()}
    assert sorted(before) == ["a.example.key", "a.example.pem", "ca.key", "ca.pem"]
    for p in cert.folder.iterdir():
        assert stat.S_IMODE(p.stat().st_mode) == (0o600 if p.suffix == ".key" else 0o644)
    assert "already" in cert("ca", status=2)
    assert "nothing is overwritten" in cert("server", "a.example", status=2)
    (cert.folder / "b.key").write_text("somebody's")
    assert "nothing is overwritten" in cert("client", "b", status=2)
    assert {p.name: p.read_bytes() for p in cert.folder.iterdir()} == before | {"b.key": b"somebody's"}


def test_a_revoked_one_is_bad_and_may_be_made_again(cert):
    cert("ca")
    cert("client", "Bob")
    cert("client", "Carol")
    crl = ("-crl_check", "-CRLfile", cert.folder / "crl.pem")
    assert "good until" in cert("crl")
    assert is_good(cert.folder, "Bob", "sslclient", *crl)
    old = (cert.folder / "Bob.pem").read_bytes()
    assert f"it is now {cert.folder}/revoked/Bob-" in cert("revoke", "Bob")
    assert not (cert.folder / "Bob.key").exists()
    (cert.folder / "old.pem").write_bytes(old)
    assert "certificate revoked" in openssl("verify", "-CAfile", cert.folder / "ca.pem", *crl, cert.folder / "old.pem")[1]
    assert "is revoked" in cert("verify", "old.pem", status=1)
    cert("client", "Bob")
    cert("revoke", "Carol")
    assert "is good" in cert("verify", "Bob")
    assert is_good(cert.folder, "Bob", "sslclient", *crl)
    assert openssl("crl", "-noout", "-text", "-in", cert.folder / "crl.pem")[1].count("Serial Number:") == 2
    assert "Revoked certificates (2)" in cert("show", "crl")


def test_verify_and_expiry_judge(cert, tmp_path):
    cert("ca", "One")
    cert("server", "a.example")
    cert("ca", "Two", folder=tmp_path / "other")
    cert("server", "b.example", folder=tmp_path / "other")
    assert "a.example.pem is good until" in cert("verify", "a.example")
    assert "a.example.pem is good for a.example until" in cert("verify", "a.example", "a.example")
    assert "is not for b.example: its names are a.example\n" in cert("verify", "a.example", "b.example", status=1)
    assert "is not good: " in cert("verify", tmp_path / "other/b.example.pem", status=1)
    (cert.folder / "b.example.pem").write_bytes((tmp_path / "other/b.example.pem").read_bytes())
    assert "is not of this authority" in cert("revoke", "b.example", status=2)
    assert "DNSname: a.example" in cert("show", "a.example")
    assert "neither a certificate nor a CRL" in cert("expiry", "a.example", cert.folder / "a.example.key", status=2)
    assert [line.split("\t")[0].rpartition("/")[2] for line in cert("expiry").splitlines()] == ["a.example.pem", "b.example.pem", "ca.pem"]


@pytest.mark.parametrize("args, said", [
    (("server", "a.example"), "make one first: serac-cert -d"),
    (("server", "../a"), "cannot be a name"),
    (("server", 'a"\nca'), "cannot be a name"),
    (("server",), "server wants a name"),
    (("server", "ca"), "choose another"),
    (("server", "bad name.example"), "neither a host name nor an address"),
    (("verify", "nobody"), 'there is no certificate "nobody"'),
    (("make", "a"), 'unknown command "make"'),
    (("ca", "--days", "x"), "--days wants a number"),
    (("ca", "--rsa", "512"), "--rsa wants 2048 to 8192 bits"),
    (("--force", "ca"), 'unknown flag "--force"'),
    ((), "usage:"),
])
def test_what_it_cannot_do_it_says(cert, args, said):
    if "bad name.example" in args:
        cert("ca")
    assert said in cert(*args, status=2)


def test_its_help_names_every_command(cert):
    said = cert("--help")
    for command in ("ca", "server", "client", "revoke", "crl", "show", "verify", "expiry"):
        assert f"\n  {command} " in said
