"""Connections that do what a worker's connection does with `server.cache: "tracking"`, many in one process, and the changes that
Redis tells them.

The commands are those of `driver.copy.Tracking` and `driver.redis.RedisLink`: PING and CLIENT SETNAME, HELLO 3 and CLIENT TRACKING,
GET hchecker_ping, a PING half a second after the last one, and a look-up where a host has changed that is asked for.

Python cannot wake up for each of 800 connections and each change. So all connections are read every 40 ms, and the kernel tells
when the last bytes had arrived (SO_TIMESTAMPNS). Redis' own times are not changed by that: a reader that sleeps costs it less."""

from __future__ import annotations

import math
import multiprocessing
import os
import random
import re
import signal
import socket
import struct
import textwrap
import time
from array import array
from collections import deque
from pathlib import Path

from changes import command
from processes import BenchError

SOURCES = Path(__file__).resolve().parents[2] / "src/main/java/io/hipache/driver"
# Python has no name for it.
SO_TIMESTAMPNS = 35
TICK = 0.04
BEAT = 0.5
CHECKER_POLL = 10.0
# Without a reply for so long, a worker asks Redis for each request again.
SILENCE = 1.0
SIZE = 1 << 18
# A key changes again only after so many others, and its delay is computed before that.
KEYS = 20_000
SETTLED_TICKS = 12
# One of so many hosts has marks instead of backends that come and go.
MARKS = 10
ASKED = "asked.example"
ENTRIES = ("http://192.0.2.1:80", "http://192.0.2.2:80")
# The first element of each list, which no other line of a reply or a push begins with.
IDENTIFIER = "site"
BOUNDS = ("16001", "1024064", "1280080", "1")

fork = multiprocessing.get_context("fork")
PARENT = 0


def lua(name: str, *values: object) -> str:
    """A script of the program, as Java reads it from its source."""
    java = next(SOURCES.rglob(f"{name}.java")).read_text()
    block = textwrap.dedent(re.search(r'SOURCE =\s*"""\n(.*?)"""', java, re.S)[1]).replace("\\\\", "\\")
    for number, value in enumerate(values, 1):
        block = re.sub(rf"%{number}\$[ds]", str(value), block)
    return block


LOOK_UP = lua("LookupScript", 16 * 1024, 8 * 1024, "hipache.invalid")
MARK = lua("MarkScript")


def host(number: int) -> str:
    return f"h{number % KEYS}.example"


def look_up(script: str, name: str, how: str = "EVALSHA") -> bytes:
    """A look-up of one host: its own list, those of two wildcards, and its dead set. `script` is a digest, or with EVAL the source."""
    rest = name.split(".", 1)[1]
    keys = (f"frontend:{name}", f"frontend:*.{rest}", "frontend:*", f"dead:{name}")
    return command(how, script, "4", *keys, *BOUNDS, "3", "1", "1")


def mark(script: str, name: str) -> bytes:
    """A mark of the first backend after it could not be connected to: there is no cap."""
    keys = (f"frontend:{name}", f"dead:{name}", f"dead:{name};soft")
    return command(
        "EVALSHA", script, "3", *keys, "1", ENTRIES[0], "0", "100", "600", f"{name};{ENTRIES[0]}/;0;2", "0"
    )


def change(number: int, script: str) -> tuple[bytes, int, int]:
    """The command of a change, the lines of its reply, and the place of its key among all keys."""
    key, odd = number % KEYS, number // KEYS % 2 == 1
    name = host(key)
    if key % MARKS:
        words = ("LREM", f"frontend:{name}", "0", "http://192.0.2.3:80") if odd else ("RPUSH", f"frontend:{name}", "http://192.0.2.3:80")
        return command(*words), 1, key
    return (command("SREM", f"dead:{name}", "0"), 1, key) if odd else (mark(script, name), 2, key)


def stamp(notes: list) -> float:
    """When the kernel had the last of the bytes, as time.time() has it."""
    for level, kind, value in notes:
        if level == socket.SOL_SOCKET and kind == SO_TIMESTAMPNS:
            seconds, nanos = struct.unpack("qq", value)
            return seconds + nanos / 1e9
    return time.time()


class Clock:
    """When each key's last change was sent and acknowledged, known to all processes of a run."""

    def __init__(self):
        self.sent = fork.RawArray("d", KEYS)
        self.acknowledged = fork.RawArray("d", KEYS)


class Child:
    """A process that does what it is told until it is told to end."""

    def __init__(self, run, *args):
        self.pipe, theirs = fork.Pipe()
        self.process = fork.Process(target=_child, args=(run, theirs, *args), daemon=True)
        self.process.start()
        theirs.close()

    def send(self, *words) -> None:
        self.pipe.send(words)

    def receive(self, seconds: float = 60):
        if not self.pipe.poll(seconds):
            raise BenchError("a process of the benchmark does not answer")
        try:
            found = self.pipe.recv()
        except EOFError:
            raise BenchError("a process of the benchmark has ended") from None
        if isinstance(found, Exception):
            raise BenchError(f"a process of the benchmark failed: {found!r}")
        return found

    def ask(self, *words, seconds: float = 60):
        self.send(*words)
        return self.receive(seconds)

    def stop(self) -> None:
        self.process.terminate()
        self.process.join(5)
        self.pipe.close()


def messages(pipe):
    """What the parent has said. Ends the process when the parent is gone, however that ended."""
    if os.getppid() != PARENT:
        raise SystemExit
    while pipe.poll():
        yield pipe.recv()


def _child(run, pipe, *args) -> None:
    global PARENT
    PARENT = multiprocessing.parent_process().pid
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    signal.alarm(0)
    try:
        run(pipe, *args)
    except Exception as error:
        pipe.send(error)


class Connection:
    """One connection, and what came on it."""

    def __init__(self, port: int, number: int, kind: str):
        self.socket = socket.socket()
        self.socket.settimeout(20)
        # the machines of a fleet have addresses of their own
        self.socket.bind((f"127.1.{number // 8 % 250}.{number // 2000 + 1}", 0))
        self.socket.connect(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if kind == "tracking":
            self._say(b"+PONG", command("PING"))
            self._say(b"+OK", command("CLIENT", "SETNAME", f"hipache:machine{number // 8}:{number}:read"))
            self._say(b"+OK", command("HELLO", "3") + command(
                "CLIENT", "TRACKING", "ON", "BCAST", "PREFIX", "frontend:", "PREFIX", "dead:", "PREFIX", "tls:"
            ))  # fmt: skip
            self._say(b"_", command("GET", "hchecker_ping"))
        elif kind == "asking":
            self._say(b"+PONG", command("PING"))
        else:
            self._say(b":1", command("SUBSCRIBE", "dead"))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        # room for what comes between two reads, so that Redis never waits for this process
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.setblocking(False)
        # a line that is not complete yet, with the end of the line before it
        self.tail = b"\r\n"
        self.heard = 0
        self.pinged = 0.0
        now = time.monotonic()
        self.beat = now + random.uniform(0, BEAT) if kind == "tracking" else math.inf
        self.poll = now + random.uniform(0, CHECKER_POLL) if kind == "tracking" else math.inf
        self.closed = False

    def _say(self, last: bytes, request: bytes) -> None:
        """Sends, and reads until the last line of the reply."""
        self.socket.sendall(request)
        found = b""
        while not found.endswith(b"\r\n" + last + b"\r\n") and found != last + b"\r\n":
            more = self.socket.recv(65536)
            if not more or more.startswith(b"-"):
                raise BenchError(f"Redis says {more or found!r}")
            found += more

    def send(self, request: bytes) -> None:
        try:
            self.socket.send(request)
        except OSError:
            self.closed = True


class Connections:
    """The connections of one process. Figures are those since they were asked for last."""

    def __init__(self, port: int, first: int, count: int, kind: str, clock: Clock, scripts: tuple[str, str]):
        self.all = [Connection(port, number, kind) for number in range(first, first + count)]
        self.kind, self.clock, self.scripts = kind, clock, scripts
        self.random = random.Random(first)
        self.stalled = 0
        # look-ups a second from now on, and how many were sent
        self.rate, self.rate_begun, self.sent = 0.0, 0.0, 0
        self.asks = look_up(scripts[0], ASKED)
        self.waiting: deque = deque()
        self.samples: list = []
        self.clear()

    def clear(self) -> None:
        self.begun, self.cpu = time.monotonic(), time.process_time()
        self.bytes = self.pushes = self.asked = self.answered = self.marked = self.messages = self.silent = 0
        self.late, self.last_mark = 0.0, 0.0
        self.delays, self.since_sent, self.pings = array("d"), array("d"), array("d")
        for one in self.all:
            one.heard = 0

    def figures(self) -> dict:
        while self.waiting:
            self._settle(self.waiting.popleft())
        found = {
            "heard": [one.heard for one in self.all], "closed": sum(one.closed for one in self.all),
            "cpu": (time.process_time() - self.cpu) / (time.monotonic() - self.begun),
            **{name: getattr(self, name) for name in (
                "bytes", "pushes", "asked", "answered", "marked", "messages", "silent", "late", "last_mark",
                "delays", "since_sent", "pings",
            )},
        }  # fmt: skip
        self.clear()
        return found

    def tick(self, now: float) -> None:
        self.samples = []
        for one in self.all[self.stalled :]:
            if one.closed:
                continue
            self._drain(one)
            if now >= one.beat:
                self._beat(one, now)
        self.waiting.append(self.samples)
        if len(self.waiting) > SETTLED_TICKS:
            self._settle(self.waiting.popleft())
        for _ in range(int((now - self.rate_begun) * self.rate) - self.sent):
            name = host(self.random.randrange(KEYS))
            self.all[self.sent % len(self.all)].send(look_up(self.scripts[0], name))
            self.sent += 1

    def _beat(self, one: Connection, now: float) -> None:
        one.beat = now + BEAT
        if one.pinged:
            # a worker notices once
            self.silent += SILENCE < time.time() - one.pinged <= SILENCE + BEAT
            return
        one.pinged = time.time()
        one.send(command("PING"))
        if now >= one.poll:
            one.poll = now + CHECKER_POLL
            one.send(command("GET", "hchecker_ping"))

    def _drain(self, one: Connection) -> None:
        while True:
            try:
                data, notes, _, _ = one.socket.recvmsg(SIZE, 64)
            except BlockingIOError:
                return
            except OSError:
                data, notes = b"", []
            if not data:
                one.closed = True
                return
            self._read(one, data, notes)
            if len(data) < SIZE:
                return

    def _read(self, one: Connection, data: bytes, notes: list) -> None:
        self.bytes += len(data)
        text = one.tail + data
        cut = text.rfind(b"\r\n")
        lines, one.tail = text[:cut], text[cut:]
        if self.kind == "subscribed":
            self.messages += lines.count(b"\r\nmessage")
            return
        self.answered += lines.count(b"\r\nsite")
        if self.kind == "asking":
            return
        if b"\r\ndead:" in lines:
            one.heard += lines.count(b"\r\ndead:h")
        one.heard += lines.count(b"\r\nfrontend:h")
        self.pushes += lines.count(b"\r\ninvalidate")
        if b"\r\nfrontend:asked" in lines:
            self.asked += 1
            one.send(self.asks)
        if b"MARKED" in lines or b"DEAD_ALREADY" in lines:
            self.marked += 1
            self.last_mark = max(self.last_mark, stamp(notes))
        if one.pinged and b"\r\n+PONG" in lines:
            # the time of the last bytes is that of this reply only if nothing follows
            if lines.endswith(b"\r\n+PONG"):
                self.pings.append(stamp(notes) - one.pinged)
            one.pinged = 0.0
        elif len(one.tail) == 2:
            self._sample(lines, notes)

    def _sample(self, lines: bytes, notes: list) -> None:
        """Notes when a push arrived: its first and its last key. Redis sorts them, so these are the oldest and the newest, about."""
        last = lines.rfind(b"\r\n>2")
        words = lines[last + 2 :].split(b"\r\n") if last >= 0 else []
        if len(words) > 5 and len(words) == 4 + 2 * int(words[3][1:]):
            at = stamp(notes)
            self.samples += [(key, at) for key in {words[5], words[-1]}]

    def _settle(self, samples: list) -> None:
        for key, at in samples:
            number = key.partition(b":h")[2].partition(b".")[0]
            if number.isdigit() and self.clock.acknowledged[int(number)]:
                self.delays.append(at - self.clock.acknowledged[int(number)])
                self.since_sent.append(at - self.clock.sent[int(number)])


def connections(pipe, port: int, first: int, count: int, kind: str, clock: Clock, scripts: tuple[str, str]) -> None:
    """The life of a process with connections."""
    ours = Connections(port, first, count, kind, clock, scripts)
    pipe.send("ready")
    last = time.monotonic()
    while True:
        for word, *args in messages(pipe):
            if word == "figures":
                pipe.send(ours.figures())
                last = time.monotonic()
            elif word == "stall":
                ours.stalled = args[0]
            elif word == "rate":
                ours.rate, ours.rate_begun, ours.sent = args[0], time.monotonic(), 0
            elif word == "mark":
                for one in ours.all:
                    one.send(mark(ours.scripts[1], args[0]))
        now = time.monotonic()
        ours.late, last = max(ours.late, now - last - TICK), now
        ours.tick(now)
        time.sleep(max(0.0, now + TICK - time.monotonic()))


def changes(pipe, port: int, clock: Clock, script: str) -> None:
    """The life of a process that makes changes, each at its time, however long Redis takes."""
    with socket.create_connection(("127.0.0.1", port), 20) as redis:
        redis.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        redis.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        pipe.send("ready")
        done = 0
        while True:
            _, rate, seconds, asked = pipe.recv()
            begun, made, cpu = time.time(), done, time.process_time()
            done = _change(redis, clock, script, done, rate, seconds, asked)
            elapsed = time.time() - begun
            pipe.send((done - made, elapsed, (time.process_time() - cpu) / elapsed))


def _change(redis: socket.socket, clock: Clock, script: str, done: int, rate: float, seconds: float, asked: float) -> int:
    """Makes `rate` changes a second, and `asked` changes a second of the host that all workers are asked for."""
    redis.settimeout(20)
    begun, first, hot = time.time(), done, 0
    pending: deque = deque()
    tail = b""
    while True:
        now = time.time()
        over = now - begun >= seconds
        if over and not pending:
            return done
        batch = b""
        while not over and done < first + (now - begun) * rate:
            request, lines, key = change(done, script)
            clock.acknowledged[key] = 0.0
            clock.sent[key] = now
            pending.append((key, lines))
            batch += request
            done += 1
        while not over and hot < (now - begun) * asked:
            batch += command("LSET", f"frontend:{ASKED}", "1", ENTRIES[hot % 2])
            pending.append((-1, 1))
            hot += 1
        if batch:
            redis.sendall(batch)
        following = [(done - first) / rate] if rate else []
        following += [hot / asked] if asked else []
        due = begun + min([seconds, *following])
        redis.settimeout(20 if over else max(0.00005, due - time.time()))
        try:
            data, notes, _, _ = redis.recvmsg(65536, 64)
        except (BlockingIOError, socket.timeout):
            if over:
                raise BenchError("Redis has not acknowledged the changes for 20 s") from None
            continue
        if not data:
            raise BenchError("Redis has closed the connection of the changes")
        *lines_read, tail = (tail + data).split(b"\r\n")
        at = stamp(notes)
        for line in lines_read:
            if line.startswith(b"-"):
                raise BenchError(f"Redis says {line!r}")
            key, left = pending[0]
            if left > 1:
                pending[0] = (key, left - 1)
                continue
            pending.popleft()
            if key >= 0:
                clock.acknowledged[key] = at
