"""Load of each shape on one proxy. Every answer is checked: one wrong answer, one failure ends the whole run."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import generator
import openloop
from generator import share
from processes import BenchError
from programs import HERE, HOST, find
from proxies import Proxy
from workloads import STREAMS, WORKLOADS

# So many answers in each round of `h2` are compared byte by byte. They come in the middle of the load.
SAMPLE = 100


@dataclass(frozen=True)
class Task:
    """What a proxy is loaded with. `asked` is the file of the hosts that `hosts` asks for."""

    proxy: Proxy
    workload: str
    seconds: float
    bodies: Path
    workers: int
    asked: Path | None
    halfway: Callable[[], object]
    # what is uploaded or wanted as an answer, if not what it is by right
    instead: Path | None = None

    @property
    def body(self) -> Path:
        return self.instead or self.bodies / self.workload


@dataclass(frozen=True)
class Load:
    """The result. The access log has `logged` lines of it."""

    requests: int
    seconds: float
    p50_ms: float
    p99_ms: float
    p999_ms: float
    logged: int


def run(task: Task) -> Load:
    return _LOADS[WORKLOADS[task.workload].load](task)


def _checked(task: Task, values: dict[str, str], logged: int | None = None) -> Load:
    good, bad, requests = (int(values[key]) for key in ("good", "bad", "requests"))
    if bad or values["socket_errors"] != "0" or good != requests:
        raise BenchError(
            f"load of {task.workload!r} on {task.proxy.name} is void: {requests} answers, {good} good, {bad} bad (first: "
            f"{values['first_bad'] or 'none'}), {values['socket_errors']} socket errors"
        )
    times = (int(values[key]) / 1e3 for key in ("p50_us", "p99_us", "p999_us"))
    return Load(requests, int(values["microseconds"]) / 1e6, *times, requests if logged is None else logged)


def _wrk(task: Task, script: str, *arguments: Path) -> Load:
    options = WORKLOADS[task.workload]
    fields = [f"Host: {HOST}"] if script != "hosts.lua" else []
    return _checked(task, generator.wrk(
        script, options.connections, task.seconds, task.proxy.url(task.workload), *map(str, arguments),
        fields=(*fields, *([] if options.keep_alive else ["Connection: close"])),
        threads=min(task.workers, options.connections), halfway=task.halfway,
    ))  # fmt: skip


def _get(task: Task) -> Load:
    return _wrk(task, "verify.lua", task.body)


def _upload(task: Task) -> Load:
    return _wrk(task, "upload.lua", task.bodies / "uploaded", task.body)


def _hosts(task: Task) -> Load:
    return _wrk(task, "hosts.lua", task.body, task.asked)


def _websocket(task: Task) -> Load:
    connections = WORKLOADS[task.workload].connections
    argv = [
        sys.executable, "-B", str(HERE / "websocket.py"), task.proxy.port, HOST, f"/{task.workload}", connections,
        min(task.workers, connections), task.seconds,
    ]  # fmt: skip
    # one line for each WebSocket, when it ends
    return _checked(task, generator.figures(generator.run(list(map(str, argv)), task.seconds, task.halfway)), connections)


def _rate(task: Task) -> Load:
    """Besides: an open loop sends exactly as many requests as are due."""
    options = WORKLOADS[task.workload]
    wanted = int(options.rate * task.seconds)
    with tempfile.TemporaryDirectory(dir=task.bodies.parent) as folder:
        log = Path(folder) / "answers"
        argv = openloop.command(
            task.proxy.port, f"/{task.workload}", options.connections, options.rate, task.seconds, log,
            task.body,
        )  # fmt: skip
        output = generator.run(argv, task.seconds, task.halfway)
        if not log.exists():
            raise BenchError(f"the open loop failed: {output.strip()[-900:]}")
        answers, failed, closed = openloop.read(log)
    wrong = sum(status != 200 for _, status, _ in answers)
    if wrong or failed or closed or abs(len(answers) - wanted) > 1:
        raise BenchError(
            f"load of {task.workload!r} on {task.proxy.name} is void: {len(answers)} of {wanted} answers, {wrong} wrong,"
            f" {failed} failed, {closed} connections closed"
        )
    took = [milliseconds for _, _, milliseconds in answers]
    return Load(len(answers), task.seconds, share(took, 0.5), share(took, 0.99), share(took, 0.999), len(answers))


def _h2(task: Task) -> Load:
    """
    h2load compares no bodies. So the status of each answer and the length of all together are checked, and each byte of some
    answers that another client gets meanwhile. They are counted, too.
    """
    options, url = WORKLOADS[task.workload], task.proxy.url(task.workload)
    body = task.body.read_bytes()
    authority = f":authority: {HOST}"

    def halfway() -> None:
        argv = [find("nghttp"), "--multiply", str(SAMPLE), "--header", authority, url]
        got = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=30).stdout
        if got != SAMPLE * body:
            raise BenchError(f"load of {task.workload!r} on {task.proxy.name} is void: wrong bytes: {got[:300]!r}")
        task.halfway()

    with tempfile.TemporaryDirectory(dir=task.bodies.parent) as folder:
        log = Path(folder) / "answers"
        output = generator.run([
            find("h2load"), "-D", f"{task.seconds:.0f}", "-c", str(options.connections), "-m", str(STREAMS),
            "-t", str(min(task.workers, options.connections)), f"--log-file={log}", f"--header={authority}", url,
        ], task.seconds, halfway)  # fmt: skip
        lines = [line.split("\t") for line in log.read_text().splitlines()] if log.exists() else []
    took = [int(microseconds) / 1e3 for _, _, microseconds in lines]
    wrong = sum(status != "200" for _, status, _ in lines)
    counted = re.search(r"(\d+) done, (\d+) succeeded, (\d+) failed, (\d+) errored, (\d+) timeout", output)
    size = int((re.search(r"\((\d+)\) data", output) or ["", "0"])[1])
    # Answers that are half there at the end have bytes, but are not done.
    most = options.connections * STREAMS * len(body)
    if (
        not counted or wrong or [int(one) for one in counted.groups()] != [len(took), len(took), 0, 0, 0]
        or not len(body) * len(took) <= size <= len(body) * len(took) + most
        or "Application protocol: h2" not in output
    ):  # fmt: skip
        raise BenchError(f"load of {task.workload!r} on {task.proxy.name} is void: {wrong} wrong, {output.strip()[-900:]}")
    requests = len(took) + SAMPLE
    return Load(requests, task.seconds, share(took, 0.5), share(took, 0.99), share(took, 0.999), requests)


_LOADS = {"get": _get, "upload": _upload, "hosts": _hosts, "websocket": _websocket, "rate": _rate, "h2": _h2}
