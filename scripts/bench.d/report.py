"""Computes ratios from rounds, and makes a table that can be pasted into BENCHMARKS.md."""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from processes import Memory, Started
from programs import find
from workloads import WORKLOADS
from rounds import Round


@dataclass(frozen=True)
class Spread:
    """The median of some rounds, with the least and the greatest value."""

    median: float
    least: float
    greatest: float

    @staticmethod
    def of(values) -> Spread:
        values = list(values)
        return Spread(median(values), min(values), max(values))

    def text(self, digits: int) -> str:
        return f"{self.median:,.{digits}f} ({self.least:,.{digits}f}–{self.greatest:,.{digits}f})"


@dataclass(frozen=True)
class Result:
    """All rounds of one workload, in pairs: the proxy under test and nginx, measured directly after each other."""

    workload: str
    pairs: list[tuple[Round, Round]]
    # rounds of the proxy under test in which routes changed, one behind each pair
    changing: list[Round] = field(default_factory=list)

    def spread(self, side: int, figure: str) -> Spread:
        return Spread.of(getattr(pair[side], figure) for pair in self.pairs)

    def ratio(self, figure: str) -> Spread:
        return Spread.of(getattr(ours, figure) / getattr(nginx, figure) for ours, nginx in self.pairs)


ROWS = (
    ("CPU per request, µs", "cpu_us", 1),
    ("… user", "user_us", 1),
    ("… system", "system_us", 1),
    ("requests per second", "requests_per_second", 0),
    ("latency, median, ms", "p50_ms", 2),
    ("latency, 99 %, ms", "p99_ms", 2),
    ("memory under load, RSS, MB", "rss_mb", 1),
    ("memory under load, PSS, MB", "pss_mb", 1),
)


def table(result: Result) -> str:
    ours, nginx = result.pairs[0][0].proxy, result.pairs[0][1].proxy
    lines = [
        f"**{result.workload}**: {WORKLOADS[result.workload].what}; {len(result.pairs)} rounds each,"
        f" {sum(a.requests + b.requests for a, b in result.pairs):,} answers, all verified",
        "",
        f"| | {ours} | {nginx} | ratio |",
        "| --- | ---: | ---: | ---: |",
    ]
    for label, figure, digits in ROWS:
        cells = (result.spread(0, figure).text(digits), result.spread(1, figure).text(digits))
        lines.append(f"| {label} | {cells[0]} | {cells[1]} | {result.ratio(figure).text(2)} |")
    redis = result.spread(0, "redis_cpu_us")
    lines.append(f"| Redis' own CPU per request, µs | {redis.text(1)} | – | – |")
    lines.append(f"| Redis commands per request | {result.spread(0, 'redis_commands').text(2)} | – | – |")
    if result.changing:
        costs = Spread.of(one.cpu_us for one in result.changing)
        ratio = Spread.of(one.cpu_us / pair[0].cpu_us for one, pair in zip(result.changing, result.pairs))
        lines.append(f"| CPU per request while routes change, µs; ratio to the calm round before | {costs.text(1)} | – | {ratio.text(2)} |")
    return "\n".join(lines)


def doubts(result: Result) -> list[str]:
    """Reasons to doubt the figures, although they are valid."""
    found = []
    rounds = [one for pair in result.pairs for one in pair]
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


def facts(root: Path, started: Started, redis_binary: str) -> dict[str, str]:
    """The machine and the versions. Without them the figures mean nothing."""
    found = {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d"),
        "commit": _commit(root),
        "processor": _first(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text()),
        "processors": str(os.cpu_count()),
        "memory": _first(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text()),
        "kernel": "Linux " + _first(r"([\d.]+)", platform.release()),
        "nginx": _first(r"nginx/(\S+)", _output(find("nginx"), "-v")),
        "redis": _first(r"v=(\S+)", _output(redis_binary, "--version")),
        "wrk": _first(r"wrk (\S+)", _output(find("wrk"), "-v")),
    }
    found["memory"] = f"{int(found['memory'] or 0) / 1024**2:.0f} GiB"
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
