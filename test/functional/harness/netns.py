# SPDX-License-Identifier: BSD-2-Clause
"""Network namespaces without names: each is held by a process that waits, and ends with it. Nothing is written to /run."""
import subprocess


class Namespace:
    def __init__(self):
        self.holder = subprocess.Popen(["unshare", "-n", "sh", "-c", "echo ready; exec cat"], stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE)
        assert self.holder.stdout.readline() == b"ready\n", "unshare -n does not work here"
        self.pid = self.holder.pid
        self.prefix = ["nsenter", "-t", str(self.pid), "-n"]
        self.run("ip", "link", "set", "lo", "up")

    def run(self, *command):
        done = subprocess.run([*self.prefix, *command], capture_output=True, text=True)
        assert done.returncode == 0, f"{command}: {done.stderr}"
        return done.stdout

    def close(self):
        self.holder.stdin.close()
        self.holder.stdout.close()
        self.holder.wait(10)


def cable(a, name_a, addr_a, b, name_b, addr_b):
    """A pair of interfaces between two namespaces, with addresses (with prefix length)."""
    a.run("ip", "link", "add", name_a, "type", "veth", "peer", "name", name_b, "netns", str(b.pid))
    for ns, name, addr in ((a, name_a, addr_a), (b, name_b, addr_b)):
        ns.run("ip", "addr", "add", addr, "dev", name)
        ns.run("ip", "link", "set", name, "up")
