# SPDX-License-Identifier: BSD-2-Clause
"""A router that speaks TLS and whose worker dies (or whose allocation fails) at a chosen place; traffic that passes all places of TLS."""
import re

from . import sip
from .faults import names
from .reload import Reloader
from .router import TOP
from .tls import V12, V13, client_context
from .wait import TimedOut, until

# the loader may have died
LOADED = " main reloaded |the loader died,|could not reload,"
MODULE = TOP / "modules" / "tls"
# the core's places that nothing passes without a layer
CORE = ("net.layer.", "net.session.", "net.inflow.", "heap.")
ROUTES = """
route {
	if (uri =~ "^sip:here@") {
		sl_send_reply("200", "OK");
		exit;
	}
	if (!forward()) {
		sl_reply_error();
	}
}
"""


def places():
    """Those of the layers' part of core/net, and the module's, which the program does not list."""
    own = {name for f in MODULE.glob("*.c") for name in re.findall(r'FAULT\("([^"]+)"\)', f.read_text())}
    return sorted({n for n in names() if n.startswith(CORE)} | own)


def is_inside(name):
    """A death there is one within the use of a session, or before the connection is up: it may cost the connection."""
    return name.startswith(("net.layer.", "tls.", "heap.")) or name in ("net.session.held", "net.session.leaving", "net.session.encode", "net.session.encoded",
                                                                        "net.session.mend")


class Traffic:
    """Clients and a server over TLS, as a worker dies under them."""

    def __init__(self, tls, env, children=2, resumes=False):
        self.tls, self.resumes = tls, resumes
        self.uas = tls.uas()
        self.r = tls.router(ROUTES, env=env, children=children, params="tls_handshake_timeout=2s\ntcp_send_timeout=2s\n")
        self.r.expect_deaths()
        self.r.expect_error("no memory|could not (allocate|send|forward|accept|take|connect)|crash | main the loader died,| reload the configuration ")
        self.lost, self.made = 0, []

    def hang_up(self):
        while self.made:
            self.made.pop().close()

    def again(self, what, timeout=10):
        """Until it works: a connection may have been lost."""
        def works():
            try:
                return what()
            except (OSError, TimedOut):
                self.lost += 1
                return None
        return until(works, timeout, "it works again", every=0)

    def client(self, version=V13, session=None):
        def make():
            c = self.tls.client(self.r, version=version, context=self.contexts[version], session=session)
            self.made.append(c)
            # a request without memory for it gets another answer
            return c if c.ask(uri="sip:here@x", timeout=2).status == 200 else None
        return self.again(make)

    def relay(self, c):
        """A request from one TLS connection to another; True when answered, False when the connection ended."""
        try:
            return c.ask(uri=self.uas.uri(), timeout=0.5).status in (200, 408, 477, 478, 500, 503)
        except (OSError, TimedOut):
            if not c.closed(0.1):
                # what died was in hand: the connection itself must be good
                return c.ask(uri="sip:here@x", timeout=2).status == 200
            self.lost += 1
            return False

    def take_up_again(self):
        """Connections of ours, by ticket; a reload with ciphers that nobody has asked for before."""
        for n in range(4):
            self.uas.hang_up()
            self.r.wait_status(lambda s: s.connections == 0)
            self.relay(self.client())
            self.hang_up()
            if n == 1:
                domains = self.tls.domains({"cipher_list": "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256"})
                self.tls.write_domains(self.r.config_at, domains)
                Reloader(self.r).ended(LOADED)

    def go(self):
        self.contexts = {v: client_context(self.tls.pki.ca.file, None, v) for v in (V12, V13)}
        clients = [self.client(v) for v in (V12, V13, V13)]
        u = self.tls.peers.udp()
        u.default = self.r.addr
        for n in range(6):
            for k, c in enumerate(clients):
                if not self.relay(c):
                    clients[k] = self.client(V13)
            # other workers send on the connection to the server, too
            u.request(uri=self.uas.uri())
        # a larger one, and one that needs several records
        for k, c in enumerate(clients):
            try:
                c.request("MESSAGE", uri=self.uas.uri(), body=b"m" * 40000)
            except OSError:
                clients[k] = self.client()
        # resumed; a hello that stops; a reset; good-bye
        for version in (V12, V13):
            c = self.client(version)
            c.silent(0.02)
            self.again(lambda v=version, s=c.sock.session: self.client(v, s).bye() or True)
        half = self.tls.peers.tcp(self.r.tls)
        try:
            half.send(b"\x16\x03\x01")
        except OSError:
            pass
        self.client().reset()
        half.close()
        for c in clients:
            c.bye()
        self.hang_up()
        if self.resumes:
            self.take_up_again()
        # it serves as before
        self.client().bye()
        self.again(lambda: u.ask(uri="sip:here@x", timeout=1).status == 200)
        s = self.r.wait_status(lambda s: all(x["state"] == "running" for x in s.slots), 20, "all workers run")
        assert s.problems == 0
        # many runs in one test: nothing of this one stays
        self.tls.peers.close()
        self.r.finish()
        return {"died": self.r.count_log("main a worker died"), "lost": self.lost, "fault": s.other.get("fault", {})}
