# SPDX-License-Identifier: BSD-2-Clause
"""What the examples of READMEs and of etc/ need beside them: where one says tls/NAME.pem, that is there."""
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
    ("client", "gw.example.net"),
    ("crl",),
)


def make_certificates(folder):
    """tls/ca.pem and crl.pem, certificates and keys, a carrier's authority (carrier-ca.pem)."""
    def serac_cert(where, *args):
        done = subprocess.run([TOP / "tools" / "serac-cert", "-d", where, *args], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr

    for args in COMMANDS:
        serac_cert(folder, *args)
    serac_cert(folder / "carrier", "ca", "Carrier CA")
    (folder / "carrier-ca.pem").write_bytes((folder / "carrier" / "ca.pem").read_bytes())
    return folder


def lay_out(folder, certificates):
    """The certificates beside a script that lies in this folder."""
    if not (folder / "tls").exists():
        (folder / "tls").symlink_to(certificates)
