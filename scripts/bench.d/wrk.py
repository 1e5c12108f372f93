"""Runs wrk with one of the scripts here, which check each answer and print their figures in lines that begin with @."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from processes import BenchError
from programs import find


def run(
    script: str, connections: int, seconds: float, url: str, *arguments: str,
    fields: tuple[str, ...] = (), halfway=lambda: None, patience: float = 30,
) -> dict[str, str]:  # fmt: skip
    """
    Loads `url` from one thread, and returns the figures.

    `arguments` are those of the script. `fields` are further fields of each request. `halfway` is called at half time.
    `patience` is how many seconds wrk may take beyond its time.
    """
    argv = [
        find("wrk"), "--threads", "1", "--connections", str(connections), "--timeout", "10s",
        "--duration", f"{seconds:.0f}s", "--script", str(Path(__file__).with_name(script)),
        *(word for field in fields for word in ("--header", field)), url, "--", *arguments,
    ]  # fmt: skip
    wrk = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
    try:
        time.sleep(seconds / 2)
        halfway()
        output, _ = wrk.communicate(timeout=seconds + patience)
    finally:
        if wrk.poll() is None:
            wrk.kill()
            wrk.wait()
    values = dict(line[1:].split("=", 1) for line in output.splitlines() if line.startswith("@"))
    if not values:
        raise BenchError(f"wrk failed: {output.strip()}")
    return values
