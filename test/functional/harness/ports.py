# SPDX-License-Identifier: BSD-2-Clause
"""Ports that nobody uses: free over UDP and TCP, IPv4 and IPv6, below the range from which the kernel picks."""
import os
import socket

FIRST, LAST = 10000, 30000
_next = FIRST + os.getpid() * 97 % (LAST - FIRST)
_no_ipv6 = False


def _free(port):
    global _no_ipv6
    for family, host in ((socket.AF_INET, ""), (socket.AF_INET6, "::")):
        for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            if family == socket.AF_INET6 and _no_ipv6:
                continue
            try:
                with socket.socket(family, kind) as s:
                    if family == socket.AF_INET6:
                        s.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                    if kind == socket.SOCK_STREAM:
                        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    s.bind((host, port))
            except OSError:
                return False
    return True


def free_port():
    global _next
    for _ in range(LAST - FIRST):
        _next = _next + 1 if _next < LAST else FIRST
        if _free(_next):
            return _next
    raise OSError("no free port")


def have_ipv6():
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as s:
            s.bind(("::1", 0))
        return True
    except OSError:
        return False


_no_ipv6 = not have_ipv6()
