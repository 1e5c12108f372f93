"""WebSockets that send one message after the other, each when the echo of the last one has come and every byte of it was right."""

from __future__ import annotations

import base64
import gc
import hashlib
import select
import socket
import sys
import time
from array import array
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack

from generator import share

SIZE = 100
# A binary message of one frame: masked by zeros from the client, not masked from the backend (RFC 6455 section 5).
FROM_CLIENT = bytes([0x82, 0x80 | SIZE]) + bytes(4)
FROM_BACKEND = bytes([0x82, SIZE])
KEY = base64.b64encode(b"sixteen bytes of").decode()
ACCEPT = base64.b64encode(hashlib.sha1((KEY + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
# An echo may take so many seconds.
PATIENCE = 10


class WebSocket:
    def __init__(self, port: int, number: int, source: str = "127.0.0.1"):
        self._name = f"{number:06}".encode()
        self._sent = 0
        self._wanted = b""
        self._received = b""
        self.since = 0.0
        self.socket = socket.create_connection(("127.0.0.1", port), PATIENCE, (source, 0))

    def open(self, host: str, path: str) -> None:
        self.ask(host, path)
        self.opened()

    def ask(self, host: str, path: str) -> None:
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
            f"Sec-WebSocket-Key: {KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n".encode()
        )

    def opened(self) -> None:
        """Reads the answer."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            # byte by byte: nothing behind the head may be taken
            more = self.socket.recv(1)
            if not more:
                break
            head += more
        fields = dict(line.lower().split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:] if ": " in line)
        if not head.startswith(b"HTTP/1.1 101 ") or fields.get("sec-websocket-accept") != ACCEPT.lower():
            raise OSError(f"no WebSocket: {head[:200]!r}")
        self.socket.setblocking(False)

    def send(self) -> None:
        """Sends a message that no WebSocket has sent before."""
        self._sent += 1
        payload = (b"%b %09d " % (self._name, self._sent)).ljust(SIZE, b"x")
        self._wanted = FROM_BACKEND + payload
        self.since = time.perf_counter()
        if self.socket.send(FROM_CLIENT + payload) != len(FROM_CLIENT) + SIZE:
            raise OSError("a message did not fit into an empty socket")

    def receive(self) -> bool:
        """Whether the echo is complete. A wrong one is an error."""
        got = self.socket.recv(4096)
        if not got:
            raise OSError("closed")
        self._received += got
        if len(self._received) < len(self._wanted):
            return False
        if self._received != self._wanted:
            raise OSError(f"{self._received!r} is not the echo of {self._wanted!r}")
        self._received = b""
        return True


def load(port: int, host: str, path: str, first: int, count: int, seconds: float) -> tuple[array, float, str]:
    """Returns how many seconds each echo took, how long all took, and the first failure. Any failure ends it."""
    took = array("d")
    begun = time.perf_counter()
    with ExitStack() as stack:
        try:
            poll = stack.enter_context(select.epoll())
            by_number = {}
            for number in range(count):
                each = WebSocket(port, first + number)
                stack.callback(each.socket.close)
                each.open(host, path)
                by_number[each.socket.fileno()] = each
                poll.register(each.socket.fileno(), select.EPOLLIN)
            begun = time.perf_counter()
            _exchange(poll, by_number, begun + seconds, took)
            failure = ""
        except OSError as error:
            failure = str(error)
        return took, time.perf_counter() - begun, failure


def _exchange(poll: select.epoll, by_number: dict[int, WebSocket], end: float, took: array) -> None:
    """Each WebSocket sends the next message when the echo is there, until `end`. Returns when all echoes are there."""
    for each in by_number.values():
        each.send()
    open_messages = len(by_number)
    while open_messages:
        ready = poll.poll(PATIENCE)
        if not ready:
            raise OSError(f"{open_messages} echoes do not come for {PATIENCE} s")
        for number, _ in ready:
            each = by_number[number]
            if not each.receive():
                continue
            now = time.perf_counter()
            took.append(now - each.since)
            if now < end:
                each.send()
            else:
                open_messages -= 1


def main() -> None:
    port, host, path, connections, processes, seconds = sys.argv[1:]
    each = int(connections) // int(processes)
    # a collection would look like a pause of the proxy
    with ProcessPoolExecutor(int(processes), initializer=gc.disable) as pool:
        runs = [
            pool.submit(load, int(port), host, path, each * number, each, float(seconds)) for number in range(int(processes))
        ]
        results = [run.result() for run in runs]
    took = array("d", (one for times, _, _ in results for one in times))
    failures = [failure for _, _, failure in results if failure]
    print(f"@good={len(took)}\n@bad={len(failures)}\n@requests={len(took)}\n@socket_errors=0")
    print(f"@first_bad={failures[0] if failures else ''}")
    print(f"@microseconds={1e6 * max(elapsed for _, elapsed, _ in results):.0f}")
    for name, part in (("p50_us", 0.5), ("p99_us", 0.99), ("p999_us", 0.999)):
        print(f"@{name}={1e6 * share(took, part) if took else 0:.0f}")


if __name__ == "__main__":
    main()
