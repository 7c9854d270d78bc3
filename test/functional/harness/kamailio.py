# SPDX-License-Identifier: BSD-2-Clause
"""Debian's Kamailio: as a peer of the router over TLS, and in its place, to show that a test is right."""
import re
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from . import ports
from .wait import until

MODULES = Path("/usr/lib/x86_64-linux-gnu/kamailio/modules")
HEAD = """debug={debug}
log_stderror=yes
fork=yes
children=2
tcp_children=2
auto_aliases=no
tcp_rd_buf_size=131072
enable_tls=yes
mpath="{modules}/"
loadmodule "pv.so"
loadmodule "corex.so"
"""


def available():
    return shutil.which("kamailio") is not None and (MODULES / "tls.so").exists()


class Kamailio:
    """Takes what Router takes, as far as both understand it."""

    def __init__(self, directory, routes, params="", modules=("tls", "sl", "tm"), listen=(), debug=0, children=2, tls=None, prefix=(), **names):
        self.dir = Path(tempfile.mkdtemp(prefix="kamailio", dir=directory))
        self.port = names.pop("port", None) or ports.free_port()
        self.addr = ("127.0.0.1", self.port)
        self.tls_port, self.prefix = tls, list(prefix)
        text = HEAD.format(debug=1, modules=MODULES) + "".join(f"listen={one}\n" for one in listen) + params + "\n"
        text += "".join(f'loadmodule "{m}.so"\n' for m in modules if m not in ("pv", "corex")) + routes + "\n"
        for k, v in dict(names, port=self.port, tls=tls, dir=self.dir).items():
            text = text.replace("{" + k + "}", str(v))
        self.script = self.dir / "kamailio.cfg"
        self.script.write_text(text)
        self.log_file = (self.dir / "log").open("w+b")
        self.process, self.lines = None, []

    def start(self):
        self.process = subprocess.Popen([*self.prefix, "kamailio", "-f", str(self.script), "-DD", "-E", "-m", "64", "-M", "8", "-Y", str(self.dir)], cwd=self.dir,
                                        stdin=subprocess.DEVNULL, stdout=self.log_file, stderr=self.log_file)
        until(lambda: self.process.poll() is not None or self.bound(), 10, "kamailio listens")
        assert self.process.poll() is None, self.log()
        return self

    def bound(self):
        return any(line.split()[1].endswith(f":{self.tls_port:04X}") and line.split()[3] == "0A" for line in Path(f"/proc/{self.process.pid}/net/tcp").read_text().splitlines()[1:])

    def log(self):
        return Path(self.log_file.name).read_text(errors="replace")[-8000:]

    def wait_log(self, pattern, timeout=5):
        return until(lambda: re.search(pattern, self.log()), timeout, f"log line {pattern!r}")

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log_file.close()
