# SPDX-License-Identifier: BSD-2-Clause
"""Certificates of the tests, made by openssl when first asked for and kept for the session; good ones and odd ones."""
import base64
import shutil
import subprocess
import time
from pathlib import Path

PURPOSES = "serverAuth,clientAuth"
CONFIG = """
[ca]
default_ca = here
[here]
dir = {dir}
database = $dir/index.txt
serial = $dir/serial
crlnumber = $dir/crlnumber
new_certs_dir = $dir
certificate = $dir/ca.pem
private_key = $dir/ca.key
default_md = sha256
policy = any
unique_subject = no
email_in_dn = yes
copy_extensions = none
[any]
countryName = optional
stateOrProvinceName = optional
localityName = optional
organizationName = optional
organizationalUnitName = optional
commonName = optional
userId = optional
emailAddress = optional
[req]
distinguished_name = none
string_mask = utf8only
[none]
"""


def openssl(*args, stdin=None):
    done = subprocess.run(["openssl", *map(str, args)], input=stdin, capture_output=True)
    assert done.returncode == 0, f"openssl {' '.join(map(str, args))}: {done.stderr.decode()}"
    return done.stdout


def when(days):
    return time.strftime("%Y%m%d%H%M%SZ", time.gmtime(time.time() + days * 86400))


# --- just enough DER to change what openssl would not write -----------------------------------------------------------
def der_length(n):
    return bytes([n]) if n < 128 else (lambda b: bytes([128 + len(b)]) + b)(n.to_bytes((n.bit_length() + 7) // 8, "big"))


def der(tag, content):
    return bytes([tag]) + der_length(len(content)) + content


def der_items(data):
    """(tag, content, whole) of each element in data."""
    items, at = [], 0
    while at < len(data):
        n, head = data[at + 1], 2
        if n >= 128:
            head += n - 128
            n = int.from_bytes(data[at + 2:at + head], "big")
        items.append((data[at], data[at + head:at + head + n], data[at:at + head + n]))
        at += head + n
    return items


def pem_decode(text, name):
    begin, end = f"-----BEGIN {name}-----", f"-----END {name}-----"
    return base64.b64decode(text.partition(begin)[2].partition(end)[0])


def pem_encode(data, name):
    text = base64.b64encode(data).decode()
    return f"-----BEGIN {name}-----\n" + "\n".join(text[i:i + 64] for i in range(0, len(text), 64)) + f"\n-----END {name}-----\n"


class Certificate:
    """cert: its certificate and those between it and the root; key; pem: both in one file."""

    def __init__(self, base, authority):
        self.cert, self.key, self.pem = (base.parent / f"{base.name}.{end}" for end in ("crt", "key", "pem"))
        self.authority = authority

    def join(self, own):
        self.cert.write_text(own + self.authority.chain)
        self.pem.write_text(self.cert.read_text() + self.key.read_text())
        self.key.chmod(0o600)
        self.pem.chmod(0o600)
        return self

    @property
    def der(self):
        return pem_decode(self.cert.read_text(), "CERTIFICATE")


class Authority:
    """A certificate authority: a folder with openssl's files. chain: what its certificates need besides the root's."""

    def __init__(self, folder, name, parent=None):
        self.dir = Path(folder) / name.replace(" ", "-")
        self.dir.mkdir()
        self.config = self.dir / "openssl.cnf"
        self.config.write_text(CONFIG.format(dir=self.dir))
        (self.dir / "index.txt").touch()
        (self.dir / "serial").write_text("1000\n")
        (self.dir / "crlnumber").write_text("01\n")
        self.name, self.parent, self.made, self.keys = name, parent, {}, {}
        self.file, key = self.dir / "ca.pem", self.key("ec", "ca")
        if parent:
            parent.sign(self.dir / "ca", self.file, key, f"/CN={name}", ["basicConstraints=critical,CA:true", "keyUsage=keyCertSign,cRLSign"])
            self.chain = self.file.read_text() + parent.chain
        else:
            openssl("req", "-x509", "-new", "-key", key, "-subj", f"/CN={name}", "-days", "400", "-out", self.file, "-addext",
                    "keyUsage=critical,keyCertSign,cRLSign")
            self.chain = ""

    def key(self, kind, name=None):
        """A key's file; one of each kind will do for many certificates."""
        if (kind, name) not in self.keys:
            path = self.dir / f"{name or kind}.key"
            how = {"ec": ["EC", "-pkeyopt", "ec_paramgen_curve:P-256"], "rsa": ["RSA", "-pkeyopt", "rsa_keygen_bits:2048"], "ed25519": ["ED25519"]}[kind]
            openssl("genpkey", "-algorithm", *how, "-out", path)
            self.keys[kind, name] = path
        return self.keys[kind, name]

    def sign(self, base, out, key, subject, extensions, begin=-1, end=90):
        request, ext = (base.parent / f"{base.name}.{end}" for end in ("csr", "ext"))
        openssl("req", "-new", "-utf8", "-config", self.config, "-key", key, "-subj", subject, "-out", request)
        ext.write_text("\n".join(extensions) + "\n")
        openssl("ca", "-batch", "-utf8", "-notext", "-config", self.config, "-preserveDN", "-in", request, "-out", out, "-extfile", ext, "-startdate",
                when(begin), "-enddate", when(end))

    def issue(self, name, subject=None, san=None, purpose=PURPOSES, kind="ec", begin=-1, end=90, extensions=()):
        """The certificate of that name in the files; made once. subject: "/CN=…", "/" for an empty one; san: "DNS:a,URI:sip:b"."""
        if name not in self.made:
            c = Certificate(self.dir / f"c-{name}", self)
            shutil.copy(self.key(kind), c.key)
            more = ["basicConstraints=CA:false", *extensions]
            more += [f"extendedKeyUsage={purpose}"] if purpose else []
            more += [f"subjectAltName={san}"] if san else []
            own = self.dir / f"own-{name}.pem"
            self.sign(self.dir / f"c-{name}", own, c.key, subject or f"/CN={name}", more, begin, end)
            self.made[name] = c.join(own.read_text())
        return self.made[name]

    def forge(self, name, old, new, **how):
        """A certificate in which bytes have been replaced by as many others, signed again: what no honest program writes."""
        if name not in self.made:
            assert len(old) == len(new)
            c = self.issue(f"before-{name}", **how)
            tbs, algorithm, _ = (whole for _, _, whole in der_items(der_items(c.der)[0][1]))
            assert old in tbs
            tbs = tbs.replace(old, new)
            signature = openssl("dgst", "-sha256", "-sign", self.keys["ec", "ca"], stdin=tbs)
            forged = Certificate(self.dir / f"c-{name}", self)
            shutil.copy(c.key, forged.key)
            self.made[name] = forged.join(pem_encode(der(0x30, tbs + algorithm + der(0x03, b"\0" + signature)), "CERTIFICATE"))
        return self.made[name]

    def crl(self, name, *revoked, begin=-1, end=30):
        """A revocation list's file, of those certificates."""
        path = self.dir / f"crl-{name}.pem"
        for c in revoked:
            openssl("ca", "-config", self.config, "-revoke", c.cert)
        openssl("ca", "-config", self.config, "-gencrl", "-out", path, "-crl_lastupdate", when(begin), "-crl_nextupdate", when(end))
        return path


class Pki:
    """The authorities of a session: ca, another that nobody trusts, and a row of them below ca."""

    def __init__(self, folder):
        self.dir = Path(folder)
        self.dir.mkdir(parents=True, exist_ok=True)
        self._authorities = {}

    def authority(self, name, parent=None):
        if name not in self._authorities:
            self._authorities[name] = Authority(self.dir, name, parent)
        return self._authorities[name]

    @property
    def ca(self):
        return self.authority("Test CA")

    @property
    def stranger(self):
        return self.authority("Strange CA")

    def below(self, depth):
        """The authority that stands so many steps below ca."""
        return self.authority(f"Test CA {depth}", self.below(depth - 1)) if depth else self.ca

    # the usual ones
    def server(self, name="sip.test", kind="ec"):
        """For names below .test, and for the loopback addresses."""
        return self.ca.issue(f"{name.replace('*', 'any')}-{kind}", f"/C=DE/O=Test/CN={name}", f"DNS:{name},IP:127.0.0.1,IP:::1", kind=kind)

    def client(self, name="Bob", kind="ec"):
        return self.ca.issue(f"client-{name}-{kind}", f"/C=DE/ST=Berlin/L=Mitte/O=Test/OU=Phones/CN={name}", f"email:{name.lower()}@example.com,URI:sip:{name.lower()}@example.com", kind=kind)
