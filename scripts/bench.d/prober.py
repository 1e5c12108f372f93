"""A prober that measures when a change of a route is obeyed, and a look at what is answered when nothing changes any more."""

from __future__ import annotations

import socket
import threading
import time

from fleet import PROBE, host, probe_address
from processes import BenchError
from proxies import Proxy
from routes import LATE, Hosts


class Asking:
    """A kept connection to a proxy, made again when the proxy has closed it."""

    def __init__(self, port: int):
        self.port = port
        self.socket: socket.socket | None = None
        self.asked = 0

    def ask(self, name: str) -> str:
        """The body of the answer, or the status line where the status is not 200."""
        for attempt in (1, 2, 3):
            self.asked += 1
            try:
                if self.socket is None:
                    self.socket = socket.create_connection(("127.0.0.1", self.port), 10)
                    self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self.socket.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\n\r\n".encode())
                return self._answer()
            except OSError:
                self.close()
                if attempt == 3:
                    raise
        raise AssertionError

    def _answer(self) -> str:
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines[1:])
        while len(body) < int(fields["content-length"]):
            body += self._more()
        if fields.get("connection") == "close":
            self.close()
        return body.decode("latin-1") if lines[0].startswith("HTTP/1.1 200") else lines[0]

    def _more(self) -> bytes:
        more = self.socket.recv(65536)
        if not more:
            raise ConnectionResetError("closed by the proxy")
        return more

    def close(self) -> None:
        if self.socket is not None:
            self.socket.close()
            self.socket = None


class Prober:
    """
    Changes the backend of one host again and again between enter and exit, and asks for the host over some connections in turn.
    `told` has the times in ms until a change was acknowledged, `first` from then on to the first answer that obeyed it, `every` to
    the time when all connections had such an answer. An answer of the old backend on a connection that had obeyed is wrong.
    """

    def __init__(self, proxy: Proxy, how, side: int, connections: int):
        self.how, self.side = how, side
        self.asking = [Asking(proxy.port) for _ in range(connections)]
        self.told: list[float] = []
        self.first: list[float] = []
        self.every: list[float] = []
        self.wrong: list[str] = []
        self.failure: Exception | None = None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def _run(self) -> None:
        try:
            self.how.begin()
            while not self.over.wait(self.how.pause):
                self._change()
        except Exception as error:  # shown by the thread that waits for this one
            self.failure = error

    def _change(self) -> None:
        self.side = 1 - self.side
        new, old = (f"{PROBE} {probe_address(side)}" for side in (self.side, 1 - self.side))
        begun = time.monotonic()
        acknowledged = self.how.flip(self.side)
        self.told.append(1000 * (acknowledged - begun))
        obeyed: set[Asking] = set()
        while len(obeyed) < len(self.asking):
            for one in self.asking:
                body = one.ask(PROBE)
                if body == new:
                    if not obeyed:
                        self.first.append(1000 * (time.monotonic() - acknowledged))
                    obeyed.add(one)
                elif body != old or one in obeyed:
                    self.wrong.append(f"{body!r} instead of {new!r}")
            if time.monotonic() > acknowledged + LATE:
                raise BenchError(f"a change of {PROBE} is not obeyed for {LATE} s")
        self.every.append(1000 * (time.monotonic() - acknowledged))

    def asked(self) -> int:
        """How many requests have been sent."""
        return sum(one.asked for one in self.asking)

    def __enter__(self) -> Prober:
        self.thread.start()
        return self

    def __exit__(self, kind, *_) -> None:
        self.over.set()
        self.thread.join(3 * LATE)
        for one in self.asking:
            one.close()
        if self.failure and kind is None:
            raise BenchError(f"the prober: {self.failure!r}")


def sweep(proxy: Proxy, hosts: Hosts) -> list[str]:
    """Asks for the hosts that were changed last, now that nothing changes. Returns the wrong answers."""
    asking = [Asking(proxy.port) for _ in range(4)]
    wrong = []
    for number in hosts.recent:
        right = [f"{host(number)} {address}" for address in hosts.allowed(number)]
        for one in asking:
            body = one.ask(host(number))
            if body not in right:
                wrong.append(f"{body!r} for {host(number)} after the changes, wanted one of {right}")
    for one in asking:
        one.close()
    return wrong
