# SPDX-License-Identifier: BSD-2-Clause
"""Counts what the router's own code executes for a message, with valgrind's callgrind: the same on a busy machine as on an idle one."""
import collections
import re
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import routers
from routers import Failed

SDP = ("v=0\r\no=- 13374422 1 IN IP4 192.0.2.10\r\ns=-\r\nc=IN IP4 192.0.2.10\r\nt=0 0\r\n"
       "m=audio 8000 RTP/AVP 8 0 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendrecv\r\n")


def invite(n):
    return (f"INVITE sip:030123456@example.com SIP/2.0\r\n"
            f"Via: SIP/2.0/UDP 127.0.0.1:{routers.UAC};branch=z9hG4bK-{n};rport\r\n"
            "Max-Forwards: 70\r\n"
            "Contact: <sip:+4989555@192.168.0.10:5060>\r\n"
            "To: <sip:030123456@example.com>\r\n"
            'From: "Alice" <sip:+4989555@example.com>;tag=8c1d2e3f\r\n'
            f"Call-ID: {n}-NmE5ZDQ3YjAyZjE4MWM5ZTQ1YjJhNzYw\r\n"
            "CSeq: 1 INVITE\r\n"
            "Allow: INVITE, ACK, CANCEL, BYE, NOTIFY, REFER, MESSAGE, OPTIONS, INFO, SUBSCRIBE\r\n"
            "User-Agent: Example Phone 2.1\r\n"
            "Content-Type: application/sdp\r\n"
            f"Content-Length: {len(SDP)}\r\n\r\n{SDP}").encode()


class Profile:
    """What callgrind wrote: for each call the caller, who was called (function, object) and what it cost."""

    def __init__(self, path):
        self.calls = collections.Counter()
        self.total = 0
        self.names = {}
        caller = callee = ob = callee_ob = None
        calls_line = False
        for line in path.read_text(errors="replace").splitlines():
            key, _, rest = line.partition("=")
            if calls_line:
                self.calls[caller, callee, callee_ob or ob] += int(line.split()[1])
                calls_line, callee_ob = False, None
            elif key == "fn":
                caller = self.name("fn", rest)
            elif key == "cfn":
                callee = self.name("fn", rest)
            elif key == "ob":
                ob = self.name("ob", rest)
            elif key == "cob":
                callee_ob = self.name("ob", rest)
            elif key == "calls":
                calls_line = True
            elif line.startswith("summary:") or line.startswith("totals:"):
                self.total = int(line.split()[1])

    def name(self, kind, text):
        """Names are written once: "(7) main", then "(7)"."""
        number, _, name = text.partition(" ")
        if name:
            self.names[kind, number] = name
        return self.names.get((kind, number), text)

    def into(self, function):
        """What calls of a function cost, with all that it calls."""
        return sum(cost for (caller, callee, _), cost in self.calls.items()
                   if callee.split("'")[0] == function and caller.split("'")[0] != function)

    def between(self, callers, is_meant):
        return sum(cost for (caller, callee, ob), cost in self.calls.items()
                   if caller.split("'")[0] in callers and is_meant(callee, ob))

    def script_functions(self):
        """What the interpreter called for the script: the functions of the core, and those of modules."""
        return self.between({"run", "flow", "go", "call_with_args"}, lambda callee, ob: callee.startswith("fn_") or "/modules/" in ob)

    def attributes(self):
        """Getters and setters of core/msg: parts of the message, lists of values."""
        own = {"attr_use_get", "attr_use_set", "var_get", "var_set"}
        callers = {"attr_use_get", "attr_use_set", "op_attr", "op_set", "run", "go"}
        return self.between(callers, lambda callee, ob: re.match("attr_|x?avp_", callee) and callee not in own)

    def matching(self):
        return self.into("pcre2_match_8")


def relayed(messages, script):
    """The profile of the one worker that relayed so many messages."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        log = Path(folder, "log")
        command = ["valgrind", "--tool=callgrind", "--compress-pos=no", "--compress-strings=yes",
                   f"--callgrind-out-file={folder}/out.%p", "-q",
                   str(routers.BUILD / "serac"), "-f", str(script), "-L", str(routers.BUILD / "modules"), "-m", "64"]
        with open(log, "w") as out:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd=folder)
        routers.started.append(process)
        try:
            routers.wait_until("serac listens", lambda: process.poll() is not None or routers.udp_port_is_bound(routers.ROUTER), 60)
            exchange(messages)
            process.terminate()
            process.wait(timeout=60)
        except (Failed, subprocess.TimeoutExpired) as e:
            raise Failed(f"{e}\n{log.read_text(errors='replace')[-2000:]}")
        finally:
            process.kill()
            process.wait()
            routers.started.remove(process)
        profiles = [Profile(p) for p in Path(folder).glob("out.*")]
        profiles = [p for p in profiles if p.into("machine_start")]
        if len(profiles) != 1:
            raise Failed(f"callgrind wrote {len(profiles)} profiles of workers, not one")
        return profiles[0]


def exchange(messages):
    uac = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    uas = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with uac, uas:
        uac.bind(("127.0.0.1", routers.UAC))
        uas.bind(("127.0.0.1", routers.UAS))
        uas.settimeout(20)
        for n in range(messages):
            uac.sendto(invite(n), ("127.0.0.1", routers.ROUTER))
            try:
                got = uas.recv(65536)
            except socket.timeout:
                raise Failed("a request was not relayed")
            if not re.match(rb"INVITE sip:\+4930123456@example\.com ", got) or b"X-Gateway: germany" not in got:
                raise Failed("the script did something else:\n" + got.decode(errors="replace"))
