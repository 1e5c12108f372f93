"""The scenarios: what is done to the processes under load. Each returns a list of the problems that it found."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import re
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Awaitable, Callable

from coherence import Coherence
from faults import FAULTS, REFUSED
from programs import HOST
from routes import CHANGING, Connection, Route
from sockets import WebSockets, raise_file_limit
from target import Target, runs

# The supervisor must notice a hanging worker within 10 s.
NOTICED = 10.5
# Seconds within which orphaned workers must end. A stop may take 8 s and a little more.
ORPHANED = 5.0
STOPPED = 10.0
# Seconds that an answer from memory may be out of date: while a worker has no connection to Redis, and usually.
OLDEST = 0.5
USUALLY = 0.02
# Behind a restart, a worker needs about 0.15 s to connect, and a JVM that is new is slow.
FIRST_CHANGE = 1.0
CHANGES = 100
# How many WebSockets are open over a reload.
SOCKETS = 2000


async def kill(target: Target, times: int) -> list[str]:
    """SIGKILL to a random worker. Only requests in flight at that moment may fail."""
    problems = []
    for number in range(times):
        problems += await _lose_one(target, number, signal.SIGKILL)
    return problems


async def hang(target: Target, times: int) -> list[str]:
    """SIGSTOP to a worker, noticed within 10 s. Its requests in flight fail; new connections wait for 10 s at most."""
    problems = []
    for number in range(times):
        problems += await _lose_one(target, number, signal.SIGSTOP)
    return problems


async def _lose_one(target: Target, number: int, how: signal.Signals) -> list[str]:
    ready = target.said("is ready")
    victim = random.choice(target.worker_pids())
    failed = len(target.clients.tally.failures)
    os.kill(victim, how)
    # a zombie may still have running threads and open sockets
    await target.until("it is gone", lambda: not Path(f"/proc/{victim}").exists(), NOTICED)
    # the clients need a moment to notice it, too
    gone = time.monotonic() + 0.1
    await target.until_said("is ready", ready + 1)
    await asyncio.sleep(1)
    lost = target.clients.tally.failures[failed:]
    late = sum(failure.begun > gone for failure in lost)
    problems = [f"{how.name} {number + 1}: {late} requests failed that were sent when the worker was gone"] if late else []
    if len(lost) > target.clients.count:
        # each client has one request in flight, so hardly more requests can have been at this worker
        problems.append(f"{how.name} {number + 1}: {len(lost)} requests failed, of {target.clients.count} clients")
    return problems


async def term(target: Target, times: int) -> list[str]:
    """SIGTERM to a worker. It is replaced, and no client notices."""
    for number in range(times):
        victim = random.choice(target.worker_pids())
        os.kill(victim, signal.SIGTERM)
        await target.until("it has ended", lambda: not runs(victim))
    return _failures(target)


async def reload(target: Target, times: int) -> list[str]:
    """SIGHUP with one worker more or less and with other timeouts. The others stay, and no client notices."""
    least = target.workers
    stay = set(target.worker_pids())
    problems = []
    for number in range(times):
        target.configure(workers=least + (number + 1) % 2, tcpTimeout=30 + number)
        target.signal(signal.SIGHUP)
        await target.until_said("reload complete", number + 1, 60)
        gone = stay - set(target.worker_pids())
        if gone:
            problems.append(f"reload {number + 1}: workers {sorted(gone)} were replaced")
            stay -= gone
    await target.until("all workers are there", lambda: len(target.worker_pids()) == target.workers)
    return problems + _failures(target)


async def replace(target: Target, times: int) -> list[str]:
    """SIGHUP with another memoryLimit, which needs new processes. No client notices."""
    for number in range(times):
        before = set(target.worker_pids())
        target.configure(memoryLimit=257 + number)
        target.signal(signal.SIGHUP)
        await target.until_said("reload complete", number + 1, 60)
        await target.until("the workers before have ended", lambda: not before & set(target.worker_pids()))
    return _failures(target)


async def sockets(target: Target, times: int) -> list[str]:
    """SIGHUP with other timeouts while WebSockets count. None of them is closed, and no byte is lost."""
    raise_file_limit()
    target.configure(maxSockets=4 * SOCKETS)
    target.signal(signal.SIGHUP)
    await target.until_said("reload complete", 1)
    async with WebSockets(target.proxy.port, target.start_sockets(), SOCKETS) as open_sockets:
        for number in range(times):
            target.configure(tcpTimeout=31 + number)
            target.signal(signal.SIGHUP)
            await target.until_said("reload complete", number + 2)
            # each of them sends within a second
            await asyncio.sleep(1)
    problems = open_sockets.wrong[:3]
    if open_sockets.closed:
        problems.append(f"{open_sockets.closed} of {SOCKETS} WebSockets were closed")
    if open_sockets.echoed < SOCKETS * times:
        problems.append(f"only {open_sockets.echoed} frames came back")
    return problems + _failures(target) + _closed(target)


async def faults(target: Target, times: int) -> list[str]:
    """SIGHUP with a configuration that cannot be used, for each kind of fault. One clear message, and nothing changes."""
    problems = []
    workers = sorted(target.worker_pids())
    for fault in FAULTS * times:
        refused = target.said(REFUSED)
        lines = target.said("\n")
        with fault.made(target) as words:
            target.signal(signal.SIGHUP)
            await target.until_said(REFUSED, refused + 1)
            message = target.output().splitlines()[lines:]
        if not any(re.search(words, line) for line in message):
            problems.append(f"{fault.name}: no message says {words!r}: {message}")
        if target.said("reload complete"):
            problems.append(f"{fault.name}: the reload was completed")
            break
        if sorted(target.worker_pids()) != workers:
            problems.append(f"{fault.name}: workers were replaced")
            workers = sorted(target.worker_pids())
        await asyncio.sleep(1)
    target.signal(signal.SIGHUP)
    await target.until_said("reload complete", 1)
    return problems + _failures(target) + _closed(target)


async def rotate(target: Target, times: int) -> list[str]:
    """Renames the access log and sends SIGUSR1. No line is lost or torn, and no client notices."""
    log = target.proxy.access_log
    for number in range(times):
        log.rename(log.with_name(f"{log.name}.{number}"))
        target.signal(signal.SIGUSR1)
        await target.until("the log is opened again", log.exists, 5)
        await asyncio.sleep(0.2)
    return _failures(target)


async def upgrade(target: Target, times: int) -> list[str]:
    """SIGUSR2: another supervisor takes over and the old one ends. No client notices."""
    for _ in range(times):
        old = target.supervisor
        target.signal(signal.SIGUSR2)
        await target.until("the old supervisor has ended", lambda: not runs(old), 60)
        target.supervisor = target.successor()
    await target.until("all workers are there", lambda: len(target.worker_pids()) == target.workers)
    return _failures(target)


async def memory(target: Target, times: int) -> list[str]:
    """A memoryLimit below what a worker needs, so that each asks for its replacement. No client notices."""
    target.configure(memoryLimit=64)
    target.signal(signal.SIGHUP)
    await target.until_said("reload complete", 1, 60)
    await target.until_said("memory limit exceeded [^\\n]* follows", times, 150)
    await target.until_said("has ended", target.workers + times)
    return _failures(target)


async def cut(target: Target, times: int) -> list[str]:
    """Cuts every connection to Redis, which stays up. No client notices."""
    for number in range(times):
        target.redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        # the next cut also meets connections that have only just come back
        await asyncio.sleep(1 if number % 2 else 0.1)
    return _failures(target) + _closed(target)


async def blink(target: Target, times: int) -> list[str]:
    """Redis hangs for a second, by SIGSTOP. No client notices."""
    for _ in range(times):
        os.kill(target.redis.started.pid, signal.SIGSTOP)
        await asyncio.sleep(1)
        os.kill(target.redis.started.pid, signal.SIGCONT)
        await asyncio.sleep(1)
    return _failures(target) + _closed(target)


async def away(target: Target, times: int) -> list[str]:
    """Redis is killed for five seconds, while workers may answer from memory. No client notices."""
    for _ in range(times):
        target.redis.command("SAVE")
        target.kill_redis()
        await asyncio.sleep(5)
        target.restart_redis()
        await asyncio.sleep(1)
    return _failures(target) + _closed(target)


async def failover(target: Target, times: int) -> list[str]:
    """Sentinel promotes the replica, first on demand and then because the master was killed. No client notices."""
    # in a thread: the clients go on meanwhile, and their time must not be taken for the proxy's
    await asyncio.to_thread(target.start_sentinel)
    target.read_from(f"redis-sentinel://127.0.0.1:{target.sentinel.port}/0?master=chaos")
    target.signal(signal.SIGHUP)
    await target.until_said("reload complete", 1, 60)
    for _ in range(times):
        _, replica = target.by_role()
        await target.promote()
        await target.until_master(replica)
        # the old master has to become a replica before it can be promoted
        await target.until_settled()
        await asyncio.sleep(4)
        master, replica = target.by_role()
        master.started.process.kill()
        master.started.process.wait(5)
        begun = time.monotonic()
        await target.until_master(replica)
        print(f"failover: another master after {time.monotonic() - begun:.1f} s")
        target.restart(master)
        await target.until("it runs", lambda: target.replication(master) != b"")
        master.command("REPLICAOF", "127.0.0.1", str(replica.port))
        await target.until_settled()
        await asyncio.sleep(4)
    return _failures(target) + _closed(target)


async def snapshot(target: Target, times: int) -> list[str]:
    """Redis is killed, and then the whole program, which is started again before Redis is back. Known hosts are served from the
    moment at which the port listens again, others get a 503, and the first changes of Redis are obeyed."""
    file = target.directory / "snapshot"
    route = Route(target.redis, target.backend_port)
    problems = []
    for _ in range(times):
        failed = len(target.clients.tally.failures)
        async with Connection(target.proxy.port) as client:
            await client.ask(CHANGING)
        names = (HOST.encode(), CHANGING.encode(), route.version().encode())
        await target.until("the snapshot has the hosts", lambda: file.exists() and all(map(file.read_bytes().count, names)))
        target.redis.command("SAVE")
        target.kill_redis()
        await asyncio.sleep(2)
        lost = len(target.clients.tally.failures) - failed
        problems += [f"{lost} requests failed before the program was killed"] if lost else []
        problems += await _end_all_and_start(target)
        problems += await _while_away(target)
        target.restart_redis()
        await target.until("Redis is back", lambda: target.replication(target.redis) != b"")
        problems += await _obeyed(target, route)
    return problems


async def _end_all_and_start(target: Target) -> list[str]:
    below = target.processes()
    target.signal(signal.SIGKILL)
    await target.until("nothing is left", lambda: not _left(target, below), ORPHANED)
    begun = time.monotonic()
    target.start_again()
    listening = await target.until_listening()
    await target.until_said("is ready", target.workers)
    ready = time.monotonic()
    await asyncio.sleep(5)
    answered = target.clients.tally.answered
    await asyncio.sleep(5)
    answered = target.clients.tally.answered - answered
    print(
        f"snapshot: it listened {listening - begun:.1f} s after its start and was ready after {ready - begun:.1f} s; then"
        f" {answered} answers in 5 s"
    )
    failed = [failure for failure in target.clients.tally.failures if failure.begun >= listening]
    problems = [f"{len(failed)} requests failed that were sent when it listened: {failed[:3]}"] if failed else []
    return problems if answered else [*problems, "nobody had an answer while Redis was away"]


async def _while_away(target: Target) -> list[str]:
    async with Connection(target.proxy.port) as client:
        known = await client.ask(CHANGING)
        unknown = await client.ask("unknown.example")
    problems = []
    if known.status != "200" or known.fields.get("x-debug-stale") != "true":
        problems.append(f"a host that is known has the answer {known}")
    if unknown.status != "503" or "retry-after" not in unknown.fields:
        problems.append(f"a host that is not known has the answer {unknown}")
    return problems


async def _obeyed(target: Target, route: Route) -> list[str]:
    """How late changes are obeyed, by connections that are spread over the workers."""
    async with contextlib.AsyncExitStack() as opened:
        connections = [await opened.enter_async_context(Connection(target.proxy.port)) for _ in range(8)]
        first = max(await route.change(connections))
        late = [seconds for _ in range(CHANGES) for seconds in await route.change(connections)]
    print(
        f"snapshot: the first change behind the restart of Redis was obeyed within {1000 * first:.1f} ms of its"
        f" acknowledgement; of {len(late)} first answers behind {CHANGES} further changes, {sum(map(bool, late))} were out of"
        f" date, by {1000 * max(late):.1f} ms at most"
    )
    problems = [f"the first change was obeyed after {first:.1f} s"] if first > FIRST_CHANGE else []
    return [*problems, f"a change was obeyed after {max(late):.3f} s"] if max(late) > USUALLY else problems


async def coherence(target: Target, times: int) -> list[str]:
    """Routes change 200 times a second, told to workers that answer from memory. Connections are cut, Redis hangs, forgets and
    restarts. No answer is older than it may be."""
    problems = []
    async with Coherence(target.proxy.port, target.backend_port, target.redis.port) as running:
        for _ in range(times):
            running.phase = "calm"
            await asyncio.sleep(2)
            running.phase = "cut"
            target.redis.command("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
            await asyncio.sleep(1)
            running.phase = "flushed"
            await running.flush()
            await asyncio.sleep(1)
            running.phase = "hung"
            os.kill(target.redis.started.pid, signal.SIGSTOP)
            await asyncio.sleep(1.5)
            os.kill(target.redis.started.pid, signal.SIGCONT)
            await asyncio.sleep(1)
            running.phase = "restarted"
            running.redis_is_down()
            target.shut_redis_down()
            await asyncio.sleep(0.5)
            target.restart_redis()
            await running.redis_comes_back()
            await asyncio.sleep(2)
    found = running.findings
    print(f"coherence: {found.answers} answers, {found.writes} writes, {found.away} answers that Redis is away")
    for phase, unordered in found.ages.items():
        ages = sorted(unordered)
        usual = ages[len(ages) * 999 // 1000]
        print(
            f"coherence, {phase}: {len(ages)} answers, {sum(age > 0 for age in ages)} out of date, 99.9 % by at most"
            f" {usual * 1000:.1f} ms, the oldest by {ages[-1] * 1000:.1f} ms"
        )
        if ages[-1] > OLDEST:
            problems.append(f"{phase}: {sum(age > OLDEST for age in ages)} answers were older than {OLDEST} s")
        if phase in ("calm", "cut", "flushed") and usual > USUALLY:
            problems.append(f"{phase}: more than one answer in a thousand was older than {USUALLY} s")
    return problems + found.wrong[:5]


async def stop(target: Target, times: int) -> list[str]:
    """SIGTERM to the supervisor. Earlier requests are answered; it exits with 0 in time, and the port is free."""
    below = target.processes()
    begun = time.monotonic()
    target.signal(signal.SIGTERM)
    await target.until("it has ended", lambda: target.proxy.started.process.poll() is not None, STOPPED)
    early = [failure for failure in target.clients.tally.failures if failure.begun < begun]
    problems = [f"{len(early)} requests failed that were sent before the signal"] if early else []
    code = target.proxy.started.process.returncode
    if code != 0:
        problems.append(f"the exit code is {code}")
    return problems + _left(target, below)


async def orphan(target: Target, times: int) -> list[str]:
    """SIGKILL to the supervisor. Soon none of its processes is left, and the port is free."""
    below = target.processes()
    target.signal(signal.SIGKILL)
    try:
        await target.until("nothing is left", lambda: not _left(target, below), ORPHANED)
    finally:
        target.proxy.started.process.wait(1)
    return []


def _closed(target: Target) -> list[str]:
    closed = target.clients.tally.closed
    return [f"{closed} kept connections were closed"] if closed else []


def _failures(target: Target) -> list[str]:
    failed = len(target.clients.tally.failures)
    return [f"{failed} requests failed"] if failed else []


def _left(target: Target, below: list[int]) -> list[str]:
    left = [pid for pid in below if runs(pid)]
    return [f"processes are left: {left}"] if left else [] if target.port_is_free() else ["the port is not free"]


@dataclass(frozen=True)
class Scenario:
    do: Callable[[Target, int], Awaitable[list[str]]]
    times: int
    # whether a new connection that takes longer than `--slowest` is a problem: it may have waited for a JVM to start
    prompt: bool = True
    # whether the access log must have one line for each answer
    logged: bool = True
    # whether the scenario ends the program
    ends: bool = False
    # whether the access log has lines of other hosts too
    other_hosts: bool = False
    # further keys of the section server; "{directory}" is the folder of the run
    keys: dict[str, object] = field(default_factory=dict)


SCENARIOS = {
    "kill": Scenario(kill, 20, logged=False),
    "hang": Scenario(hang, 2, prompt=False, logged=False),
    "term": Scenario(term, 5),
    "reload": Scenario(reload, 10),
    "replace": Scenario(replace, 3),
    "sockets": Scenario(sockets, 20),
    # a worker that hangs for a while answers late
    "faults": Scenario(faults, 1, prompt=False),
    "rotate": Scenario(rotate, 20),
    "upgrade": Scenario(upgrade, 5),
    "memory": Scenario(memory, 2),
    "cut": Scenario(cut, 20),
    # who asks while Redis hangs has to wait
    "blink": Scenario(blink, 3, prompt=False),
    "away": Scenario(away, 2, keys={"staleIfDown": 600}),
    "failover": Scenario(failover, 1, keys={"staleIfDown": 600}),
    # who asks while the program starts has to wait, and lines of the access log are lost with the supervisor
    "snapshot": Scenario(
        snapshot, 1, prompt=False, logged=False, other_hosts=True,
        keys={"cache": "tracking", "staleIfDown": 600, "snapshot": "{directory}/snapshot"},
    ),  # fmt: skip
    "coherence": Scenario(coherence, 3, prompt=False, logged=False, other_hosts=True, keys={"cache": "tracking"}),
    "stop": Scenario(stop, 1, ends=True),
    "orphan": Scenario(orphan, 1, logged=False, ends=True),
}
