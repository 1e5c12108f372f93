"""What the rounds of a run with many hosts have measured, and the tables of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isnan
from statistics import median

from mint import Certificates
from processes import BenchError, say


def quantile(values: list[float], part: float) -> float:
    """NaN when there are no values."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else float("nan")


def three(values: list[float]) -> str:
    """p50, p99 and the greatest, in ms."""
    if not values:
        return "–"
    return " / ".join(f"{one:,.1f}" for one in (quantile(values, 0.5), quantile(values, 0.99), max(values)))


@dataclass(frozen=True)
class Point:
    """
    A proxy under load with some number of hosts and rate of changes. CPU times are in µs per request and of the whole process
    tree, memory in MB (PSS) at half time, times until a change is obeyed in ms: to the first answer, and to the answers of all
    connections of the prober. `changes` were made each second; `wanted` is what was asked for.
    """

    hosts: int
    wanted: int
    proxy: str
    changes: float
    requests: int
    requests_per_second: float
    cpu_us: float
    redis_cpu_us: float
    p50_ms: float
    p99_ms: float
    workers_mb: float
    all_mb: float
    redis_mb: float
    first_ms: list[float]
    every_ms: list[float]
    wrong: int
    failed: int
    first_wrong: str
    other_load: float
    start_seconds: float
    start_cpu: float
    # until changes of the prober were acknowledged; files of older runs have none
    told_ms: list[float] = field(default_factory=list)
    # new connections to backends per 1,000 requests; older files have none
    connects: float = float("nan")

    def text(self) -> str:
        return (
            f"{self.hosts:,} hosts, {self.changes:,.0f} changes/s, {self.proxy}: {self.cpu_us:.1f} µs, "
            f"{self.requests_per_second:,.0f}/s, p50 {self.p50_ms:.2f} p99 {self.p99_ms:.2f} ms, obeyed after "
            f"{three(self.first_ms)} ms ({len(self.first_ms)} times), {self.wrong} wrong, {self.failed} failed"
            + (f": {self.first_wrong}" if self.first_wrong else "")
        )


@dataclass(frozen=True)
class Shown:
    """
    A proxy with handshakes while certificates and routes change. CPU times are in µs per handshake, with the request behind it, and
    of the whole process tree. `shown_ms` are the times until a new certificate was shown. `all_mb` is PSS at the end.
    """

    hosts: int
    certificates: int
    wanted: int
    proxy: str
    changes: float
    handshakes_per_second: float
    cpu_us: float
    redis_cpu_us: float
    all_mb: float
    redis_mb: float
    shown_ms: list[float]
    wrong: int
    failed: int
    first_wrong: str
    other_load: float
    start_seconds: float
    start_cpu: float
    # until changes of the prober were acknowledged; files of older runs have none
    told_ms: list[float] = field(default_factory=list)

    def text(self) -> str:
        return (
            f"{self.hosts:,} hosts, {self.certificates:,} certificates, {self.changes:,.0f} changes/s, {self.proxy}: "
            f"{self.cpu_us:.1f} µs, {self.handshakes_per_second:,.0f} handshakes/s, shown after {three(self.shown_ms)} ms "
            f"({len(self.shown_ms)} times), {self.wrong} wrong, {self.failed} failed"
            + (f": {self.first_wrong}" if self.first_wrong else "")
        )


@dataclass
class Outcome:
    """All that a run has found."""

    command: str
    facts: dict[str, str] = field(default_factory=dict)
    filled: list[str] = field(default_factory=list)
    points: list[Point] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    # who could not take part, with how many hosts, and why
    absent: list[str] = field(default_factory=list)

    @staticmethod
    def of(values: dict) -> Outcome:
        """What `--json` has written."""
        return Outcome(**{
            **values, "points": [Point(**one) for one in values["points"]], "shown": [Shown(**one) for one in values["shown"]],
        })  # fmt: skip

    def add(self, point: Point | Shown) -> None:
        (self.points if isinstance(point, Point) else self.shown).append(point)

    def give_up(self, name: str, hosts: int, own: Certificates | None, error: BenchError) -> None:
        with_certificates = f" and {own.count:,} certificates" if own else ""
        self.absent.append(f"{name} with {hosts:,} hosts{with_certificates}: {error}")
        say(f"gives up: {self.absent[-1]}")

    def all(self) -> list[Point | Shown]:
        return [*self.points, *self.shown]

    def bad(self) -> list[Point | Shown]:
        return [one for one in self.all() if one.proxy == "hipache" and (one.wrong or one.failed)]

    def heading(self) -> str:
        return f"`{self.command}`\n\n" + "; ".join(f"{key} {value}" for key, value in self.facts.items())

    def tables(self) -> str:
        return "\n\n".join(
            make(found) for make, found in ((table, self.points), (table_of_shown, self.shown)) if found
        )  # fmt: skip

    def remarks(self) -> str:
        lines = [f"Redis was filled with {', '.join(self.filled)}."]
        lines += [f"Gave up: {one}" for one in self.absent]
        disturbed = [one.other_load for one in self.all() if one.other_load > 0.1]
        if disturbed:
            lines.append(
                f"Doubt: during {len(disturbed)} of {len(self.all())} rounds something else kept up to"
                f" {max(disturbed):.2f} processors busy"
            )
        lines += [
            f"BAD: {one.wrong} wrong answers and {one.failed} that failed: {one.text()}" for one in self.bad()
        ]
        return "".join(f"\n{line}\n" for line in lines).rstrip()


def together(outcomes: list[Outcome]) -> Outcome:
    """The points of several runs as one."""
    if len(outcomes) == 1:
        return outcomes[0]

    def joined(figure: str) -> list:
        return [one for outcome in outcomes for one in getattr(outcome, figure)]

    lists = {figure: joined(figure) for figure in ("filled", "points", "shown", "absent")}
    return Outcome("; ".join(one.command for one in outcomes), outcomes[0].facts, **lists)



def table(points: list[Point]) -> str:
    lines = [
        "| hosts | changes/s wanted | | made | requests/s | CPU per request, µs | Redis, µs | new connections per 1,000 |"
        " p50 / p99, ms |"
        " memory, MB (workers / all / Redis) | acknowledged after: p50 / p99 / max, ms | obeyed after: p50 / p99 / max, ms"
        " | by all connections, ms | wrong | failed | start, s (CPU) |",
        "| ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for key in dict.fromkeys((one.hosts, one.wanted, one.proxy) for one in points):
        found = [one for one in points if (one.hosts, one.wanted, one.proxy) == key]

        def middle(figure: str) -> float:
            return median(getattr(one, figure) for one in found)

        asks = key[2] in ("hipache", "nginx-lua")
        told, first, every = (
            [ms for one in found for ms in getattr(one, figure)] for figure in ("told_ms", "first_ms", "every_ms")
        )
        cells = [
            f"{key[0]:,}", f"{key[1]:,}", key[2], f"{middle('changes'):,.0f}", f"{middle('requests_per_second'):,.0f}",
            f"{middle('cpu_us'):.1f}", f"{middle('redis_cpu_us'):.1f}" if asks else "–",
            "–" if isnan(middle("connects")) else f"{middle('connects'):,.1f}",
            f"{middle('p50_ms'):,.1f} / {middle('p99_ms'):,.1f}",
            " / ".join(f"{middle(one):,.0f}" for one in (("workers_mb", "all_mb", "redis_mb") if asks else ("all_mb",))),
            three(told), f"{three(first)} (of {len(first)})", three(every),
            f"{sum(one.wrong for one in found)}", f"{sum(one.failed for one in found)}",
            f"{found[0].start_seconds:.2f} ({found[0].start_cpu:.2f})",
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def table_of_shown(found: list[Shown]) -> str:
    lines = [
        "| hosts | certificates | changes/s wanted | | made | handshakes/s | CPU per handshake, µs | Redis, µs | memory, MB (all / Redis)"
        " | acknowledged after: p50 / p99 / max, ms | shown after: p50 / p99 / max, ms | wrong | failed | start, s (CPU) |",
        "| ---: | ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for key in dict.fromkeys((one.hosts, one.certificates, one.wanted, one.proxy) for one in found):
        same = [one for one in found if (one.hosts, one.certificates, one.wanted, one.proxy) == key]

        def middle(figure: str) -> float:
            return median(getattr(one, figure) for one in same)

        asks = key[3] in ("hipache", "nginx-lua")
        told, times = ([ms for one in same for ms in getattr(one, figure)] for figure in ("told_ms", "shown_ms"))
        cells = [
            *(f"{one:,}" for one in key[:3]), key[3], f"{middle('changes'):,.0f}", f"{middle('handshakes_per_second'):,.0f}",
            f"{middle('cpu_us'):,.0f}", f"{middle('redis_cpu_us'):.0f}" if asks else "–",
            " / ".join(f"{middle(one):,.0f}" for one in (("all_mb", "redis_mb") if asks else ("all_mb",))),
            three(told), f"{three(times)} (of {len(times)})",
            f"{sum(one.wrong for one in same)}", f"{sum(one.failed for one in same)}",
            f"{same[0].start_seconds:.2f} ({same[0].start_cpu:.2f})",
        ]  # fmt: skip
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)
