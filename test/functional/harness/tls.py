# SPDX-License-Identifier: BSD-2-Clause
"""SIP over TLS: clients and servers on Python's ssl (OpenSSL), a router with a TLS listener, sessions that were tampered with."""
import os
import re
import select
import shutil
import socket
import ssl
import subprocess
import threading
import time

import pytest

from . import ports, sip
from .kamailio import Kamailio
from .peers import HOST, Tcp, TcpServer, bracket
from .pki import der, der_items, pem_decode, pem_encode
from .reload import Reloader
from .router import BUILD
from .wait import SCALE, TimedOut

# the same tests with Kamailio in the router's place show that a test is right
REFERENCE = bool(os.environ.get("SERAC_TLS_REFERENCE"))
ANSWER = 'route {\n\tsl_send_reply("200", "OK");\n}'
# what Kamailio does not do, or does otherwise
own = pytest.mark.skipif(REFERENCE, reason="not a test of Kamailio")
V12, V13 = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


def available():
    return REFERENCE or (BUILD / "modules" / "tls.so").exists()


def client_context(ca=None, cert=None, version=None, ciphers=None):
    """ca: a file; the peer's chain must lead there (no name is compared). cert: a Certificate. version: just this one."""
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    c.check_hostname = False
    c.verify_mode = ssl.CERT_REQUIRED if ca else ssl.CERT_NONE
    return prepare(c, ca, cert, version, ciphers)


def server_context(cert, ca=None, version=None, require=False):
    """ca: clients are asked for a certificate; require: and must have one."""
    c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if ca:
        c.verify_mode = ssl.CERT_REQUIRED if require else ssl.CERT_OPTIONAL
    return prepare(c, ca, cert, version, None)


def prepare(c, ca, cert, version, ciphers):
    if ca:
        c.load_verify_locations(ca)
    if cert:
        c.load_cert_chain(cert.cert, cert.key)
    if version:
        c.minimum_version = c.maximum_version = version
    if ciphers:
        c.set_ciphers(ciphers)
    return c


class Tls(Tcp):
    """One end of a connection over TLS, after the handshake."""
    transport = "TLS"

    def __init__(self, sock):
        super().__init__(sock)
        self.failure = None

    @classmethod
    def client(cls, to, context, name=None, host=None, session=None, timeout=5):
        raw = Tcp.connect(to, host, timeout).sock
        try:
            return cls(context.wrap_socket(raw, server_hostname=name, session=session))
        except OSError:
            raw.close()
            raise

    @property
    def uri(self):
        return f"sip:callee@{bracket(self.host)}:{self.port};transport=tls"

    def read(self, timeout):
        try:
            return super().read(timeout)
        except ssl.SSLError as e:
            # an alert, or an end without good-bye
            if isinstance(e, (ssl.SSLWantReadError, ssl.SSLWantWriteError)):
                raise socket.timeout from None
            self.failure, self.eof = e, True
            return False

    def readable(self, seconds):
        return self.sock.pending() or select.select([self.sock], [], [], seconds)[0]

    def pump(self, seconds):
        """Reads what comes within the time: a readable socket may have nothing but tickets."""
        end = time.monotonic() + seconds
        while not self.eof and self.readable(max(0, end - time.monotonic())):
            try:
                self.read(0.05 / SCALE)
            except socket.timeout:
                pass
            if time.monotonic() >= end:
                break

    def silent(self, seconds=0.3):
        self.pump(seconds)
        return not self.data

    def alive(self):
        self.pump(0)
        return not self.eof

    def bye(self):
        """close_notify; True when the other side's came too."""
        try:
            self.sock.settimeout(2 * SCALE)
            self.sock.unwrap()
            return True
        except (OSError, ValueError):
            return False


class TlsServer(TcpServer):
    """Accepts connections; the handshake is done in accept(). names: what clients asked for by SNI, in order."""
    transport = "TLS"

    def __init__(self, peers, context, host=HOST, port=0, backlog=128):
        super().__init__(peers, host, port, backlog)
        self.context, self.names = context, []
        context.sni_callback = lambda sock, name, ctx: self.names.append(name)

    @property
    def uri(self):
        return f"sip:callee@{bracket(self.host)}:{self.port};transport=tls"

    def accept_raw(self, timeout=5):
        """The connection before any byte of TLS."""
        return super().accept(timeout)

    def accept(self, timeout=5):
        raw = self.accept_raw(timeout)
        raw.sock.settimeout(timeout * SCALE)
        return self.peers.keep(Tls(self.context.wrap_socket(raw.sock, server_side=True)))


def config_text(domains):
    """Kamailio's tls.cfg of {"server:default": {"certificate": …}, …}; values as Python has them. What follows # in a head tells several apart."""
    word = {True: "yes", False: "no"}
    return "".join(f"[{head.partition('#')[0]}]\n" + "".join(f"{k} = {word.get(v, v) if isinstance(v, bool) else v}\n" for k, v in keys.items()) for head, keys in domains.items())


class Kit:
    """What a test of TLS needs: tls.router(…), tls.client(r), tls.server(cert)."""

    def __init__(self, make_router, peers, pki, keep):
        self.make_router, self.peers, self.pki, self.keep = make_router, peers, pki, keep

    def identity(self, cert=None, **more):
        """The keys of a domain: who we are, and more."""
        c = cert or self.pki.server()
        return {"method": "TLSv1.2+", "certificate": c.cert, "private_key": c.key, **more}

    def domains(self, server=None, client=None, **more):
        """Both defaults: clients are not asked, servers are verified; more: other domains by their heads."""
        return {"server:default": self.identity(**(server or {})),
                "client:default": {"method": "TLSv1.2+", "verify_certificate": True, "require_certificate": True, "ca_list": self.pki.ca.file, **(client or {})},
                **more}

    def router(self, routes=ANSWER, domains=None, params="", modules=("sl", "maxfwd", "sanity", "textops", "xlog"), port=None, config=None, **how):
        """A router at addr (UDP, TCP) and tls (TLS). domains: those of tls.cfg; or config: lines of the script that say it in another way."""
        port = port or ports.free_port()
        heads = {"{tls}": str(port)}
        at = config_at = None
        if config is None:
            config_at = self.pki.dir / f"tls-{port}.cfg"
            self.write_domains(config_at, domains if domains is not None else self.domains(), heads)
            config = f'modparam("tls", "config", "{config_at}")\n'
        sip_port = ports.free_port()
        listen = [f"udp:{HOST}:{sip_port}", f"tcp:{HOST}:{sip_port}", f"tls:{HOST}:{port}"]
        make = self.make_reference if REFERENCE else self.make_router
        at = make(config + routes, params=params, modules=("tls", *modules), listen=listen, port=sip_port, tls=port, **how)
        at.tls, at.config_at = (HOST, port), config_at
        return at

    @staticmethod
    def reload(r):
        Reloader(r).reload()

    @staticmethod
    def write_domains(path, domains, heads=()):
        text = config_text(domains)
        for old, new in dict(heads).items():
            text = text.replace(old, new)
        path.write_text(text)

    reference = REFERENCE

    def make_reference(self, routes, **how):
        return self.keep(Kamailio(self.pki.dir, 'modparam("tls", "session_cache", 1)\nmodparam("tls", "session_id", "tests")\n' + routes, **how)).start()

    def client(self, r, cert=None, name=None, version=None, session=None, context=None, **how):
        """A connected client; the router's chain is verified."""
        context = context or client_context(self.pki.ca.file, cert, version)
        return self.peers.keep(Tls.client(r.tls, context, name, session=session, **how))

    def server(self, cert=None, ca=None, version=None, require=False, **how):
        return self.peers.keep(TlsServer(self.peers, server_context(cert or self.pki.server(), ca, version, require), **how))

    def uas(self, cert=None, ca=None, version=None, require=False):
        return self.peers.keep(TlsUas(server_context(cert or self.pki.server(), ca, version, require)))

    def refused(self, r, **how):
        """True when a client does not get an answer, whatever it is that it sees of that; asserts that it is closed."""
        try:
            c = self.client(r, **how)
            c.request()
            c.recv(3)
            return False
        except TimedOut:
            assert c.eof, "the connection is neither closed nor answered"
            return True
        except OSError:
            return True


# --- openssl's command -------------------------------------------------------------------------------------------------
class SClient:
    """openssl s_client with stdin and stdout in hand: for names, versions and sessions that Python's ssl does not send."""

    def __init__(self, to, *args):
        self.process = subprocess.Popen(["openssl", "s_client", "-connect", f"{to[0]}:{to[1]}", *map(str, args)], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.STDOUT, bufsize=0)
        self.text = b""

    def wait(self, pattern, timeout=5):
        """The match, when that text has come; TimedOut when the program ends or is silent before."""
        end = time.monotonic() + timeout * SCALE
        while not (m := re.search(pattern, self.text)):
            left = end - time.monotonic()
            more = os.read(self.process.stdout.fileno(), 65536) if left > 0 and select.select([self.process.stdout], [], [], left)[0] else b""
            if not more:
                raise TimedOut(f"{pattern!r} did not come: {self.text.decode(errors='replace')[-3000:]}")
            self.text += more
        return m

    def send(self, raw):
        try:
            self.process.stdin.write(raw)
        except BrokenPipeError:
            pass

    def ask(self, raw, timeout=5):
        self.send(raw)
        return self.wait(rb"SIP/2.0 (\d+) [^\r]*\r\n(?s:.*?)\r\n\r\n", timeout)[1] == b"200"

    def close(self):
        self.process.kill()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()


def session_ticket(text, change):
    """openssl's session file with another ticket in it: change(bytes) → bytes."""
    (_, session, _), = der_items(pem_decode(text, "SSL SESSION PARAMETERS"))
    parts, found = b"", 0
    for tag, content, whole in der_items(session):
        if tag == 0xAA:  # [10] ticket OCTET STRING
            (_, ticket, _), = der_items(content)
            whole, found = der(tag, der(0x04, change(ticket))), found + 1
        parts += whole
    assert found == 1, "no ticket in the session"
    return pem_encode(der(0x30, parts), "SSL SESSION PARAMETERS")


def need(*programs):
    """Skips where one is missing."""
    for p in programs:
        if not shutil.which(p):
            pytest.skip(f"{p} is not installed")


class TlsUas:
    """Listens and answers every request with 200, each connection in a thread of its own. seen: the requests; names: what was asked for by SNI;
    failures: handshakes that failed; sockets: the connections that were up."""

    def __init__(self, context, host=HOST, port=0):
        self.seen, self.names, self.failures, self.sockets = [], [], [], []
        self.context = context
        context.sni_callback = lambda sock, name, ctx: self.names.append(name)
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.sock.bind((host, port))
        self.sock.listen(512)
        self.host, self.port = self.sock.getsockname()
        self.open = [self.sock]
        threading.Thread(target=self.run, daemon=True).start()

    def uri(self, host=None, scheme="sip"):
        return f"{scheme}:callee@{host or self.host}:{self.port}" + (";transport=tls" if scheme == "sip" else "")

    def run(self):
        while True:
            try:
                s, _ = self.sock.accept()
            except OSError:
                return
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self.serve, args=(s,), daemon=True).start()

    def serve(self, raw):
        self.open.append(raw)
        try:
            s = self.context.wrap_socket(raw, server_side=True)
        except OSError as e:
            self.failures.append(e)
            raw.close()
            return
        self.open.append(s)
        self.sockets.append(s)
        data = b""
        try:
            while more := s.recv(65536):
                data = (data + more).lstrip(b"\r\n")
                while n := sip.frame(data):
                    m, data = sip.Message(data[:n]), data[n:]
                    if not m.is_response:
                        self.seen.append(m)
                        s.sendall(sip.response(m))
        except OSError as e:
            # TLS 1.3: the client's alert comes after our handshake
            self.failures.append(e)
        s.close()

    def hang_up(self):
        """Ends all connections; whoever reads them wakes up."""
        for s in self.sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.sockets = []

    def close(self):
        for s in list(self.open):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()
