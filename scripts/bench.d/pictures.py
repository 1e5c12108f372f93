"""Draws the figures of a run with many hosts as SVG, for light and dark pages. Each line has a colour, a mark and a name."""

from __future__ import annotations

import math
from dataclasses import dataclass
from html import escape
from pathlib import Path
from statistics import median
from typing import Callable, Iterable

from points import Outcome, Point, Shown, quantile

WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 84, 640, 64, 350
# so far apart at least are the names of two lines
NAMES_APART = 17
# Lines stand a little beside each other, so that none covers the spread of another.
ASIDE = 5
# Colour on a light page and on a dark one, and the mark around 0,0.
LOOKS = {
    "hipache": ("#0969da", "#58a6ff", "M-5 0A5 5 0 1 0 5 0A5 5 0 1 0-5 0Z"),
    "nginx": ("#1a7f37", "#3fb950", "M-4.5-4.5H4.5V4.5H-4.5Z"),
    "haproxy": ("#bc4c00", "#f0883e", "M0-6L5.5 4.5H-5.5Z"),
    "nginx-lua": ("#8250df", "#bc8cff", "M0-6.5L6 0L0 6.5L-6 0Z"),
    "caddy": ("#a0111f", "#ff7b72", "M0 6L5.5-4.5H-5.5Z"),
}
SHARED = (
    ("rect.page", "fill", "#ffffff", "#0d1117"), ("text", "fill", "#1f2328", "#e6edf3"), (".small", "fill", "#57606a", "#9aa4af"),
    (".grid", "stroke", "#d0d7de", "#30363d"), (".axis", "stroke", "#57606a", "#8b949e"),
)  # fmt: skip


@dataclass(frozen=True)
class Spot:
    """A point of a line, and how far its figures spread."""

    x: float
    y: float
    least: float
    greatest: float


@dataclass(frozen=True)
class Chart:
    """Both axes are logarithmic: ten times as much is always the same distance."""

    title: str
    note: str
    x_label: str
    y_label: str
    lines: dict[str, list[Spot]]

    def svg(self) -> str:
        spots = [spot for line in self.lines.values() for spot in line]
        xs = sorted({spot.x for spot in spots})
        least, greatest = min(spot.least for spot in spots), max(spot.greatest for spot in spots)
        low, high = math.log10(least) - 0.1, math.log10(greatest) + 0.1

        def at_x(value: float) -> float:
            if len(xs) == 1:
                return (LEFT + RIGHT) / 2
            part = (math.log10(value) - math.log10(xs[0])) / (math.log10(xs[-1]) - math.log10(xs[0]))
            return LEFT + 24 + part * (RIGHT - LEFT - 48)

        def at_y(value: float) -> float:
            return BOTTOM - (math.log10(value) - low) / (high - low) * (BOTTOM - TOP)

        parts = [
            f'<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>',
            f'<text x="{LEFT}" y="26" font-size="17" font-weight="600">{escape(self.title)}</text>',
            f'<text class="small" x="{LEFT}" y="46">{escape(self.note)}</text>',
        ]
        for value in _ticks(10**low, 10**high):
            y = at_y(value)
            parts.append(f'<path class="grid" d="M{LEFT} {y:.1f}H{RIGHT}"/>')
            parts.append(f'<text class="small" x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{value:,g}</text>')
        for value in xs:
            x = at_x(value)
            parts.append(f'<path class="axis" d="M{x:.1f} {BOTTOM}v6"/>')
            parts.append(f'<text class="small" x="{x:.1f}" y="{BOTTOM + 22}" text-anchor="middle">{value:,.0f}</text>')
        middle = (TOP + BOTTOM) / 2
        parts += [
            f'<path class="axis" d="M{LEFT} {TOP}V{BOTTOM}H{RIGHT}"/>',
            f'<text x="{(LEFT + RIGHT) / 2}" y="{BOTTOM + 48}" text-anchor="middle">{escape(self.x_label)}</text>',
            f'<text transform="translate(22 {middle}) rotate(-90)" text-anchor="middle">{escape(self.y_label)}</text>',
        ]
        for index, (name, line) in enumerate(self.lines.items()):
            aside = (index - (len(self.lines) - 1) / 2) * ASIDE
            parts += _line(name, line, lambda value: at_x(value) + aside, at_y)
        names = {name: at_y(line[-1].y) for name, line in self.lines.items()}
        for name, y in _apart(names).items():
            x = at_x(self.lines[name][-1].x)
            parts.append(f'<text class="of {name}" x="{x + 20:.1f}" y="{y + 5:.1f}">{escape(name)}</text>')
        body = "\n".join(f"  {one}" for one in parts)
        return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title desc" \
font-family="system-ui, sans-serif" font-size="14">
  <title id="title">{escape(self.title)}</title>
  <desc id="desc">{escape(self._words())}</desc>
  <style>
{_style()}
  </style>
{body}
</svg>
"""

    def _words(self) -> str:
        """All figures, for those who do not see the lines."""
        lines = [
            f"{name}: " + ", ".join(f"{_short(spot.y)} at {spot.x:,.0f}" for spot in line) for name, line in self.lines.items()
        ]
        return f"{self.note} {self.y_label} over {self.x_label}. {'; '.join(lines)}."


def _style() -> str:
    rules = [
        *SHARED, *((f".line.{name}", "stroke", light, dark) for name, (light, dark, _) in LOOKS.items()),
        *((f".of.{name}", "fill", light, dark) for name, (light, dark, _) in LOOKS.items()),
    ]  # fmt: skip
    light, dark = ("\n".join(f"    {rule[0]} {{ {rule[1]}: {rule[side]}; }}" for rule in rules) for side in (2, 3))
    return (
        "    .small { font-size: 12px; }\n    .axis, .grid, .line { fill: none; }\n    .line { stroke-width: 2; }\n"
        "    .spread { stroke-width: 1.5; stroke-opacity: 0.55; }\n"
        f"{light}\n    @media (prefers-color-scheme: dark) {{\n{dark}\n    }}"
    )


def _line(name: str, line: list[Spot], at_x: Callable[[float], float], at_y: Callable[[float], float]) -> Iterable[str]:
    places = " ".join(f"{at_x(spot.x):.1f} {at_y(spot.y):.1f}" for spot in line)
    yield f'<path class="line {name}" d="M{places}"/>'
    for spot in line:
        x = at_x(spot.x)
        yield f'<path class="line spread {name}" d="M{x:.1f} {at_y(spot.least):.1f}V{at_y(spot.greatest):.1f}"/>'
        said = f"{name}, {spot.x:,.0f}: {_short(spot.y)} ({_short(spot.least)} to {_short(spot.greatest)})"
        yield (
            f'<path class="of {name}" transform="translate({x:.1f} {at_y(spot.y):.1f})" d="{LOOKS[name][2]}">'
            f"<title>{escape(said)}</title></path>"
        )


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def _ticks(low: float, high: float) -> list[float]:
    steps = (1, 2, 5) if high / low < 300 else (1,)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [step * 10.0**power for power in powers for step in steps if low <= step * 10.0**power <= high]


def _apart(places: dict[str, float]) -> dict[str, float]:
    """Moves names that would cover each other down, and all of them up again when the last one has left the picture."""
    moved: dict[str, float] = {}
    last = -math.inf
    for name, y in sorted(places.items(), key=lambda each: each[1]):
        last = moved[name] = max(y, last + NAMES_APART)
    over = max(0.0, last - (BOTTOM - 4))
    return {name: y - over for name, y in moved.items()}


def _lines(found: list, x: str, spot: Callable[[float, list], Spot | None]) -> dict[str, list[Spot]]:
    lines: dict[str, list[Spot]] = {}
    for name in LOOKS:
        mine = [one for one in found if one.proxy == name]
        values = sorted({getattr(one, x) for one in mine})
        spots = [spot(value, [one for one in mine if getattr(one, x) == value]) for value in values]
        if any(spots):
            lines[name] = [one for one in spots if one]
    return lines


def _of_times(figure: str) -> Callable[[float, list], Spot | None]:
    """The median of all times, and 99 % of them. Nothing where there was no time."""
    def spot(x: float, found: list) -> Spot | None:
        times = [ms for one in found for ms in getattr(one, figure)]
        middle = quantile(times, 0.5)
        return Spot(x, middle, middle, quantile(times, 0.99)) if times else None

    return spot


def _of_cpu(x: float, found: list) -> Spot:
    values = [one.cpu_us for one in found]
    return Spot(x, median(values), min(values), max(values))


def _of_routes(rate: int, found: list[Point]) -> dict[str, Chart]:
    return {
        f"churn-obeyed-{rate}": Chart(
            "How soon a changed route is obeyed", f"{rate:,} routes change each second. Median, and up to 99 % of the changes.",
            "hosts", "ms from acknowledgement to first answer", _lines(found, "hosts", _of_times("first_ms")),
        ),
        f"churn-cpu-{rate}": Chart(
            "Processor time for a request", f"{rate:,} routes change each second. Median, least and most of the rounds.",
            "hosts", "µs of all processes of the proxy", _lines(found, "hosts", _of_cpu),
        ),
    }  # fmt: skip


def _of_certificates(rate: int, found: list[Shown]) -> dict[str, Chart]:
    hosts = max(one.hosts for one in found)
    found = [one for one in found if one.hosts == hosts]
    with_rate = f"{hosts:,} hosts, {rate:,} routes change each second."
    return {
        f"churn-shown-{rate}": Chart(
            "How soon a new certificate is shown", f"{with_rate} Median, and up to 99 % of the changes.",
            "certificates", "ms from acknowledgement to first handshake", _lines(found, "certificates", _of_times("shown_ms")),
        ),
        f"churn-handshake-{rate}": Chart(
            "Processor time for a handshake", f"{with_rate} Median, least and most of the rounds.",
            "certificates", "µs of all processes of the proxy", _lines(found, "certificates", _of_cpu),
        ),
    }  # fmt: skip


def draw(folder: Path, outcome: Outcome) -> None:
    """Two pictures for each rate of changes, and two more where certificates were measured."""
    folder.mkdir(parents=True, exist_ok=True)
    for kind, found in ((_of_routes, outcome.points), (_of_certificates, outcome.shown)):
        for rate in sorted({one.wanted for one in found}):
            for name, chart in kind(rate, [one for one in found if one.wanted == rate]).items():
                if chart.lines:
                    (folder / f"{name}.svg").write_text(chart.svg())
