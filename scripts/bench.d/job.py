"""The job that the proxies of a run do side by side."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import changes
import fleet
from processes import Started
from programs import CONNECTIONS, HOST, Redis, get, start_backend, until
from workloads import HOSTS, write_bodies


@dataclass(frozen=True)
class Job:
    """What each proxy of a run has to do: one frontend in Redis, and the backend behind it."""

    bodies: Path
    backend: Started
    backend_port: int
    redis: Redis


def start_job(
    directory: Path, keep: Callable[[Started], object], workers: int = 1, lua: bool = False, connections: int = CONNECTIONS
) -> Job:
    """
    Starts the backend and Redis. `keep` is told both, to end them with the run. With `lua` the backend also takes uploads and
    WebSockets. `connections` are those that each process of the backend takes.
    """
    bodies = directory / "bodies"
    bodies.mkdir()
    write_bodies(bodies)
    backend, port = start_backend(directory, bodies, workers, lua, connections)
    keep(backend)
    redis = Redis(directory)
    keep(redis.started)
    until(backend, "answers", lambda: get(port, HOST, "/small")[0] == 200)
    until(redis.started, "answers PING", lambda: redis.command("PING") == b"+PONG\r\n")
    redis.command("RPUSH", f"frontend:{HOST}", "bench", f"http://127.0.0.1:{port}")
    return Job(bodies, backend, port, redis)


def add_hosts(job: Job, asked: Path) -> list[str]:
    """Adds very many hosts with the same backend, and writes into `asked` in which order they are asked for. Returns the hosts."""
    names = [fleet.host(number) for number in range(HOSTS)]
    with fleet.Pipeline(job.redis.port) as pipeline:
        for first in range(0, HOSTS, fleet.BATCH):
            pipeline.send([
                changes.command("RPUSH", f"frontend:{name}", "bench", f"http://127.0.0.1:{job.backend_port}")
                for name in names[first : first + fleet.BATCH]
            ])  # fmt: skip
    asked.write_text("".join(f"{names[number]}\n" for number in fleet.draw(HOSTS, fleet.DRAWS, 13)))
    return names
