"""Changes of routes at a steady rate, for Hipache and those beside it."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import socket
import time
from multiprocessing.connection import Connection
from pathlib import Path

from changes import command
from fleet import GENERATION, PROBE, Pipeline, Table, addresses, draw, host, pool, probe_address
from processes import BenchError
from programs import get
from proxies import Proxy

TICK = 0.01
# At most so many commands at a time for HAProxy: all of them have to fit into its buffer of 16 KiB.
RUNTIME_BATCH = 100
# nginx reloads at most so often. Each reload leaves workers behind that end when their requests have ended.
RELOAD_EVERY = 1.0
LATE = 60
# The prober waits so long between its changes.
PAUSE = 0.03
SWEEP = 200


class Hosts:
    """Which hosts have an additional backend, and of which the first backend is marked as dead."""

    def __init__(self, hosts: int):
        self.hosts = hosts
        self.extra: set[int] = set()
        self.dead: set[int] = set()
        self.recent: dict[int, None] = {}
        self.popular = draw(hosts, 10_000, 14)
        self.chance = random.Random(7)

    def next(self, change: int) -> int:
        """Every second change is of a host that is asked for often, the others are of any hosts."""
        number = self.popular[change % len(self.popular)] if change % 2 else self.chance.randrange(self.hosts)
        self.recent.pop(number, None)
        self.recent[number] = None
        if len(self.recent) > SWEEP:
            del self.recent[next(iter(self.recent))]
        return number

    def toggle(self, number: int) -> bool:
        """Returns whether the host has the additional backend from now on."""
        self.extra ^= {number}
        return number in self.extra

    def mark(self, number: int) -> bool:
        self.dead ^= {number}
        return number in self.dead

    def allowed(self, number: int) -> list[str]:
        """The addresses that may answer for the host."""
        return addresses(number, number in self.extra)[1 if number in self.dead else 0 :]


class InRedis:
    """Changes for Hipache, and for nginx with Lua: RPUSH and LREM of a backend, and each tenth change a mark in `dead:` that comes or goes."""

    pause = PAUSE

    def __init__(self, redis: int, backend: int):
        self.redis, self.backend = redis, backend
        self.pipeline: Pipeline | None = None

    def begin(self) -> None:
        """Called in each process that makes changes: a connection belongs to one process."""
        self.pipeline = Pipeline(self.redis)

    def batch(self, hosts: Hosts, first: int, count: int) -> int:
        commands = []
        for change in range(first, first + count):
            number = hosts.next(change)
            if change % 10 == 8 or change % 10 == 9:
                dead = f"dead:{host(number)}"
                if hosts.mark(number):
                    commands += [command("SADD", dead, "0"), command("EXPIRE", dead, "600")]
                else:
                    commands.append(command("SREM", dead, "0"))
            else:
                entry = f"http://{addresses(number, True)[-1]}:{self.backend}"
                key = f"frontend:{host(number)}"
                added = hosts.toggle(number)
                commands.append(command("RPUSH", key, entry) if added else command("LREM", key, "0", entry))
        self.pipeline.send(commands)
        return count

    def flip(self, side: int) -> float:
        """Gives the probe's host another backend. Returns when that was acknowledged."""
        new, old = (f"http://{probe_address(one)}:{self.backend}" for one in (side, 1 - side))
        key = f"frontend:{PROBE}"
        # Replies of EXEC have several lines. A script is atomic as well, and has one.
        script = "redis.call('RPUSH', KEYS[1], ARGV[1]); return redis.call('LREM', KEYS[1], 0, ARGV[2])"
        self.pipeline.send([command("EVAL", script, "1", key, new, old)])
        return time.monotonic()


def runtime(control: Path, commands: str) -> str:
    """What HAProxy says to a line of commands over its runtime API, or to one command that ends with a file and an empty line."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(LATE)
        connection.connect(str(control))
        connection.sendall(f"{commands}\n".encode())
        said = b""
        while more := connection.recv(65536):
            said += more
    return said.decode("latin-1").strip()


class InHaproxy:
    """Changes for HAProxy: `set map` over the runtime API, many in one connection."""

    pause = PAUSE

    def __init__(self, control: Path, table: Path):
        self.control, self.table = control, table

    def begin(self) -> None:
        pass

    def _run(self, commands: list[str]) -> None:
        said = runtime(self.control, ";".join(commands))
        if said:
            raise BenchError(f"HAProxy says {said[:200]!r}")

    def batch(self, hosts: Hosts, first: int, count: int) -> int:
        count = min(count, RUNTIME_BATCH)
        if not count:
            return 0
        commands = []
        for change in range(first, first + count):
            number = hosts.next(change)
            commands.append(f"set map {self.table} {host(number)} {pool(number, hosts.toggle(number))}")
        self._run(commands)
        return count

    def flip(self, side: int) -> float:
        self._run([f"set map {self.table} {PROBE} p{side}"])
        return time.monotonic()


class InNginx:
    """Changes for nginx: all that came since the last reload are written into the file of the map, and nginx gets a SIGHUP."""

    pause = PAUSE

    def __init__(self, proxy: Proxy, table: Table):
        self.proxy, self.table = proxy, table
        self.side = 0
        self.reloads = multiprocessing.Value("i", 0)
        self.wanted, self.done = multiprocessing.Queue(), multiprocessing.Queue()

    def begin(self) -> None:
        pass

    def batch(self, hosts: Hosts, first: int, count: int) -> int:
        flip = not self.wanted.empty()
        if flip:
            self.side = self.wanted.get()
        elif not count:
            return 0
        for change in range(first, first + count):
            number = hosts.next(change)
            self.table.set(number, hosts.toggle(number))
        begun = time.monotonic()
        with self.reloads.get_lock():
            self.reloads.value += 1
            generation = self.reloads.value
        self.table.write(self.side, generation)
        written = time.monotonic()
        os.kill(self.proxy.started.pid, signal.SIGHUP)
        if flip:
            self.done.put(written)
        while get(self.proxy.port, GENERATION, "/")[1] != f"n{generation}".encode():
            if time.monotonic() > written + LATE:
                raise BenchError(f"nginx does not obey a reload for {LATE} s")
            time.sleep(TICK)
        time.sleep(max(0.0, begun + RELOAD_EVERY - time.monotonic()))
        return count

    def flip(self, side: int) -> float:
        """Waits for the next reload. The time counts from when the file was there: the wait for the batch is not in it."""
        self.wanted.put(side)
        return self.done.get(timeout=2 * LATE)


class Changes:
    """A process of its own makes changes between enter and exit. `made` and `seconds` say afterwards how many, and how long."""

    def __init__(self, how, hosts: Hosts, rate: int):
        self.how, self.rate, self.hosts = how, rate, hosts
        self.made, self.seconds = 0, 0.0

    def __enter__(self) -> Changes:
        here, there = multiprocessing.Pipe()
        self.pipe = here
        self.process = multiprocessing.get_context("fork").Process(target=self._run, args=(there,), daemon=True)
        self.process.start()
        there.close()
        return self

    def _run(self, pipe: Connection) -> None:
        # so that the pipe is at its end when the other process is gone
        self.pipe.close()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
            signal.signal(number, signal.SIG_DFL)
        done, begun = 0, time.monotonic()
        try:
            self.how.begin()
            while not pipe.poll(TICK):
                due = int((time.monotonic() - begun) * self.rate) - done
                done += self.how.batch(self.hosts, done, due)
            failure = None
        except (OSError, BenchError) as error:
            failure = f"changes of routes: {error}"
        seconds = time.monotonic() - begun
        pipe.send((done, seconds, failure, self.hosts, getattr(self.how, "side", 0), getattr(self.how, "table", None)))

    def __exit__(self, kind, *_) -> None:
        try:
            try:
                self.pipe.send("end")
            except BrokenPipeError:
                # it has ended by itself, and its result says why
                pass
            if not self.pipe.poll(2 * LATE):
                raise BenchError("changes of routes do not end")
            self.made, self.seconds, failure, self.hosts, side, table = self.pipe.recv()
            if isinstance(self.how, InNginx):
                self.how.side, self.how.table = side, table
            if failure and kind is None:
                raise BenchError(failure)
        except (EOFError, OSError) as error:
            if kind is None:
                raise BenchError(f"the process that changes routes has ended: {error}") from error
        finally:
            self.process.join(5)
            self.process.kill()
