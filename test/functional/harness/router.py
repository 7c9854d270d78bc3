# SPDX-License-Identifier: BSD-2-Clause
"""A router under test: started with a script, watched through its log, asked for its status, stopped and judged."""
import fcntl
import os
import re
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from pathlib import Path

from . import ports
from .wait import SCALE, TimedOut, until

TOP = Path(__file__).resolve().parents[3]
BUILD = Path(os.environ.get("SERAC_BUILD") or TOP / "build")
BUILD = BUILD if BUILD.is_absolute() else TOP / BUILD
BINARY = BUILD / "serac"
SANITIZER = re.compile(r"ERROR: (Address|Leak)Sanitizer|runtime error:|AddressSanitizer:")
HOST, HOST6 = "127.0.0.1", "::1"


class StartFailed(AssertionError):
    pass


def temp_dir():
    base = BUILD / "tmp"
    base.mkdir(parents=True, exist_ok=True)
    d = Path(tempfile.mkdtemp(prefix="t", dir=base))
    d.chmod(0o755)
    return d


def parse_fields(text):
    """key=value pairs of a log line; values may be quoted."""
    return {k: (q or v) for k, q, v in re.findall(r'([\w.]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))', text)}


def number(v):
    return int(v) if re.fullmatch(r"-?\d+", v) else v


class Line:
    """A log line, taken apart."""
    pattern = re.compile(r"(?:^|\s)(error|warning|warn|notice|info|debug) +([\w.:-]+) (.*)$")

    def __init__(self, text):
        self.text = text
        m = self.pattern.search(text)
        self.level, self.area, self.rest = m.groups() if m else (None, None, text)
        self.level = {"warning": "warn"}.get(self.level, self.level)


class Status:
    """One answer to SIGUSR2: counters[group][name], slots (list of dicts), memory, problems (of core.verify), other[what]."""

    def __init__(self, lines):
        self.counters, self.slots, self.memory, self.other, self.problems = {}, [], {}, {}, None
        for line in lines:
            what, _, rest = line.rest.partition(" ")
            f = {k: number(v) for k, v in parse_fields(rest).items()}
            if what == "counters":
                self.counters.setdefault(f.pop("group"), {}).update(f)
            elif what == "slot":
                self.slots.append(f)
            elif what == "memory":
                self.memory.update(f)
            elif what == "verify":
                self.problems = f["problems"]
            else:
                self.other.setdefault(what, {}).update(f)

    def counter(self, group, name):
        return self.counters[group][name]

    @property
    def connections(self):
        return sum(s["connections"] for s in self.slots)


class Router:
    """Router(routes, …).start(). Ports are picked unless given; {port}, {host} and names of `names` are filled in in the script."""

    def __init__(self, routes, params="", modules=("sl", "maxfwd", "sanity", "textops", "xlog"), listen=None,
                 children=2, debug=2, args=(), env=None, script=None, prefix=(), **names):
        self.dir = temp_dir()
        self.port = names.pop("port", None) or ports.free_port()
        self.addr, self.addr6 = (HOST, self.port), (HOST6, self.port)
        self.ipv6 = ports.have_ipv6()
        if listen is None:
            listen = [f"{t}:{h}:{self.port}" for t in ("udp", "tcp") for h in ([HOST, "[::1]"] if self.ipv6 else [HOST])]
        self.children = children
        if script is None:
            script = f"debug={debug}\nchildren={children}\n"
            if "overload_lag" not in params:
                # a machine that does much beside is no reason to refuse
                script += "overload_lag=0\n"
            script += "".join(f"listen={one}\n" for one in listen) + params + "\n"
            script += "".join(f'loadmodule "{m}.so"\n' for m in modules) + routes + "\n"
        for k, v in dict(names, port=self.port, dir=self.dir).items():
            script = script.replace("{" + k + "}", str(v))
        self.script = self.dir / "serac.cfg"
        self.script.write_text(script)
        self.args = list(args)
        self.prefix = list(prefix)
        self.env = dict(os.environ, **(env or {}))
        self._lines, self._broken_line = [], b""
        self.expected = []
        self.process = None
        self.notified = []
        self.log_lock, self.log_ended = threading.Lock(), threading.Event()

    # --- start -------------------------------------------------------------------------------------------------------
    def command(self, *args):
        return [*self.prefix, str(BINARY), "-f", str(self.script), *self.args, *args]

    def start(self, ready=True, timeout=10):
        path = str(self.dir / "notify")
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        if len(path) > 100:
            path = f"\0serac-{os.getpid()}-{self.port}"
        self.notify.bind(path)
        if not path.startswith("\0"):
            os.chmod(path, 0o777)
        self.env["NOTIFY_SOCKET"] = "@" + path[1:] if path.startswith("\0") else path
        self.process = subprocess.Popen(self.command(), cwd=self.dir, env=self.env, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.pid = self.process.pid
        # room for bursts of lines while this process is busy
        fcntl.fcntl(self.process.stderr, fcntl.F_SETPIPE_SZ, 1 << 20)
        os.set_blocking(self.process.stderr.fileno(), False)
        threading.Thread(target=self._read_log, daemon=True).start()
        if ready:
            until(lambda: self.notification("READY=1") or self.process.poll() is not None, timeout, "READY=1")
            if self.process.poll() is not None:
                self._end_of_log()
                raise StartFailed(f"the router ended with {self.process.returncode} before it was ready:\n{self.log()}")
        return self

    def notification(self, what):
        """True when this line came by sd_notify."""
        while True:
            try:
                self.notified += self.notify.recv(4096, socket.MSG_DONTWAIT).decode().split("\n")
            except BlockingIOError:
                return what in self.notified

    def _read_log(self):
        """Reads what comes, that the pipe never fills."""
        poll = select.poll()
        poll.register(self.process.stderr, select.POLLIN)
        while not self.log_ended.is_set():
            poll.poll(1000)
            self._take_log()

    def _take_log(self):
        """Reads all that the router has written until now."""
        with self.log_lock:
            while not self.log_ended.is_set():
                try:
                    more = os.read(self.process.stderr.fileno(), 1 << 16)
                except BlockingIOError:
                    return
                *whole, self._broken_line = (self._broken_line + more).split(b"\n")
                if not more:
                    whole += [self._broken_line] if self._broken_line else []
                    self.log_ended.set()
                    self.process.stderr.close()
                self._lines += [raw.decode("utf-8", "replace") for raw in whole]

    def _end_of_log(self):
        """The router has ended: its last lines are read."""
        end = time.monotonic() + 5
        while not self.log_ended.wait(0.01) and time.monotonic() < end:
            self._take_log()

    @property
    def lines(self):
        """The lines of the log, all that were written before this is asked."""
        if self.process:
            self._take_log()
        return self._lines

    def log(self):
        return "\n".join(self.lines)

    # --- looking -----------------------------------------------------------------------------------------------------
    def wait_log(self, pattern, timeout=5, since=0):
        """Waits for a log line; returns the match."""
        r = re.compile(pattern)
        return until(lambda: next(filter(None, map(r.search, self.lines[since:])), None), timeout, f"log line {pattern!r}")

    def expect_deaths(self):
        """Workers are killed in this test; that this is logged as an error is right."""
        self.expect_error(r" main a worker died | crash a worker died over a message")

    def idle(self, pid):
        """Whether a worker waits for something to do, by the kernel's word: what it was given before is done, to the end of its turn."""
        try:
            return Path(f"/proc/{pid}/wchan").read_text() in ("do_epoll_wait", "ep_poll")
        except OSError:
            return False

    def settle(self, timeout=10):
        """Waits until no worker has anything to do: what was sent before, or became due, has had all its effects. Who is stopped does not count."""
        # twice: one may have given something to another that was asked before
        until(lambda: all(self.idle(p) or self.state(p) == "T" for p in self.workers() * 2), timeout,
              "all workers idle (by /proc/PID/wchan, which root may need CAP_SYS_PTRACE to read)")

    def kill_idle(self, pid=None, number=signal.SIGKILL, timeout=10):
        """Kills a worker (the first) that has nothing in its hands."""
        self.expect_deaths()
        pid = pid or self.workers()[0]
        until(lambda: self.idle(pid), timeout, f"worker {pid} idle")
        os.kill(pid, number)

    def kill_worker(self, pid=None, number=signal.SIGKILL, timeout=10):
        """Kills an idle worker (the first) and waits until its successor runs; returns the new pids."""
        seen = self.count_log("a successor took over")
        self.kill_idle(pid, number, timeout)
        until(lambda: self.count_log("a successor took over") > seen, timeout, "a successor")
        return until(lambda: len(self.workers()) == self.children and self.workers(), timeout, "all workers")

    def count_log(self, pattern):
        return sum(1 for line in list(self.lines) if re.search(pattern, line))

    def expect_error(self, pattern):
        """Error lines that match are no failure of this test."""
        self.expected.append(re.compile(pattern))

    def status(self, timeout=10, settled=True):
        """Asks with SIGUSR2 and reads the answer of one worker from the log; asks again when that worker may have died. What was sent before
        has had its effects, unless `settled` is false: for routers that are busy all the time."""
        if settled:
            self.settle(timeout)
        since, found = len(self.lines), []

        def ended():
            lines = self.lines[since:]
            for i, line in enumerate(lines):
                m = re.search(r"notice status end seq=\d+.*?( worker=\d+)?$", line)
                if m:
                    found[:] = [l for l in map(Line, lines[:i]) if l.area == "status" and l.text.endswith(m[1] or "")]
                    return True
            return False
        end = time.monotonic() + timeout * SCALE
        while True:
            os.kill(self.main, signal.SIGUSR2)
            try:
                until(ended, 1, "an answer to SIGUSR2")
                return Status(found)
            except TimedOut:
                if time.monotonic() >= end or not self.running():
                    raise

    def counter(self, group, name):
        return self.status().counter(group, name)

    def wait_status(self, condition, timeout=10, what="status"):
        """Asks again until condition(status) is true; returns that status."""
        last = []

        def asked():
            last[:] = [self.status(timeout, settled=False)]
            return condition(last[0])
        try:
            until(asked, timeout, what, every=0.05)
        except TimedOut as e:
            raise TimedOut(f"{e}; last: {vars(last[0]) if last else None}") from None
        return last[0]

    @property
    def main(self):
        """The pid of main: ours, unless a prefix command stays between."""
        return self.pid

    def workers(self):
        """The pids of the workers by the kernel's word, living ones."""
        try:
            pids = Path(f"/proc/{self.main}/task/{self.main}/children").read_text().split()
        except OSError:
            return []
        return [int(p) for p in pids if self.state(int(p)) not in ("Z", "X", "")]

    @staticmethod
    def state(pid):
        try:
            return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except OSError:
            return ""

    def descriptors(self, pid):
        """What the descriptors of a process are, each with how often: sockets as "socket", files by name."""
        found = {}
        try:
            for fd in os.listdir(f"/proc/{pid}/fd"):
                try:
                    name = os.readlink(f"/proc/{pid}/fd/{fd}")
                except OSError:
                    continue
                name = name if name.startswith("/") else name.partition(":[")[0]
                found[name] = found.get(name, 0) + 1
        except OSError:
            pass
        return found

    def rest(self):
        """What is in use when nothing happens: to compare before and after."""
        return {"main": self.descriptors(self.main), "workers": [self.descriptors(p) for p in sorted(self.workers())]}

    # --- end ---------------------------------------------------------------------------------------------------------
    def running(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        os.kill(self.main, number)

    def wait_exit(self, timeout=15):
        try:
            rc = self.process.wait(timeout * SCALE)
        except subprocess.TimeoutExpired:
            raise TimedOut(f"the router did not end within {timeout * SCALE:g} s") from None
        self._end_of_log()
        return rc

    def errors(self):
        """Lines that nobody expected: of level error, or from a sanitizer."""
        bad = []
        for text in list(self.lines):
            if any(e.search(text) for e in self.expected):
                continue
            if Line(text).level == "error" or SANITIZER.search(text):
                bad.append(text)
        return bad

    def finish(self, judge=True):
        """Ends the router; asserts that memory is whole, that it goes in peace and that nothing bad was logged."""
        rc = problems = None
        try:
            if self.running() and judge:
                problems = self.wait_status(lambda s: s.connections == 0, 10, "no connection left").problems
                self.signal(signal.SIGTERM)
                rc = self.wait_exit()
        finally:
            self.kill()
        if judge:
            assert not problems, f"core.verify found {problems} problems:\n{self.log()}"
            assert rc in (0, None), f"exit status {rc} after TERM:\n{self.log()}"
            bad = self.errors()
            assert not bad, "errors in the log:\n" + "\n".join(bad)
            shutil.rmtree(self.dir, ignore_errors=True)

    def kill(self):
        if self.process is None:
            return
        if self.process.poll() is None:
            children = self.workers()
            for pid in [self.main, *children]:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            self.process.wait(10)
        self._end_of_log()
        self.notify.close()


def run_serac(*args, timeout=20, stdin=None, env=None, cwd=None):
    """Runs the program to its end: for -c, -V, -h and what fails to start."""
    return subprocess.run([str(BINARY), *map(str, args)], capture_output=True, text=True, timeout=timeout * SCALE,
                          input=stdin, env=dict(os.environ, **(env or {})), cwd=cwd)
