# SPDX-License-Identifier: BSD-2-Clause
"""Starts a router (Serac or Kamailio) on loopback, drives calls through it with sipp, reads what it cost from /proc."""
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[1]
BUILD_NAME = os.environ.get("SERAC_BUILD", "build")
BUILD = (TOP / BUILD_NAME).resolve()
ROUTER, UAS, UAC = 5060, 5070, 5090
TICK = os.sysconf("SC_CLK_TCK")
# for kill after a failure anywhere in a benchmark
started = []

# who answers besides the callee when a request forks
TARGETS = [UAS + n for n in range(4)]

# The same work for both: no log, no DNS, no TCP processes. Serac's head, Kamailio's, and the routes of either.
SERAC_HEAD = """
children={workers}
listen=udp:127.0.0.1:{port}
"""
KAMAILIO_HEAD = """
debug=-2
log_stderror=yes
fork=yes
children={workers}
listen=udp:127.0.0.1:{port}
disable_tcp=yes
auto_aliases=no
dns=no
rev_dns=no
use_dns_cache=no
use_dst_blocklist=no
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
loadmodule "corex.so"
"""
HEADS = {"serac": SERAC_HEAD, "kamailio": KAMAILIO_HEAD}

STATELESS = """
loadmodule "maxfwd.so"

route {{
	if (!mf_process_maxfwd_header("70")) {{
		drop;
	}}
	if (method=="INVITE" || method=="ACK" || method=="BYE") {{
		forward("127.0.0.1", {uas});
		exit;
	}}
}}
"""
# The INVITE goes to its Request-URI, ACK and BYE by the Route that it recorded.
STATEFUL = """
loadmodule "tm.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"

route {{
	if (!mf_process_maxfwd_header("70")) {{
		drop;
	}}
	if (loose_route()) {{
		t_relay();
		exit;
	}}
	if (method=="INVITE") {{
		record_route();
		t_relay();
	}}
}}
"""
FORK = STATEFUL.replace("\t\trecord_route();\n", "\t\trecord_route();\n" + "".join(
    f'\t\tappend_branch("sip:other@127.0.0.1:{port}");\n' for port in TARGETS[1:]))


class Failed(Exception):
    """What went wrong, for the person who runs the benchmark."""


def stand_alone():
    """Runs the calling script again with a loopback of its own, where the system allows it: fixed ports then collide
    with nobody's."""
    if os.environ.get("BENCH_ALONE"):
        return
    os.environ["BENCH_ALONE"] = "1"
    up = ["unshare", "-n", "ip", "link", "set", "lo", "up"]
    if shutil.which("unshare") and subprocess.run(up, capture_output=True).returncode == 0:
        inside = 'ip link set lo up && exec "$@"'
        os.execvp("unshare", ["unshare", "-n", "sh", "-c", inside, "sh", sys.executable] + sys.argv)


def family(pid):
    """The pids of a process and of all that descend from it."""
    children = {}
    for p in os.listdir("/proc"):
        if p.isdigit():
            try:
                stat = Path(f"/proc/{p}/stat").read_text()
            except OSError:
                continue
            children.setdefault(int(stat.rsplit(")", 1)[1].split()[1]), []).append(int(p))
    pids, new = [], [pid]
    while new:
        pids += new
        new = [c for p in new for c in children.get(p, [])]
    return pids


def cpu_seconds(pids):
    """User and system time of the processes, with that of children they have buried."""
    ticks = 0
    for p in pids:
        try:
            fields = Path(f"/proc/{p}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            raise Failed(f"process {p} of the router is gone")
        ticks += sum(int(f) for f in fields[11:15])
    return ticks / TICK


def udp_port_is_bound(port):
    return any(line.split()[1].endswith(f":{port:04X}") for line in
               Path("/proc/net/udp").read_text().splitlines()[1:])


def wait_until(what, condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise Failed(f"{what}: not within {seconds} s")
        time.sleep(0.02)


class Router:
    """A started router; its files live in a folder that goes with it."""

    def __init__(self, name, workers, routes=STATELESS, script=None):
        self.name = name
        self.folder = tempfile.TemporaryDirectory(prefix="bench-")
        cfg = Path(self.folder.name, "router.cfg")
        text = script or HEADS.get(name, "") + routes
        cfg.write_text(text.format(workers=workers, port=ROUTER, uas=UAS))
        self.log = open(Path(self.folder.name, "log"), "w+")
        if name == "serac":
            command = [str(BUILD / "serac"), "-f", str(cfg), "-E"]
        elif name == "floor":
            command = [str(BUILD / "bench" / "floor"), str(ROUTER), str(UAS), str(UAC)]
        else:
            command = ["kamailio", "-f", str(cfg), "-DD", "-E", "-m", "512", "-M", "8", "-Y", self.folder.name]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=self.log, stderr=self.log,
                                        cwd=self.folder.name)
        started.append(self.process)
        try:
            wait_until(f"{name} listens", lambda: self.process.poll() is not None or udp_port_is_bound(ROUTER))
            if self.process.poll() is not None:
                raise Failed(f"{name} ended with status {self.process.returncode}")
        except Failed as e:
            raise Failed(f"{e}\n{self.log_text()}")

    def log_text(self):
        return Path(self.folder.name, "log").read_text(errors="replace")[-4000:]

    def pids(self):
        return family(self.process.pid)

    def cpu(self):
        return cpu_seconds(self.pids())

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        started.remove(self.process)
        self.log.close()
        self.folder.cleanup()


class Uas:
    """sipp that answers each call: 180, 200, and 200 to the BYE; or by another scenario."""

    def __init__(self, scenario=HERE / "uas.xml", port=UAS, args=()):
        self.process = subprocess.Popen(
            ["sipp", "-sf", str(scenario), "-i", "127.0.0.1", "-p", str(port), "-nostdin", "-nr",
             "-buff_size", "1000000", "-default_behaviors", "all,-abortunexp", *args],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        started.append(self.process)
        wait_until("sipp uas listens", lambda: udp_port_is_bound(port))

    def stop(self):
        self.process.kill()
        self.process.wait()
        started.remove(self.process)


def call(calls, rate, transport="u1", scenario=HERE / "uac.xml", args=()):
    """Places calls through the router; nothing is sent twice, and of a hundred at most one may be lost on the way
    (sipp's own socket overflows now and then)."""
    r = subprocess.run(
        ["sipp", "-sf", str(scenario), "-s", "bench", "-i", "127.0.0.1", "-p", str(UAC), "-t", transport, "-nostdin", "-nr",
         "-buff_size", "1000000", "-default_behaviors", "all,-abortunexp",
         "-r", str(rate), "-m", str(calls), "-l", "4000", "-recv_timeout", "5000",
         "-timeout", str(30 + 3 * calls // rate), *args, f"127.0.0.1:{ROUTER}"],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    text = r.stdout.decode(errors="replace")
    done = re.findall(r"Successful call\s*\|\s*\d+\s*\|\s*(\d+)", text)
    if not done or int(done[-1]) < calls * 0.99:
        raise Failed(f"sipp: {done[-1] if done else 0} of {calls} calls succeeded (status {r.returncode})")


# Calls whose ACK and BYE go by Record-Route: the scenarios of the functional tests.
SCENARIOS = TOP / "test" / "functional" / "sipp"


def routed_uas(port=UAS):
    return Uas(SCENARIOS / "uas_rr.xml", port, ["-key", "contact", f"127.0.0.1:{port}"])


def routed_call(calls, rate):
    call(calls, rate, scenario=SCENARIOS / "uac_rr.xml", args=["-key", "target", f"sip:bench@127.0.0.1:{UAS}", "-d", "20"])


def kill_all():
    for p in list(started):
        p.kill()
        p.wait()
