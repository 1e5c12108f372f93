"""Clients that hold a connection and do nothing more: after a request, over TLS too, or as a WebSocket after a message."""

from __future__ import annotations

import select
import socket
import ssl
from typing import Callable, Iterator

from hostile import reset
from processes import BenchError
from prober import Asking
from programs import HOST
from proxies import Proxy
from websocket import PATIENCE, WebSocket

# An address has some 28,000 ports, and a proxy may limit the connections of one address.
ADDRESSES = 16
REQUEST = f"GET /small HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
# So many are opened at a time: one after the other would wait for each change from process to process.
AT_A_TIME = 50
# So many of all that were held are asked once more at the end.
SAMPLE = 100


def source(number: int) -> str:
    """The address from which a client connects."""
    return f"127.0.3.{number % ADDRESSES + 1}"


class Kept(Asking):
    """A kept connection after one request, in the clear or with TLS 1.3."""

    def __init__(self, proxy: Proxy, number: int, wanted: str, tls: ssl.SSLContext | None = None):
        super().__init__(proxy.tls_port if tls else proxy.port)
        self.wanted = wanted
        self.socket = socket.create_connection(("127.0.0.1", self.port), PATIENCE, (source(number), 0))
        try:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if tls:
                self.socket = tls.wrap_socket(self.socket, server_hostname=HOST)
        except BaseException:
            self.close()
            raise

    def opening(self) -> Iterator[bool]:
        return self.asking()

    def asking(self) -> Iterator[bool]:
        """Yields when it is the turn of the proxy."""
        self.socket.sendall(REQUEST)
        yield True
        answer = self._answer()
        if answer != self.wanted:
            raise BenchError(f"{answer[:200]!r} instead of the right body")


class Tunnel:
    """A WebSocket after one message and its echo."""

    def __init__(self, proxy: Proxy, number: int):
        self._websocket = WebSocket(proxy.port, number, source(number))
        self.socket = self._websocket.socket

    def opening(self) -> Iterator[bool]:
        self._websocket.ask(HOST, "/websocket")
        yield True
        self._websocket.opened()
        yield from self.asking()

    def asking(self) -> Iterator[bool]:
        self._websocket.send()
        yield True
        poll = select.poll()
        poll.register(self.socket.fileno(), select.POLLIN)
        complete = False
        while not complete:
            if not poll.poll(1000 * PATIENCE):
                raise BenchError(f"an echo does not come for {PATIENCE} s")
            complete = self._websocket.receive()


class Idle:
    """Holds clients between enter and exit, which closes them by a reset: no port may stay in use."""

    def __init__(self, make: Callable[[int], Kept | Tunnel], count: int):
        self.make, self.count = make, count
        self.held: list[Kept | Tunnel] = []

    def __enter__(self) -> Idle:
        try:
            for first in range(0, self.count, AT_A_TIME):
                new = [self._hold(number) for number in range(first, min(self.count, first + AT_A_TIME))]
                under_way = [one.opening() for one in new]
                while under_way:
                    under_way = [one for one in under_way if next(one, False)]
        except BaseException as error:
            self.__exit__()
            if isinstance(error, OSError):
                raise BenchError(f"the last of {len(self.held)} clients, of {self.count}: {error}") from error
            raise
        return self

    def _hold(self, number: int) -> Kept | Tunnel:
        one = self.make(number)
        self.held.append(one)
        return one

    def __exit__(self, *_) -> None:
        for one in self.held:
            reset(one.socket)

    def check(self) -> None:
        """Whether all connections are open, and some of them are served."""
        poll = select.poll()
        for one in self.held:
            poll.register(one.socket.fileno(), select.POLLIN | select.POLLRDHUP)
        said = len(poll.poll(0))
        if said:
            raise BenchError(f"{said} of {self.count} connections were closed, or got what they had not asked for")
        for one in self.held[:: max(1, self.count // SAMPLE)]:
            for _ in one.asking():
                pass


def tls_13() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    return context
