"""What a proxy, Redis and the rest of the machine spend during a round."""

from __future__ import annotations

import resource
import time

from processes import BenchError, Pid, cpu, cpu_of_ended, machine_busy, memory, tree
from proxies import Proxy

# nginx starts and ends processes all the time, so a look at them may have to be repeated.
TRIES, PAUSE = 100, 0.01
# Two processes are at rest when they use so little of a processor in so many seconds. The wait for that is bounded.
REST, AT_REST, LONGEST_REST = 1, 0.03, 60


def spent(proxy: Proxy) -> float:
    """CPU time of the process tree in s, with that of processes that have ended: nginx replaces its workers."""
    for _ in range(TRIES):
        try:
            return cpu(tree(proxy.started.pid)).total + cpu_of_ended(proxy.started.pid)
        except OSError:
            # a process has ended in between
            proxy.started.check_alive()
            time.sleep(PAUSE)
    raise BenchError(f"the processes of {proxy.name} come and go too fast")


def pss(pid: int) -> list[tuple[int, float]]:
    """PSS in MB with the depth in the tree of each process."""
    for _ in range(TRIES):
        try:
            return [(one.depth, one.pss) for one in memory(tree(pid))]
        except OSError:
            # it has ended, and its parent does not know yet
            time.sleep(PAUSE)
    raise BenchError(f"the processes below {pid} come and go too fast")


def rest(processes: list[Pid], longest: float = LONGEST_REST) -> float:
    """
    Waits until the processes do hardly anything: a JVM still compiles what ran before. Returns what they use at rest, as a
    part of one processor.
    """
    deadline, enough = time.monotonic() + longest, AT_REST * max(1, len(processes) / 2)
    while True:
        before, begun = cpu(processes), time.monotonic()
        time.sleep(REST)
        used = (cpu(processes) - before).total / (time.monotonic() - begun)
        if used < enough or begun > deadline:
            return used


class Watch:
    """
    CPU time in s between enter and exit: of the proxy, and of Redis. Make it before this program starts others, such as wrk, and
    ask `other_load` when they have ended: how many processors were busy with what is no part of the round.
    """

    def __init__(self, proxy: Proxy, redis: int, backend: int):
        self._proxy, self._pids = proxy, (redis, backend)
        self._children = self._ended()

    @staticmethod
    def _ended() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime

    def _now(self) -> list[float]:
        apart = [cpu(tree(pid)).total for pid in self._pids]
        return [spent(self._proxy), *apart, machine_busy(), time.process_time(), time.monotonic()]

    def __enter__(self) -> Watch:
        self._before = self._now()
        return self

    def __exit__(self, *_) -> None:
        self.proxy, self.redis, self.backend, self.busy, self.own, self.seconds = (
            late - early for late, early in zip(self._now(), self._before)
        )

    def other_load(self) -> float:
        known = self.proxy + self.redis + self.backend + self.own + self._ended() - self._children
        return max(0.0, (self.busy - known) / self.seconds)
