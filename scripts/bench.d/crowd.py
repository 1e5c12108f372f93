"""A crowd of connections in front of one or more Redis, and what it costs them to be told each change."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import time
from contextlib import ExitStack
from dataclasses import dataclass

import fleet
import tracked
from changes import command
from processes import BenchError, cpu, machine_busy, say, tree
from programs import Redis

# The connections are in so many processes.
PROCESSES = 2
SETTLE = 0.6
MB = 1_000_000


def info(redis: Redis) -> dict[str, int]:
    """The figures of INFO that are whole numbers. A Redis that is busy takes its time."""
    deadline = time.monotonic() + 30
    while True:
        try:
            return {key.decode(): int(value) for key, value in re.findall(rb"(\w+):(\d+)\r\n", redis.command("INFO", "default"))}
        except OSError:
            redis.started.check_alive()
            if time.monotonic() > deadline:
                raise


@dataclass
class Moment:
    """What a Redis had used at some time."""

    at: float
    cpu: float
    sent: int

    @staticmethod
    def of(redis: Redis) -> Moment:
        sent = info(redis)["total_net_output_bytes"]
        return Moment(time.monotonic(), cpu(tree(redis.started.pid)).total, sent)


@dataclass
class Point:
    """
    A fleet at some rate of changes. `core` is the share of a processor that Redis used while changes were made. `each_us` is its
    CPU time in µs for one change and one connection, without that of the PINGs. `delay` is the time in ms from the acknowledgement
    of a change to the arrival of the push, and below 0 where the push came first; `since_sent` begins when the change was sent.
    `clients` has the share of a processor of each process with connections, and of the one with changes; `late` is how late in s
    the slowest of them read at worst. `asked` are look-ups a second. `spent` is the CPU time of Redis in s, and `lasted` the time,
    until the last push or answer. `others` is what other programs kept busy, in processors.
    """

    what: str
    connections: int
    wanted: int
    made: float = 0.0
    core: float = 0.0
    each_us: float = 0.0
    out_mb: float = 0.0
    told: float = 0.0
    delay: tuple[float, float, float] = (0.0, 0.0, 0.0)
    since_sent: tuple[float, float, float] = (0.0, 0.0, 0.0)
    ping: tuple[float, float, float] = (0.0, 0.0, 0.0)
    memory_mb: float = 0.0
    clients_mb: float = 0.0
    clients: list[float] = dataclasses.field(default_factory=list)
    late: float = 0.0
    silent: int = 0
    missed: int = 0
    closed: int = 0
    machine: float = 0.0
    others: float = 0.0
    asked: float = 0.0
    answered: int = 0
    spent: float = 0.0
    lasted: float = 0.0


def quantiles(values) -> tuple[float, float, float]:
    """p50, p99 and the greatest, in ms; NaN without values."""
    ordered = sorted(values)
    if not ordered:
        return (float("nan"),) * 3
    return tuple(1e3 * ordered[min(len(ordered) - 1, int(part * len(ordered)))] for part in (0.5, 0.99, 1.0))


def three(values: tuple[float, float, float]) -> str:
    return "–" if values[0] != values[0] else " / ".join(f"{one:,.1f}" for one in values)


class Crowd:
    """Processes with connections to one or more Redis, and one that changes routes."""

    def __init__(self, stack: ExitStack, reads: list[Redis], writes: Redis, count: int, kind: str = "tracking"):
        self.reads, self.writes, self.count = reads, writes, count
        self.clock = tracked.Clock()
        scripts = prepare(writes)
        for redis in reads:
            if redis is not writes:
                load(redis)
        self.groups: list[tracked.Child] = []
        per = max(1, PROCESSES // len(reads))
        shares = [(redis, count // len(reads) // per) for redis in reads for _ in range(per)]
        first = 0
        for redis, share in shares:
            group = tracked.Child(tracked.connections, redis.port, first, share, kind, self.clock, scripts)
            stack.callback(group.stop)
            self.groups.append(group)
            first += share
        self.count = first
        self.writer = tracked.Child(tracked.changes, writes.port, self.clock, scripts[1])
        stack.callback(self.writer.stop)
        for one in (*self.groups, self.writer):
            one.receive()

    def spent(self) -> float:
        """The CPU time of all that belongs to this benchmark, in s."""
        redis = {one.started.pid for one in (*self.reads, self.writes)}
        children = [one.process.pid for one in (*self.groups, self.writer)]
        return time.process_time() + sum(cpu(tree(pid)).total for pid in (*redis, *children))

    def figures(self) -> list[dict]:
        for group in self.groups:
            group.send("figures")
        return [group.receive() for group in self.groups]

    def measure(
        self, what: str, rate: int, seconds: float, idle: float = 0.0, asked: float = 0.0, watched: Redis | None = None,
        look_ups: float = 0.0,
    ) -> Point:  # fmt: skip
        """
        Makes `rate` changes a second for some seconds, `asked` changes of the host that all workers are asked for, and `look_ups`.
        `idle` is the share of a processor that Redis uses without them.
        """
        redis = watched or self.reads[0]
        time.sleep(SETTLE)
        self.figures()
        busy, own = machine_busy(), self.spent()
        before, memory, clients = Moment.of(redis), 0, 0
        for group in self.groups:
            group.send("rate", look_ups / len(self.groups))
        self.writer.send("change", rate, seconds, asked)
        while not self.writer.pipe.poll(0.25):
            known = info(redis)
            memory, clients = max(memory, known["used_memory"]), max(clients, known["mem_clients_normal"])
            if time.monotonic() - before.at > seconds + 60:
                raise BenchError("Redis does not take the changes")
        made, elapsed, writer = self.writer.receive()
        for group in self.groups:
            group.send("rate", 0.0)
        after = Moment.of(redis)
        lasted = after.at - before.at
        busy, own = (machine_busy() - busy) / lasted, (self.spent() - own) / lasted
        settle(redis)
        last = Moment.of(redis)
        found = self.figures()
        heard = [one for each in found for one in each["heard"]]
        point = Point(
            what, self.count, rate, made / elapsed, core=(after.cpu - before.cpu) / lasted,
            out_mb=(last.sent - before.sent) / elapsed / MB, told=sum(heard) / elapsed,
            delay=quantiles(one for each in found for one in each["delays"]),
            since_sent=quantiles(one for each in found for one in each["since_sent"]),
            ping=quantiles(one for each in found for one in each["pings"]),
            memory_mb=memory / MB, clients_mb=clients / MB,
            clients=[*(round(each["cpu"], 2) for each in found), round(writer, 2)],
            late=max(each["late"] for each in found), silent=sum(each["silent"] for each in found),
            missed=sum(one != made for one in heard), closed=sum(each["closed"] for each in found),
            machine=busy, others=max(0.0, busy - own), answered=(answered := sum(each["answered"] for each in found)),
            asked=answered / elapsed, spent=last.cpu - before.cpu, lasted=last.at - before.at,
        )  # fmt: skip
        if made:
            spent = last.cpu - before.cpu - idle * (last.at - before.at)
            point.each_us = 1e6 * spent / (made * self.count)
        say(text(point))
        return point


def settle(redis: Redis) -> None:
    """Waits until Redis has told everything."""
    deadline = time.monotonic() + 30
    while True:
        begun, used = time.monotonic(), cpu(tree(redis.started.pid)).total
        time.sleep(SETTLE)
        if (cpu(tree(redis.started.pid)).total - used) / (time.monotonic() - begun) < 0.5:
            return
        if time.monotonic() > deadline:
            raise BenchError("Redis does not come to rest")


def load(redis: Redis) -> tuple[str, str]:
    """Loads the scripts of look-ups and marks, and returns their digests."""
    digests = []
    for script in (tracked.LOOK_UP, tracked.MARK):
        digests.append(hashlib.sha1(script.encode()).hexdigest())
        said = redis.command("SCRIPT", "LOAD", script)
        if digests[-1].encode() not in said:
            raise BenchError(f"Redis says {said!r}")
    return digests[0], digests[1]


def prepare(redis: Redis) -> tuple[str, str]:
    """Writes the routes of all hosts."""
    with fleet.Pipeline(redis.port) as pipeline:
        pipeline.send([command("FLUSHALL")])
        names = [tracked.ASKED, *(tracked.host(number) for number in range(tracked.KEYS))]
        for first in range(0, len(names), fleet.BATCH):
            pipeline.send([
                command("RPUSH", f"frontend:{name}", tracked.IDENTIFIER, *tracked.ENTRIES)
                for name in names[first : first + fleet.BATCH]
            ])  # fmt: skip
    return load(redis)


def text(point: Point) -> str:
    return (
        f"{point.what}: {point.connections} connections, {point.made:,.0f} changes/s, core {point.core:.2f}, "
        f"{point.each_us:.2f} µs each, {point.out_mb:.1f} MB/s, delay {three(point.delay)} ms, since sent {three(point.since_sent)} ms, "
        f"ping {three(point.ping)} ms, memory {point.memory_mb:.0f} MB, of clients {point.clients_mb:.1f} MB, look-ups {point.asked:,.0f}/s, "
        f"clients {point.clients}, late {point.late:.2f} s, machine {point.machine:.2f}, others {point.others:.2f}, silent {point.silent}, "
        f"missed {point.missed}, closed {point.closed}"
    )


def table(points: list[Point]) -> str:
    lines = [
        "| | connections | changes/s wanted | made | Redis, share of a core | µs for a change and a connection | out, MB/s"
        " | push after the change was sent, ms: p50 / p99 / max | after the acknowledgement, at most | connections without a PONG for 1 s"
        " | memory of Redis / its clients, MB | processors busy, by others |",
        "| --- " + "| ---: " * 11 + "|",
    ]
    for one in points:
        cells = [
            one.what, f"{one.connections:,}", f"{one.wanted:,}", f"{one.made:,.0f}", f"{one.core:.2f}",
            f"{one.each_us:.2f}" if one.made else "–", f"{one.out_mb:.1f}", three(one.since_sent), three(one.delay).split(" / ")[-1],
            f"{one.silent}", f"{one.memory_mb:.0f} / {one.clients_mb:.0f}", f"{one.machine:.2f}, {one.others:.2f}",
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def rounds(crowd: Crowd, what: str, rates: list[int], seconds: float, watched: Redis | None = None) -> list[Point]:
    """One round at each rate, the first of them without changes."""
    found: list[Point] = []
    for rate in rates:
        found.append(crowd.measure(what, rate, seconds, found[0].core if found else 0.0, watched=watched))
    return found
