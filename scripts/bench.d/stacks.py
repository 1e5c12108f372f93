"""Reads the stacks that async-profiler has counted, and says for which part of a worker's job the time went."""

from __future__ import annotations

import re
from collections import Counter
from typing import Iterable

from processes import BenchError

# Calls of the system, by the innermost frame. glibc has several names for one call.
CALLS = {
    "send": "send|sendto|sendmsg|sendmmsg|writev", "recv": "recv|recvfrom|recvmsg|recvmmsg|readv", "epoll_wait": r"epoll_p?wait2?",
    "open and close": "accept4?|bind|close|connect|getsockopt|setsockopt|shutdown|socket|epoll_ctl|getpeername|getsockname",
}  # fmt: skip
# Otherwise the innermost frame counts that belongs to one of these. So what the JDK does counts for its caller.
OWNERS = {
    "TLS": r"io/netty/(handler/ssl|internal/tcnative)/|SSL_|bssl::|io/hipache/(tls|certificates)/",
    "access log": r"io/hipache/(accesslog|syslog)/",
    "HTTP": r"io/hipache/http2?/|io/netty/handler/codec/http",
    "look-ups": r"io/lettuce/|io/hipache/(driver|routing|store)/",
    "proxy": r"io/hipache/",
    "Netty": r"io/netty/|netty_",
    "compiler": r"CompileBroker::",
    "collector": r"VMThread::|GenCollectedHeap::|SerialHeap::",
}
OTHER = "other"
PARTS = [*CALLS, *OWNERS, OTHER]
_CALLS = {part: re.compile(rf"_*(GI_+|libc_)?({names})(64)?(_nocancel)?$") for part, names in CALLS.items()}
_OWNERS = {part: re.compile(start) for part, start in OWNERS.items()}
# What would tell something of the machine or of this one run.
FOREIGN = re.compile(r"/(?:home|opt|proc|root|tmp|usr|var|work|lib)/[\w.-]|\btid=|\bpid=|hipache-bench-|0x[0-9a-f]{8}")


def part(frames: list[str]) -> str:
    """The part of the job to which a stack belongs. Its outermost frame comes first."""
    for name, pattern in _CALLS.items():
        if pattern.match(frames[-1]):
            return name
    for frame in reversed(frames):
        for name, pattern in _OWNERS.items():
            if pattern.match(frame):
                return name
    return OTHER


def count(lines: Iterable[str]) -> Counter[str]:
    """The samples of each part, of lines such as `a;b;c 12`."""
    found: Counter[str] = Counter()
    for line in lines:
        stack, _, samples = line.rstrip("\n").rpartition(" ")
        if not stack or not samples.isdigit():
            raise BenchError(f"no line of a profile: {line[:200]!r}")
        found[part(stack.split(";"))] += int(samples)
    return found


def table(profiles: dict[str, Counter[str]]) -> str:
    """A row for each workload, with the share of each part in percent."""
    lines = ["| workload | samples | " + " | ".join(PARTS) + " |", "| --- |" + " ---: |" * (1 + len(PARTS))]
    for workload, counted in profiles.items():
        total = sum(counted.values())
        shares = [f"{100 * counted[name] / total:.0f}" for name in PARTS]
        lines.append(f"| [{workload}]({workload}.html) | {total:,} | " + " | ".join(shares) + " |")
    return "\n".join(lines)


def clean(html: str, title: str) -> str:
    """The page as it is published. async-profiler gives it a heading, but no title. It may load nothing, and tell nothing of the machine on which it was made."""
    told = FOREIGN.search(html)
    if told:
        around = html[max(0, told.start() - 40) : told.end() + 40]
        raise BenchError(f"the page tells something of this machine: {around!r}")
    if re.search(r"<(?:script|link|img)[^>]*\b(?:src|href)=", html):
        raise BenchError("the page is not complete in itself")
    titled = html.replace("<head>\n", f"<head>\n<title>{title}</title>\n", 1)
    return "\n".join(line.rstrip() for line in titled.splitlines()) + "\n"
