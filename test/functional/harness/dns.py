# SPDX-License-Identifier: BSD-2-Clause
"""A small DNS server over UDP: A and AAAA records from a table; answers can be held back, refused or left out."""
import heapq
import socket
import struct
import threading
import time

A, AAAA = 1, 28


class Dns:
    """records: {"name": ["127.0.0.1", "::1"]}. held: names whose answers wait until release(name). dead: names never answered.
    slow: {"suffix": (seconds, address)}: every name below it stands for the address, and is answered so much later."""

    def __init__(self, records, host="127.0.0.1", held=(), dead=(), broken=(), slow=None):
        self.records = {k.lower(): v for k, v in records.items()}
        self.held, self.dead, self.broken = set(held), set(dead), set(broken)
        self.slow = slow or {}
        self.queue, self.asked, self.later = [], [], []
        self.lock = threading.Lock()
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.bind((host, 0))
        self.host, self.port = self.sock.getsockname()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    @property
    def servers(self):
        return f"{self.host}:{self.port}"

    def run(self):
        while True:
            self.sock.settimeout(self.due())
            try:
                query, src = self.sock.recvfrom(4096)
            except TimeoutError:
                continue
            if not query:
                return
            name, kind, end = self.question(query)
            with self.lock:
                self.asked.append((name, kind))
                if name in self.dead:
                    continue
                if name in self.held:
                    self.queue.append((name, query, src))
                    continue
            late = self.below(name)
            if late:
                heapq.heappush(self.later, (time.monotonic() + late[0], len(self.asked), query, src))
            else:
                self.reply(query, src)

    def due(self):
        """Answers what is due; returns how many seconds there are to wait, None: nothing waits."""
        while self.later and self.later[0][0] <= time.monotonic():
            self.reply(*heapq.heappop(self.later)[2:])
        return max(self.later[0][0] - time.monotonic(), 0.001) if self.later else None

    def below(self, name):
        """(seconds, address) of a slow name; None for others."""
        return self.slow.get(name.partition(".")[2])

    @staticmethod
    def question(query):
        labels, i = [], 12
        while query[i]:
            labels.append(query[i + 1:i + 1 + query[i]].decode("latin-1"))
            i += 1 + query[i]
        return ".".join(labels).lower(), struct.unpack_from("!H", query, i + 1)[0], i + 5

    def reply(self, query, src):
        name, kind, end = self.question(query)
        late = self.below(name)
        known = [late[1]] if late else self.records.get(name)
        rcode = 2 if name in self.broken else 0 if known is not None else 3
        answers = b""
        n = 0
        for a in known or []:
            v6 = ":" in a
            if not rcode and kind == (AAAA if v6 else A):
                data = socket.inet_pton(socket.AF_INET6 if v6 else socket.AF_INET, a)
                answers += b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(data)) + data
                n += 1
        head = query[:2] + struct.pack("!HHHHH", 0x8580 | rcode, 1, n, 0, 0)
        try:
            self.sock.sendto(head + query[12:end] + answers, src)
        except OSError:
            pass

    def names(self):
        with self.lock:
            return [n for n, _ in self.asked]

    def release(self, name):
        with self.lock:
            self.held.discard(name)
            go = [q for q in self.queue if q[0] == name]
            self.queue = [q for q in self.queue if q[0] != name]
        for _, query, src in go:
            self.reply(query, src)

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.sendto(b"", (self.host, self.port))
        self.thread.join()
        self.sock.close()
