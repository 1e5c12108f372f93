"""The history of ratios: what a run leaves in benchmarks/history.json, and whether a later run is worse."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from processes import BenchError
from report import Result, Spread
from workloads import WORKLOADS

# A ratio is worse when it has grown by more than this part, and by more than the noise of both runs.
TOLERANCE = 0.10
# Fewer rounds tell nothing about their noise.
LEAST_ROUNDS = 4
# With other settings the ratios are others.
SETTINGS = ("workers", "cache")
OWN_SMALL = "own small"


def figures(workload: str) -> list[str]:
    """What is remembered. Of full load no latency: it belongs to the machine."""
    return ["cpu_us", "pss_mb", *(["p99_ms", "p999_ms"] if WORKLOADS[workload].load == "rate" else [])]


def entry(facts: dict[str, str], settings: dict[str, object], results: list[Result]) -> dict:
    """What a run leaves. Each ratio is its median, its least and its greatest value."""
    def short(spread: Spread) -> list[float]:
        return [round(value, 4) for value in (spread.median, spread.least, spread.greatest)]

    workloads = {}
    for result in results:
        ours, *peers = result.names
        ratios = {
            peer: {figure: short(result.ratio(figure, side + 1)) for figure in figures(result.workload)}
            for side, peer in enumerate(peers)
        }
        if result.alone:
            ratios[OWN_SMALL] = {"cpu_us": short(result.ratio_to_alone())}
        medians = {figure: short(result.spread(0, figure))[0] for figure in figures(result.workload)}
        workloads[result.workload] = {"rounds": len(result.rounds), ours: medians, "ratios": ratios}
    return {"facts": facts, "settings": settings, "workloads": workloads}


def read(file: Path) -> list[dict]:
    try:
        entries = json.loads(file.read_text())
    except (OSError, ValueError) as error:
        raise BenchError(f"{file} cannot be read: {error}") from error
    if not isinstance(entries, list):
        raise BenchError(f"{file} is no list of entries")
    return entries


def alike(settings: dict[str, object], workloads: list[str], entries: list[dict]) -> list[dict]:
    """The entries with the same settings and at least one of the workloads."""
    return [
        one for one in entries
        if all(one["settings"].get(key) == settings.get(key) for key in SETTINGS) and not set(workloads).isdisjoint(one["workloads"])
    ]  # fmt: skip


def append(file: Path, new: dict) -> None:
    entries = [*(read(file) if file.exists() else []), new]
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("[\n" + ",\n".join(_text(one) for one in entries) + "\n]\n")


def _text(one: dict) -> str:
    """One line for the facts, one for the settings and one for each workload: so a difference can be read."""
    workloads = ",\n".join(f"    {json.dumps(name)}: {json.dumps(found)}" for name, found in one["workloads"].items())
    return (
        f'  {{\n   "facts": {json.dumps(one["facts"])},\n   "settings": {json.dumps(one["settings"])},\n'
        f'   "workloads": {{\n{workloads}\n   }}}}'
    )


@dataclass(frozen=True)
class Comparison:
    """One ratio now and then. `allowed` is by which part it may have grown."""

    workload: str
    peer: str
    figure: str
    then: list[float]
    now: list[float]
    allowed: float
    since: str

    @property
    def growth(self) -> float:
        return self.now[0] / self.then[0] - 1

    @property
    def worse(self) -> bool:
        return self.growth > self.allowed


def noise(ratio: list[float], rounds: int) -> float:
    """By which part the median of so many rounds may be off by chance, judged by their least and greatest value."""
    median, least, greatest = ratio
    return (greatest - least) / median / math.sqrt(rounds)


def measured_in(one: dict) -> list[str]:
    """All workloads of the run, those that were not recorded included."""
    return one["settings"].get("measured", list(one["workloads"]))


def compare(now: dict, entries: list[dict]) -> list[Comparison]:
    """Compares each ratio with that of the latest entry that has it and the same settings. What none has is left out."""
    found = []
    for workload, measured in now["workloads"].items():
        known = alike(now["settings"], [workload], entries)
        for peer, ratios in measured["ratios"].items():
            for figure, ratio in ratios.items():
                for then in reversed(known):
                    before = then["workloads"][workload]
                    old = before["ratios"].get(peer, {}).get(figure)
                    # Listeners and maps for other workloads need memory, and what was measured before leaves some behind.
                    same = figure != "pss_mb" or measured_in(then) == measured_in(now)
                    if old and same:
                        both = math.hypot(noise(ratio, measured["rounds"]), noise(old, before["rounds"]))
                        since = f"{then['facts'].get('date')} {then['facts'].get('commit')}"
                        found.append(Comparison(workload, peer, figure, old, ratio, max(TOLERANCE, both), since))
                        break
    return found


def table(found: list[Comparison]) -> str:
    lines = ["| | to | ratio of | then | now | growth | allowed | |", "| --- | --- | --- | ---: | ---: | ---: | ---: | --- |"]
    for one in found:
        then, now = (Spread(*ratio).text(2) for ratio in (one.then, one.now))
        lines.append(
            f"| {one.workload} | {one.peer} | {one.figure} | {then}, {one.since} | {now} | {one.growth:+.0%} |"
            f" {one.allowed:+.0%} | {'**worse**' if one.worse else 'held'} |"
        )
    return "\n".join(lines)
