"""Writers that change routes, and clients that check whether an answer was true at some moment of its request.

Each write gives a host the next version, as the identifier of its list. An answer tells the version by which it was routed in
x-debug-vhost. A version may be seen from the moment at which its write began. It is stale when a later write had been
acknowledged before the request was sent.
"""

from __future__ import annotations

import asyncio
import bisect
import time
from dataclasses import dataclass, field

HOSTS = 40
CLIENTS = 12
WRITERS = 3
# Seconds that a writer rests between two writes.
REST = 0.01
GONE = -1


class Host:
    """The history of one host: its versions, when each write began, and when it was acknowledged."""

    def __init__(self, name: str):
        self.name = name
        self.begun: list[float] = []
        self.acknowledged: list[float] = []
        self.versions: list[int] = []
        # the earliest acknowledgement of this write or of a later one
        self.writing = False

    def begin(self, version: int) -> int:
        self.versions.append(version)
        self.begun.append(time.monotonic())
        self.acknowledged.append(float("inf"))
        return len(self.versions) - 1

    def stale(self, version: int, sent: float, received: float, down: float, up: float) -> float:
        """For how many seconds the version had been out of date when the request was sent, without the time from `down` to
        `up`, in which nobody could ask Redis. Raises ValueError for one that cannot have been seen."""
        last = bisect.bisect_right(self.begun, received)
        age = float("inf")
        for index in range(last - 1, -1, -1):
            if self.versions[index] == version:
                later = min(self.acknowledged[index + 1:], default=float("inf"))
                if sent > down:
                    later = max(later, up)
                age = min(age, max(0.0, sent - later))
                break
        if age == float("inf"):
            raise ValueError(f"{self.name}: version {version} was not written before the answer")
        return age


@dataclass
class Findings:
    answers: int = 0
    writes: int = 0
    # seconds, by what happened to Redis last
    ages: dict[str, list[float]] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    away: int = 0


class Coherence:
    """Runs inside `async with`."""

    def __init__(self, port: int, backend: int, redis_port):
        self.findings = Findings()
        self.hosts = [Host(f"c{number}.example") for number in range(HOSTS)]
        self._port = port
        self._backend = backend
        self._redis_port = redis_port
        self._version = 0
        self.phase = "calm"
        self._down = self._up = float("-inf")
        self._stopping = False
        self._resting = asyncio.Event()
        self._resting.set()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Coherence:
        for host in self.hosts:
            host.begin(GONE)
            host.acknowledged[-1] = time.monotonic()
        self._tasks = [asyncio.ensure_future(self._write(self.hosts[number::WRITERS])) for number in range(WRITERS)]
        self._tasks += [asyncio.ensure_future(self._ask(number)) for number in range(CLIENTS)]
        return self

    async def __aexit__(self, *_) -> None:
        self._stopping = True
        self._resting.set()
        await asyncio.gather(*self._tasks)

    def redis_is_down(self) -> None:
        self._down, self._up = time.monotonic(), float("inf")

    async def redis_comes_back(self) -> None:
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", self._redis_port)
                writer.write(b"PING\r\n")
                pong = (await reader.readline()).startswith(b"+PONG")
                writer.close()
                if pong:
                    self._up = time.monotonic()
                    return
            except OSError:
                await asyncio.sleep(0.005)

    async def flush(self) -> None:
        """Deletes everything, while no writer writes."""
        self._resting.clear()
        while any(host.writing for host in self.hosts):
            await asyncio.sleep(0.005)
        marks = [(host, host.begin(GONE)) for host in self.hosts]
        reader, writer = await asyncio.open_connection("127.0.0.1", self._redis_port)
        writer.write(b"FLUSHALL\r\n")
        if (await reader.readline()).startswith(b"+OK"):
            now = time.monotonic()
            for host, index in marks:
                host.acknowledged[index] = now
        writer.close()
        await asyncio.sleep(0.3)
        self._resting.set()

    async def _write(self, hosts: list[Host]) -> None:
        connection = None
        turn = 0
        while not self._stopping:
            await self._resting.wait()
            host = hosts[turn % len(hosts)]
            turn += 1
            host.writing = True
            try:
                if connection is None:
                    connection = await asyncio.open_connection("127.0.0.1", self._redis_port)
                reader, writer = connection
                self._version += 1
                key = f"frontend:{host.name}"
                index = host.begin(self._version)
                writer.write(
                    f"MULTI\r\nDEL {key}\r\nRPUSH {key} {self._version} http://127.0.0.1:{self._backend}\r\nEXEC\r\n".encode()
                )
                # +OK, two +QUEUED, *2, :n, :n
                lines = [await reader.readline() for _ in range(6)]
                if not lines[3].startswith(b"*2"):
                    raise OSError(lines)
                host.acknowledged[index] = time.monotonic()
                self.findings.writes += 1
            except (OSError, asyncio.IncompleteReadError):
                connection = None
                await asyncio.sleep(0.02)
            finally:
                host.writing = False
            await asyncio.sleep(REST)

    async def _ask(self, number: int) -> None:
        connection = None
        turn = number
        while not self._stopping:
            host = self.hosts[turn * 7 % HOSTS]
            turn += 1
            sent = time.monotonic()
            try:
                if connection is None:
                    connection = await asyncio.open_connection("127.0.0.1", self._port)
                reader, writer = connection
                writer.write(f"GET /{turn:x} HTTP/1.1\r\nHost: {host.name}\r\nX-Debug: 1\r\n\r\n".encode())
                head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 15)).decode("latin-1").lower()
                lines = head.split("\r\n")
                fields = {name: value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
                await asyncio.wait_for(reader.readexactly(int(fields["content-length"])), 15)
                received = time.monotonic()
            except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError) as error:
                self.findings.wrong.append(f"{host.name}: {error!r}")
                connection = None
                continue
            status = lines[0].split(" ")[1]
            if status == "503":
                self.findings.away += 1
                await asyncio.sleep(0.01)
                continue
            if status not in ("200", "400"):
                self.findings.wrong.append(f"{host.name}: {lines[0]}")
                continue
            self.findings.answers += 1
            version = GONE if status == "400" else int(fields["x-debug-vhost"])
            try:
                self.findings.ages.setdefault(self.phase, []).append(host.stale(version, sent, received, self._down, self._up))
            except ValueError as error:
                self.findings.wrong.append(str(error))
            await asyncio.sleep(0.001)
