"""Rounds: a few seconds of load on one proxy. Every answer is checked, and the cost is measured."""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Iterator

import loads
from loads import Load
from processes import BenchError, Memory, cpu, machine_busy, memory, tree
from programs import HOST, Redis, get
from proxies import Proxy
from workloads import WORKLOADS

# longer than log lines wait in a worker
SETTLE = 0.5


@dataclass(frozen=True)
class Round:
    """
    One proxy under load: CPU time in µs per request and memory in MB at half time, both for its whole process tree.
    `other_load` is the number of processors that other programs than this benchmark kept busy.
    """

    proxy: str
    requests: int
    requests_per_second: float
    cpu_us: float
    user_us: float
    system_us: float
    redis_cpu_us: float
    redis_commands: float
    p50_ms: float
    p99_ms: float
    p999_ms: float
    rss_mb: float
    pss_mb: float
    log_lines: float
    other_load: float


class Bench:
    """The running programs, and the means to put load on one of them."""

    def __init__(
        self, bodies: Path, backend_pid: int, redis: Redis, backend_port: int = 0, workers: int = 1, asked: Path | None = None
    ):
        """`workers` are those of each proxy. `asked` names the very many hosts, where they are wanted."""
        self.bodies = bodies
        self.backend_pid = backend_pid
        self.redis = redis
        self.backend_port = backend_port
        self.workers = workers
        self.asked = asked

    @contextmanager
    def changes(self, rate: int) -> Iterator[None]:
        """Changes routes in Redis meanwhile."""
        argv = [
            sys.executable, str(Path(__file__).with_name("changes.py")), str(self.redis.port), str(rate), HOST,
            f"http://127.0.0.1:{self.backend_port}",
        ]  # fmt: skip
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, start_new_session=True)
        try:
            if process.stdout.readline() != "ready\n":
                raise BenchError("routes could not be changed")
            yield
            if process.poll() is not None:
                raise BenchError("the changes of routes have ended by themselves")
        finally:
            process.kill()
            process.wait(5)

    def check_once(self, proxy: Proxy, workload: str) -> None:
        """Fails with a clear message, before any load, when the proxy does not serve the workload at all."""
        if WORKLOADS[workload].load not in ("get", "rate", "h2"):
            # their loads check more than a GET, and tell as clearly
            return
        status, body = get(proxy.port, HOST, f"/{workload}")
        if (status, body) != (200, (self.bodies / workload).read_bytes()):
            raise BenchError(f"{proxy.name} answers /{workload} with {status} and {len(body)} bytes: {body[:120]!r}")

    def load(
        self, proxy: Proxy, workload: str, seconds: float, instead: Path | None = None, halfway: Callable[[], object] = lambda: None
    ) -> Load:
        """Puts load on the proxy. A wrong answer or a socket error ends the whole run, as any does with another file `instead`."""
        return loads.run(loads.Task(proxy, workload, seconds, self.bodies, self.workers, self.asked, halfway, instead))

    def round(self, proxy: Proxy, workload: str, seconds: float) -> Round:
        watched = {
            "proxy": tree(proxy.started.pid),
            "redis": tree(self.redis.started.pid),
            "backend": tree(self.backend_pid),
        }
        sampled: list[Memory] = []
        commands = self.redis.commands_processed()
        _take_lines(proxy.access_log)

        begun, busy, own = time.monotonic(), machine_busy(), time.process_time()
        generators = _children_cpu()
        before = {name: cpu(processes) for name, processes in watched.items()}
        load = self.load(proxy, workload, seconds, halfway=lambda: sampled.extend(memory(watched["proxy"])))
        least = WORKLOADS[workload].least
        if load.requests < least:
            raise BenchError(
                f"{workload} on {proxy.name}: {load.requests} answers in {seconds:.0f} s, at least {least} wanted; make rounds longer"
            )
        # Work that the load leaves behind, mostly log lines, is part of its cost.
        time.sleep(SETTLE)
        if tree(proxy.started.pid) != watched["proxy"]:
            raise BenchError(f"{proxy.name}: a process ended or began during the round, so its CPU time is not known")
        spent = {name: cpu(processes) - before[name] for name, processes in watched.items()}
        elapsed, busy, own = time.monotonic() - begun, machine_busy() - busy, time.process_time() - own

        known = sum(cost.total for cost in spent.values()) + _children_cpu() - generators + own
        return Round(
            proxy=proxy.name,
            requests=load.requests,
            requests_per_second=load.requests / load.seconds,
            cpu_us=1e6 * spent["proxy"].total / load.requests,
            user_us=1e6 * spent["proxy"].user / load.requests,
            system_us=1e6 * spent["proxy"].system / load.requests,
            redis_cpu_us=1e6 * spent["redis"].total / load.requests,
            # Without the INFO command that returns the number.
            redis_commands=(self.redis.commands_processed() - commands - 1) / load.requests,
            p50_ms=load.p50_ms,
            p99_ms=load.p99_ms,
            p999_ms=load.p999_ms,
            rss_mb=sum(process.rss for process in sampled),
            pss_mb=sum(process.pss for process in sampled),
            log_lines=_take_lines(proxy.access_log) / load.logged,
            other_load=max(0.0, (busy - known) / elapsed),
        )


def _children_cpu() -> float:
    """CPU time of the child processes that have ended. During a run these are the generators of load."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _take_lines(log: Path) -> int:
    """Counts the lines and empties the file: minutes of load would fill the disk."""
    lines = 0
    with log.open("r+b") as file:
        while block := file.read(1 << 20):
            lines += block.count(b"\n")
        file.truncate(0)
    return lines
