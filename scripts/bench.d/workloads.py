"""The shapes of load, and what is answered."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Workload:
    connections: int
    size: int
    keep_alive: bool
    what: str
    tls: bool = False


WORKLOADS = {
    "small": Workload(64, 100, True, "100 bytes, 64 keep-alive connections"),
    "medium": Workload(64, 10 * 1024, True, "10 KiB, 64 keep-alive connections"),
    "large": Workload(16, 1024 * 1024, True, "1 MiB, 16 keep-alive connections"),
    "connect": Workload(64, 100, False, "100 bytes, a new connection for each request, 64 at a time"),
    "tls": Workload(
        64, 100, False, "100 bytes over TLS, a new connection and a full handshake for each request, 64 at a time", True
    ),
}


def write_bodies(directory: Path) -> None:
    """Writes one file for each workload, of letters that do not compress. The files are the same on every run."""
    letters = random.Random(2013)
    for name, workload in WORKLOADS.items():
        (directory / name).write_text("".join(letters.choices("abcdefghijklmnopqrstuvwxyz", k=workload.size)))
