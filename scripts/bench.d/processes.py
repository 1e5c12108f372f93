"""Processes: starting and ending them by id, and what the kernel knows of a process and all below it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

TICK = 1 / os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """Ends the run with one line, which is all there is to say about it."""


class Started:
    """A process in the foreground, with its output in a file, that ends when this program does."""

    def __init__(self, name: str, argv: list[str], directory: Path):
        self.name = name
        self.output = directory / f"{name}.out"
        # Even a SIGKILL of this program must leave nothing behind.
        if shutil.which("setpriv"):
            argv = ["setpriv", "--pdeathsig", "TERM", *argv]
        with self.output.open("wb") as output:
            # A session of its own: Ctrl-C reaches this program only, which then ends the others in order.
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.pid = self.process.pid

    def check_alive(self) -> None:
        if self.process.poll() is not None:
            last = self.output.read_text(errors="replace").strip().splitlines()[-8:]
            raise BenchError("\n  ".join([f"{self.name} ended with exit code {self.process.returncode}:", *last]))

    def stop(self) -> None:
        """SIGTERM, then SIGKILL for whatever of the tree is left; Hipache itself gives requests in flight 8 s."""
        if self.process.poll() is not None:
            return
        below = tree(self.pid)
        self.process.terminate()
        try:
            self.process.wait(12)
        except subprocess.TimeoutExpired:
            pass
        for process in below:
            if _is_running(process):
                os.kill(process.pid, signal.SIGKILL)
        self.process.wait(5)


@dataclass(frozen=True)
class Pid:
    """A process id is only a name together with the start time, as ids are used again."""

    pid: int
    start: int
    depth: int


def _stat(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state (field 3) on; the name before it may hold spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _is_running(process: Pid) -> bool:
    try:
        fields = _stat(process.pid)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return int(fields[19]) == process.start and fields[0] != "Z"


def tree(root: int) -> list[Pid]:
    """The process and everything below it, parents first."""
    children: dict[int, list[tuple[int, int]]] = {}
    start = None
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            fields = _stat(int(entry))
        except (FileNotFoundError, ProcessLookupError):
            continue
        children.setdefault(int(fields[1]), []).append((int(entry), int(fields[19])))
        if int(entry) == root:
            start = int(fields[19])
    if start is None:
        return []

    found = [Pid(root, start, 0)]
    for process in found:
        found += [Pid(pid, begun, process.depth + 1) for pid, begun in sorted(children.get(process.pid, []))]
    return found


@dataclass(frozen=True)
class Cpu:
    """Seconds of processor time. `total` is exact; `user` and `system` are counted by the kernel in ticks of 10 ms."""

    total: float
    user: float
    system: float

    def __sub__(self, before: Cpu) -> Cpu:
        return Cpu(self.total - before.total, self.user - before.user, self.system - before.system)


def cpu(processes: list[Pid]) -> Cpu:
    """Time of all threads, also of those that ended: of a JVM the compiler and collector threads come and go."""
    total = user = system = 0.0
    for process in processes:
        fields = _stat(process.pid)
        user += int(fields[11]) * TICK
        system += int(fields[12]) * TICK
        # The process's own clock, see clock_getcpuclockid(3): /proc/PID/stat in nanoseconds.
        total += time.clock_gettime((~process.pid << 3) | 2)
    return Cpu(total, user, system)


@dataclass(frozen=True)
class Memory:
    """MB (10^6 bytes) of one process: resident, and resident with shared pages divided among their users."""

    depth: int
    rss: float
    pss: float


def memory(processes: list[Pid]) -> list[Memory]:
    found = []
    for process in processes:
        values = {}
        for line in Path(f"/proc/{process.pid}/smaps_rollup").read_text().splitlines()[1:]:
            key, amount = line.split()[:2]
            values[key] = int(amount) * 1024 / 1e6
        found.append(Memory(process.depth, values["Rss:"], values["Pss:"]))
    return found


def machine_busy() -> float:
    """Seconds that the processors of the whole machine have worked, whoever for."""
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) * TICK
