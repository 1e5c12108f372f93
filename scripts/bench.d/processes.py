"""Processes: start them, end them by id, and ask the kernel about a process and all of its descendants."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

TICK = 1 / os.sysconf("SC_CLK_TCK")


class BenchError(Exception):
    """Ends the run. Only its message is printed."""


def bounded(name: str, seconds: float, run: Callable[[Path, ExitStack], int]) -> int:
    """
    Runs a benchmark in a temporary folder, and ends what is on its stack, however the run ends.

    Returns the exit code: that of `run`, or 2 when nothing was measured, because of an error, a signal, or the time limit.
    """
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    for number in signals:
        signal.signal(number, lambda *_: sys.exit(2))
    signal.signal(signal.SIGALRM, lambda *_: (say(f"{name}: the run takes far too long"), sys.exit(2)))
    signal.alarm(int(seconds))
    with tempfile.TemporaryDirectory(prefix="hipache-bench-") as directory, ExitStack() as stack:
        try:
            return run(Path(directory), stack)
        except (BenchError, OSError) as error:
            say(f"{name}: {error}")
            return 2
        finally:
            # From here on, ignore a second Ctrl-C: it would leave processes behind.
            for number in signals:
                signal.signal(number, signal.SIG_IGN)


def say(line: str) -> None:
    """Says how far the run is. Its results alone go to standard output."""
    print(line, file=sys.stderr, flush=True)


class Started:
    """A process in the foreground. Its output goes to a file. It ends when this program does."""

    def __init__(self, name: str, argv: list[str], directory: Path):
        self.name = name
        self._argv = argv
        self._directory = directory
        self.output = directory / f"{name}.out"
        # Even after a SIGKILL to this program, no process may be left.
        if shutil.which("setpriv"):
            argv = ["setpriv", "--pdeathsig", "TERM", *argv]
        # monotonic, in seconds
        self.begun = time.monotonic()
        self.output.write_bytes(b"")
        # Appended, so that the file can be emptied: HAProxy writes its access log there.
        with self.output.open("ab") as output:
            # In a session of its own, so that Ctrl-C reaches only this program, which then ends the others properly.
            self.process = subprocess.Popen(
                argv, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )
        self.pid = self.process.pid

    def again(self) -> Started:
        """Starts the same program once more. The output of the process before is lost."""
        return Started(self.name, self._argv, self._directory)

    def check_alive(self) -> None:
        if self.process.poll() is not None:
            last = self.output.read_text(errors="replace").strip().splitlines()[-8:]
            raise BenchError("\n  ".join([f"{self.name} ended with exit code {self.process.returncode}:", *last]))

    def stop(self) -> None:
        """Sends SIGTERM, then SIGKILL to all processes that are left. Hipache gives requests in flight 8 s."""
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
    """A process by id and start time: the kernel uses ids again."""

    pid: int
    start: int
    depth: int


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state (field 3) on. The name before it may contain spaces."""
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def _is_running(process: Pid) -> bool:
    try:
        fields = _stat(process.pid)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return int(fields[19]) == process.start and fields[0] != "Z"


def tree(root: int) -> list[Pid]:
    """The process and all of its descendants, parents first."""
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


def with_word(word: str) -> list[int]:
    """The processes whose command line has this word, in the order of their ids."""
    found = []
    for entry in sorted(filter(str.isdigit, os.listdir("/proc")), key=int):
        try:
            words = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if word.encode() in words:
            found.append(int(entry))
    return found


@dataclass(frozen=True)
class Cpu:
    """Processor time in seconds. `total` is exact. The kernel counts `user` and `system` in ticks of 10 ms."""

    total: float
    user: float
    system: float

    def __sub__(self, before: Cpu) -> Cpu:
        return Cpu(self.total - before.total, self.user - before.user, self.system - before.system)


def cpu(processes: list[Pid]) -> Cpu:
    """The time of all threads, ended ones included: compiler and collector threads of a JVM come and go."""
    total = user = system = 0.0
    for process in processes:
        fields = _stat(process.pid)
        user += int(fields[11]) * TICK
        system += int(fields[12]) * TICK
        # The CPU clock of the process, see clock_getcpuclockid(3): exact to the nanosecond, unlike /proc/PID/stat.
        total += time.clock_gettime((~process.pid << 3) | 2)
    return Cpu(total, user, system)


def cpu_of_ended(pid: int) -> float:
    """The processor time in seconds, in ticks of 10 ms, of the children that the process has waited for."""
    fields = _stat(pid)
    return (int(fields[13]) + int(fields[14])) * TICK


@dataclass(frozen=True)
class Memory:
    """Memory of one process in MB (10^6 bytes): RSS, and PSS, which divides shared pages among their users."""

    depth: int
    rss: float
    pss: float


def mapped(pid: int) -> dict[str, int]:
    """What the kernel says about the memory of a process, in bytes: `Rss`, `Pss`, `Pss_Anon`, `Pss_File` and others."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    return {key.rstrip(":"): int(amount) * 1024 for key, amount, *_ in map(str.split, lines)}


def memory(processes: list[Pid]) -> list[Memory]:
    found = []
    for process in processes:
        values = mapped(process.pid)
        found.append(Memory(process.depth, values["Rss"] / 1e6, values["Pss"] / 1e6))
    return found


def machine_busy() -> float:
    """How many seconds the processors of the machine have worked, for all processes."""
    user, nice, system, _, _, irq, softirq, steal = map(int, Path("/proc/stat").read_text().split("\n")[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) * TICK


def resident(processes: list[Pid]) -> int:
    """The resident set of the processes together, in bytes. Much cheaper to ask for than `memory`."""
    pages = sum(int(Path(f"/proc/{process.pid}/statm").read_text().split()[1]) for process in processes)
    return pages * os.sysconf("SC_PAGE_SIZE")
