"""An open loop: each request has its time, whether others are slow or not. A latency counts from that time, so a pause of the
proxy shows in all requests that were due in it. The connections are kept; one that the proxy closes is opened again."""

from __future__ import annotations

import gc
import select
import socket
import sys
import time
from collections import deque
from pathlib import Path

from programs import HOST

# The loop waits so long at most, so that it is exact to a fraction of a millisecond.
SHORTEST_WAIT = 0.0002


class Connection:
    def __init__(self, port: int):
        self._port = port
        self.due: deque[float] = deque()
        self.received = b""
        self.asked = False
        self.socket = self._open()

    def _open(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self._port), 10)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opened.setblocking(False)
        return opened

    def again(self) -> None:
        self.socket.close()
        self.socket = self._open()
        self.received = b""
        self.asked = False


class OpenLoop:
    """Sends `rate` requests a second for some seconds, in turn on all connections."""

    def __init__(self, port: int, request: bytes, count: int, rate: float, expected: bytes):
        self._request = request
        self._expected = expected
        self._interval = 1 / rate
        self._poll = select.epoll()
        self._connections = [Connection(port) for _ in range(count)]
        self._by_number = {}
        for connection in self._connections:
            self._register(connection)
        # the time when a request was due, its status or 0 for another body, how long it took from then on
        self.answers: list[tuple[float, int, float]] = []
        self.failed = 0
        self.closed = 0

    def _register(self, connection: Connection) -> None:
        self._by_number[connection.socket.fileno()] = connection
        self._poll.register(connection.socket.fileno(), select.EPOLLIN)

    def run(self, seconds: float) -> None:
        begun = time.time()
        number, last = 0, int(seconds / self._interval)
        while number < last or any(connection.asked for connection in self._connections):
            now = time.time()
            if now > begun + seconds + 15:
                self.failed += sum(len(connection.due) + connection.asked for connection in self._connections)
                return
            while number < last and begun + number * self._interval <= now:
                connection = self._connections[number % len(self._connections)]
                connection.due.append(begun + number * self._interval)
                if not connection.asked:
                    self._ask(connection)
                number += 1
            wait = begun + number * self._interval - time.time() if number < last else 0.1
            # not by the time limit of epoll, which is in whole milliseconds
            select.select([self._poll], [], [], max(wait, SHORTEST_WAIT))
            for ready, _ in self._poll.poll(0):
                self._read(self._by_number[ready])

    def close(self) -> None:
        self._poll.close()
        for connection in self._connections:
            connection.socket.close()

    def _ask(self, connection: Connection) -> None:
        connection.asked = True
        try:
            connection.socket.send(self._request)
        except OSError:
            self._lost(connection)

    def _read(self, connection: Connection) -> None:
        try:
            got = connection.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            got = b""
        if not got:
            self._lost(connection)
            return
        connection.received += got
        head, separator, body = connection.received.partition(b"\r\n\r\n")
        if not separator:
            return
        lower = head.lower()
        length = int(lower.partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        due = connection.due.popleft()
        self.answers.append((due, int(head[9:12]) if body == self._expected else 0, time.time() - due))
        connection.received = b""
        connection.asked = False
        if b"connection: close" in lower:
            self._lost(connection)
        elif connection.due:
            self._ask(connection)

    def _lost(self, connection: Connection) -> None:
        """The other side has closed. A request that was sent and not answered has failed."""
        self.closed += 1
        if connection.asked:
            self.failed += 1
            connection.due.popleft()
        self._poll.unregister(connection.socket.fileno())
        del self._by_number[connection.socket.fileno()]
        connection.again()
        self._register(connection)
        if connection.due:
            self._ask(connection)


def command(port: int, path: str, connections: int, rate: float, seconds: float, log: Path, expected: Path) -> list[str]:
    """The command that runs an open loop in a process of its own. Its answers are in the file `log` at the end."""
    return [sys.executable, "-B", __file__, *map(str, (port, HOST, path, connections, rate, seconds, log, expected))]


def read(log: Path) -> tuple[list[tuple[float, int, float]], int, int]:
    """The time (seconds since the epoch), the status and the milliseconds of each request; how many failed; closed connections."""
    *lines, last = log.read_text().splitlines()
    found = []
    for line in lines:
        begun, status, took = line.split("\t")
        found.append((float(begun), int(status), float(took) * 1e3))
    _, failed, closed = last.split()
    return found, int(failed), int(closed)


def main() -> None:
    port, host, path, connections, rate, seconds, log, expected = sys.argv[1:]
    loop = OpenLoop(
        int(port), f"GET {path} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode(), int(connections), float(rate),
        Path(expected).read_bytes(),
    )  # fmt: skip
    # a collection would look like a pause of the proxy
    gc.disable()
    loop.run(float(seconds))
    with open(log, "w") as out:
        out.writelines(f"{due:.6f}\t{status}\t{took:.6f}\n" for due, status, took in loop.answers)
        out.write(f"# {loop.failed} {loop.closed}\n")


if __name__ == "__main__":
    main()
