"""Computes ratios from rounds, and makes a table that can be pasted into BENCHMARKS.md."""

from __future__ import annotations

import dataclasses
import datetime
import math
import os
import platform
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from processes import Memory, Started
from programs import find
from workloads import WORKLOADS, Workload
from rounds import Round


@dataclass(frozen=True)
class Spread:
    """The median of some rounds, with the least and the greatest value."""

    median: float
    least: float
    greatest: float

    @staticmethod
    def of(values) -> Spread:
        values = list(values) or [math.nan]
        return Spread(median(values), min(values), max(values))

    def text(self, digits: int) -> str:
        if math.isnan(self.median):
            return "–"
        return f"{self.median:,.{digits}f} ({self.least:,.{digits}f}–{self.greatest:,.{digits}f})"


@dataclass(frozen=True)
class Result:
    """All rounds of one workload: each time one of the proxy under test and one of each peer, measured directly after each other."""

    workload: str
    rounds: list[tuple[Round, ...]]
    # rounds of the proxy under test, one behind each of the others: in which routes changed, and of `small` instead
    changing: list[Round] = field(default_factory=list)
    alone: list[Round] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        return [one.proxy for one in self.rounds[0]]

    def spread(self, side: int, figure: str) -> Spread:
        return Spread.of(getattr(each[side], figure) for each in self.rounds)

    def ratio(self, figure: str, side: int = 1) -> Spread:
        """The ratio to the peer at this place. In a round with little load the peer may have used less than a tick of CPU time."""
        return Spread.of(
            getattr(each[0], figure) / getattr(each[side], figure) for each in self.rounds if getattr(each[side], figure)
        )

    def ratio_to_alone(self) -> Spread:
        """The CPU time per request of this workload, in that of `small`."""
        return Spread.of(each[0].cpu_us / one.cpu_us for each, one in zip(self.rounds, self.alone))


ROWS = (
    ("CPU per request, µs", "cpu_us", 1),
    ("… user", "user_us", 1),
    ("… system", "system_us", 1),
    ("requests per second", "requests_per_second", 0),
    ("latency, median, ms", "p50_ms", 2),
    ("latency, 99 %, ms", "p99_ms", 2),
    ("latency, 99.9 %, ms", "p999_ms", 2),
    ("memory under load, RSS, MB", "rss_mb", 1),
    ("memory under load, PSS, MB", "pss_mb", 1),
)
REDIS_ROWS = (("Redis' own CPU per request, µs", "redis_cpu_us", 1), ("Redis commands per request", "redis_commands", 2))
# They have their backends in their configurations.
NEVER_ASK = ("nginx", "haproxy")


def table(result: Result) -> str:
    """One column for each proxy, and behind each peer one for the ratio to it."""
    ours, *peers = result.names
    workload = WORKLOADS[result.workload]
    heads = [f"{peer} | {'ratio' if len(peers) == 1 else f'to {peer}'}" for peer in peers]
    answers = sum(one.requests for each in result.rounds for one in each)
    lines = [
        f"**{result.workload}**: {workload.what}; {len(result.rounds)} rounds each, {answers:,} answers, {verified(workload)}",
        "",
        f"| | {ours} | {' | '.join(heads)} |",
        "| --- |" + " ---: |" * (1 + 2 * len(peers)),
    ]

    def row(label: str, first: Spread, cells: list[str], digits: int) -> None:
        lines.append(f"| {label.replace('request', workload.unit)} | {first.text(digits)} | {' | '.join(cells)} |")

    sides = range(1, 1 + len(peers))
    for label, figure, digits in ROWS:
        cells = [f"{result.spread(side, figure).text(digits)} | {result.ratio(figure, side).text(2)}" for side in sides]
        row(label, result.spread(0, figure), cells, digits)
    for label, figure, digits in REDIS_ROWS:
        cells = [
            "– | –" if peers[side - 1] in NEVER_ASK else f"{result.spread(side, figure).text(digits)} | –" for side in sides
        ]
        row(label, result.spread(0, figure), cells, digits)
    none = ["– | –"] * (len(peers) - 1)
    if result.changing:
        ratio = Spread.of(one.cpu_us / each[0].cpu_us for one, each in zip(result.changing, result.rounds))
        costs = Spread.of(one.cpu_us for one in result.changing)
        row("CPU per request while routes change, µs; ratio to the calm round before", costs, [f"– | {ratio.text(2)}", *none], 1)
    if result.alone:
        costs = Spread.of(one.cpu_us for one in result.alone)
        cells = [f"– | {result.ratio_to_alone().text(2)}", *none]
        row("CPU per request of `small` between, µs; ratio of all hosts to it", costs, cells, 1)
    return "\n".join(lines)


def plain(result: Result) -> dict[str, object]:
    """Everything that was measured, for a file."""
    peers = list(enumerate(result.names))[1:]
    ratios = {peer: {figure: result.ratio(figure, side) for _, figure, _ in ROWS} for side, peer in peers}
    return {
        # NaN is no JSON
        "ratios": {
            peer: {figure: dataclasses.asdict(spread) for figure, spread in found.items() if not math.isnan(spread.median)}
            for peer, found in ratios.items()
        },
        "rounds": [[dataclasses.asdict(one) for one in each] for each in result.rounds],
        "changing": [dataclasses.asdict(one) for one in result.changing],
        "alone": [dataclasses.asdict(one) for one in result.alone],
    }


def verified(workload: Workload) -> str:
    if workload.load == "h2":
        return "the status of each and the length of all verified, and each byte of a sample in each round"
    return "all verified"


def doubts(result: Result) -> list[str]:
    """Reasons to doubt the figures, although they are valid."""
    found = []
    rounds = [*(one for each in result.rounds for one in each), *result.changing, *result.alone]
    disturbed = [one.other_load for one in rounds if one.other_load > 0.1]
    if disturbed:
        found.append(
            f"during {len(disturbed)} of {len(rounds)} rounds something else kept {Spread.of(disturbed).text(2)}"
            " processors busy; measure again on a quiet machine"
        )
    # wrk does not read its last answers, so there may be a few more lines than answers.
    for name in dict.fromkeys(one.proxy for one in rounds):
        least = min(one.log_lines for one in rounds if one.proxy == name)
        if least < 0.999:
            found.append(f"{name} wrote only {least:.1%} of its access log's lines within the round")
    return found


def memory_text(name: str, processes: list[Memory]) -> str:
    each = ", ".join(
        f"{'root process' if process.depth == 0 else 'child'} {process.rss:.1f} ({process.pss:.1f})"
        for process in processes
    )
    rss, pss = sum(process.rss for process in processes), sum(process.pss for process in processes)
    return f"{name}: {rss:.1f} ({pss:.1f}): {each}"


def machine(root: Path, redis_binary: str) -> dict[str, str]:
    """The machine, the commit, and the version of Redis."""
    found = {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "commit": _commit(root),
        "processor": _first(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text()),
        "processors": str(os.cpu_count()),
        "memory": _first(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text()),
        "kernel": "Linux " + _first(r"([\d.]+)", platform.release()),
        "redis": _first(r"v=(\S+)", _output(redis_binary, "--version")),
    }
    found["memory"] = f"{int(found['memory'] or 0) / 1024**2:.0f} GiB"
    return found


def facts(root: Path, started: Started, redis_binary: str, further: tuple[str, ...] = ()) -> dict[str, str]:
    """The machine and the versions. Without them the figures mean nothing. `further` are programs that took part, too."""
    found = {
        **machine(root, redis_binary),
        "nginx": _first(r"nginx/(\S+)", _output(find("nginx"), "-v")),
        "wrk": _first(r"wrk (\S+)", _output(find("wrk"), "-v")),
    }
    for name in further:
        found[name] = _first(r"(?:version |nghttp2/)(\S+)", _output(find(name), "-v" if name == "haproxy" else "--version"))
    executable = os.readlink(f"/proc/{started.pid}/exe")
    if os.path.basename(executable) == "java":
        found["java"] = _output(executable, "-version").splitlines()[0]
    return found


def _commit(root: Path) -> str:
    commit = _output("git", "-C", str(root), "rev-parse", "--short=12", "HEAD").strip()
    changed = _output("git", "-C", str(root), "status", "--porcelain").strip()
    return commit + (" with uncommitted changes" if changed else "")


def _output(*argv: str) -> str:
    try:
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=20)
    except OSError:
        return "unknown"
    return done.stdout


def _first(pattern: str, text: str) -> str:
    match = re.search(pattern, text)
    return match[1] if match else "unknown"
