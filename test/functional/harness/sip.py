# SPDX-License-Identifier: BSD-2-Clause
"""SIP messages as a test sees them: built from parts, taken apart without changing a byte."""
import itertools
import os
import re

COMPACT = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length",
           "c": "content-type", "s": "subject", "k": "supported", "e": "content-encoding"}
_ids = itertools.count(1)
_run = os.urandom(3).hex()


def unique():
    return f"{_run}{os.getpid():x}{next(_ids):x}"


class Message:
    """raw: the bytes; first: the first line; headers: (name, value, bytes of the header with its line ends); body."""

    def __init__(self, raw, src=None):
        self.raw, self.src = raw, src
        head, sep, self.body = raw.partition(b"\r\n\r\n")
        self.complete_head = bool(sep)
        lines = []
        for line in head.split(b"\r\n"):
            if lines and line[:1] in (b" ", b"\t"):
                lines[-1] += b"\r\n" + line
            else:
                lines.append(line)
        self.first = lines[0].decode("utf-8", "surrogateescape")
        self.headers = []
        for line in lines[1:]:
            name, _, value = line.partition(b":")
            name = name.strip().decode("utf-8", "surrogateescape")
            value = re.sub(rb"\r\n[ \t]+", b" ", value).strip().decode("utf-8", "surrogateescape")
            self.headers.append((name, value, line + b"\r\n"))

    def all(self, name):
        name = COMPACT.get(name.lower(), name.lower())
        return [v for n, v, _ in self.headers if COMPACT.get(n.lower(), n.lower()) == name]

    def get(self, name):
        return next(iter(self.all(name)), None)

    @property
    def vias(self):
        """All Via values, top first."""
        return [v.strip() for value in self.all("Via") for v in split_values(value)]

    @property
    def is_response(self):
        return self.first.startswith("SIP/")

    @property
    def status(self):
        return int(self.first.split()[1]) if self.is_response else None

    @property
    def method(self):
        return None if self.is_response else self.first.split()[0]

    @property
    def uri(self):
        return None if self.is_response else self.first.split()[1]

    @property
    def branch(self):
        return param(self.vias[0], "branch")

    def __repr__(self):
        return f"<{self.first!r} from {self.src}>"


def split_values(text):
    """Splits at commas that stand in neither quotes nor angle brackets."""
    parts, depth, quoted, begin, i = [], 0, False, 0, 0
    while i < len(text):
        c = text[i]
        if quoted:
            if c == "\\":
                i += 1
            elif c == '"':
                quoted = False
        elif c == '"':
            quoted = True
        elif c in "<>":
            depth += 1 if c == "<" else -1
        elif c == "," and depth == 0:
            parts.append(text[begin:i])
            begin = i + 1
        i += 1
    return parts + [text[begin:]]


def param(value, name):
    """The value of ;name=value; "" when it stands alone; None when it is absent."""
    m = re.search(r";\s*" + re.escape(name) + r"\s*(?:=\s*([^;,\s]*))?(?=\s*(?:[;,]|$))", value, re.I)
    return None if not m else m.group(1) or ""


def request(method="OPTIONS", uri="sip:callee@127.0.0.1", via="SIP/2.0/UDP 127.0.0.1:9;rport", branch=None,
            call_id=None, cseq=1, from_tag=None, to_tag=None, max_forwards=70, headers=(), body=b"",
            length=True, cseq_method=None):
    """A well-formed request as bytes; headers are lines, put before Content-Length. via gets a branch unless it has one."""
    if isinstance(body, str):
        body = body.encode()
    if "branch=" not in via:
        via += ";branch=" + (branch or "z9hG4bK" + unique())
    lines = [f"{method} {uri} SIP/2.0", f"Via: {via}",
             f"From: \"Tester\" <sip:caller@127.0.0.1>;tag={from_tag or unique()}",
             "To: <sip:callee@127.0.0.1>" + (f";tag={to_tag}" if to_tag else ""),
             f"Call-ID: {call_id or unique() + '@test'}", f"CSeq: {cseq} {cseq_method or method}"]
    if max_forwards is not None:
        lines.append(f"Max-Forwards: {max_forwards}")
    lines += list(headers)
    if length:
        lines.append(f"Content-Length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + body


def response(req, status=200, reason="OK", to_tag="callee", headers=(), body=b"", vias=None):
    """An answer to a Message, as RFC 3261 8.2.6 wants it; vias replaces those of the request."""
    lines = [f"SIP/2.0 {status} {reason}"]
    lines += [f"Via: {v}" for v in (req.all("Via") if vias is None else vias)]
    to = req.get("To")
    if to_tag and ";tag=" not in to.lower() and status > 100:
        to += f";tag={to_tag}"
    lines += [f"From: {req.get('From')}", f"To: {to}", f"Call-ID: {req.get('Call-ID')}", f"CSeq: {req.get('CSeq')}"]
    lines += list(headers) + [f"Content-Length: {len(body)}"]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape") + body


def frame(data):
    """The length of the first whole message at the begin of data, 0 when it is not whole yet."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return 0
    m = re.search(rb"\r\n(?:content-length|l)[ \t]*:[ \t]*(\d+)", data[:end + 2], re.I)
    total = end + 4 + (int(m.group(1)) if m else 0)
    return total if len(data) >= total else 0
