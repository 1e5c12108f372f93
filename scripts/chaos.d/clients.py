"""Clients that check every answer. Some keep their connections, others open one for each request.

One more client asks the backend directly: when its requests are slow too, the machine is slow and not the proxy.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from dataclasses import dataclass, field

from programs import HOST

# Longer than any answer may take, even when a worker hangs until the supervisor notices.
PATIENCE = 15.0
# Half of the kept connections are idle between two requests, for at most this long.
PAUSE = 0.3


@dataclass(frozen=True)
class Failure:
    begun: float
    kind: str


@dataclass
class Tally:
    """The observations of the clients."""

    answered: int = 0
    # kept connections that the other side has closed, or has announced to close, while everything was in order
    closed: int = 0
    failures: list[Failure] = field(default_factory=list)
    # seconds from connecting to the end of the answer, for new connections
    new: list[float] = field(default_factory=list)
    # the same for connections to the backend itself
    direct: list[float] = field(default_factory=list)

    def kinds(self) -> str:
        counted = Counter(failure.kind for failure in self.failures)
        return ", ".join(f"{count} x {kind}" for kind, count in counted.most_common()) or "none"


class Clients:
    """Clients that run inside `async with`: `kept` reuse their connection, `new` connect for each request."""

    def __init__(self, port: int, backend: int, kept: int, new: int):
        self.tally = Tally()
        self.count = kept + new
        self.port = port
        self._backend = backend
        self._pauses = [PAUSE * (number % 2) for number in range(kept)]
        self._new = new
        self._stopping = False
        self._number = 0
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Clients:
        self._tasks = [asyncio.ensure_future(self._keep(pause)) for pause in self._pauses]
        self._tasks += [asyncio.ensure_future(self._connect_anew()) for _ in range(self._new)]
        self._tasks.append(asyncio.ensure_future(self._ask_backend()))
        return self

    async def __aexit__(self, *_) -> None:
        self._stopping = True
        await asyncio.gather(*self._tasks)

    async def _keep(self, pause: float) -> None:
        while not self._stopping:
            async with _Connection(self, "first") as connection:
                usable: bool | None = connection.is_open() or None
                while usable and not self._stopping:
                    usable = await connection.exchange(keep=True)
                    connection.what = "kept"
                    await asyncio.sleep(random.uniform(0, pause))
                    usable = usable and connection.is_open()
                if usable is False:
                    self.tally.closed += 1

    async def _connect_anew(self) -> None:
        while not self._stopping:
            begun = time.monotonic()
            async with _Connection(self, "new") as connection:
                if connection.is_open() and await connection.exchange(keep=False) is not None:
                    self.tally.new.append(time.monotonic() - begun)

    async def _ask_backend(self) -> None:
        while not self._stopping:
            begun = time.monotonic()
            reader, writer = await asyncio.open_connection("127.0.0.1", self._backend)
            writer.write(b"GET / HTTP/1.0\r\n\r\n")
            await reader.read()
            writer.close()
            self.tally.direct.append(time.monotonic() - begun)
            await asyncio.sleep(0.01)

    def number(self) -> int:
        self._number += 1
        return self._number


class _Connection:
    def __init__(self, clients: Clients, what: str):
        self.what = what
        self._clients = clients
        self._tally = clients.tally
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> _Connection:
        begun = time.monotonic()
        try:
            self._reader, self._writer = await asyncio.wait_for(
                asyncio.open_connection("127.0.0.1", self._clients.port), PATIENCE
            )
        except asyncio.TimeoutError:
            self._failed(begun, "connecting took too long")
        except OSError as error:
            self._failed(begun, f"connecting: {type(error).__name__}")
            await asyncio.sleep(0.02)
        return self

    async def __aexit__(self, *_) -> None:
        if self._writer:
            self._writer.close()

    def is_open(self) -> bool:
        """Whether there is a connection that the other side has not closed while it was idle."""
        return self._writer is not None and not self._reader.at_eof() and self._reader.exception() is None

    def _failed(self, begun: float, kind: str) -> None:
        self._tally.failures.append(Failure(begun, kind))

    async def exchange(self, keep: bool) -> bool | None:
        """Returns whether the connection can be used again, or None when the request failed."""
        begun = time.monotonic()
        target = f"/{self._clients.number():x}"
        try:
            close = "" if keep else "Connection: close\r\n"
            self._writer.write(f"GET {target} HTTP/1.1\r\nHost: {HOST}\r\n{close}\r\n".encode())
            head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), PATIENCE)
            lines = head.decode("latin-1").lower().split("\r\n")
            fields = {name: value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
            body = await asyncio.wait_for(self._reader.readexactly(int(fields["content-length"])), PATIENCE)
            if not lines[0].startswith("http/1.1 200 ") or body != target.encode():
                self._failed(begun, f"{self.what}: {lines[0]}, {body[:40]!r}")
                return None
            self._tally.answered += 1
            return keep and fields.get("connection") != "close"
        except asyncio.TimeoutError:
            self._failed(begun, f"{self.what}: no answer within {PATIENCE:.0f} s")
        except asyncio.IncompleteReadError as early:
            self._failed(begun, f"{self.what}: closed {'within' if early.partial else 'instead of'} the answer")
        except OSError as error:
            self._failed(begun, f"{self.what}: {type(error).__name__}")
        except (KeyError, ValueError) as wrong:
            self._failed(begun, f"{self.what}: not an answer ({wrong!r})")
        return None
