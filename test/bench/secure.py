# SPDX-License-Identifier: BSD-2-Clause
"""TLS: a router (Serac or Kamailio) with one certificate, many clients of tls_load, what they cost in CPU time and shared memory."""
import re
import signal
import subprocess
import sys
import tempfile
import time

import routers
from routers import BUILD, Failed, Router

sys.path.insert(0, str(routers.TOP / "test" / "functional"))
from harness.pki import Pki  # noqa: E402

PORT = 5061
# who asks once and is silent then must be let be
SERAC_HEAD = """
debug=1
children={workers}
listen=udp:127.0.0.1:{port}
listen=tls:127.0.0.1:5061
tcp_max_connections=9000
tcp_max_connections_per_source=0
tcp_connection_lifetime=1h
loadmodule "tls"
loadmodule "sl"
"""
# one worker for streams: with several one of them crashes soon under such load, and ends the server
KAMAILIO_HEAD = """
debug=-2
log_stderror=yes
fork=yes
children=1
tcp_children=1
listen=udp:127.0.0.1:{port}
listen=tls:127.0.0.1:5061
enable_tls=yes
auto_aliases=no
dns=no
rev_dns=no
tcp_max_connections=9000
tls_max_connections=9000
tcp_connection_lifetime=3600
open_files_limit=20000
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
loadmodule "tls"
loadmodule "sl"
loadmodule "ctl"
modparam("ctl", "binrpc", "unix:{{folder}}/ctl")
"""
HEADS = {"serac": SERAC_HEAD, "kamailio": KAMAILIO_HEAD}
# ECDSA P-256, nobody is asked for a certificate, as most providers have it
BODY = """
modparam("tls", "certificate", "{cert}")
modparam("tls", "private_key", "{key}")
modparam("tls", "tls_method", "TLSv1.2+")
route {{{{
	sl_send_reply("200", "OK");
}}}}
"""


class Secure(Router):
    def __init__(self, name, workers=2):
        self.files = tempfile.TemporaryDirectory(prefix="bench-tls-")
        c = Pki(self.files.name + "/pki").server()
        super().__init__(name, workers, script=HEADS[name].replace("{{folder}}", self.files.name) + BODY.format(cert=c.cert, key=c.key))

    def stop(self):
        super().stop()
        self.files.cleanup()

    def shared_memory(self):
        """Bytes of shared memory in use."""
        if self.name == "serac":
            # what is kept at hand for the next is not in use
            return self.asked(r"status memory .*\bin_use=(\d+).*\bcached=(\d+)")
        said = subprocess.run(["kamcmd", "-s", f"unix:{self.files.name}/ctl", "core.shmmem"], capture_output=True, text=True)
        if said.returncode:
            raise Failed(f"kamcmd: {said.stderr}{said.stdout}")
        return int(re.search(r"real_used: (\d+)", said.stdout)[1])

    def asked(self, pattern):
        """What the router says of itself when asked by SIGUSR2: the first number less the second."""
        seen = len(self.whole_log())
        self.process.send_signal(signal.SIGUSR2)
        found = []

        def answered():
            found[:] = re.findall(pattern, self.whole_log()[seen:])
            return found and "status end" in self.whole_log()[seen:]
        routers.wait_until("the router's status", answered)
        return int(found[-1][0]) - int(found[-1][1])

    def whole_log(self):
        with open(self.log.name, errors="replace") as f:
            return f.read()


class Load:
    """tls_load, ready to begin."""

    def __init__(self, mode, count, processes):
        self.process = subprocess.Popen([str(BUILD / "bench" / "tls_load"), mode, str(PORT), str(count), str(processes)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        routers.started.append(self.process)
        if self.process.stdout.readline() != "ready\n":
            raise Failed(self.process.stderr.read())

    def go(self):
        """Lets it do its work; returns how many handshakes were by ticket, and how many connections the router broke, which were made again."""
        out, err = self.process.communicate("go\n", timeout=600)
        routers.started.remove(self.process)
        if self.process.returncode:
            raise Failed(f"tls_load: {err}")
        return tuple(int(n) for n in out.split())


def cost(name, *work):
    """(CPU time of all of the router's processes for one of count, in microseconds; how many handshakes were by ticket; how many connections it broke)."""
    for _ in range(5):
        router = Secure(name, work[-1])
        try:
            return cost_of(router, *work)
        except Failed:
            # a crash of one of Kamailio's processes ends it: OpenSSL was not made for several that share a session
            if name != "kamailio" or not ended(router.process):
                raise
            print("kamailio has crashed: once more", flush=True)
        finally:
            router.stop()
    raise Failed("kamailio crashes each time")


def ended(process):
    try:
        process.wait(5)
        return True
    except subprocess.TimeoutExpired:
        return False


def cost_of(router, mode, count, processes, workers):
    Load(mode, count // 20 + processes, processes).go()
    load = Load(mode, count, processes)
    before = router.cpu()
    resumed, broken = load.go()
    return (router.cpu() - before) / count * 1e6, resumed, broken


def memory(name, count, workers):
    """(bytes of shared memory for each of count idle connections; of all of them, what stays when they are closed: the table of connections; what more
    stays when as many came and went again)."""
    router = Secure(name, workers)
    # everything has been used once
    Load("idle", 50, 1).go()
    seen = [settled(router)]
    load = Load("idle", count, 1)
    # what records need is given back when connections rest
    each = (settled(router) - seen[0]) / count
    load.go()
    seen.append(settled(router))
    Load("idle", count, 1).go()
    seen.append(settled(router))
    router.stop()
    return each, seen[1] - seen[0], seen[2] - seen[1]


def settled(router):
    """The shared memory in use once it stays the same for a while."""
    last, since = router.shared_memory(), time.monotonic()
    end = since + 20
    while time.monotonic() < end and time.monotonic() - since < 3:
        time.sleep(0.3)
        now = router.shared_memory()
        if now != last:
            last, since = now, time.monotonic()
    return last
