"""The job that the proxies of a run do side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable

from processes import Started
from programs import HOST, Redis, get, start_backend, until
from workloads import write_bodies


@dataclass(frozen=True)
class Job:
    """What each proxy of a run has to do: one frontend in Redis, and the backend behind it."""

    bodies: Path
    backend: Started
    backend_port: int
    redis: Redis


def start_job(directory: Path, keep: Callable[[Started], object]) -> Job:
    """Starts the backend and Redis. `keep` is told both, to end them with the run."""
    bodies = directory / "bodies"
    bodies.mkdir()
    write_bodies(bodies)
    backend, port = start_backend(directory, bodies)
    keep(backend)
    redis = Redis(directory)
    keep(redis.started)
    until(backend, "answers", lambda: get(port, HOST, "/small")[0] == 200)
    until(redis.started, "answers PING", lambda: redis.command("PING") == b"+PONG\r\n")
    redis.command("RPUSH", f"frontend:{HOST}", "bench", f"http://127.0.0.1:{port}")
    return Job(bodies, backend, port, redis)
