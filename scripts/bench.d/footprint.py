"""What was read about the memory of a program, what of it each connection costs, and whether that is within the goals."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import mean

from processes import Memory

KB, MB = 1e3, 1e6
# What a worker may need for each, in bytes.
EACH_GOALS = {"connections": 4 * KB, "tunnels": 5 * KB, "tls": 9 * KB, "certificates": 15 * KB}
# What a process, or the whole program with so many workers, may need at rest, in MB of PSS.
SUPERVISOR_GOAL, WORKER_GOAL, WHOLE_GOALS = 45, 60, {2: 150, 8: 420}
# A process is judged as it is with so many workers: pages that all share count less with more of them.
JUDGED = 2


@dataclass(frozen=True)
class Reading:
    """Memory of one process in bytes. `heap` is what lies on the heap behind a garbage collection, where that is known."""

    pss: int
    rss: int
    heap: int | None = None


@dataclass(frozen=True)
class Cost:
    """What one process has needed for `count` connections, or other things."""

    count: int
    before: Reading
    after: Reading
    # of the kernel, for both ends of each connection
    kernel: int = 0

    @property
    def each(self) -> float:
        return (self.after.pss - self.before.pss) / self.count

    @property
    def rss_each(self) -> float:
        return (self.after.rss - self.before.rss) / self.count

    @property
    def heap_each(self) -> float | None:
        if self.before.heap is None or self.after.heap is None:
            return None
        return (self.after.heap - self.before.heap) / self.count


@dataclass(frozen=True)
class Rest:
    """A program at rest: as it has started, and after a garbage collection in all its workers, where that was possible."""

    workers: int
    started: list[Memory]
    collected: list[Memory] | None = None

    @property
    def whole(self) -> float:
        return whole(self.started)


def supervisor(processes: list[Memory]) -> float:
    return next(one.pss for one in processes if one.depth == 0)


def worker(processes: list[Memory]) -> float:
    """The mean of all workers."""
    return mean(one.pss for one in processes if one.depth > 0)


def whole(processes: list[Memory]) -> float:
    return sum(one.pss for one in processes)


def missed(rests: list[Rest], costs: dict[str, Cost]) -> list[str]:
    """What is above its goal. What was not measured misses nothing."""
    found = []

    def look(what: str, value: float, goal: float, unit: str) -> None:
        if value > goal:
            found.append(f"{what} {value:.1f} {unit}, at most {goal:g} wanted")

    for one in rests:
        if one.workers == JUDGED:
            look("supervisor", supervisor(one.started), SUPERVISOR_GOAL, "MB")
            look("worker", worker(one.started), WORKER_GOAL, "MB")
        if one.workers in WHOLE_GOALS:
            look(f"the whole with {one.workers} workers", one.whole, WHOLE_GOALS[one.workers], "MB")
    for name, cost in costs.items():
        look(f"each of the {name}", cost.each / KB, EACH_GOALS[name] / KB, "KB")
    return found


def rest_table(ours: list[Rest], nginx: dict[int, float]) -> str:
    """`nginx` is the whole of it, by the number of its workers."""
    lines = [
        "| workers | supervisor, MB | each worker, MB | whole, MB | goal, MB | whole after a garbage collection, MB | nginx, whole, MB |",
        "| ---: |" + " ---: |" * 6,
    ]
    for one in ours:
        collected = "–" if one.collected is None else f"{whole(one.collected):.1f}"
        beside = f"{nginx[one.workers]:.1f}" if one.workers in nginx else "–"
        lines.append(
            f"| {one.workers} | {supervisor(one.started):.1f} | {worker(one.started):.1f} | {one.whole:.1f} |"
            f" {WHOLE_GOALS.get(one.workers, '–')} | {collected} | {beside} |"
        )
    return "\n".join(lines)


def each_table(ours: dict[str, Cost], nginx: dict[str, Cost], names: dict[str, str]) -> str:
    """A row for each kind of thing, with the name that it has in `names`."""
    lines = [
        "| each | number | hipache, KB (RSS) | of it live on the heap, KB | goal, KB | nginx, KB (RSS) | kernel of the machine, KB |",
        "| --- |" + " ---: |" * 6,
    ]

    def text(cost: Cost | None) -> str:
        return f"{cost.each / KB:.2f} ({cost.rss_each / KB:.2f})" if cost else "–"

    for name, cost in ours.items():
        heap = "–" if cost.heap_each is None else f"{cost.heap_each / KB:.2f}"
        kernel = f"{cost.kernel / cost.count / KB:.2f}" if cost.kernel else "–"
        lines.append(
            f"| {names[name]} | {cost.count:,} | {text(cost)} | {heap} | {EACH_GOALS[name] / KB:g} | {text(nginx.get(name))} | {kernel} |"
        )
    return "\n".join(lines)


def kinds_text(kinds: dict[str, int]) -> str:
    return ", ".join(f"{name} {size / MB:.1f}" for name, size in kinds.items())


def kernel(meminfo: str, sockstat: str, page: int) -> int:
    """
    Bytes that the kernel of the machine uses for objects that it cannot drop, sockets among them, and for the buffers of TCP.
    The inodes of sockets are not in it: they are counted with those of files, which come and go.
    """
    slab = next(int(line.split()[1]) * 1024 for line in meminfo.splitlines() if line.startswith("SUnreclaim:"))
    tcp = next(line.split() for line in sockstat.splitlines() if line.startswith("TCP:"))
    return slab + int(tcp[tcp.index("mem") + 1]) * page


def fitting(wanted: int, limit: int, each: int) -> int:
    """How many of the wanted connections a process can hold that needs `each` descriptors for one. Some are for other files."""
    return max(1, min(wanted, (limit - SPARE) // each))


# Descriptors that are no connection of a client.
SPARE = 400
