"""The shapes of load, and what is sent and answered."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

# The workload `hosts` asks for so many of them by Zipf's law.
HOSTS = 100_000
# Letters, none of which is more frequent by much than the others.
LETTERS = bytes(ord("a") + number % 26 for number in range(256))


@dataclass(frozen=True)
class Workload:
    """
    `size` is that of an answer, or of what is uploaded. `load` names the generator, see loads.py; `rate` is for the open loop.
    `warm_up` are the seconds of load before the first round of Hipache. A round with fewer than `least` requests is void.
    """

    connections: int
    size: int
    keep_alive: bool
    what: str
    tls: bool = False
    load: str = "get"
    rate: int = 0
    warm_up: int = 12
    least: int = 100
    unit: str = "request"


WORKLOADS = {
    "small": Workload(64, 100, True, "100 bytes, 64 keep-alive connections"),
    "medium": Workload(64, 10 * 1024, True, "10 KiB, 64 keep-alive connections"),
    "large": Workload(16, 1024 * 1024, True, "1 MiB, 16 keep-alive connections"),
    # Answers that are half there at the end of a round have cost time, and are not counted: so there must be many others.
    "huge": Workload(4, 10 * 1024 * 1024, True, "10 MiB, 4 keep-alive connections", least=40),
    "upload": Workload(
        16, 1024 * 1024, True, "uploads of 1 MiB, each byte compared by the backend, 16 keep-alive connections", load="upload"
    ),
    "connect": Workload(64, 100, False, "100 bytes, a new connection for each request, 64 at a time"),
    "tls": Workload(
        64, 100, False, "100 bytes over TLS, a new connection and a full handshake for each request, 64 at a time", True
    ),
    "tls-kept": Workload(64, 100, True, "100 bytes over TLS, 64 keep-alive connections", True),
    "h2": Workload(8, 100, True, "100 bytes over TLS and HTTP/2, 8 connections with 8 streams at a time each", True, "h2"),
    "websocket": Workload(
        64, 100, True, "messages of 100 bytes and their echo over 64 WebSockets, one at a time each", load="websocket",
        unit="message",
    ),
    "hosts": Workload(64, 100, True, f"111 to 115 bytes from {HOSTS:,} hosts by Zipf's law, 64 keep-alive connections", load="hosts"),
    "rate-400": Workload(
        16, 100, True, "100 bytes, 400 requests a second in an open loop, 16 keep-alive connections", load="rate", rate=400,
        warm_up=40,
    ),
    "rate-2000": Workload(
        64, 100, True, "100 bytes, 2,000 requests a second in an open loop, 64 keep-alive connections", load="rate", rate=2000,
        warm_up=40,
    ),
}  # fmt: skip
# What several of them are called together.
GROUPS = {"rate": ["rate-400", "rate-2000"], "all": list(WORKLOADS)}
# What needs nginx with Lua as the backend.
SCRIPTED = ("upload", "websocket")
# The streams of a connection in HTTP/2.
STREAMS = 8


def warm_up(workload: str, seconds: int | None) -> tuple[str, int]:
    """The workload whose load warms Hipache up for this one, and for how long: `seconds`, where they are given."""
    found = WORKLOADS[workload]
    # An open loop is too slow to warm anything up.
    return "small" if found.load == "rate" else workload, found.warm_up if seconds is None else seconds


def expand(names: list[str]) -> list[str]:
    """The workloads of these names, each once."""
    return list(dict.fromkeys(one for name in names for one in GROUPS.get(name, [name])))


def write_bodies(directory: Path) -> None:
    """Writes one file for each workload, of letters that do not compress. The files are the same on every run."""
    for name, workload in WORKLOADS.items():
        letters = random.Random(f"2013 {name}").getrandbits(8 * workload.size).to_bytes(workload.size, "big")
        (directory / name).write_bytes(letters.translate(LETTERS))
    # what upload-backend.lua answers when each byte was right
    (directory / "uploaded").write_text("all of it")
