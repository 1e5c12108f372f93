"""Two commands that start Hipache, and nginx, measured in turn: paired.py "COMMAND {config}" "COMMAND {config}"."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts" / "bench.d"))

from job import start_job  # noqa: E402
from processes import bounded, cpu, tree  # noqa: E402
from programs import HOST, get, until  # noqa: E402
from proxies import Proxy, start_nginx, start_ours  # noqa: E402
from report import Spread  # noqa: E402
from rounds import Bench  # noqa: E402

WORKLOADS = ("small", "connect")
WARM_UPS, WARM_UP = 4, 8
ROUNDS, SECONDS = 6, 2


def run(directory: Path, stack: ExitStack) -> int:
    job = start_job(directory, lambda started: stack.callback(started.stop))
    bench = Bench(job.bodies, job.backend.pid, job.redis, job.backend_port)

    def ours(name: str, command: str) -> Proxy:
        folder = directory / name
        folder.mkdir()
        return start_ours(command, folder, job.redis.port)

    proxies = {"first": ours("first", sys.argv[1]), "second": ours("second", sys.argv[2])}
    proxies["nginx"] = start_nginx("nginx", directory, job.backend_port, None)
    for proxy in proxies.values():
        stack.callback(proxy.started.stop)
        until(proxy.started, "answers", lambda: get(proxy.port, HOST, "/small")[0] == 200)
    for number in range(WARM_UPS):
        for name in ("first", "second"):
            bench.load(proxies[name], WORKLOADS[number % len(WORKLOADS)], WARM_UP)
    for workload in WORKLOADS:
        found: dict[str, list[float]] = {name: [] for name in proxies}
        for number in range(ROUNDS):
            # A B C, C B A, …: so all suffer equally when the machine becomes slower or faster.
            for name in list(proxies) if number % 2 == 0 else list(proxies)[::-1]:
                before = cpu(tree(proxies[name].started.pid))
                requests = bench.load(proxies[name], workload, SECONDS).requests
                found[name].append(1e6 * (cpu(tree(proxies[name].started.pid)) - before).total / requests)
        for name, values in found.items():
            print(f"{workload}, {name}: {Spread.of(values).text(1)} µs per request")
        for one, other in (("second", "first"), ("first", "nginx"), ("second", "nginx")):
            ratios = [a / b for a, b in zip(found[one], found[other])]
            print(f"{workload}, {one} / {other}: {Spread.of(ratios).text(2)}", flush=True)
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(bounded("paired", 600, run))
