"""Starts Hipache and those beside it, each with all hosts of a run, and knows how each is changed."""

from __future__ import annotations

import argparse
import ssl
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

import caddy
import certificates as kept
import fleet
import nginx_lua
from handshakes import Shaking
from mint import Certificates
from processes import say
from programs import Redis, find, get, lua_modules, until
from proxies import Pair, Proxy, start_ours
from routes import Hosts, InHaproxy, InNginx, InRedis
from watch import spent

# Each with what raises a BenchError where it is not installed.
PEERS: dict[str, Callable[[], object]] = {
    "nginx": lambda: find("nginx"), "haproxy": lambda: find("haproxy"), "nginx-lua": lua_modules,
    "caddy": lambda: find("caddy"),
}  # fmt: skip
# These ask Redis about each request. Each has a Redis of its own, so that their changes do not mix.
ASKING = ("hipache", "nginx-lua")
PATIENCE = 60


@dataclass
class Side:
    """A proxy, how its routes are changed, and what they are now; the same for its certificates."""

    proxy: Proxy
    how: object
    hosts: Hosts
    keeper: object
    certificates: Certificates | None
    redis: Redis
    # from the start of the command to the first right answer, in s, and the CPU time until then
    start_seconds: float = 0
    start_cpu: float = 0
    probe: int = 0


def begin(
    name: str, hosts: int, certificates: Certificates | None, folder: Path, chosen: argparse.Namespace, redis: Redis, backend: int,
    stack: ExitStack,
) -> Side:  # fmt: skip
    """Starts the proxy, and waits until it answers for the last host, and shows the last certificate."""
    workers, state = chosen.workers, Hosts(hosts)
    own = certificates.again() if certificates else None
    begun = time.monotonic()
    if name == "hipache":
        proxy = _ours(folder, chosen, redis, own)
        how, keeper = InRedis(redis.port, backend), kept.CertificatesInRedis(redis.port)
    elif name == "nginx-lua":
        proxy = nginx_lua.start(folder, redis.port, workers, own)
        how, keeper = InRedis(redis.port, backend), kept.CertificatesInRedis(redis.port)
    elif name == "nginx":
        proxy, table, files = fleet.start_nginx(folder, hosts, backend, workers, own)
        how, keeper = InNginx(proxy, table), kept.CertificatesInFiles(files)
    elif name == "haproxy":
        proxy, control, path, files = fleet.start_haproxy(folder, hosts, backend, workers, own)
        how, keeper = InHaproxy(control, path), kept.CertificatesInHaproxy(control, files)
    else:
        proxy, control = caddy.start(folder, state, backend, workers, own)
        how, keeper = caddy.InCaddy(control, backend), caddy.CertificatesInCaddy(control)
    stack.callback(proxy.started.stop)
    last = fleet.host(hosts - 1)
    right = [f"{last} {address}".encode() for address in fleet.addresses(hosts - 1)]

    def answers() -> bool:
        return get(proxy.port, last, "/")[1] in right and (own is None or _shows_last(proxy, own))

    try:
        until(proxy.started, f"answers for {last}", answers, PATIENCE)
    except BaseException:
        # what starts for too long must not disturb the others
        proxy.started.stop()
        raise
    # the files are written before the command starts, and their time does not count
    side = Side(proxy, how, state, keeper, own, redis, time.monotonic() - max(begun, proxy.started.begun), spent(proxy))
    say(f"{hosts:,} hosts, {name}: first answer after {side.start_seconds:.2f} s and {side.start_cpu:.2f} s of CPU")
    return side


def _ours(folder: Path, chosen: argparse.Namespace, redis: Redis, own: Certificates | None) -> Proxy:
    keys = {"cache": chosen.cache, "workers": chosen.workers}
    pair = None
    if own:
        pair = Pair(folder / "hipache-default.key", folder / "hipache-default.crt")
        pair.key.write_text(own.default.key)
        pair.cert.write_text(own.default.cert)
    return start_ours(chosen.command, folder, redis.port, pair, keys)


def _shows_last(proxy: Proxy, own: Certificates) -> bool:
    try:
        return Shaking(proxy.tls_port).shake(own.names[-1])[0] == own.newest(own.count - 1)
    except ssl.SSLError:
        return False
