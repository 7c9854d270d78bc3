# SPDX-License-Identifier: BSD-2-Clause
"""Runs Debian's sipp with the scenarios of this tree."""
import os
import re
import shutil
import socket
import subprocess
from pathlib import Path

from . import ports
from .wait import SCALE, until

SCENARIOS = Path(__file__).resolve().parents[1] / "sipp"


class Sipp:
    """One sipp process. transport: "udp" or "tcp"; remote: (host, port) or None for a server."""

    def __init__(self, directory, scenario, host="127.0.0.1", transport="udp", remote=None, port=None, calls=None, rate=None,
                 sockets=False, target=None, args=(), prefix=()):
        self.port = port or ports.free_port()
        self.host = host
        self.dir = Path(directory)
        self.name = f"{scenario}-{self.port}"
        self.errors = self.dir / f"{self.name}.errors"
        shown = f"[{host}]" if ":" in host else host
        mode = {"udp": "u", "tcp": "t"}[transport] + ("n" if sockets else "1")
        command = [*prefix, "sipp", "-nostdin", "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", shown, "-p", str(self.port),
                   "-t", mode, "-trace_err", "-error_file", str(self.errors), "-nd", "-skip_rlimit"]
        if calls:
            command += ["-m", str(calls), "-l", str(max(calls, 10))]
        if rate:
            command += ["-r", str(rate)]
        if remote:
            at = f"[{remote[0]}]" if ":" in remote[0] else remote[0]
            command += ["-key", "target", target or f"sip:callee@{at}:{remote[1]}"]
            command.append(f"[{remote[0]}]:{remote[1]}" if ":" in remote[0] else f"{remote[0]}:{remote[1]}")
        command += list(args)
        self.output = (self.dir / f"{self.name}.out").open("w+b")
        self.process = subprocess.Popen(command, cwd=self.dir, stdin=subprocess.DEVNULL, stdout=self.output,
                                        stderr=subprocess.STDOUT, env=dict(os.environ, TERM="dumb"))
        if not remote and not prefix:
            until(lambda: self.process.poll() is not None or self.bound(transport), 10, f"{self.name} listens")
        assert self.process.poll() in (None, 0), self.text()

    def bound(self, transport):
        files = {"udp": ("udp", "udp6"), "tcp": ("tcp", "tcp6")}[transport]
        return any(line.split()[1].endswith(f":{self.port:04X}") for f in files
                   for line in Path(f"/proc/net/{f}").read_text().splitlines()[1:])

    def text(self):
        self.output.flush()
        text = Path(self.output.name).read_text(errors="replace")
        if self.errors.exists():
            text += "\n--- errors ---\n" + self.errors.read_text(errors="replace")[-8000:]
        return text

    def wait(self, timeout=30):
        try:
            rc = self.process.wait(timeout * SCALE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise AssertionError(f"{self.name} did not end within {timeout * SCALE:g} s\n{self.text()}") from None
        return rc

    def must_succeed(self, timeout=30):
        rc = self.wait(timeout)
        assert rc == 0, f"{self.name}: exit status {rc}\n{self.text()}"

    def counts(self):
        """Successful and failed calls so far, from the last screen."""
        return {k: int(v) for k, v in re.findall(r"(Successful|Failed) call\s*\|\s*\d+\s*\|\s*(\d+)", self.text())}

    def close(self):
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.output.close()


def available():
    return shutil.which("sipp") is not None


def resolve(host):
    return socket.getaddrinfo(host, None)[0][4][0]
