# SPDX-License-Identifier: BSD-2-Clause
"""What the examples of READMEs and of etc/ need beside them: where one says tls/NAME.pem, that is there."""
import shutil
import subprocess

from harness.router import TOP

# made in this order by tools/serac-cert, as a reader would
COMMANDS = (
    ("ca", "Example CA"),
    ("server", "localhost", "127.0.0.1", "::1"),
    ("server", "sip.example.com", "example.com"),
    ("server", "sip.example.org", "example.org"),
    ("server", "sbc.example.com"),
    ("client", "Bob"),
    ("client", "Eve"),
    ("client", "gw.example.net"),
    ("crl",),
)


def make_certificates(folder):
    """tls/ca.pem and crl.pem, certificates and keys; carrier-ca.pem and teams-ca.pem, authorities of others whose certificates are in tls/carrier."""
    def serac_cert(where, *args):
        done = subprocess.run([TOP / "tools" / "serac-cert", "-d", where, *args], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    for args in COMMANDS:
        serac_cert(folder, *args)
    serac_cert(folder / "carrier", "ca", "Carrier CA")
    for name in ("gw.example.net", "other.example.net", "sip.pstnhub.microsoft.com"):
        serac_cert(folder / "carrier", "server", name)
    for name in ("carrier-ca.pem", "teams-ca.pem"):
        shutil.copy(folder / "carrier" / "ca.pem", folder / name)
    return folder


def lay_out(folder, certificates):
    """The certificates beside a script that lies in this folder."""
    if not (folder / "tls").exists():
        (folder / "tls").symlink_to(certificates)
