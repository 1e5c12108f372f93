"""Runs the generators of load. Those that check each answer themselves print their figures in lines that begin with @."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from processes import BenchError
from programs import HERE, find


def run(argv: list[str], seconds: float, halfway=lambda: None, patience: float = 30) -> str:
    """
    Runs a generator that ends by itself after some seconds, and returns its output.

    `halfway` is called at half time. `patience` is how many seconds it may take beyond its time.
    """
    process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    try:
        time.sleep(seconds / 2)
        halfway()
        output, _ = process.communicate(timeout=seconds + patience)
        return output
    except subprocess.TimeoutExpired as late:
        raise BenchError(f"{Path(argv[0]).name} does not end") from late
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def figures(output: str) -> dict[str, str]:
    values = dict(line[1:].split("=", 1) for line in output.splitlines() if line.startswith("@"))
    if not values:
        raise BenchError(f"the load failed: {output.strip()[-900:]}")
    return values


def wrk(
    script: str, connections: int, seconds: float, url: str, *arguments: str,
    fields: tuple[str, ...] = (), threads: int = 1, halfway=lambda: None, patience: float = 30,
) -> dict[str, str]:  # fmt: skip
    """
    Loads `url` with wrk, and returns the figures.

    `arguments` are those of the script. `fields` are further fields of each request.
    """
    argv = [
        find("wrk"), "--threads", str(threads), "--connections", str(connections), "--timeout", "10s",
        "--duration", f"{seconds:.0f}s", "--script", str(HERE / script),
        *(word for field in fields for word in ("--header", field)), url, "--", *arguments,
    ]  # fmt: skip
    return figures(run(argv, seconds, halfway, patience))


def share(values, part: float) -> float:
    """The value that so great a part of all is not greater than."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(part * len(ordered)))]
