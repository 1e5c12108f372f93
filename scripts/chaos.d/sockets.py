"""WebSockets that count, and the backend that echoes them. The backend is a process of its own."""

from __future__ import annotations

import asyncio
import resource
import struct
import sys
from pathlib import Path

SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
# A binary frame of 8 bytes: masked by zeros from the client (RFC 6455 section 5.3), not masked from the backend.
FROM_CLIENT = b"\x82\x88\x00\x00\x00\x00"
FROM_BACKEND = b"\x82\x08"
PATIENCE = 15.0
# Each WebSocket sends so many frames in a second.
RATE = 1.0


def raise_file_limit() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class WebSockets:
    """Clients that each open a WebSocket, send a counter in each frame and want the same back."""

    def __init__(self, port: int, host: str, count: int):
        self.closed = 0
        self.echoed = 0
        self.wrong: list[str] = []
        self._port = port
        self._host = host
        self._count = count
        self._stopping = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> WebSockets:
        opened = []
        for _ in range(self._count):
            opened.append(await self._open())
        for number, (reader, writer) in enumerate(opened):
            self._tasks.append(asyncio.ensure_future(self._count_up(number, reader, writer)))
        return self

    async def __aexit__(self, *_) -> None:
        self._stopping.set()
        await asyncio.gather(*self._tasks)

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(
            f"GET / HTTP/1.1\r\nHost: {self._host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), PATIENCE)
        if not head.startswith(b"HTTP/1.1 101 "):
            raise OSError(f"no WebSocket: {head.splitlines()[0]!r}")
        return reader, writer

    async def _count_up(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # spread over the second, so that frames are under way at any time
        await asyncio.sleep(number / self._count / RATE)
        sent = 0
        try:
            while not self._stopping.is_set():
                sent += 1
                counter = struct.pack(">II", number, sent)
                writer.write(FROM_CLIENT + counter)
                answer = await asyncio.wait_for(reader.readexactly(len(FROM_BACKEND) + 8), PATIENCE)
                if answer != FROM_BACKEND + counter:
                    self.wrong.append(f"WebSocket {number} got {answer!r} for {counter!r}")
                self.echoed += 1
                try:
                    await asyncio.wait_for(self._stopping.wait(), 1 / RATE)
                except asyncio.TimeoutError:
                    pass
        except asyncio.TimeoutError:
            self.wrong.append(f"WebSocket {number} got no answer within {PATIENCE:.0f} s")
        except (OSError, asyncio.IncompleteReadError):
            self.closed += 1
        finally:
            writer.close()


async def _echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(SWITCH)
        while True:
            frame = await reader.readexactly(len(FROM_CLIENT) + 8)
            writer.write(FROM_BACKEND + frame[len(FROM_CLIENT):])
    except (OSError, asyncio.IncompleteReadError):
        pass
    finally:
        writer.close()


async def _serve(port_file: Path) -> None:
    server = await asyncio.start_server(_echo, "127.0.0.1", 0, backlog=4096)
    port_file.write_text(str(server.sockets[0].getsockname()[1]))
    await server.serve_forever()


if __name__ == "__main__":
    raise_file_limit()
    asyncio.run(_serve(Path(sys.argv[1])))
