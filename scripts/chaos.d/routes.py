"""A host whose route changes, and kept connections that ask for the host: by which version of the route was each answered?"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from programs import Redis

CHANGING = "changing.example"
PATIENCE = 15.0


@dataclass(frozen=True)
class Answer:
    status: str
    fields: dict[str, str]


class Connection:
    """A connection to the proxy that is kept. Runs inside `async with`."""

    def __init__(self, port: int):
        self._port = port

    async def __aenter__(self) -> Connection:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        return self

    async def __aexit__(self, *_) -> None:
        self._writer.close()

    async def ask(self, host: str) -> Answer:
        self._writer.write(f"GET / HTTP/1.1\r\nHost: {host}\r\nX-Debug: 1\r\n\r\n".encode())
        head = await asyncio.wait_for(self._reader.readuntil(b"\r\n\r\n"), PATIENCE)
        lines = head.decode("latin-1").lower().split("\r\n")
        fields = {name: value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        await asyncio.wait_for(self._reader.readexactly(int(fields["content-length"])), PATIENCE)
        return Answer(lines[0].split(" ")[1], fields)

    async def until_version(self, version: str, acknowledged: float) -> float:
        """Asks until the answer is by this version. Returns for how many seconds the version had been there when the last
        request was sent that was answered by an earlier one; 0 when there was none."""
        late = 0.0
        while True:
            sent = time.monotonic()
            answer = await self.ask(CHANGING)
            if answer.fields.get("x-debug-vhost") == version:
                return late
            if sent > acknowledged + PATIENCE:
                raise OSError(f"version {version} is not obeyed: {answer}")
            late = max(late, sent - acknowledged)


class Route:
    """The route of the host that changes. Each version is the identifier of the list."""

    def __init__(self, redis: Redis, backend: int):
        self._redis = redis
        self._version = 0
        redis.command("RPUSH", f"frontend:{CHANGING}", "v0", f"http://127.0.0.1:{backend}")

    def version(self) -> str:
        return f"v{self._version}"

    async def change(self, connections: list[Connection]) -> list[float]:
        """Writes the next version. Returns for each connection how late the version was obeyed, in seconds."""
        self._version += 1
        reply = self._redis.command("LSET", f"frontend:{CHANGING}", "0", self.version())
        acknowledged = time.monotonic()
        if not reply.startswith(b"+OK"):
            raise OSError(f"Redis did not take version {self.version()}: {reply!r}")
        return list(await asyncio.gather(*(each.until_version(self.version(), acknowledged) for each in connections)))
