# SPDX-License-Identifier: BSD-2-Clause
"""The fault walk's traffic with transactions: forks, failure routes, waits, CANCELs, fail-over."""
import re
from pathlib import Path

from . import sip
from .calls import tm
from .faults import Run, names
from .loss import living
from .peers import Tcp

ROUTES = tm(retr_timer1=10, retr_timer2=40, fr_timer=500, fr_inv_timer=1000, wt_timer=100) + """
route {
	if (uri=~"^sip:here@") {
		sl_send_reply("200", "OK");
		exit;
	}
	if (uri=~"^sip:udp@") {
		t_relay_to_udp("127.0.0.1", "{callee}");
		exit;
	}
	if (uri=~"^sip:tcp@") {
		t_relay_to_tcp("127.0.0.1", "{callee}");
		exit;
	}
	if (method=="CANCEL") {
		t_relay();
		exit;
	}
	$avp(first) = "yes";
	t_on_failure("ELSEWHERE");
	t_on_branch("OUT");
	t_on_reply("BACK");
	if (uri=~"^sip:fork@") {
		rewriteuri("sip:busy@127.0.0.1:{callee}");
		append_branch("sip:busy@127.0.0.1:{callee};transport=tcp");
	}
	if (uri=~"^sip:nobody@") {
		rewriteuri("sip:nobody@127.0.0.1:{nobody};transport=tcp");
	}
	if (!t_relay()) {
		sl_reply_error();
	}
}
branch_route[OUT] {
	append_hf("X-Out: yes\\r\\n");
}
onreply_route[BACK] {
	$avp(back) = "yes";
}
failure_route[ELSEWHERE] {
	if ($avp(first)) {
		rewriteuri("sip:callee@callee.test:{callee}");
		t_relay();
	}
}
"""
PLACE = re.compile(r'FAULT\("(tm\.[a-z.]+)"\)')
# of the core, passed by transactions alone
MORE = ("arena.", "limbo.", "net.notice.", "shm.part.linked")


def places():
    """The module's, as its sources name them, and what of the core only transactions pass; empty when this is not the fault build."""
    core = names()
    sources = (Path(__file__).parents[3] / "modules" / "tm").glob("*.c")
    found = {name for source in sources for name in PLACE.findall(source.read_text())}
    return sorted(found | {name for name in core if name.startswith(MORE)}) if core else []


class Stateful(Run):
    """One start with transactions."""
    # chunks in use once all is at rest; set by the reference
    least = None
    routes, modules = ROUTES, ("sl", "tm", "textops", "pv")

    def __init__(self, env, **how):
        self.invites = {}
        super().__init__(env, **how)

    def answer(self, m):
        branch = m.get("Via").partition("branch=")[2]
        user = m.uri.partition("@")[0]
        if m.method == "ACK" or user == "sip:silent":
            return []
        if m.method == "CANCEL":
            invite = self.invites.get(branch)
            return [sip.response(m)] + ([sip.response(invite, 487, "Terminated")] if invite else [])
        if user == "sip:busy":
            return [sip.response(m, 486, "Busy Here")]
        if m.method == "INVITE" and user == "sip:ring":
            self.invites[branch] = m
            return [sip.response(m, 180, "Ringing")]
        return [sip.response(m, 180, "Ringing"), sip.response(m)] if m.method == "INVITE" else [sip.response(m)]

    def is_idle(self, status):
        at_rest = self.least is None or status.memory["chunks"] <= self.least + 2
        return at_rest and living(status, self.router.count_log("a worker died")) == 0

    def traffic(self):
        r, peers = self.router, self.peers
        u = peers.udp()
        u.default = r.addr
        there = f"127.0.0.1:{self.uas.port}"
        streams = [peers.keep(c) for c in (self.quiet(Tcp.connect, r.addr) for _ in range(2)) if c]
        for uri in ("sip:fork@x", f"sip:ring@{there}", f"sip:x@callee.test:{self.uas.port}", "sip:nobody@x", f"sip:silent@{there}", f"sip:x@{there}",
                    f"sip:x@held.test:{self.uas.port}", "sip:tcp@x"):
            for method in ("INVITE", "MESSAGE"):
                for c in (u, *streams):
                    m = self.quiet(c.request, method, uri=uri)
                    if not m:
                        continue
                    if c is u:
                        u.send(m.raw)
                    if method == "INVITE" and ("ring" in uri or "held" in uri):
                        self.answered(u)
                        self.quiet(c.send, sip.request("CANCEL", uri=uri, via=m.get("Via"), call_id=m.get("Call-ID"), cseq=m.get("CSeq").split()[0],
                                                       from_tag=m.get("From").partition("tag=")[2]))
        self.answered(u)
        self.dns.release("held.test")
        if self.deaths:
            self.kill_all()
        self.answered(u)
        for c in streams:
            c.close()
        return u
